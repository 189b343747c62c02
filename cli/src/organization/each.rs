//! Reads every account of an organization.

use super::session::READS;
use super::{ACCOUNT_NAME, Everywhere, OfOrganization, Organization, organization_of};
use crate::access::{Access, Connection};
use crate::chosen::Chosen;
use crate::reading::Reading;
use anyhow::Context;
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use mfa_enforcer_core::organization::{Account, Resolved};

/// Accounts read at once. Each has limits of its own; those of STS are far above this.
const AT_ONCE: usize = 8;

/// Every account, and what was made of it.
pub(crate) struct Answers<T> {
    /// Id of the organization.
    pub(crate) organization: String,
    /// ARN of whoever asked.
    pub(crate) caller: String,
    /// `MAX_QUARANTINES` where no unit and no account says anything else; `None` for no limit.
    pub(crate) max_quarantines: Option<usize>,
    /// What was made of each account, or why it could not be read; `None` for one that is not in use.
    pub(crate) accounts: Vec<(Account, Option<Result<T, String>>)>,
}

impl Everywhere {
    /// Reads every account, as far as it lets itself be read, and makes something of each.
    pub(crate) async fn each<T>(
        &self,
        access: &Access,
        chosen: &Chosen,
        make: impl AsyncFn(Reading) -> T,
    ) -> anyhow::Result<Answers<T>> {
        let document = self.org_settings.as_deref();
        // With a document, only a flag would call every account the same.
        let has_names = document.is_some() && !chosen.has_flag(ACCOUNT_NAME);
        let mut settings = OfOrganization::of(document, chosen, "--org", has_names)?;
        let connection = access.connect().await?;
        let organization = organization_of(&connection).await?;
        settings.fit(&organization, &connection).await?;
        let Organization { id, accounts, .. } = organization;
        let max_quarantines = settings.max_quarantines(chosen, &accounts);
        let reads = accounts.into_iter().map(|account| {
            let (connection, settings, make) = (&connection, &settings, &make);
            async move {
                if !account.is_in_use() {
                    return (account, None);
                }
                let answer = match settings.in_account(&account, Timestamp::now()) {
                    Ok(set) => match read(connection, &account, &self.role, chosen, set.as_ref()).await {
                        Ok(reading) => Ok(make(reading).await),
                        Err(error) => Err(format!("{error:#}")),
                    },
                    Err(why) => Err(why),
                };
                (account, Some(answer))
            }
        });
        let accounts = stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
        Ok(Answers { organization: id, caller: connection.caller, max_quarantines, accounts })
    }
}

async fn read(
    connection: &Connection,
    account: &Account,
    role: &str,
    chosen: &Chosen,
    set: Option<&Resolved>,
) -> anyhow::Result<Reading> {
    let connection = connection.to_account(&account.id, role, READS).await?;
    Reading::through(connection, chosen, set).await.context("it cannot be read")
}

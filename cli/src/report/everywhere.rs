//! The report of a whole organization.

use crate::access::{Access, Connection};
use crate::chosen::{ANY_ACCOUNT, Chosen};
use crate::organization::Organization;
use crate::reading::Reading;
use anyhow::{Context, bail};
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use mfa_enforcer_core::evidence::Overview;
use mfa_enforcer_core::organization::{Account, OrganizationOverview, of_one_account};

/// Accounts read at once. Each has limits of its own; those of STS are far above this.
const AT_ONCE: usize = 8;

/// Reads every account, as far as it lets itself be read.
pub(super) async fn overview(
    access: &Access,
    chosen: &Chosen,
    role: &str,
) -> anyhow::Result<OrganizationOverview> {
    // What is wrong with settings is said before anybody is asked.
    if let Some(why) = of_one_account(&chosen.check()?, ANY_ACCOUNT) {
        bail!("these settings cannot be used with --org, since {why}");
    }
    let connection = access.connect().await?;
    let Organization { id, accounts } = Organization::of(&connection).await?;
    let reads = accounts.into_iter().map(|account| {
        let connection = &connection;
        async move {
            let read = if account.is_in_use() {
                Some(read(connection, &account, role, chosen).await.map_err(|error| format!("{error:#}")))
            } else {
                None
            };
            (account, read)
        }
    });
    let read = stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
    Ok(OrganizationOverview::of(&id, &connection.caller, Timestamp::now(), read))
}

async fn read(
    connection: &Connection,
    account: &Account,
    role: &str,
    chosen: &Chosen,
) -> anyhow::Result<Overview> {
    let connection = connection.to_account(&account.id, role).await?;
    let reading = Reading::through(connection, chosen).await.context("it cannot be read")?;
    Ok(super::overview_of(reading).await)
}

//! Reads one account of an organization.

use super::session::READS;
use super::{ACCOUNT_NAME, OfOrganization, organization_of};
use crate::access::Access;
use crate::chosen::Chosen;
use crate::reading::Reading;
use anyhow::{Context, anyhow, bail};
use clap::Args;
use jiff::Timestamp;
use mfa_enforcer_core::organization::{account_number, role_name, session_name};
use std::path::PathBuf;

/// An account of the organization
#[derive(Debug, Args)]
#[command(next_help_heading = "Organization")]
pub(crate) struct InAccount {
    /// Read this account of the organization instead of your own
    #[arg(long, value_name = "ID", value_parser = account_number)]
    account: Option<String>,
    /// The role through which it is read, with its path. The session gets policies/plan.json and nothing else, whatever the
    /// role may do [default: `OrganizationAccountAccessRole`, and none in your own account]
    #[arg(long, value_name = "NAME", requires = "account", value_parser = role_name)]
    role: Option<String>,
    /// The document with the organization's settings. It needs policies/organization.json as well
    #[arg(long, value_name = "FILE", requires = "account")]
    org_settings: Option<PathBuf>,
}

impl InAccount {
    /// Reads the account.
    pub(crate) async fn reading(&self, access: &Access, chosen: &Chosen) -> anyhow::Result<Reading> {
        let Some(number) = &self.account else { return Reading::of(access, chosen).await };
        let document = self.org_settings.as_deref();
        let has_name = document.is_some() || chosen.has_flag(ACCOUNT_NAME);
        let mut settings = OfOrganization::of(document, chosen, "--account", has_name)?;
        let connection = access.connect().await?;
        let mut set = None;
        if self.org_settings.is_some() {
            let organization = organization_of(&connection).await?;
            settings.fit(&organization, &connection).await?;
            let account = organization.accounts.iter().find(|account| account.id == *number);
            let Some(account) = account else {
                bail!("the organization {} has no account {number}", organization.id);
            };
            let known = settings.in_account(account, Timestamp::now());
            set = known.map_err(|why| anyhow!("account {number} cannot be read: {why}"))?;
        }
        let (role, name) = (self.role.as_deref(), session_name(&connection.caller));
        let connection = connection.in_session(number, role, READS, &name).await?;
        Reading::through(connection, chosen, set.as_ref())
            .await
            .with_context(|| format!("account {number} cannot be read"))
    }
}

//! `doctor --org`: whether each account of an organization has what the hub needs there, and the hub knows it.

mod account_text;
mod member_iam;
mod read_hub;
mod read_member;
mod regions;
mod test_events;

pub(super) use account_text::text;

use crate::access::Connection;
use crate::organization::{Organization, organization_of};
use crate::output::note;
use clap::Args;
use futures_util::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::checkup::{
    AccountSeen, CheckSession, MemberSeen, OrganizationCheckup, OrganizationSeen,
};
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::organization::{Account, account_number, role_name};
use read_hub::Hub;

/// Accounts read at once. Each has limits of its own.
const AT_ONCE: usize = 8;

/// The organization
#[derive(Debug, Args)]
#[command(next_help_heading = "Organization")]
pub(super) struct OfOrganization {
    /// Check every account of the organization, with credentials of its management account or of the hub, which has to name
    /// a role. --stack names the stack of the hub
    #[arg(long)]
    pub(super) org: bool,
    /// The account of the hub [default: your own]
    #[arg(long, value_name = "ID", requires = "org", value_parser = account_number)]
    hub: Option<String>,
    /// The role through which each other account is read, with its path. A session gets what it needs of
    /// policies/doctor-organization.json and nothing else, whatever the role may do
    #[arg(
        long,
        value_name = "NAME",
        requires = "org",
        default_value = "OrganizationAccountAccessRole",
        value_parser = role_name
    )]
    role: String,
}

impl OfOrganization {
    /// Reads the hub and every account, and judges them. With a wait, tries the way to the hub from each as well.
    pub(super) async fn checkup(
        &self,
        connection: &Connection,
        stack: &str,
        wait: Option<SignedDuration>,
    ) -> anyhow::Result<OrganizationCheckup> {
        let Organization { id, management, accounts, .. } = organization_of(connection).await?;
        // Without an answer there is none to tell from the others.
        let management = management.unwrap_or_default();
        let account = self.hub.as_ref().unwrap_or(&connection.account);
        let sessions = Sessions { connection, role: &self.role };
        // Boxed, because the SDK's nested futures are large.
        let hub = Box::pin(read_hub::read(sessions, account, stack)).await?;
        note(&format!("Reading {}...", counted(accounts.len(), "account")));
        let reads = accounts.into_iter().map(|account| account_of(account, sessions, &hub, &management));
        let accounts: Vec<AccountSeen> = stream::iter(reads).buffer_unordered(AT_ONCE).collect().await;
        let tests = match wait {
            Some(wait) => Some(Box::pin(test_events::run(sessions, &hub, &accounts, wait)).await),
            None => None,
        };
        let (at, caller) = (Timestamp::now(), connection.caller.clone());
        let (organization, hub) = (id, hub.seen);
        let seen = OrganizationSeen { at, caller, organization, management, hub, accounts, tests };
        Ok(OrganizationCheckup::of(&seen))
    }
}

/// Where sessions are opened, and through which role.
#[derive(Clone, Copy)]
struct Sessions<'a> {
    connection: &'a Connection,
    role: &'a str,
}

impl Sessions<'_> {
    /// A session in an account that may do this and nothing else.
    async fn open(self, account: &str, what: CheckSession<'_>) -> anyhow::Result<Connection> {
        let policy = what.policy(self.connection.place(account))?;
        self.connection.to_account(account, self.role, &policy).await
    }
}

async fn account_of(account: Account, sessions: Sessions<'_>, hub: &Hub, management: &str) -> AccountSeen {
    if !account.is_in_use() {
        return AccountSeen { account, member: None, result: Ok(None) };
    }
    let (result, member) =
        tokio::join!(hub.result(&account.id), member(&account.id, sessions, hub, management));
    let member = Some(member.map_err(|error| format!("{error:#}")));
    AccountSeen { account, member, result }
}

async fn member(
    account: &str,
    sessions: Sessions<'_>,
    hub: &Hub,
    management: &str,
) -> anyhow::Result<MemberSeen> {
    let own_stack = (account == management).then_some(hub.seen.stack.name.as_str());
    let what = CheckSession::Account { members: &hub.seen.settings.members, own_stack };
    let connection = sessions.open(account, what).await?;
    Ok(read_member::read(&connection, &hub.seen, own_stack).await)
}

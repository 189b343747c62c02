//! An account of an organization, whose settings are those of its hub, and which is reached through a role there.

use super::carry_out::Desk;
use crate::access::Connection;
use crate::chosen::{Chosen, stack_name};
use crate::output::warn;
use crate::policy::Policy;
use crate::stack_resources;
use anyhow::{Context, anyhow, bail};
use clap::Args;
use jiff::Timestamp;
use mfa_enforcer_aws::{AwsError, Bucket, Clients, Elsewhere, IamDirectory, Pace, books};
use mfa_enforcer_core::event::{Function, UserName};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{
    DecisionSession, HubSettings, account_number, deciding_session_name, role_name,
};
use mfa_enforcer_core::settings::Settings;

/// An account of the organization
#[derive(Debug, Args)]
#[command(next_help_heading = "Organization")]
pub(super) struct InMember {
    /// Decide about a user of this account of the organization, in which a hub enforces MFA. --stack names the stack of the
    /// hub, whose settings hold
    #[arg(long, value_name = "ID", value_parser = account_number)]
    account: Option<String>,
    /// The account of the hub [default: your own]
    #[arg(long, value_name = "ID", requires = "account", value_parser = account_number)]
    hub: Option<String>,
    /// The role in the account of the user and in that of the hub, with its path. A session gets what it needs of policies/operate.json and
    /// policies/operate-organization.json and nothing else, whatever the role may do [default:
    /// `OrganizationAccountAccessRole`, and none in your own account]
    #[arg(long, value_name = "NAME", requires = "account", value_parser = role_name)]
    role: Option<String>,
    /// The name that the stack of member.yaml has there, if the hub knows several
    #[arg(long, value_name = "NAME", requires = "account", value_parser = stack_name)]
    member: Option<String>,
}

/// Where sessions are opened, and through which role.
pub(super) struct Sessions {
    connection: Connection,
    role: Option<String>,
    account: String,
    hub: String,
}

impl InMember {
    /// The account, if one is named.
    pub(super) fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The desk for a user of that account.
    pub(super) async fn desk(
        &self,
        account: &str,
        connection: Connection,
        chosen: &Chosen,
        name: &UserName,
    ) -> anyhow::Result<Desk> {
        let hub = self.hub.clone().unwrap_or_else(|| connection.account.clone());
        let sessions = Sessions { connection, role: self.role.clone(), account: account.to_owned(), hub };
        let hub = sessions.hub_settings(&chosen.stack()?).await?;
        let member = hub.member_named(self.member.as_deref()).map_err(|why| anyhow!("{why}"))?;
        let bucket = sessions.in_hub(DecisionSession::Bucket(&hub.bucket)).await?;
        let bucket = Clients::new(&bucket.config, Pace::Event, Elsewhere::default()).s3;
        let bucket = Bucket::new(bucket, &hub.bucket, &sessions.hub);
        let books = books(&bucket, &hub.organization).await;
        let books =
            books.map_err(|error| anyhow!("the settings of the organization cannot be read: {error}"))?;
        let set = books.place(account, &hub.base.in_force, Timestamp::now());
        let set = set.map_err(|why| anyhow!("{why}: nothing is known of what holds in {account}"))?;
        set.faults.iter().for_each(|fault| warn(fault));
        let names = sessions.in_account(DecisionSession::Names).await?;
        let directory = IamDirectory::new(Clients::new(&names.config, Pace::Event, Elsewhere::default()).iam);
        let spelled = directory.spelling(name).await.map_err(|error| explain(&error))?;
        let name = spelled.with_context(|| format!("there is no IAM user `{name}` in account {account}"))?;
        let parts = directory.parts().await.map_err(|error| explain(&error))?.seen_through(member);
        let settings =
            hub.of_account(account, &set, &parts).map_err(|fault| anyhow!("account {account}: {fault}"))?;
        let quarantine = settings.quarantine.with_spares();
        let settings = Settings { quarantine, document: Some(books.version), doubts: set.faults, ..settings };
        let look = sessions.in_account(DecisionSession::Look(&name)).await?;
        Ok(Desk::of(settings, &look, name, Some(sessions)))
    }
}

impl Sessions {
    /// A session in an account that may do this and nothing else. It bears the name of whoever decides, by which the guard
    /// tells whether it is the user.
    async fn open(
        &self,
        account: &str,
        role: Option<&str>,
        what: DecisionSession<'_>,
    ) -> anyhow::Result<Connection> {
        let policy = what.policy(self.connection.place(account))?;
        let name = deciding_session_name(&self.connection.caller);
        self.connection.in_session(account, role, &policy, &name).await
    }

    /// The account of the user.
    pub(super) async fn in_account(&self, what: DecisionSession<'_>) -> anyhow::Result<Connection> {
        self.open(&self.account, self.role.as_deref(), what).await
    }

    /// The account of the hub. Whoever is there needs no role for it.
    pub(super) async fn in_hub(&self, what: DecisionSession<'_>) -> anyhow::Result<Connection> {
        let role = self.role.as_deref().filter(|_| self.hub != self.connection.account);
        self.open(&self.hub, role, what).await
    }

    /// The settings of the hub, as its sweep has them.
    async fn hub_settings(&self, stack: &str) -> anyhow::Result<HubSettings> {
        let session = self.in_hub(DecisionSession::Stack(stack)).await?;
        let listed = stack_resources::list(&session.config, stack).await.map_err(|error| explain(&error))?;
        let sweep = listed.into_iter().find(|resource| resource.logical == Function::Sweep.logical());
        let Some(sweep) = sweep else {
            bail!("the stack {stack} in account {} has no function {}", self.hub, Function::Sweep.name())
        };
        let session = self.in_hub(DecisionSession::Function(&sweep.name)).await?;
        let client = aws_sdk_lambda::Client::new(&session.config);
        let answer = client.get_function_configuration().function_name(&sweep.name).send().await;
        let found =
            answer.map_err(|error| explain(&AwsError::new(Operation::GetFunctionConfiguration, error)))?;
        let variables = found.environment.and_then(|environment| environment.variables).unwrap_or_default();
        let settings = HubSettings::read(|name| variables.get(name).cloned())
            .map_err(|problems| anyhow!("the settings of the hub cannot be used: {problems}"))?;
        settings.with_context(|| {
            format!(
                "the stack {stack} in account {} is no hub: name the account of the hub with --hub, and its stack with \
                 --stack",
                self.hub
            )
        })
    }
}

/// What failed, and what has to be allowed.
fn explain(error: &AwsError) -> anyhow::Error {
    anyhow!("{}", Policy::OperateOrganization.advice(error))
}

//! The accounts of an organization, each read through a role in it.

use crate::access::Connection;
use crate::output::note;
use crate::policy::Policy;
use anyhow::{Context, anyhow};
use aws_config::SdkConfig;
use aws_config::identity::IdentityCache;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{Account as Listed, OrganizationalUnit};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use clap::Args;
use mfa_enforcer_aws::{AwsError, ErrorKind, Pace};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{Account, reading_role, role_name, session_name};
use serde_json::Value;
use std::time::{Duration, SystemTime};

/// What the session in an account may do at most, whatever the role may.
const SESSION_POLICY: &str = include_str!("../../policies/plan.json");
/// How long a session lasts, in seconds. Every role allows as much, and an account that throttles takes minutes.
const SESSION_LASTS: u16 = 3600;

/// The organization
#[derive(Debug, Args)]
#[command(next_help_heading = "Organization")]
pub(crate) struct Everywhere {
    /// Read every account of the organization, with credentials of its management account. A delegated administrator has to
    /// name a role
    #[arg(long)]
    pub(crate) org: bool,
    /// The role through which each other account is read, with its path. The session gets policies/plan.json and nothing
    /// else, whatever the role may do
    #[arg(
        long,
        value_name = "NAME",
        requires = "org",
        default_value = "OrganizationAccountAccessRole",
        value_parser = role_name
    )]
    pub(crate) role: String,
}

/// An organization, and its accounts.
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) accounts: Vec<Account>,
}

impl Organization {
    /// Goes through all units, from the root down.
    pub(crate) async fn of(connection: &Connection) -> anyhow::Result<Self> {
        let client = Client::new(&Pace::Sweep.applied_to(&connection.config));
        Self::walk(&client).await.map_err(|error| {
            anyhow!(Policy::Organization.advice(&error)).context(
                "the accounts cannot be listed: use credentials of the organization's management account, or of a \
                 delegated administrator",
            )
        })
    }

    async fn walk(client: &Client) -> Result<Self, AwsError> {
        let answer = client.describe_organization().send().await;
        let answer = answer.map_err(|error| AwsError::new(Operation::DescribeOrganization, error))?;
        let id = answer.organization.and_then(|organization| organization.id);
        let id = id.ok_or_else(|| AwsError::incomplete(Operation::DescribeOrganization, "Id"))?;
        let pages = client.list_roots().into_paginator().send().collect::<Result<Vec<_>, _>>().await;
        let pages = pages.map_err(|error| AwsError::new(Operation::ListRoots, error))?;
        let mut parents = Vec::new();
        for root in pages.into_iter().flat_map(|page| page.roots.unwrap_or_default()) {
            let (id, name) = both(root.id, root.name, Operation::ListRoots)?;
            parents.push((id, vec![name]));
        }
        let mut accounts = Vec::new();
        while let Some((parent, units)) = parents.pop() {
            accounts.extend(accounts_of(client, &parent, &units).await?);
            note(&format!("{} accounts so far...", accounts.len()));
            parents.extend(units_of(client, &parent, &units).await?);
        }
        let accounts = Account::each_once(accounts, all_accounts(client).await?);
        Ok(Self { id, accounts })
    }
}

async fn all_accounts(client: &Client) -> Result<Vec<Account>, AwsError> {
    let pages = client.list_accounts().into_paginator().send().collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| AwsError::new(Operation::ListAccounts, error))?;
    let listed = pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default());
    listed.map(|listed| account(listed, &[], Operation::ListAccounts)).collect()
}

fn account(listed: Listed, units: &[String], from: Operation) -> Result<Account, AwsError> {
    Ok(Account {
        id: listed.id.ok_or_else(|| AwsError::incomplete(from, "Id"))?,
        name: listed.name.unwrap_or_default(),
        units: units.to_vec(),
        state: listed.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
    })
}

/// The id and the name of a unit: without them, all accounts below it would be lost.
fn both(id: Option<String>, name: Option<String>, from: Operation) -> Result<(String, String), AwsError> {
    id.zip(name).ok_or_else(|| AwsError::incomplete(from, "Id and Name"))
}

async fn accounts_of(client: &Client, parent: &str, units: &[String]) -> Result<Vec<Account>, AwsError> {
    let call = client.list_accounts_for_parent().parent_id(parent).into_paginator().send();
    let pages = call.collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| AwsError::new(Operation::ListAccountsForParent, error))?;
    let listed = pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default());
    listed.map(|listed| account(listed, units, Operation::ListAccountsForParent)).collect()
}

async fn units_of(
    client: &Client,
    parent: &str,
    units: &[String],
) -> Result<Vec<(String, Vec<String>)>, AwsError> {
    let call = client.list_organizational_units_for_parent().parent_id(parent).into_paginator().send();
    let pages = call.collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| AwsError::new(Operation::ListOrganizationalUnitsForParent, error))?;
    let listed = pages.into_iter().flat_map(|page| page.organizational_units.unwrap_or_default());
    let unit = |listed: OrganizationalUnit| {
        let (id, name) = both(listed.id, listed.name, Operation::ListOrganizationalUnitsForParent)?;
        Ok((id, units.iter().cloned().chain([name]).collect()))
    };
    listed.map(unit).collect()
}

impl Connection {
    /// The same in another account of the organization, through a role there. It may read what a report needs, and nothing
    /// else.
    pub(crate) async fn to_account(&self, account: &str, role: &str) -> anyhow::Result<Self> {
        if account == self.account {
            return Ok(self.clone());
        }
        let arn = reading_role(&self.caller, account, role);
        let call = aws_sdk_sts::Client::new(&Pace::Sweep.applied_to(&self.config))
            .assume_role()
            .role_arn(&arn)
            .role_session_name(session_name(&self.caller))
            .duration_seconds(SESSION_LASTS.into())
            .policy(session_policy()?);
        let answer = call.send().await.map_err(|error| AwsError::new(Operation::AssumeRole, error));
        let answer = answer.map_err(|error| {
            let advice = if error.kind == ErrorKind::Denied {
                format!(
                    ": it has to be there and to trust {}, who has to be allowed sts:AssumeRole on it",
                    self.caller
                )
            } else {
                String::new()
            };
            anyhow!("{arn} cannot be used ({error}){advice}")
        })?;
        let given = answer.credentials.context("AssumeRole gave no credentials")?;
        let ends = SystemTime::now() + Duration::from_secs(SESSION_LASTS.into());
        let credentials = Credentials::new(
            given.access_key_id,
            given.secret_access_key,
            Some(given.session_token),
            Some(ends),
            "AssumeRole",
        );
        let config: SdkConfig = self
            .config
            .to_builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            // The caller's cache has room for some dozens, and would forget the caller.
            .identity_cache(IdentityCache::no_cache())
            .build();
        Ok(Self { config, account: account.to_owned(), caller: self.caller.clone() })
    }
}

/// Without white space: a session policy may have up to 2,048 characters.
fn session_policy() -> anyhow::Result<String> {
    let policy: Value = serde_json::from_str(SESSION_POLICY)?;
    Ok(policy.to_string())
}

#[cfg(test)]
mod tests {
    use super::session_policy;

    #[test]
    fn policy_fits_into_a_session() {
        let policy = session_policy().unwrap();
        assert!(policy.len() <= 2048, "{}", policy.len());
        assert!(policy.contains("iam:GetCredentialReport"));
    }
}

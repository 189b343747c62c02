//! The units and accounts of an organization, as AWS Organizations lists them.

use crate::clients::Pace;
use crate::error::AwsError;
use crate::measure::CountCalls;
use aws_config::SdkConfig;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{Account as Listed, OrganizationalUnit as OrganizationalUnitListed};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{Account, OrganizationalUnit};
use std::collections::BTreeMap;

/// AWS Organizations, through the SDK's client.
#[derive(Debug, Clone)]
pub struct Organizations {
    client: Client,
}

/// An organization, and its accounts.
#[derive(Debug, Clone)]
pub struct Listing {
    /// Its id.
    pub id: String,
    /// Number of its management account; `None` if the answer does not have it.
    pub management: Option<String>,
    /// Every unit, the root included.
    pub units: Vec<OrganizationalUnit>,
    /// Every account, once.
    pub accounts: Vec<Account>,
}

/// The units above an account, from the root down.
#[derive(Default)]
struct Above {
    ids: Vec<String>,
    names: Vec<String>,
}

impl Above {
    /// The id of the last one.
    fn id(&self) -> &str {
        self.ids.last().map(String::as_str).unwrap_or_default()
    }

    /// These and one more.
    fn with(&self, id: String, name: String) -> Self {
        Self {
            ids: self.ids.iter().cloned().chain([id]).collect(),
            names: self.names.iter().cloned().chain([name]).collect(),
        }
    }
}

impl Organizations {
    /// The organization of whoever has these credentials. Its limits are low, so calls are retried for as long as possible.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let config = Pace::Sweep.applied_to(config);
        let builder = aws_sdk_organizations::config::Builder::from(&config);
        Self { client: Client::from_conf(builder.interceptor(CountCalls::of("organizations")).build()) }
    }

    /// Goes through all units, from the root down.
    ///
    /// # Errors
    /// If a list cannot be read in full: a short one would lack accounts.
    pub async fn list(&self) -> Result<Listing, AwsError> {
        let client = &self.client;
        let answer = client.describe_organization().send().await;
        let answer = answer.map_err(|error| AwsError::new(Operation::DescribeOrganization, error))?;
        let organization = answer.organization;
        let management =
            organization.as_ref().and_then(|organization| organization.master_account_id.clone());
        let id = organization.and_then(|organization| organization.id);
        let id = id.ok_or_else(|| AwsError::incomplete(Operation::DescribeOrganization, "Id"))?;
        let pages = client.list_roots().into_paginator().send().collect::<Result<Vec<_>, _>>().await;
        let pages = pages.map_err(|error| AwsError::new(Operation::ListRoots, error))?;
        let mut parents = Vec::new();
        for root in pages.into_iter().flat_map(|page| page.roots.unwrap_or_default()) {
            let (id, name) = both(root.id, root.name, Operation::ListRoots)?;
            parents.push(Above { ids: vec![id], names: vec![name] });
        }
        let (mut units, mut accounts) = (Vec::new(), Vec::new());
        while let Some(above) = parents.pop() {
            accounts.extend(accounts_of(client, &above).await?);
            parents.extend(units_of(client, &above).await?);
            units.push(OrganizationalUnit { id: above.id().to_owned(), path: above.names });
        }
        let accounts = Account::each_once(accounts, all_accounts(client).await?);
        Ok(Listing { id, management, units, accounts })
    }

    /// The tags of an account.
    ///
    /// # Errors
    /// If they cannot be read in full.
    pub async fn tags(&self, account: &str) -> Result<BTreeMap<String, String>, AwsError> {
        let call = self.client.list_tags_for_resource().resource_id(account).into_paginator().send();
        let pages = call.collect::<Result<Vec<_>, _>>().await;
        let pages = pages.map_err(|error| AwsError::new(Operation::ListTagsOfAccount, error))?;
        let tags = pages.into_iter().flat_map(|page| page.tags.unwrap_or_default());
        Ok(tags.map(|tag| (tag.key, tag.value)).collect())
    }
}

async fn all_accounts(client: &Client) -> Result<Vec<Account>, AwsError> {
    let pages = client.list_accounts().into_paginator().send().collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| AwsError::new(Operation::ListAccounts, error))?;
    let listed = pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default());
    let nothing = Above::default();
    listed.map(|listed| account(listed, &nothing, Operation::ListAccounts)).collect()
}

fn account(listed: Listed, above: &Above, from: Operation) -> Result<Account, AwsError> {
    Ok(Account {
        id: listed.id.ok_or_else(|| AwsError::incomplete(from, "Id"))?,
        name: listed.name.unwrap_or_default(),
        units: above.names.clone(),
        unit_ids: above.ids.clone(),
        state: listed.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
    })
}

/// The id and the name of a unit: without them, all accounts below it would be lost.
fn both(id: Option<String>, name: Option<String>, from: Operation) -> Result<(String, String), AwsError> {
    id.zip(name).ok_or_else(|| AwsError::incomplete(from, "Id and Name"))
}

async fn accounts_of(client: &Client, above: &Above) -> Result<Vec<Account>, AwsError> {
    let call = client.list_accounts_for_parent().parent_id(above.id()).into_paginator().send();
    let pages = call.collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| AwsError::new(Operation::ListAccountsForParent, error))?;
    let listed = pages.into_iter().flat_map(|page| page.accounts.unwrap_or_default());
    listed.map(|listed| account(listed, above, Operation::ListAccountsForParent)).collect()
}

async fn units_of(client: &Client, above: &Above) -> Result<Vec<Above>, AwsError> {
    let call = client.list_organizational_units_for_parent().parent_id(above.id()).into_paginator().send();
    let pages = call.collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| AwsError::new(Operation::ListOrganizationalUnitsForParent, error))?;
    let listed = pages.into_iter().flat_map(|page| page.organizational_units.unwrap_or_default());
    let unit = |listed: OrganizationalUnitListed| {
        let (id, name) = both(listed.id, listed.name, Operation::ListOrganizationalUnitsForParent)?;
        Ok(above.with(id, name))
    };
    listed.map(unit).collect()
}

//! The units and accounts of an organization.

use crate::access::Connection;
use crate::output::note;
use crate::policy::Policy;
use anyhow::anyhow;
use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{Account as Listed, OrganizationalUnit as OrganizationalUnitListed};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use mfa_enforcer_aws::{AwsError, Pace};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{Account, OrganizationalUnit};
use std::collections::BTreeMap;

/// Tags that are asked for at once. The limit of AWS is about this many a second.
const AT_ONCE: usize = 8;

/// An organization, and its accounts.
pub(crate) struct Organization {
    pub(crate) id: String,
    /// Every unit, the root included.
    pub(crate) units: Vec<OrganizationalUnit>,
    pub(crate) accounts: Vec<Account>,
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

    /// The tags of every account, by its number.
    pub(crate) async fn tags(
        &self,
        connection: &Connection,
    ) -> anyhow::Result<BTreeMap<String, BTreeMap<String, String>>> {
        let client = &Client::new(&Pace::Sweep.applied_to(&connection.config));
        note("Reading the tags of accounts...");
        let tags = self.accounts.iter().map(|account| async move {
            let tags = tags_of(client, &account.id).await;
            tags.map(|tags| (account.id.clone(), tags)).map_err(|error| {
                anyhow!(Policy::Organization.advice(&error))
                    .context(format!("the tags of account {} cannot be read", account.id))
            })
        });
        stream::iter(tags).buffer_unordered(AT_ONCE).try_collect().await
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
            parents.push(Above { ids: vec![id], names: vec![name] });
        }
        let (mut units, mut accounts) = (Vec::new(), Vec::new());
        while let Some(above) = parents.pop() {
            accounts.extend(accounts_of(client, &above).await?);
            note(&format!("{} accounts so far...", accounts.len()));
            parents.extend(units_of(client, &above).await?);
            units.push(OrganizationalUnit { id: above.id().to_owned(), path: above.names });
        }
        let accounts = Account::each_once(accounts, all_accounts(client).await?);
        Ok(Self { id, units, accounts })
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

async fn tags_of(client: &Client, account: &str) -> Result<BTreeMap<String, String>, AwsError> {
    let call = client.list_tags_for_resource().resource_id(account).into_paginator().send();
    let pages = call.collect::<Result<Vec<_>, _>>().await;
    let pages = pages.map_err(|error| AwsError::new(Operation::ListTagsOfAccount, error))?;
    let tags = pages.into_iter().flat_map(|page| page.tags.unwrap_or_default());
    Ok(tags.map(|tag| (tag.key, tag.value)).collect())
}

//! The units and accounts of an organization, with the caller's credentials.

use crate::access::Connection;
use crate::output::note;
use crate::policy::Policy;
use anyhow::anyhow;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use mfa_enforcer_aws::{Listing, Organizations};
use std::collections::BTreeMap;

/// Tags that are asked for at once. The limit of AWS is about this many a second.
const AT_ONCE: usize = 8;

/// An organization, and its accounts.
pub(crate) type Organization = Listing;

/// Goes through all units of the caller's organization.
pub(crate) async fn organization_of(connection: &Connection) -> anyhow::Result<Organization> {
    note("Reading the organization...");
    Organizations::new(&connection.config).list().await.map_err(|error| {
        anyhow!(Policy::Organization.advice(&error)).context(
            "the accounts cannot be listed: use credentials of the organization's management account, or of a \
             delegated administrator",
        )
    })
}

/// The tags of every account, by its number.
pub(crate) async fn tags_of(
    organization: &Organization,
    connection: &Connection,
) -> anyhow::Result<BTreeMap<String, BTreeMap<String, String>>> {
    let client = &Organizations::new(&connection.config);
    note("Reading the tags of accounts...");
    let tags = organization.accounts.iter().map(|account| async move {
        let tags = client.tags(&account.id).await;
        tags.map(|tags| (account.id.clone(), tags)).map_err(|error| {
            anyhow!(Policy::Organization.advice(&error))
                .context(format!("the tags of account {} cannot be read", account.id))
        })
    });
    stream::iter(tags).buffer_unordered(AT_ONCE).try_collect().await
}

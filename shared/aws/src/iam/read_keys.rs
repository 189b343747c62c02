//! Reads the access keys of a user. Their ids go no further than the last four characters.

use super::read_user::timestamp;
use crate::error::AwsError;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AccessKeyMetadata, StatusType};
use futures_util::future::join_all;
use mfa_enforcer_core::access_keys::{ActiveKey, KeyUse};
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::AccessKeys;
use mfa_enforcer_core::operation::Operation;

/// Whether any key is active.
pub(super) async fn access_keys(client: &Client, name: &UserName) -> Result<AccessKeys, AwsError> {
    let active = listed_active(client, name).await?;
    Ok(if active.is_empty() { AccessKeys::NoneActive } else { AccessKeys::Active })
}

/// The active keys, of which a user has two at most, with the last use of each.
pub(super) async fn active_keys(client: &Client, name: &UserName) -> Result<Vec<ActiveKey>, AwsError> {
    const OPERATION: Operation = Operation::ListAccessKeys;
    let active = listed_active(client, name).await?;
    let keys = active.iter().map(|key| async {
        let incomplete = || AwsError::incomplete(OPERATION, "the id or the date of a key");
        let id = key.access_key_id().ok_or_else(incomplete)?;
        let created = timestamp(OPERATION, key.create_date().ok_or_else(incomplete)?)?;
        Ok(ActiveKey::new(id, created, last_use(client, id).await))
    });
    join_all(keys).await.into_iter().collect()
}

async fn listed_active(client: &Client, name: &UserName) -> Result<Vec<AccessKeyMetadata>, AwsError> {
    const OPERATION: Operation = Operation::ListAccessKeys;
    let pages = client.list_access_keys().user_name(name.as_str()).into_paginator().items().send();
    let mut keys: Vec<AccessKeyMetadata> =
        pages.collect::<Result<_, _>>().await.map_err(|error| AwsError::new(OPERATION, error))?;
    // A status that this SDK does not know may be active.
    keys.retain(|key| key.status() != Some(&StatusType::Inactive));
    Ok(keys)
}

async fn last_use(client: &Client, id: &str) -> KeyUse {
    const OPERATION: Operation = Operation::GetAccessKeyLastUsed;
    let answer = match client.get_access_key_last_used().access_key_id(id).send().await {
        Ok(answer) => answer,
        Err(error) => {
            let error = AwsError::new(OPERATION, error);
            tracing::warn!(%error, "the last use of an access key is not known");
            return KeyUse::Unknown;
        }
    };
    let Some(used) = answer.access_key_last_used else { return KeyUse::Unknown };
    // A key without a date was never used, or not since IAM began to record that.
    let Some(time) = used.last_used_date() else { return KeyUse::Never };
    timestamp(OPERATION, time).map_or(KeyUse::Unknown, |time| KeyUse::Last {
        time,
        service: used.service_name().to_owned(),
        region: used.region().to_owned(),
    })
}

//! Finds the quarantine of an account by its path.

use super::read_user::timestamp;
use crate::error::AwsError;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{Group, Policy, PolicyScopeType};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{ListedPart, PATH, Parts};

/// The policies and groups of the quarantine.
pub(super) async fn parts(client: &Client) -> Result<Parts, AwsError> {
    let (policies, groups) = tokio::join!(policies(client), groups(client));
    Ok(Parts::of(policies?, groups?))
}

async fn policies(client: &Client) -> Result<Vec<ListedPart>, AwsError> {
    const OPERATION: Operation = Operation::ListPolicies;
    let call = client.list_policies().scope(PolicyScopeType::Local).path_prefix(PATH);
    let listed: Result<Vec<Policy>, _> = call.into_paginator().items().send().collect().await;
    let part = |policy: Policy| {
        Ok(ListedPart {
            made: timestamp(
                OPERATION,
                policy.create_date().ok_or_else(|| AwsError::incomplete(OPERATION, "a date"))?,
            )?,
            name: policy.arn.ok_or_else(|| AwsError::incomplete(OPERATION, "an ARN"))?,
            path: policy.path.unwrap_or_default(),
        })
    };
    listed.map_err(|error| AwsError::new(OPERATION, error))?.into_iter().map(part).collect()
}

async fn groups(client: &Client) -> Result<Vec<ListedPart>, AwsError> {
    const OPERATION: Operation = Operation::ListGroups;
    let call = client.list_groups().path_prefix(PATH);
    let listed: Result<Vec<Group>, _> = call.into_paginator().items().send().collect().await;
    let part = |group: Group| {
        Ok(ListedPart {
            made: timestamp(OPERATION, &group.create_date)?,
            name: group.group_name,
            path: group.path,
        })
    };
    listed.map_err(|error| AwsError::new(OPERATION, error))?.into_iter().map(part).collect()
}

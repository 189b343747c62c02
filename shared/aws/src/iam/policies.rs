//! Reads policies: those of a quarantine group, and the text of a permissions boundary.

use crate::error::{AwsError, ErrorKind};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::AttachedPolicy;
use mfa_enforcer_core::operation::Operation;

/// ARNs of the managed policies of a group; none if the group does not exist.
pub(super) async fn of_group(client: &Client, group: &str) -> Result<Vec<String>, AwsError> {
    const OPERATION: Operation = Operation::ListAttachedGroupPolicies;
    let pages = client.list_attached_group_policies().group_name(group).into_paginator().items().send();
    let listed: Result<Vec<AttachedPolicy>, _> = pages.collect().await;
    match listed.map_err(|error| AwsError::new(OPERATION, error)) {
        Ok(policies) => Ok(policies.into_iter().filter_map(|policy| policy.policy_arn).collect()),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The default version of a managed policy.
pub(super) async fn document(client: &Client, arn: &str) -> Result<String, AwsError> {
    const POLICY: Operation = Operation::GetPolicy;
    const VERSION: Operation = Operation::GetPolicyVersion;
    let answer = client.get_policy().policy_arn(arn).send().await;
    let policy = answer.map_err(|error| AwsError::new(POLICY, error))?.policy;
    let version = policy
        .and_then(|policy| policy.default_version_id)
        .ok_or_else(|| AwsError::incomplete(POLICY, "a default version"))?;
    let answer = client.get_policy_version().policy_arn(arn).version_id(version).send().await;
    let version = answer.map_err(|error| AwsError::new(VERSION, error))?.policy_version;
    version.and_then(|version| version.document).ok_or_else(|| AwsError::incomplete(VERSION, "a document"))
}

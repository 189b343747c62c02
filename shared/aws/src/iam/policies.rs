//! Reads policies and groups, and repairs those of the quarantine. Never writes the text of a policy.

use crate::error::{AwsError, ErrorKind};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AttachedPolicy, PolicyVersion as ListedVersion};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::repair::Repair;

/// ARNs of the managed policies of a group; `None` if the group does not exist.
pub(super) async fn of_group(client: &Client, group: &str) -> Result<Option<Vec<String>>, AwsError> {
    const OPERATION: Operation = Operation::ListAttachedGroupPolicies;
    let pages = client.list_attached_group_policies().group_name(group).into_paginator().items().send();
    let listed: Result<Vec<AttachedPolicy>, _> = pages.collect().await;
    let policies = not_found_is_none(listed.map_err(|error| AwsError::new(OPERATION, error)))?;
    Ok(policies.map(|all| all.into_iter().filter_map(|policy| policy.policy_arn).collect()))
}

/// The document of the version of a managed policy that is in force.
pub(super) async fn document(client: &Client, arn: &str) -> Result<String, AwsError> {
    let id = default_version(client, arn).await?;
    Ok(version(client, arn, id).await?.document)
}

/// The version of a managed policy that is in force; `None` if there is no such policy.
pub(super) async fn in_force(client: &Client, arn: &str) -> Result<Option<PolicyVersion>, AwsError> {
    match not_found_is_none(default_version(client, arn).await)? {
        // Deleted in between: the next look says so.
        Some(id) => version(client, arn, id).await.map(Some),
        None => Ok(None),
    }
}

/// All versions of a managed policy: five at most.
pub(super) async fn versions(client: &Client, arn: &str) -> Result<Vec<PolicyVersion>, AwsError> {
    const OPERATION: Operation = Operation::ListPolicyVersions;
    let pages = client.list_policy_versions().policy_arn(arn).into_paginator().items().send();
    let listed: Vec<ListedVersion> =
        pages.collect::<Result<_, _>>().await.map_err(|error| AwsError::new(OPERATION, error))?;
    let mut versions = Vec::new();
    for id in listed.into_iter().filter_map(|version| version.version_id) {
        // One that was deleted in between cannot be put in force.
        versions.extend(not_found_is_none(version(client, arn, id).await)?);
    }
    Ok(versions)
}

async fn default_version(client: &Client, arn: &str) -> Result<String, AwsError> {
    const OPERATION: Operation = Operation::GetPolicy;
    let answer = client.get_policy().policy_arn(arn).send().await;
    let policy = answer.map_err(|error| AwsError::new(OPERATION, error))?.policy;
    policy
        .and_then(|policy| policy.default_version_id)
        .ok_or_else(|| AwsError::incomplete(OPERATION, "a default version"))
}

async fn version(client: &Client, arn: &str, id: String) -> Result<PolicyVersion, AwsError> {
    const OPERATION: Operation = Operation::GetPolicyVersion;
    let answer = client.get_policy_version().policy_arn(arn).version_id(&id).send().await;
    let version = answer.map_err(|error| AwsError::new(OPERATION, error))?.policy_version;
    let document = version.and_then(|version| version.document);
    let document = document.ok_or_else(|| AwsError::incomplete(OPERATION, "a document"))?;
    Ok(PolicyVersion { id, document })
}

/// Makes one repair.
pub(super) async fn repair(client: &Client, repair: &Repair) -> Result<(), AwsError> {
    let operation = repair.operation();
    match repair {
        Repair::SetDefaultVersion { policy, version } => {
            let call = client.set_default_policy_version().policy_arn(policy).version_id(version);
            call.send().await.map(drop).map_err(|error| AwsError::new(operation, error))
        }
        Repair::AttachToGroup { group, policy } => {
            let call = client.attach_group_policy().group_name(group).policy_arn(policy);
            call.send().await.map(drop).map_err(|error| AwsError::new(operation, error))
        }
    }
}

fn not_found_is_none<T>(result: Result<T, AwsError>) -> Result<Option<T>, AwsError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

//! Reads what is below the path of the enforcer in IAM of an account, with one call for a thousand items.

use aws_config::SdkConfig;
use aws_sdk_iam::primitives::DateTime;
use aws_sdk_iam::types::{
    AttachedPolicy, EntityType, GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail,
};
use jiff::Timestamp;
use mfa_enforcer_aws::AwsError;
use mfa_enforcer_core::checkup::{ManagedSeen, MemberGroupSeen, MemberIam, RoleSeen};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::PATH;
use mfa_enforcer_core::quarantine_look::PolicyVersion;

const OPERATION: Operation = Operation::GetAccountAuthorizationDetails;
/// IAM returns up to 1,000 items per page.
const PAGE: i32 = 1000;
/// The tag of a role with the version of its stack.
const VERSION: &str = "version";

/// Reads roles, policies and groups. A page is dropped before the next one is read.
pub(super) async fn read(config: &SdkConfig) -> Result<MemberIam, AwsError> {
    let filter = vec![EntityType::Role, EntityType::Group, EntityType::LocalManagedPolicy];
    let client = aws_sdk_iam::Client::new(config);
    let call = client.get_account_authorization_details().set_filter(Some(filter)).max_items(PAGE);
    let mut pages = call.into_paginator().send();
    let mut iam = MemberIam::default();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| AwsError::new(OPERATION, error))?;
        let own = |path: Option<&str>| path.is_some_and(|path| path.starts_with(PATH));
        let roles = page.role_detail_list.unwrap_or_default().into_iter();
        iam.roles.extend(roles.filter(|role| own(role.path())).map(role));
        for found in page.group_detail_list.unwrap_or_default().into_iter().filter(|group| own(group.path()))
        {
            iam.groups.push(group(found)?);
        }
        for found in page.policies.unwrap_or_default().into_iter().filter(|policy| own(policy.path())) {
            iam.policies.push(policy(found)?);
        }
    }
    Ok(iam)
}

fn role(role: RoleDetail) -> RoleSeen {
    let inline = role.role_policy_list.unwrap_or_default().into_iter();
    let mut tags = role.tags.unwrap_or_default().into_iter();
    RoleSeen {
        name: role.role_name.unwrap_or_default(),
        trust: role.assume_role_policy_document.unwrap_or_default(),
        inline: inline.filter_map(|PolicyDetail { policy_document, .. }| policy_document).collect(),
        managed: arns(role.attached_managed_policies),
        version: tags.find(|tag| tag.key.eq_ignore_ascii_case(VERSION)).map(|tag| tag.value),
    }
}

fn group(group: GroupDetail) -> Result<MemberGroupSeen, AwsError> {
    Ok(MemberGroupSeen {
        name: group.group_name.ok_or_else(|| AwsError::incomplete(OPERATION, "the name of a group"))?,
        path: group.path.unwrap_or_default(),
        made: made(group.create_date)?,
        policies: arns(group.attached_managed_policies),
    })
}

fn policy(policy: ManagedPolicyDetail) -> Result<ManagedSeen, AwsError> {
    let versions = policy.policy_version_list.unwrap_or_default().into_iter();
    let version = |version: aws_sdk_iam::types::PolicyVersion| {
        Some(PolicyVersion { id: version.version_id?, document: version.document? })
    };
    Ok(ManagedSeen {
        arn: policy.arn.ok_or_else(|| AwsError::incomplete(OPERATION, "the ARN of a policy"))?,
        path: policy.path.unwrap_or_default(),
        made: made(policy.create_date)?,
        in_force: policy.default_version_id.unwrap_or_default(),
        versions: versions.filter_map(version).collect(),
    })
}

fn arns(attached: Option<Vec<AttachedPolicy>>) -> Vec<String> {
    attached.unwrap_or_default().into_iter().filter_map(|policy| policy.policy_arn).collect()
}

fn made(date: Option<DateTime>) -> Result<Timestamp, AwsError> {
    let date = date.and_then(|date| Timestamp::from_second(date.secs()).ok());
    date.ok_or_else(|| AwsError::incomplete(OPERATION, "a usable date"))
}

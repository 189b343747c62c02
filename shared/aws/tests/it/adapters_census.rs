//! What a sweep reads of groups and policies: of each document, only what it grants.

use aws_sdk_iam::Client;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::operation::get_account_summary::GetAccountSummaryOutput;
use aws_sdk_iam::operation::list_virtual_mfa_devices::ListVirtualMfaDevicesOutput;
use aws_sdk_iam::primitives::DateTime;
use aws_sdk_iam::types::{
    AttachedPolicy, EntityType, GroupDetail, ManagedPolicyDetail, PolicyDetail, PolicyVersion, UserDetail,
};
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use mfa_enforcer_aws::{AccountDirectory, IamDirectory};
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::snapshot::BulkAnswers;

/// `{"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}`, as IAM writes it.
const IAM: &str = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22iam%3A%2A%22%2C%22Resource%22\
                   %3A%22%2A%22%7D%7D";
const NOTHING: &str = "%7B%22Statement%22%3A%5B%5D%7D";

fn arn(what: &str) -> String {
    format!("arn:aws:iam::123456789012:{what}")
}

fn user(name: &str) -> aws_sdk_iam::types::builders::UserDetailBuilder {
    UserDetail::builder()
        .user_name(name)
        .user_id(format!("AIDA{name}"))
        .arn(arn(&format!("user/{name}")))
        .create_date(DateTime::from_secs(1_763_974_800))
}

fn document(text: &str) -> PolicyDetail {
    PolicyDetail::builder().policy_name("inline").policy_document(text).build()
}

fn attached(name: &str) -> AttachedPolicy {
    AttachedPolicy::builder().policy_arn(arn(&format!("policy/{name}"))).build()
}

fn version(text: &str, is_in_force: bool) -> PolicyVersion {
    PolicyVersion::builder().document(text).is_default_version(is_in_force).build()
}

fn census() -> GetAccountAuthorizationDetailsOutput {
    let policy = |name: &str| ManagedPolicyDetail::builder().arn(arn(&format!("policy/{name}")));
    GetAccountAuthorizationDetailsOutput::builder()
        .user_detail_list(user("inline").user_policy_list(document(IAM)).build())
        .user_detail_list(user("attached").attached_managed_policies(attached("iam")).build())
        .user_detail_list(user("member").group_list("Ops").build())
        .user_detail_list(user("former").attached_managed_policies(attached("former")).build())
        .user_detail_list(user("unread").attached_managed_policies(attached("broken")).build())
        .user_detail_list(user("nobody").build())
        .group_detail_list(
            GroupDetail::builder()
                .group_name("ops")
                .arn(arn("group/ops"))
                .attached_managed_policies(attached("iam"))
                .build(),
        )
        .policies(policy("iam").policy_version_list(version(IAM, true)).build())
        .policies(
            policy("former")
                .policy_version_list(version(IAM, false))
                .policy_version_list(version(NOTHING, true))
                .build(),
        )
        .policies(policy("broken").build())
        .build()
}

async fn read(kind: SweepKind, filter: &'static [EntityType]) -> BulkAnswers {
    let all = mock!(Client::get_account_authorization_details)
        .match_requests(move |call| call.filter() == filter)
        .then_output(census);
    let devices = mock!(Client::list_virtual_mfa_devices).then_output(|| {
        ListVirtualMfaDevicesOutput::builder().set_virtual_mfa_devices(Some(Vec::new())).build().unwrap()
    });
    let summary =
        mock!(Client::get_account_summary).then_output(|| GetAccountSummaryOutput::builder().build());
    let client = mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&all, &devices, &summary]);
    IamDirectory::new(client).bulk_answers(kind).await.unwrap()
}

#[tokio::test]
async fn daily_sweep_knows_the_rights_of_everybody() {
    let filter = &[EntityType::User, EntityType::Group, EntityType::LocalManagedPolicy];
    let answers = read(SweepKind::Daily, filter).await;
    let permissions = answers.permissions.unwrap();
    let rights: Vec<(&str, &str)> =
        answers.users.iter().map(|user| (user.name.as_str(), permissions.of_user(user).code())).collect();
    let expected = [
        ("inline", "can-become-administrator"),
        ("attached", "can-become-administrator"),
        ("member", "can-become-administrator"),
        ("former", "ordinary"),
        ("unread", "unknown"),
        ("nobody", "ordinary"),
    ];
    assert_eq!(rights, expected);
}

#[tokio::test]
async fn hourly_sweep_asks_for_users_only() {
    assert_eq!(read(SweepKind::Hourly, &[EntityType::User]).await.permissions, None);
}

//! The quarantine itself: versions of policies, groups, repairs, and orders for sweeps.

use aws_sdk_iam::Client;
use aws_sdk_iam::error::ErrorMetadata;
use aws_sdk_iam::operation::attach_group_policy::AttachGroupPolicyOutput;
use aws_sdk_iam::operation::get_policy::{GetPolicyError, GetPolicyOutput};
use aws_sdk_iam::operation::get_policy_version::{GetPolicyVersionError, GetPolicyVersionOutput};
use aws_sdk_iam::operation::list_attached_group_policies::{
    ListAttachedGroupPoliciesError, ListAttachedGroupPoliciesOutput,
};
use aws_sdk_iam::operation::list_policy_versions::ListPolicyVersionsOutput;
use aws_sdk_iam::operation::set_default_policy_version::{
    SetDefaultPolicyVersionError, SetDefaultPolicyVersionOutput,
};
use aws_sdk_iam::types::error::NoSuchEntityException;
use aws_sdk_iam::types::{Policy, PolicyVersion as Listed};
use aws_sdk_sqs::operation::send_message::SendMessageOutput;
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use mfa_enforcer_aws::{Directory as _, ErrorKind, IamDirectory, Messenger as _, SnsMessenger};
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_testing::fixtures::{ALERTS, GROUP, POLICY, now};
use serde_json::{Value, json};

fn directory(rules: &[&Rule]) -> IamDirectory {
    IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, rules))
}

fn gone() -> NoSuchEntityException {
    NoSuchEntityException::builder()
        .message("gone")
        .meta(ErrorMetadata::builder().code("NoSuchEntity").build())
        .build()
}

fn policy(in_force: &'static str) -> Rule {
    mock!(Client::get_policy).match_requests(|call| call.policy_arn() == Some(POLICY)).then_output(
        move || {
            GetPolicyOutput::builder().policy(Policy::builder().default_version_id(in_force).build()).build()
        },
    )
}

fn document(id: &'static str, text: &'static str) -> Rule {
    mock!(Client::get_policy_version)
        .match_requests(move |call| call.policy_arn() == Some(POLICY) && call.version_id() == Some(id))
        .then_output(move || {
            GetPolicyVersionOutput::builder().policy_version(Listed::builder().document(text).build()).build()
        })
}

fn version(id: &str, document: &str) -> PolicyVersion {
    PolicyVersion { id: id.to_owned(), document: document.to_owned() }
}

#[tokio::test]
async fn version_in_force_is_read_with_its_document() {
    let rules = [policy("v3"), document("v3", "%7B%7D")];
    let found = directory(&rules.iter().collect::<Vec<_>>()).policy_in_force(POLICY).await.unwrap();
    assert_eq!(found, Some(version("v3", "%7B%7D")));
}

#[tokio::test]
async fn policy_that_is_gone_is_no_error() {
    let get = mock!(Client::get_policy).then_error(|| GetPolicyError::NoSuchEntityException(gone()));
    assert_eq!(directory(&[&get]).policy_in_force(POLICY).await.unwrap(), None);
    let denied = mock!(Client::get_policy)
        .then_error(|| GetPolicyError::generic(ErrorMetadata::builder().code("AccessDenied").build()));
    let error = directory(&[&denied]).policy_in_force(POLICY).await.unwrap_err();
    assert_eq!((error.kind, error.operation.action()), (ErrorKind::Denied, "iam:GetPolicy"));
}

#[tokio::test]
async fn every_version_is_read_but_one_deleted_meanwhile() {
    let list = mock!(Client::list_policy_versions)
        .match_requests(|call| call.policy_arn() == Some(POLICY))
        .then_output(|| {
            let listed = |id: &str| Listed::builder().version_id(id).build();
            ListPolicyVersionsOutput::builder()
                .versions(listed("v5"))
                .versions(listed("v4"))
                .versions(listed("v1"))
                .build()
        });
    let deleted = mock!(Client::get_policy_version)
        .match_requests(|call| call.version_id() == Some("v4"))
        .then_error(|| GetPolicyVersionError::NoSuchEntityException(gone()));
    let rules = [list, document("v5", "five"), deleted, document("v1", "one")];
    let found = directory(&rules.iter().collect::<Vec<_>>()).policy_versions(POLICY).await.unwrap();
    assert_eq!(found, [version("v5", "five"), version("v1", "one")]);
}

#[tokio::test]
async fn group_without_policies_is_not_a_group_that_is_gone() {
    let empty = mock!(Client::list_attached_group_policies)
        .match_requests(|call| call.group_name() == Some(GROUP))
        .then_output(|| ListAttachedGroupPoliciesOutput::builder().build());
    assert_eq!(directory(&[&empty]).group_policies(GROUP).await.unwrap(), Some(Vec::new()));
    let missing = mock!(Client::list_attached_group_policies)
        .then_error(|| ListAttachedGroupPoliciesError::NoSuchEntityException(gone()));
    assert_eq!(directory(&[&missing]).group_policies(GROUP).await.unwrap(), None);
}

#[tokio::test]
async fn repairs_name_policy_version_and_group() {
    let set = mock!(Client::set_default_policy_version)
        .match_requests(|call| call.policy_arn() == Some(POLICY) && call.version_id() == Some("v1"))
        .then_output(|| SetDefaultPolicyVersionOutput::builder().build());
    let attach = mock!(Client::attach_group_policy)
        .match_requests(|call| call.policy_arn() == Some(POLICY) && call.group_name() == Some(GROUP))
        .then_output(|| AttachGroupPolicyOutput::builder().build());
    let put = Repair::SetDefaultVersion { policy: POLICY.to_owned(), version: "v1".to_owned() };
    let give = Repair::AttachToGroup { group: GROUP.to_owned(), policy: POLICY.to_owned() };
    let directory = directory(&[&set, &attach]);
    directory.repair(&put).await.unwrap();
    directory.repair(&give).await.unwrap();
    assert_eq!((set.num_calls(), attach.num_calls()), (1, 1));
}

#[tokio::test]
async fn refused_repair_is_an_error() {
    let set = mock!(Client::set_default_policy_version).then_error(|| {
        SetDefaultPolicyVersionError::generic(ErrorMetadata::builder().code("AccessDenied").build())
    });
    let put = Repair::SetDefaultVersion { policy: POLICY.to_owned(), version: "v1".to_owned() };
    let error = directory(&[&set]).repair(&put).await.unwrap_err();
    assert_eq!((error.kind, error.operation.action()), (ErrorKind::Denied, "iam:SetDefaultPolicyVersion"));
}

#[tokio::test]
async fn sweep_is_ordered_once_for_an_event() {
    const QUEUE: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/sweeps.fifo";
    let send = mock!(aws_sdk_sqs::Client::send_message)
        .match_requests(|call| {
            call.queue_url() == Some(QUEUE)
                && call.message_group_id() == Some("sweep")
                && call.message_deduplication_id() == Some("event-1")
                && call.message_body().map(|body| serde_json::from_str::<Value>(body).unwrap())
                    == Some(json!({"sweep": "hourly", "scheduledTime": "2026-11-24T09:05:00Z"}))
        })
        .then_output(|| SendMessageOutput::builder().build());
    let sns = mock_client!(aws_sdk_sns, RuleMode::MatchAny, &[] as &[&Rule]);
    let sqs = mock_client!(aws_sdk_sqs, RuleMode::MatchAny, &[&send]);
    let id = EventId::new("event-1").unwrap();
    let messenger = SnsMessenger::new(sns, ALERTS);
    assert!(messenger.clone().order_sweep(QUEUE, &id, now()).await.is_err(), "without a client");
    messenger.with_sweeps(sqs).order_sweep(QUEUE, &id, now()).await.unwrap();
    assert_eq!(send.num_calls(), 1);
}

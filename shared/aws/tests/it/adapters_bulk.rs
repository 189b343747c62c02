//! The bulk calls of a sweep: waiting for the report, pages, and incomplete answers.

use aws_sdk_iam::Client;
use aws_sdk_iam::error::ErrorMetadata;
use aws_sdk_iam::operation::generate_credential_report::{
    GenerateCredentialReportError, GenerateCredentialReportOutput,
};
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::operation::get_account_summary::{GetAccountSummaryError, GetAccountSummaryOutput};
use aws_sdk_iam::operation::get_credential_report::{GetCredentialReportError, GetCredentialReportOutput};
use aws_sdk_iam::operation::list_virtual_mfa_devices::ListVirtualMfaDevicesOutput;
use aws_sdk_iam::primitives::{Blob, DateTime};
use aws_sdk_iam::types::error::LimitExceededException;
use aws_sdk_iam::types::{
    AssignmentStatusType, AttachedPolicy, EntityType, SummaryKeyType, Tag, User, UserDetail, VirtualMfaDevice,
};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use mfa_enforcer_aws::{AccountDirectory, AwsError, ErrorKind, IamDirectory};
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::quotas::{Stock, UserQuotas};
use mfa_enforcer_core::snapshot::{AccountSummary, BulkAnswers};

const CREATED: i64 = 1_763_974_800;

fn generates() -> Rule {
    mock!(Client::generate_credential_report)
        .then_output(|| GenerateCredentialReportOutput::builder().build())
}

fn report() -> GetCredentialReportOutput {
    GetCredentialReportOutput::builder().content(Blob::new("user,arn\n")).build()
}

fn not_there(code: &'static str) -> GetCredentialReportError {
    GetCredentialReportError::generic(ErrorMetadata::builder().code(code).build())
}

fn detail(name: &str) -> UserDetail {
    UserDetail::builder()
        .user_name(name)
        .user_id(format!("AIDA{name}"))
        .arn(format!("arn:aws:iam::123456789012:user/team/{name}"))
        .path("/team/")
        .create_date(DateTime::from_secs(CREATED))
        .tags(Tag::builder().key("email").value("a@example.com").build().unwrap())
        .attached_managed_policies(AttachedPolicy::builder().policy_arn("arn:one").build())
        .group_list("developers")
        .build()
}

const ALL: &[EntityType] = &[EntityType::User, EntityType::Group, EntityType::LocalManagedPolicy];

/// Two pages of these kinds. The first is empty, which AWS documents as possible.
fn users(kinds: &'static [EntityType]) -> [Rule; 2] {
    let asked = move |call: &aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsInput| {
        call.filter() == kinds && call.max_items() == Some(1000)
    };
    [
        mock!(Client::get_account_authorization_details)
            .match_requests(move |call| asked(call) && call.marker().is_none())
            .then_output(|| {
                GetAccountAuthorizationDetailsOutput::builder().is_truncated(true).marker("more").build()
            }),
        mock!(Client::get_account_authorization_details)
            .match_requests(move |call| asked(call) && call.marker() == Some("more"))
            .then_output(|| {
                GetAccountAuthorizationDetailsOutput::builder()
                    .user_detail_list(detail("alice"))
                    .user_detail_list(detail("bob"))
                    .build()
            }),
    ]
}

fn devices() -> Rule {
    mock!(Client::list_virtual_mfa_devices)
        .match_requests(|call| call.assignment_status() == Some(&AssignmentStatusType::Assigned))
        .then_output(|| {
            let owner = User::builder()
                .path("/")
                .user_name("alice")
                .user_id("AIDAalice")
                .arn("arn:aws:iam::123456789012:user/team/alice")
                .create_date(DateTime::from_secs(CREATED))
                .build()
                .unwrap();
            let device = |serial: &str| VirtualMfaDevice::builder().serial_number(serial);
            ListVirtualMfaDevicesOutput::builder()
                .virtual_mfa_devices(
                    device("arn:aws:iam::123456789012:mfa/phone").user(owner).build().unwrap(),
                )
                .virtual_mfa_devices(device("arn:aws:iam::123456789012:mfa/nobody").build().unwrap())
                .build()
                .unwrap()
        })
}

fn summary_of(entries: &'static [(SummaryKeyType, i32)]) -> Rule {
    mock!(Client::get_account_summary).then_output(move || {
        let mut answer = GetAccountSummaryOutput::builder();
        for (key, value) in entries {
            answer = answer.summary_map(key.clone(), *value);
        }
        answer.build()
    })
}

const ROOT: &[(SummaryKeyType, i32)] = &[
    (SummaryKeyType::AccountMfaEnabled, 1),
    (SummaryKeyType::AccountAccessKeysPresent, 0),
    (SummaryKeyType::AccountPasswordPresent, 1),
    (SummaryKeyType::MfaDevicesInUse, 3),
];

const QUOTAS: &[(SummaryKeyType, i32)] = &[
    (SummaryKeyType::AttachedPoliciesPerUserQuota, 20),
    (SummaryKeyType::GroupsPerUserQuota, 10),
    (SummaryKeyType::Policies, 120),
    (SummaryKeyType::PoliciesQuota, 1500),
    (SummaryKeyType::Groups, 301),
    (SummaryKeyType::GroupsQuota, 300),
];

#[tokio::test]
async fn quotas_are_read_from_the_summary() {
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, [&summary_of(QUOTAS)]));
    let quotas = directory.quotas().await.unwrap();
    assert_eq!(quotas.user, UserQuotas { policies: 20, groups: 10 });
    assert_eq!(quotas.policies, Stock { used: 120, quota: 1500 });
    assert_eq!((quotas.groups, quotas.groups.left()), (Stock { used: 301, quota: 300 }, 0));
}

#[tokio::test]
async fn missing_quota_is_an_error_and_no_guess() {
    for (missing, _) in QUOTAS {
        let lacking = mock!(Client::get_account_summary).then_output(move || {
            let mut answer = GetAccountSummaryOutput::builder();
            for (key, value) in QUOTAS.iter().filter(|(key, _)| key != missing) {
                answer = answer.summary_map(key.clone(), *value);
            }
            answer.build()
        });
        let directory = IamDirectory::new(mock_client!(aws_sdk_iam, [&lacking]));
        let error = directory.quotas().await.unwrap_err().to_string();
        assert!(error.contains(missing.as_str()), "{error}");
    }
}

#[tokio::test]
async fn users_alone_are_read_page_by_page() {
    let [first, second] = users(&[EntityType::User]);
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&first, &second]));
    let users = directory.listed_users().await.unwrap();
    let names: Vec<&str> = users.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(names, ["alice", "bob"]);
}

async fn bulk_answers(rules: &[&Rule]) -> Result<BulkAnswers, AwsError> {
    let [first, second] = users(ALL);
    let devices = devices();
    let all = [&[&first, &second, &devices][..], rules].concat();
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, &all));
    let (answers, report) =
        tokio::join!(directory.bulk_answers(SweepKind::Daily), directory.credential_report());
    Ok(BulkAnswers { report: report?.csv, ..answers? })
}

#[tokio::test]
async fn every_user_is_read_page_by_page() {
    let get = mock!(Client::get_credential_report).then_output(report);
    let answers = bulk_answers(&[&generates(), &get, &summary_of(ROOT)]).await.unwrap();
    assert_eq!(answers.report, b"user,arn\n");
    let names: Vec<&str> = answers.users.iter().map(|user| user.name.as_str()).collect();
    assert_eq!(names, ["alice", "bob"]);
    let alice = &answers.users[0];
    assert_eq!((alice.path.as_str(), alice.created.as_second()), ("/team/", CREATED));
    assert_eq!(alice.tags.get("email"), Some("a@example.com"));
    assert_eq!(
        (&alice.attached_policies[..], &alice.groups[..]),
        (&["arn:one".to_owned()][..], &["developers".to_owned()][..])
    );
    let owners: Vec<&str> = answers.virtual_devices.iter().map(|device| device.owner_arn.as_str()).collect();
    assert_eq!(owners, [alice.arn.as_str()]);
    let summary = AccountSummary {
        root_mfa: true,
        root_access_keys: false,
        root_password: Some(true),
        devices_in_use: Some(3),
    };
    assert_eq!(answers.summary, Some(summary));
}

#[tokio::test(start_paused = true)]
async fn report_in_progress_is_awaited() {
    let get = mock!(Client::get_credential_report)
        .sequence()
        .error(|| not_there("ReportInProgress"))
        .times(3)
        .output(report)
        .build();
    let generate = generates();
    assert!(bulk_answers(&[&generate, &get, &summary_of(ROOT)]).await.is_ok());
    assert_eq!((generate.num_calls(), get.num_calls()), (1, 4));
}

#[tokio::test(start_paused = true)]
async fn expired_report_is_requested_again() {
    let get = mock!(Client::get_credential_report)
        .sequence()
        .error(|| not_there("ReportExpired"))
        .error(|| not_there("ReportNotPresent"))
        .output(report)
        .build();
    let generate = generates();
    assert!(bulk_answers(&[&generate, &get, &summary_of(ROOT)]).await.is_ok());
    assert_eq!(generate.num_calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn report_that_never_comes_is_an_error() {
    let get =
        mock!(Client::get_credential_report).sequence().error(|| not_there("ReportInProgress")).repeatedly();
    let get = get.build();
    let error = bulk_answers(&[&generates(), &get, &summary_of(ROOT)]).await.unwrap_err();
    assert_eq!((error.operation, error.code.as_str()), (Operation::GetCredentialReport, "ReportInProgress"));
    assert!(error.is_transient());
}

#[tokio::test]
async fn report_requested_by_others_is_used() {
    let busy = mock!(Client::generate_credential_report).then_error(|| {
        let meta = ErrorMetadata::builder().code("LimitExceeded").build();
        GenerateCredentialReportError::LimitExceededException(
            LimitExceededException::builder().meta(meta).build(),
        )
    });
    let get = mock!(Client::get_credential_report).then_output(report);
    assert!(bulk_answers(&[&busy, &get, &summary_of(ROOT)]).await.is_ok());
}

#[tokio::test]
async fn refused_report_fails_at_once() {
    let get = mock!(Client::get_credential_report).then_error(|| not_there("AccessDenied"));
    let error = bulk_answers(&[&generates(), &get, &summary_of(ROOT)]).await.unwrap_err();
    assert_eq!((error.kind, get.num_calls()), (ErrorKind::Denied, 1));
}

#[tokio::test]
async fn summary_without_root_is_none() {
    let get = mock!(Client::get_credential_report).then_output(report);
    let lacking = summary_of(&[(SummaryKeyType::AccountAccessKeysPresent, 0)]);
    let answers = bulk_answers(&[&generates(), &get, &lacking]).await.unwrap();
    assert_eq!(answers.summary, None);
    assert_eq!(answers.users.len(), 2, "the rest is still read");
}

#[tokio::test]
async fn refused_summary_does_not_stop_the_rest() {
    let get = mock!(Client::get_credential_report).then_output(report);
    let refused = mock!(Client::get_account_summary).then_error(|| {
        GetAccountSummaryError::generic(ErrorMetadata::builder().code("AccessDenied").build())
    });
    let answers = bulk_answers(&[&generates(), &get, &refused]).await.unwrap();
    assert_eq!((answers.summary, refused.num_calls()), (None, 1));
    assert_eq!((answers.users.len(), answers.virtual_devices.len()), (2, 1));
}

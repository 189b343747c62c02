//! Answers of IAM: pages, missing entities, throttling, quotas.

use aws_sdk_iam::Client;
use aws_sdk_iam::error::ErrorMetadata;
use aws_sdk_iam::operation::add_user_to_group::AddUserToGroupOutput;
use aws_sdk_iam::operation::attach_user_policy::AttachUserPolicyError;
use aws_sdk_iam::operation::detach_user_policy::DetachUserPolicyError;
use aws_sdk_iam::operation::get_access_key_last_used::{
    GetAccessKeyLastUsedError, GetAccessKeyLastUsedOutput,
};
use aws_sdk_iam::operation::get_login_profile::{GetLoginProfileError, GetLoginProfileOutput};
use aws_sdk_iam::operation::get_user::{GetUserError, GetUserOutput};
use aws_sdk_iam::operation::list_access_keys::ListAccessKeysOutput;
use aws_sdk_iam::operation::list_attached_user_policies::ListAttachedUserPoliciesOutput;
use aws_sdk_iam::operation::list_groups_for_user::ListGroupsForUserOutput;
use aws_sdk_iam::operation::list_mfa_devices::{ListMFADevicesError, ListMfaDevicesOutput};
use aws_sdk_iam::operation::tag_user::TagUserOutput;
use aws_sdk_iam::operation::untag_user::UntagUserOutput;
use aws_sdk_iam::primitives::DateTime;
use aws_sdk_iam::types::error::{LimitExceededException, NoSuchEntityException};
use aws_sdk_iam::types::{
    AccessKeyLastUsed, AccessKeyMetadata, AttachedPolicy, Group, LoginProfile, MfaDevice, StatusType, Tag,
    User,
};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use mfa_enforcer_aws::{Directory, ErrorKind, IamDirectory};
use mfa_enforcer_core::access_keys::KeyUse;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::device::DeviceKind;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::tags::{APPROVED_KEY, UserTag};

fn tagged() -> Change {
    Change::SetTag(UserTag::Notified, "value".to_owned())
}

fn bob() -> UserName {
    UserName::new("bob").unwrap()
}

fn gone() -> NoSuchEntityException {
    // The SDK takes the code from the answer, so a mock has to set it.
    NoSuchEntityException::builder().meta(ErrorMetadata::builder().code("NoSuchEntity").build()).build()
}

fn get_user() -> Rule {
    mock!(Client::get_user).match_requests(|request| request.user_name() == Some("bob")).then_output(|| {
        let tag = Tag::builder().key("email").value("bob@example.com").build().unwrap();
        let user = User::builder()
            .path("/engineering/")
            .user_name("Bob")
            .user_id("AIDABOB")
            .arn("arn:aws:iam::123456789012:user/engineering/Bob")
            .create_date(DateTime::from_secs(1_700_000_000))
            .tags(tag)
            .build()
            .unwrap();
        GetUserOutput::builder().user(user).build()
    })
}

fn login_profile() -> Rule {
    mock!(Client::get_login_profile).then_output(|| {
        let created = DateTime::from_secs(1_763_974_800);
        let profile = LoginProfile::builder().user_name("Bob").create_date(created).build().unwrap();
        GetLoginProfileOutput::builder().login_profile(profile).build()
    })
}

fn no_devices() -> Rule {
    mock!(Client::list_mfa_devices)
        .then_output(|| ListMfaDevicesOutput::builder().set_mfa_devices(Some(Vec::new())).build().unwrap())
}

fn no_policies() -> Rule {
    mock!(Client::list_attached_user_policies)
        .then_output(|| ListAttachedUserPoliciesOutput::builder().build())
}

fn no_groups() -> Rule {
    mock!(Client::list_groups_for_user)
        .then_output(|| ListGroupsForUserOutput::builder().set_groups(Some(Vec::new())).build().unwrap())
}

fn device(serial: &str) -> MfaDevice {
    MfaDevice::builder()
        .user_name("Bob")
        .serial_number(serial)
        .enable_date(DateTime::from_secs(1_763_974_801))
        .build()
        .unwrap()
}

#[tokio::test]
async fn every_page_of_every_list_is_read() {
    let devices_1 = mock!(Client::list_mfa_devices)
        .match_requests(|request| request.marker().is_none())
        .then_output(|| {
            ListMfaDevicesOutput::builder()
                .mfa_devices(device("arn:aws:iam::123456789012:mfa/phone"))
                .is_truncated(true)
                .marker("more-devices")
                .build()
                .unwrap()
        });
    let devices_2 = mock!(Client::list_mfa_devices)
        .match_requests(|request| request.marker() == Some("more-devices"))
        .then_output(|| ListMfaDevicesOutput::builder().mfa_devices(device("GAKT12345678")).build().unwrap());
    let policies_1 = mock!(Client::list_attached_user_policies)
        .match_requests(|request| request.marker().is_none())
        .then_output(|| {
            ListAttachedUserPoliciesOutput::builder()
                .attached_policies(AttachedPolicy::builder().policy_arn("arn:one").build())
                .is_truncated(true)
                .marker("more-policies")
                .build()
        });
    let policies_2 = mock!(Client::list_attached_user_policies)
        .match_requests(|request| request.marker() == Some("more-policies"))
        .then_output(|| {
            ListAttachedUserPoliciesOutput::builder()
                .attached_policies(AttachedPolicy::builder().policy_arn("arn:two").build())
                .build()
        });
    let group = |name: &str| {
        Group::builder()
            .path("/")
            .group_name(name)
            .group_id("AGPA")
            .arn("arn:group")
            .create_date(DateTime::from_secs(0))
            .build()
            .unwrap()
    };
    let groups_1 = mock!(Client::list_groups_for_user)
        .match_requests(|request| request.marker().is_none())
        .then_output(move || {
            ListGroupsForUserOutput::builder()
                .groups(group("a"))
                .is_truncated(true)
                .marker("more-groups")
                .build()
                .unwrap()
        });
    let groups_2 = mock!(Client::list_groups_for_user)
        .match_requests(|request| request.marker() == Some("more-groups"))
        .then_output(move || ListGroupsForUserOutput::builder().groups(group("b")).build().unwrap());
    let (user, profile) = (get_user(), login_profile());
    let rules = [&user, &profile, &devices_1, &devices_2, &policies_1, &policies_2, &groups_1, &groups_2];
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, rules));

    let facts = directory.user(&bob()).await.unwrap().unwrap();

    let kinds: Vec<DeviceKind> = facts.devices.iter().map(|device| device.serial.kind()).collect();
    assert_eq!(kinds, [DeviceKind::Virtual, DeviceKind::HardwareTotp]);
    assert_eq!(facts.attached_policies, ["arn:one", "arn:two"]);
    assert_eq!(facts.groups, ["a", "b"]);
    assert_eq!(
        (facts.name.as_str(), facts.id.as_str(), facts.path.as_str()),
        ("Bob", "AIDABOB", "/engineering/")
    );
    assert_eq!(facts.tags.get("email"), Some("bob@example.com"));
    assert_eq!(facts.login_profile_created.unwrap().as_second(), 1_763_974_800);
}

#[tokio::test]
async fn no_login_profile_means_no_password() {
    let profile =
        mock!(Client::get_login_profile).then_error(|| GetLoginProfileError::NoSuchEntityException(gone()));
    let (user, devices, policies, groups) = (get_user(), no_devices(), no_policies(), no_groups());
    let rules = [&user, &profile, &devices, &policies, &groups];
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, rules));
    let facts = directory.user(&bob()).await.unwrap().unwrap();
    assert_eq!(facts.login_profile_created, None);
}

#[tokio::test]
async fn only_get_user_decides_that_a_user_is_gone() {
    let user = mock!(Client::get_user).then_error(|| GetUserError::NoSuchEntityException(gone()));
    let (profile, devices, policies, groups) = (login_profile(), no_devices(), no_policies(), no_groups());
    let rules = [&user, &profile, &devices, &policies, &groups];
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, rules));
    assert_eq!(directory.user(&bob()).await.unwrap(), None);
}

#[tokio::test]
async fn unreadable_list_is_an_error_not_empty() {
    for code in ["NoSuchEntity", "AccessDenied", "ServiceFailure", "SomethingNew"] {
        let devices = mock!(Client::list_mfa_devices)
            .then_error(move || ListMFADevicesError::generic(ErrorMetadata::builder().code(code).build()));
        let (user, profile, policies, groups) = (get_user(), login_profile(), no_policies(), no_groups());
        let rules = [&user, &profile, &devices, &policies, &groups];
        let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, rules));
        let error = directory.user(&bob()).await.unwrap_err();
        assert_eq!(error.operation, Operation::ListMfaDevices, "{code}");
        assert_eq!(error.code, code);
    }
}

#[tokio::test]
async fn throttling_is_retried_then_reported() {
    let throttled = || {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code>\
                    <Message>Rate exceeded</Message></Error></ErrorResponse>";
        answer(400, body)
    };
    let once = mock!(Client::tag_user)
        .sequence()
        .http_response(throttled)
        .output(|| TagUserOutput::builder().build())
        .build();
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::Sequential, [&once]));
    directory.change(&bob(), &tagged()).await.unwrap();
    assert_eq!(once.num_calls(), 2);

    let always = mock!(Client::tag_user).sequence().http_response(throttled).repeatedly().build();
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::Sequential, [&always]));
    let error = directory.change(&bob(), &tagged()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Throttled);
    assert!(error.is_transient());
}

fn answer(status: u16, body: &'static str) -> aws_smithy_runtime_api::client::orchestrator::HttpResponse {
    let status = aws_smithy_runtime_api::http::StatusCode::try_from(status).unwrap();
    aws_smithy_runtime_api::client::orchestrator::HttpResponse::new(
        status,
        aws_smithy_types::body::SdkBody::from(body),
    )
}

#[tokio::test]
async fn full_quota_is_recognised() {
    let attach = mock!(Client::attach_user_policy).then_error(|| {
        let meta = ErrorMetadata::builder().code("LimitExceeded").build();
        AttachUserPolicyError::LimitExceededException(LimitExceededException::builder().meta(meta).build())
    });
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&attach]));
    let error = directory.change(&bob(), &Change::AttachPolicy("arn:policy".to_owned())).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Quota);
    assert!(!error.is_transient());
}

#[tokio::test]
async fn undoing_twice_succeeds() {
    let detach =
        mock!(Client::detach_user_policy).then_error(|| DetachUserPolicyError::NoSuchEntityException(gone()));
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&detach]));
    directory.change(&bob(), &Change::DetachPolicy("arn:policy".to_owned())).await.unwrap();
}

#[tokio::test]
async fn writes_name_the_user_and_the_target() {
    let join = mock!(Client::add_user_to_group)
        .match_requests(|request| {
            request.user_name() == Some("bob") && request.group_name() == Some("quarantine")
        })
        .then_output(|| AddUserToGroupOutput::builder().build());
    let tag = mock!(Client::tag_user)
        .match_requests(|request| {
            request.user_name() == Some("bob")
                && request.tags().len() == 1
                && request.tags()[0].key() == UserTag::Notified.key()
                && request.tags()[0].value() == "value"
        })
        .then_output(|| TagUserOutput::builder().build());
    let untag = mock!(Client::untag_user)
        .match_requests(|request| {
            request.user_name() == Some("bob") && request.tag_keys() == [APPROVED_KEY.to_owned()]
        })
        .then_output(|| UntagUserOutput::builder().build());
    let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&join, &tag, &untag]));
    directory.change(&bob(), &Change::JoinGroup("quarantine".to_owned())).await.unwrap();
    directory.change(&bob(), &tagged()).await.unwrap();
    directory.change(&bob(), &Change::RemoveApproval).await.unwrap();
    assert_eq!((join.num_calls(), tag.num_calls(), untag.num_calls()), (1, 1, 1));
}

fn key(id: &str, status: StatusType) -> AccessKeyMetadata {
    AccessKeyMetadata::builder()
        .access_key_id(id)
        .status(status)
        .create_date(DateTime::from_secs(1_700_000_000))
        .build()
}

fn listed_keys() -> Rule {
    mock!(Client::list_access_keys).match_requests(|request| request.user_name() == Some("bob")).then_output(
        || {
            ListAccessKeysOutput::builder()
                .access_key_metadata(key("AKIAEXAMPLEUSED1", StatusType::Active))
                .access_key_metadata(key("AKIAEXAMPLEGONE2", StatusType::Inactive))
                .build()
                .unwrap()
        },
    )
}

#[tokio::test]
async fn only_active_keys_are_asked_for_their_last_use() {
    let used = mock!(Client::get_access_key_last_used)
        .match_requests(|request| request.access_key_id() == Some("AKIAEXAMPLEUSED1"))
        .then_output(|| {
            let used = AccessKeyLastUsed::builder()
                .last_used_date(DateTime::from_secs(1_763_974_800))
                .service_name("s3")
                .region("eu-central-1")
                .build()
                .unwrap();
            GetAccessKeyLastUsedOutput::builder().access_key_last_used(used).build()
        });
    let client = mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&listed_keys(), &used]);
    let keys = IamDirectory::new(client).active_keys(&bob()).await.unwrap();
    assert_eq!((keys.len(), keys[0].last_four(), used.num_calls()), (1, "SED1", 1));
    let KeyUse::Last { service, region, .. } = &keys[0].used else { panic!("{:?}", keys[0].used) };
    assert_eq!((service.as_str(), region.as_str()), ("s3", "eu-central-1"));
}

#[tokio::test]
async fn unused_key_and_unknown_use_are_told_apart() {
    let never = mock!(Client::get_access_key_last_used).then_output(|| {
        let used = AccessKeyLastUsed::builder().service_name("N/A").region("N/A").build().unwrap();
        GetAccessKeyLastUsedOutput::builder().access_key_last_used(used).build()
    });
    let denied = mock!(Client::get_access_key_last_used).then_error(|| {
        GetAccessKeyLastUsedError::generic(ErrorMetadata::builder().code("AccessDenied").build())
    });
    for (rule, use_of_it) in [(never, KeyUse::Never), (denied, KeyUse::Unknown)] {
        let client = mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&listed_keys(), &rule]);
        let keys = IamDirectory::new(client).active_keys(&bob()).await.unwrap();
        assert_eq!(keys[0].used, use_of_it);
    }
}

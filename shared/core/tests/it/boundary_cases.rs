//! Whether a permissions boundary lets a user enrol, in the words of the policy evaluator.

use crate::snapshot_fixtures::alice_with;
use mfa_enforcer_core::boundary::{Enrolment, enrolment};
use mfa_enforcer_core::digest::UserStatus;
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_core::sweep::{boundaries_to_read, note_boundaries, status_from_snapshot};
use mfa_enforcer_testing::fixtures::{now, settings};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const USER: &str = "arn:aws:iam::123456789012:user/alice";

/// The documents that the evaluator judges in `tests/policy`, with its verdicts.
fn table() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/policy/requests/boundaries.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// As IAM returns a document.
fn encoded(document: &Value) -> String {
    let escape = |byte: u8| {
        if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    document.to_string().bytes().map(escape).collect()
}

#[test]
fn verdicts_are_those_of_the_evaluator() {
    let table = table();
    for case in table["cases"].as_array().unwrap() {
        let user = case["user"].as_str().unwrap_or(USER);
        let expected = match case["verdict"].as_str().unwrap() {
            "allows" => Enrolment::Allowed,
            "forbids" => Enrolment::Forbidden,
            "depends" => Enrolment::Unclear,
            other => panic!("unknown verdict {other}"),
        };
        for document in [case["document"].to_string(), encoded(&case["document"])] {
            assert_eq!(enrolment(&document, user), expected, "{}", case["title"]);
        }
    }
}

#[test]
fn document_that_is_not_understood_is_unclear() {
    let statement = |text: &str| format!(r#"{{"Version": "2012-10-17", "Statement": [{text}]}}"#);
    for document in [
        String::new(),
        "%7".to_owned(),
        "7".to_owned(),
        "{}".to_owned(),
        statement("7"),
        statement(r#"{"Effect": "Permit", "Action": "*", "Resource": "*"}"#),
        statement(r#"{"Effect": "Allow", "Resource": "*"}"#),
        statement(r#"{"Effect": "Allow", "Action": "*"}"#),
        statement(r#"{"Effect": "Allow", "Action": [7], "Resource": "*"}"#),
        statement(r#"{"Effect": "Allow", "Action": "*", "NotAction": "s3:*", "Resource": "*"}"#),
        statement(r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": 7}"#),
    ] {
        assert_eq!(enrolment(&document, USER), Enrolment::Unclear, "{document}");
    }
    assert_eq!(enrolment("{}", "not an ARN"), Enrolment::Unclear);
}

proptest! {
    #[test]
    fn any_pattern_is_judged_without_panic(pattern in "[a-z*?:/${}]{0,40}", action in "[a-zA-Z*?:]{0,20}") {
        let document = serde_json::json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Resource": pattern},
            {"Effect": "Deny", "NotAction": action, "NotResource": pattern},
        ]});
        let _ = enrolment(&document.to_string(), USER);
    }
}

/// Where only the resource of the device is limited, everything depends on whether a name can fit it.
#[rstest]
#[case::of_any_name("arn:aws:iam::*:mfa/*", Enrolment::Allowed)]
#[case::asterisk_for_nothing("arn:aws*:iam::123456789012:mfa/alice", Enrolment::Unclear)]
#[case::question_marks("arn:aws:iam::????????????:mfa/alice", Enrolment::Unclear)]
#[case::part_of_its_name("arn:aws:iam::123456789012:mfa", Enrolment::Forbidden)]
#[case::of_another_account("arn:aws:iam::444455556666:mfa/*", Enrolment::Forbidden)]
#[case::of_another_partition("arn:aws-cn:iam::123456789012:mfa/*", Enrolment::Forbidden)]
#[case::of_another_kind("arn:aws:iam::123456789012:sms-mfa/*", Enrolment::Forbidden)]
fn device_has_to_fit_the_resource(#[case] resource: &str, #[case] expected: Enrolment) {
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "iam:CreateVirtualMFADevice", "Resource": resource},
        {"Effect": "Allow", "Action": ["iam:EnableMFADevice", "iam:ListMFADevices"], "Resource": "*"},
    ]});
    assert_eq!(enrolment(&document.to_string(), USER), expected);
}

#[rstest]
#[case::without_mfa("Bool", "aws:MultiFactorAuthPresent", Enrolment::Forbidden)]
#[case::of_another_key("Bool", "aws:ViaAWSService", Enrolment::Unclear)]
#[case::with_another_operator("StringEquals", "aws:MultiFactorAuthPresent", Enrolment::Unclear)]
fn only_a_plain_condition_on_mfa_is_known(
    #[case] operator: &str,
    #[case] key: &str,
    #[case] expected: Enrolment,
) {
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {operator: {key: "false"}}},
    ]});
    assert_eq!(enrolment(&document.to_string(), USER), expected);
}

/// Of somebody who has MFA it makes no difference any more.
#[test]
fn boundaries_of_those_who_have_to_enrol_are_judged() {
    let bounded = |mfa: &str, boundary: Option<&str>| UserSnapshot {
        boundary: boundary.map(str::to_owned),
        ..alice_with(&[("mfa_active", mfa)])
    };
    let users = [
        bounded("true", Some("arn:of-the-compliant")),
        bounded("false", Some("arn:forbids")),
        bounded("false", None),
        bounded("false", Some("arn:unread")),
    ];
    let mut statuses: Vec<UserStatus> =
        users.iter().map(|user| status_from_snapshot(user, &settings(), now())).collect();
    assert_eq!(boundaries_to_read(&statuses, &users), ["arn:forbids", "arn:unread"]);

    for status in &mut statuses {
        status.findings.clear();
    }
    let nothing = r#"{"Version": "2012-10-17", "Statement": []}"#.to_owned();
    note_boundaries(&mut statuses, &users, &BTreeMap::from([("arn:forbids".to_owned(), nothing)]));
    let found: Vec<&[Finding]> = statuses.iter().map(|status| status.findings.as_slice()).collect();
    assert_eq!(found, [&[] as &[_], &[Finding::BoundaryForbidsEnrolment], &[], &[Finding::BoundaryUnclear]]);
}

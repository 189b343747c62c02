//! Parameters of the template: what they become, and what is said of those that are wrong.

use mfa_enforcer_core::settings::{Contents, Given, Naming, Problem, is_hub, parameters, variables};
use rstest::rstest;
use std::collections::BTreeMap;

fn given(pairs: &[(&str, &str)]) -> Vec<Given> {
    let each = |(index, (name, value)): (usize, &(&str, &str))| Given {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
        line: index + 1,
    };
    pairs.iter().enumerate().map(each).collect()
}

fn faults(pairs: &[(&str, &str)], naming: Naming) -> Vec<String> {
    let contents = Contents::of(&given(pairs), naming, "corp-mfa");
    contents.faults_besides(&[]).map(|fault| format!("{}: {}", fault.line.unwrap(), fault.text)).collect()
}

#[rstest]
#[case("GracePeriod", "3d", "GRACE_PERIOD", "3d")]
#[case("OutputBusArn", "none", "OUTPUT_BUS_ARN", "none")]
#[case("FormerPolicyArns", "", "QUARANTINE_POLICY_ARN", "stack")]
#[case("FormerPolicyArns", "a,b", "QUARANTINE_POLICY_ARN", "stack,a,b")]
#[case("FormerGroupNames", "", "QUARANTINE_GROUP_NAME", "stack")]
#[case("FormerGroupNames", "a b", "QUARANTINE_GROUP_NAME", "stack a b")]
#[case("Evidence", "none", "EVIDENCE_BUCKET", "")]
#[case("Evidence", "create", "EVIDENCE_BUCKET", "corp-mfa-evidencebucket")]
#[case("Evidence", "records", "EVIDENCE_BUCKET", "records")]
#[case("MailFrom", "", "MAIL_CONFIGURATION_SET", "")]
#[case("MailFrom", "mfa@example.com", "MAIL_CONFIGURATION_SET", "stack")]
fn parameter_becomes_a_setting(
    #[case] name: &str,
    #[case] value: &str,
    #[case] setting: &str,
    #[case] becomes: &str,
) {
    let given = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    assert_eq!(variables(&given, "Corp-mfa").get(setting).map(String::as_str), Some(becomes));
}

#[test]
fn mail_from_elsewhere_has_no_configuration_set() {
    let given = [("MailFrom", "mfa@example.com"), ("MailRegion", "eu-west-1")];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    assert_eq!(variables(&given, "mfa")["MAIL_CONFIGURATION_SET"], "");
}

#[test]
fn defaults_of_the_stack_are_allowed() {
    let defaults = [
        ("AdminEmail", ""),
        ("DailyAt", "06:00"),
        ("SignInRegions", "default"),
        ("OptInRegions", "eu-south-1,ap-east-2,il-central-1"),
        ("EvidenceDays", "731"),
        ("EvidenceLockDays", "0"),
        ("EvidenceKeyArn", "arn:aws:kms:us-east-1:123456789012:key/1a-2b"),
        ("ReserveConcurrency", "no"),
        ("LogRetentionDays", "90"),
        ("PermissionsBoundary", "arn:aws:iam::aws:policy/Boundary"),
        ("RolePath", "/security/"),
        ("Hub", "no"),
        ("OrganizationId", "o-a1b2c3d4e5"),
        ("MemberNames", "mfa-enforcer-member mfa-enforcer-canary"),
        ("AccountsAtOnce", "5"),
        ("EvidenceFrom", "111122223333,444455556666"),
        ("CodeBucket", "code-of-ours"),
        ("CodeKeyPrefix", "security/mfa/"),
    ];
    assert_eq!(faults(&defaults, Naming::Parameters), Vec::<String>::new());
    let of_stack = parameters().into_iter().filter(|parameter| parameter.setting.is_none());
    assert_eq!(defaults.map(|(name, _)| name).as_slice(), of_stack.map(|each| each.name).collect::<Vec<_>>());
}

#[test]
fn address_of_the_administrators_is_allowed() {
    for address in ["admins@example.com", "a+b@x.example"] {
        assert_eq!(faults(&[("AdminEmail", address)], Naming::Parameters), [""; 0]);
    }
}

#[rstest]
#[case(&[("Hub", "yes")], true)]
#[case(&[("Hub", "no"), ("OptIn", "yes")], false)]
#[case(&[], false)]
fn hub_is_what_says_yes(#[case] pairs: &[(&str, &str)], #[case] expected: bool) {
    let pairs: Vec<(String, String)> =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    assert_eq!(is_hub(&pairs), expected);
}

#[rstest]
#[case("AdminEmail", "admins@example")]
#[case("AdminEmail", "@example.com")]
#[case("AdminEmail", "admins@.com")]
#[case("AdminEmail", "admins@example.com@example.com")]
#[case("AdminEmail", "all admins@example.com")]
#[case("DailyAt", "06:10")]
#[case("SignInRegions", "us-east-1")]
#[case("OptInRegions", "eu-west-1")]
#[case("OptInRegions", "us-east-1")]
#[case("OptInRegions", "il-Central-1")]
#[case("OptInRegions", "me-x-1")]
#[case("EvidenceDays", "29")]
#[case("EvidenceLockDays", "3651")]
#[case("EvidenceKeyArn", "alias/evidence")]
#[case("EvidenceKeyArn", "arn:aws:kms:us-east-1:123456789012:key/1a_2b")]
#[case("ReserveConcurrency", "true")]
#[case("LogRetentionDays", "31")]
#[case("PermissionsBoundary", "Boundary")]
#[case("RolePath", "security")]
#[case("OrganizationId", "a1b2c3d4e5")]
#[case("OrganizationId", "o-a1b2c3d4e")]
#[case("OrganizationId", "o-A1B2C3D4E5")]
#[case("MemberNames", "")]
#[case("MemberNames", "mfa-enforcer-member  mfa-enforcer-canary")]
#[case("MemberNames", "1st-member")]
#[case("MemberNames", "mfa_enforcer")]
#[case("MemberNames", "member-whose-name-has-37-letters-and-")]
#[case("AccountsAtOnce", "1")]
#[case("EvidenceFrom", "111122223333, 444455556666")]
#[case("EvidenceFrom", "1111-2222-33")]
#[case("EvidenceFrom", "11112222333")]
#[case("CodeBucket", "s3://code-of-ours")]
#[case("CodeKeyPrefix", "mfa")]
fn wrong_value_of_the_stack_is_told(#[case] name: &str, #[case] value: &str) {
    let faults = faults(&[(name, value)], Naming::Parameters);
    assert!(faults[0].starts_with(&format!("1: {name} is `{value}`, expected ")), "{faults:?}");
    assert_eq!(faults.len(), 1);
}

#[rstest]
#[case(Naming::Settings, "GracePeriod", "there is no setting `GracePeriod` (did you mean `GRACE_PERIOD`?)")]
#[case(Naming::Settings, "MODES", "there is no setting `MODES` (did you mean `MODE`?)")]
#[case(Naming::Settings, "COLOUR", "there is no setting `COLOUR` (docs/SETTINGS.md lists them)")]
#[case::half_of_it_wrong(
    Naming::Settings,
    "DIGITS",
    "there is no setting `DIGITS` (docs/SETTINGS.md lists them)"
)]
#[case::four_letters_short(
    Naming::Settings,
    "QUARANTINE_GROUP",
    "there is no setting `QUARANTINE_GROUP` (docs/SETTINGS.md lists them)"
)]
#[case(
    Naming::Parameters,
    "GRACE_PERIOD",
    "there is no parameter `GRACE_PERIOD` (did you mean `GracePeriod`?)"
)]
#[case(Naming::Parameters, "Colour", "there is no parameter `Colour` (template.yaml lists them)")]
fn unknown_name_is_told_with_the_nearest(#[case] naming: Naming, #[case] name: &str, #[case] says: &str) {
    assert_eq!(faults(&[(name, "x")], naming), [format!("1: {says}")]);
}

#[test]
fn account_of_the_evidence_needs_a_bucket_that_has_a_name() {
    let given = |evidence| [("Evidence", evidence), ("EvidenceAccount", "999988887777")];
    let told = "2: EvidenceAccount needs the name of a bucket of that account in Evidence, which is `create`";
    assert_eq!(faults(&given("create"), Naming::Parameters), [told]);
    assert_eq!(faults(&given("records"), Naming::Parameters), Vec::<String>::new());
}

#[test]
fn second_value_is_a_fault_and_the_first_one_counts() {
    let pairs = given(&[("MODE", "notify"), ("MODE", "enforce")]);
    let contents = Contents::of(&pairs, Naming::Settings, "mfa");
    assert_eq!(contents.value("MODE"), Some("notify"));
    assert_eq!(
        faults(&[("MODE", "notify"), ("MODE", "enforce")], Naming::Settings),
        ["2: `MODE` is there twice, first in line 1"]
    );
}

#[test]
fn problem_of_a_setting_is_told_of_what_the_file_names() {
    let pairs = given(&[("GracePeriod", "3x"), ("FormerPolicyArns", "old")]);
    let contents = Contents::of(&pairs, Naming::Parameters, "mfa");
    let told = |variable| {
        let fault = contents.fault_of(&Problem { variable, problem: "is wrong".to_owned() });
        (fault.line, fault.text)
    };
    assert_eq!(told("GRACE_PERIOD"), (Some(1), "GracePeriod is wrong".to_owned()));
    let becomes = "FormerPolicyArns becomes QUARANTINE_POLICY_ARN, which is wrong";
    assert_eq!(told("QUARANTINE_POLICY_ARN"), (Some(2), becomes.to_owned()));
    assert_eq!(told("MODE"), (None, "MODE is wrong".to_owned()));
}

#[test]
fn length_is_told_unless_the_value_is_wrong_anyway() {
    let pairs = given(&[("RemindBefore", &["7d"; 20].join(","))]);
    let contents = Contents::of(&pairs, Naming::Parameters, "mfa");
    let text = "RemindBefore has 59 characters, and the template takes up to 40";
    let told =
        |problems: &[Problem]| contents.faults_besides(problems).map(|fault| fault.text.clone()).collect();
    let (alone, besides): (Vec<String>, Vec<String>) =
        (told(&[]), told(&[Problem { variable: "REMIND_BEFORE", problem: "is wrong".to_owned() }]));
    assert_eq!((alone, besides), (vec![text.to_owned()], Vec::new()));
}

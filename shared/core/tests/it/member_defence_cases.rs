//! What others do to what the enforcer has in an account of an organization.

use crate::enforcer_notices::{in_member, member};
use mfa_enforcer_core::decide::{Ask, OwnStack, ask};
use mfa_enforcer_core::event::{Deployment, Event, Function, Ignored, OwnResources, Reading, read};
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::organization::{Sighting, Task, sighting};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::fixtures::{ALERTS, now, settings};
use mfa_enforcer_testing::plans::notices;
use rstest::rstest;
use serde_json::{Value, json};

const STACK: &str = "StackSet-mfa-enforcer-member-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
const GROUP: &str = "StackSet-mfa-enforcer-member-0a1b2c3d-QuarantineGroup-1ABCDEF2GHIJ";
const POLICY: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer/console/mfa-enforcer-member-1A";
const STACK_SETS: &str = "stacksets-exec-0123456789abcdef0123456789abcdef";

fn reading(envelope: &Value, deployment: &Deployment) -> Reading {
    read(&envelope.to_string(), Function::Guard, deployment).unwrap()
}

fn event(envelope: &Value) -> Event {
    match reading(envelope, &member()) {
        Reading::Event(event) => *event,
        Reading::Ignored(reason) => panic!("ignored: {reason}"),
    }
}

fn plan(envelope: &Value) -> Plan {
    let event = event(envelope);
    let Ask::Enforcer(question) = ask(&event) else { panic!("not about the enforcer") };
    assert_eq!(question.stack(&Settings { stack: None, ..settings() }), None);
    question.answer(&RootLedger::Told(Vec::new()), &OwnStack::default(), &settings(), now())
}

/// The same call, as `CloudFormation` makes it for a session of this role.
fn by_cloudformation(mut envelope: Value, role: &str) -> Value {
    envelope["detail"]["userIdentity"] = json!({
        "type": "AssumedRole",
        "accountId": "123456789012",
        "arn": format!("arn:aws:sts::123456789012:assumed-role/{role}/AWSCloudFormation"),
        "invokedBy": "cloudformation.amazonaws.com",
    });
    envelope["detail"]["sourceIPAddress"] = json!("cloudformation.amazonaws.com");
    envelope
}

#[rstest]
#[case::role("iam", "PutRolePolicy", json!({"roleName": "MFA-Enforcer-Member-review"}))]
#[case::rule("events", "PutTargets", json!({"rule": "mfa-enforcer-member-watch"}))]
#[case::queue("sqs", "SetQueueAttributes",
    json!({"queueUrl": "https://sqs.eu-north-1.amazonaws.com/123456789012/mfa-enforcer-member-dead-letters"}))]
#[case::stack("cloudformation", "UpdateStack", json!({"stackName": STACK}))]
#[case::policy("iam", "DeletePolicy", json!({"policyArn": POLICY}))]
#[case::group("iam", "UpdateGroup", json!({"groupName": GROUP, "newPath": "/"}))]
#[case::trail("cloudtrail", "StopLogging", json!({"name": "all"}))]
fn change_by_a_person_is_told(#[case] service: &str, #[case] name: &str, #[case] request: Value) {
    let envelope = in_member(service, name, &request);
    assert_eq!(notices(&plan(&envelope)), ["enforcer-changed"]);
    // Whoever uses CloudFormation for it is a person, too.
    assert_eq!(notices(&plan(&by_cloudformation(envelope, "Admin"))), ["enforcer-changed"]);
}

#[rstest]
#[case::role("iam", "PutRolePolicy", json!({"roleName": "mfa-enforcer-member-review"}), true)]
#[case::rule("events", "PutTargets", json!({"rule": "mfa-enforcer-member-watch"}), true)]
#[case::policy("iam", "DeletePolicy", json!({"policyArn": POLICY}), true)]
#[case::stack("cloudformation", "UpdateStack", json!({"stackName": STACK}), true)]
#[case::stack_taken_away("cloudformation", "DeleteStack", json!({"stackName": STACK}), false)]
#[case::trail("cloudtrail", "StopLogging", json!({"name": "all"}), false)]
fn change_by_a_stack_set_is_quiet(
    #[case] service: &str,
    #[case] name: &str,
    #[case] request: Value,
    #[case] is_quiet: bool,
) {
    let envelope = by_cloudformation(in_member(service, name, &request), STACK_SETS);
    let plan = plan(&envelope);
    assert_eq!(plan.reason == Reason::UpdateOfTheStack, is_quiet);
    assert_eq!(notices(&plan).is_empty(), is_quiet);
    // Somebody with the role, and without CloudFormation.
    let mut direct = envelope;
    direct["detail"]["sourceIPAddress"] = json!("203.0.113.7");
    direct["detail"]["userIdentity"]["invokedBy"] = json!(null);
    assert_eq!(notices(&self::plan(&direct)), ["enforcer-changed"]);
}

#[rstest]
#[case("iam", "PutRolePolicy", json!({"roleName": "payments"}))]
#[case("iam", "DeletePolicy", json!({"policyArn": "arn:aws:iam::123456789012:policy/payments"}))]
#[case("iam", "DeleteGroup", json!({"groupName": "engineers"}))]
#[case("events", "DeleteRule", json!({"name": "mfa-enforcer-sign-ins"}))]
#[case("cloudformation", "DeleteStack", json!({"stackName": "payments"}))]
#[case("sqs", "DeleteQueue", json!({"queueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/payments"}))]
fn call_about_something_else_is_not_told(#[case] service: &str, #[case] name: &str, #[case] request: Value) {
    let Reading::Ignored(reason) = reading(&in_member(service, name, &request), &member()) else {
        panic!("told")
    };
    let reasons = [Ignored::Harmless, Ignored::NotOfTheQuarantine, Ignored::OtherIamCall];
    assert!(reasons.contains(&reason), "{reason}");
}

/// As long as they are there, the guard looks at them, and repairs what it can.
#[rstest]
#[case("DeletePolicyVersion", json!({"policyArn": POLICY, "versionId": "v1"}))]
#[case("DeleteGroup", json!({"groupName": GROUP.to_uppercase()}))]
#[case("DetachGroupPolicy", json!({"groupName": GROUP, "policyArn": POLICY}))]
fn parts_of_the_quarantine_that_are_there_have_triggers(#[case] name: &str, #[case] request: Value) {
    let there = Deployment { policies: vec![POLICY.to_owned()], groups: vec![GROUP.to_owned()], ..member() };
    let Reading::Event(event) = reading(&in_member("iam", name, &request), &there) else { panic!("ignored") };
    assert!(matches!(ask(&event), Ask::Quarantine(_)), "{name}");
    let gone = self::event(&in_member("iam", name, &request));
    assert!(matches!(ask(&gone), Ask::Enforcer(_)), "{name}");
}

#[test]
fn policy_of_somebody_else_is_no_part_of_our_group() {
    let there = Deployment { policies: vec![POLICY.to_owned()], groups: vec![GROUP.to_owned()], ..member() };
    let request = json!({"groupName": GROUP, "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"});
    let read = reading(&in_member("iam", "DetachGroupPolicy", &request), &there);
    assert_eq!(read, Reading::Ignored(Ignored::NotOfTheQuarantine));
}

#[test]
fn events_differ_by_the_call_and_by_what_it_touched() {
    let of = |call: &str, rule: &str| event(&in_member("events", call, &json!({"name": rule}))).trigger;
    let (watch, other) = ("mfa-enforcer-member-watch", "mfa-enforcer-member-sign-ins");
    assert_eq!(of("DisableRule", watch), of("DisableRule", watch));
    assert_ne!(of("DisableRule", watch), of("DisableRule", other));
    assert_ne!(of("DisableRule", watch), of("DeleteRule", watch));
}

#[rstest]
#[case::policy("iam", "DeletePolicy", json!({"policyArn": POLICY}), true)]
#[case::group("iam", "DeleteGroup", json!({"groupName": GROUP}), true)]
#[case::role("iam", "PutRolePolicy", json!({"roleName": "mfa-enforcer-member-review"}), false)]
#[case::rule("events", "PutTargets", json!({"rule": "mfa-enforcer-member-watch"}), false)]
#[case::trail("cloudtrail", "StopLogging", json!({"name": "all"}), false)]
fn account_is_looked_into_if_its_quarantine_may_be_gone(
    #[case] service: &str,
    #[case] name: &str,
    #[case] request: Value,
    #[case] may_be_gone: bool,
) {
    let envelope = in_member(service, name, &request);
    let bare = Settings { deployment: member(), stack: None, ..settings() };
    let event = event(&envelope).source.id.as_str().to_owned();
    let look = Sighting::Account { user: None, task: Task::OfQuarantine, event, is_told_anyway: true };
    let expected = if may_be_gone { look } else { Sighting::Enforcer };
    assert_eq!(sighting(&envelope.to_string(), Function::Guard, &bare), expected);
}

/// In the hub's own account there may be parts of both, and the names of some begin like those of others.
#[test]
fn hub_that_is_a_member_too_tells_its_parts_apart() {
    let resources = OwnResources::new(Some("mfa-enforcer"), ALERTS, None);
    let deployment = Deployment {
        hub: Some("123456789012".to_owned()),
        resources: OwnResources { members: vec!["mfa-enforcer-member".to_owned()], ..resources },
        ..member()
    };
    for (name, in_member_) in [("mfa-enforcer-sign-ins", false), ("mfa-enforcer-member-sign-ins", true)] {
        let envelope = by_cloudformation(in_member("events", "PutRule", &json!({"name": name})), STACK_SETS);
        let Reading::Event(event) = reading(&envelope, &deployment) else { panic!("{name}") };
        let Ask::Enforcer(question) = ask(&event) else { panic!("{name}") };
        let plan = question.answer(&RootLedger::Told(Vec::new()), &OwnStack::default(), &settings(), now());
        assert_eq!(plan.reason == Reason::UpdateOfTheStack, in_member_, "{name}");
    }
}

#[test]
fn call_that_a_role_of_the_hub_makes_is_its_own() {
    let mut envelope = in_member("iam", "DetachGroupPolicy", &json!({"groupName": GROUP}));
    envelope["detail"]["userIdentity"] = json!({
        "type": "AssumedRole",
        "accountId": "123456789012",
        "arn": "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-member-guard/event",
    });
    assert_eq!(reading(&envelope, &member()), Reading::Ignored(Ignored::OwnCall));
}

//! Messages about changes to the enforcer itself.

use crate::notice_fixtures::about;
use mfa_enforcer_core::event::{Deployment, Function, OWN_CALLS, OwnResources, Part, Reading, Weight, read};
use mfa_enforcer_core::notice::{Notice, Reach};
use mfa_enforcer_core::organization::MemberRole;
use mfa_enforcer_testing::fixtures::{
    ALERTS, ALERTS_KEY, BUCKET, STACK, envelope, event_of, overdue, settings,
};
use mfa_enforcer_testing::plans::for_admins;
use rstest::rstest;
use serde_json::{Value, json};
use strum::IntoEnumIterator;

/// One message for each part of the enforcer, and one of each kind.
pub(crate) fn notices_about_the_enforcer() -> Vec<(&'static str, Notice)> {
    let of = |part: Part, weight: Weight| {
        let call = OWN_CALLS.iter().find(|call| call.part == part && call.weight == weight).unwrap();
        let mut envelope = envelope("EnforcerTouched");
        let field = call.named_in.first().copied().unwrap_or("uUID");
        let name = match part {
            Part::Topic => ALERTS,
            Part::Key => ALERTS_KEY,
            Part::Policy => "arn:aws:iam::123456789012:policy/mfa-enforcer-one-of-ours",
            Part::Stack => STACK,
            Part::Bus => "mfa-enforcer",
            Part::Bucket => BUCKET,
            _ => "mfa-enforcer-one-of-ours",
        };
        envelope["detail"]["eventSource"] = json!(format!("{}.amazonaws.com", call.service));
        envelope["detail"]["eventName"] = json!(call.name);
        envelope["detail"]["requestParameters"] = json!({field: name});
        about(&event_of(&envelope), &overdue(), &settings()).swap_remove(0)
    };
    // The groups of a stack of its own have triggers.
    let critical = Part::iter().filter(|part| *part != Part::Group).map(|part| {
        let title: &str = part.into();
        (title, of(part, Weight::Critical))
    });
    let members = PARTS_OF_A_MEMBER.iter().map(|(title, service, call, request)| {
        let envelope = in_member(service, call, &serde_json::from_str(request).unwrap());
        let Reading::Event(event) = read(&envelope.to_string(), Function::Guard, &member()).unwrap() else {
            panic!("not told: {title}")
        };
        (*title, about(&event, &overdue(), &settings()).swap_remove(0))
    });
    critical.chain([("deployment", of(Part::Stack, Weight::Deployment))]).chain(members).collect()
}

#[rstest]
#[case::alarms(
    "monitoring",
    "PutAlarmMuteRule",
    json!({"name": "quiet"}),
    "every alarm of the account was silenced for a time"
)]
#[case::change_set(
    "cloudformation",
    "ExecuteChangeSet",
    json!({"changeSetName": "arn:aws:cloudformation:us-east-1:123456789012:changeSet/x/1234"}),
    "the stack of this enforcer is being updated"
)]
fn call_that_names_nothing_says_how_far_it_goes(
    #[case] service: &str,
    #[case] call: &str,
    #[case] request: Value,
    #[case] says: &str,
) {
    let event = event_of(&in_member(service, call, &request));
    let alert = about(&event, &overdue(), &settings()).swap_remove(0);
    let mail = for_admins(&alert, Reach::NobodyToTell).unwrap().message;
    assert!(mail.contains(says), "{mail}");
}

/// A call about each part of an account of an organization.
const PARTS_OF_A_MEMBER: [(&str, &str, &str, &str); 6] = [
    ("stack-of-a-member", "cloudformation", "DeleteStack", r#"{"stackName": "mfa-enforcer-member"}"#),
    ("role-of-a-member", "iam", "UpdateAssumeRolePolicy", r#"{"roleName": "mfa-enforcer-member-guard"}"#),
    (
        "policy-of-a-member",
        "iam",
        "DeletePolicy",
        r#"{"policyArn": "arn:aws:iam::123456789012:policy/mfa-enforcer/console/mfa-enforcer-member-1A"}"#,
    ),
    ("group-of-a-member", "iam", "DeleteGroup", r#"{"groupName": "mfa-enforcer-member-QuarantineGroup-1A"}"#),
    ("rule-of-a-member", "events", "DisableRule", r#"{"name": "mfa-enforcer-member-sign-ins"}"#),
    (
        "queue-of-a-member",
        "sqs",
        "PurgeQueue",
        r#"{"queueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/mfa-enforcer-member-dead-letters"}"#,
    ),
];

/// An account of an organization, as a hub reads its events before it knows what is there.
pub(crate) fn member() -> Deployment {
    let resources = OwnResources::new(None, ALERTS, Some(BUCKET));
    Deployment {
        account: "123456789012".to_owned(),
        hub: Some("999988887777".to_owned()),
        roles: MemberRole::names("mfa-enforcer-member").collect(),
        resources: OwnResources { members: vec!["mfa-enforcer-member".to_owned()], ..resources },
        ..Deployment::default()
    }
}

/// A call by alice in that account.
pub(crate) fn in_member(service: &str, name: &str, request: &Value) -> Value {
    let mut envelope = envelope("EnforcerTouched");
    envelope["source"] = json!(format!("aws.{service}"));
    envelope["detail"]["eventSource"] = json!(format!("{service}.amazonaws.com"));
    envelope["detail"]["eventName"] = json!(name);
    envelope["detail"]["requestParameters"] = request.clone();
    envelope
}

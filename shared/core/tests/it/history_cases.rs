//! What the event history tells: who attached a quarantine.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::event::{PastCall, Subject};
use mfa_enforcer_core::facts::{AttachedBy, UserFacts};
use mfa_enforcer_core::history::{Records, attached_by, attachments_to_look_up};
use mfa_enforcer_testing::fixtures::{GROUP, POLICY, days_ago, deployment, now, overdue, settings};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

/// A record of a call to IAM, made by an administrator this many hours ago.
pub(crate) fn record(name: &str, hours: i64, parameters: &Value) -> Value {
    let time = (now() - SignedDuration::from_hours(hours)).to_string();
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLEOFADMIN", "userName": "admin",
            "arn": "arn:aws:iam::123456789012:user/admin", "accountId": "123456789012"
        },
        "eventTime": time, "eventSource": "iam.amazonaws.com", "eventName": name,
        "eventID": format!("0d1f2a3b-0000-4000-8000-{hours:012}"), "recipientAccountId": "123456789012",
        "requestParameters": parameters, "responseElements": null,
    })
}

/// The same call by a role of the enforcer.
fn by_us(mut record: Value) -> Value {
    record["userIdentity"] = json!({
        "type": "AssumedRole", "accountId": "123456789012",
        "arn": "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sweep/mfa-enforcer-sweep"
    });
    record
}

fn attach(hours: i64) -> Value {
    record("AttachUserPolicy", hours, &json!({"userName": "Alice", "policyArn": POLICY}))
}

fn join(hours: i64) -> Value {
    record("AddUserToGroup", hours, &json!({"userName": "alice", "groupName": GROUP.to_uppercase()}))
}

fn with(mut record: Value, pointer: &str, value: Value) -> Value {
    *record.pointer_mut(pointer).unwrap() = value;
    record
}

fn by_policy() -> UserFacts {
    UserFacts { attached_policies: vec![POLICY.to_owned()], ..overdue() }
}

fn by_group() -> UserFacts {
    UserFacts { groups: vec![GROUP.to_owned()], ..overdue() }
}

fn ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

fn who(records: &[Value], user: &UserFacts, is_complete: bool) -> AttachedBy {
    let records = records.iter().map(Value::to_string).collect();
    attached_by(&[Records { records, is_complete }], user, &settings(), now())
}

#[rstest]
#[case::by_us(vec![by_us(attach(5))], AttachedBy::Us(ago(5)))]
#[case::by_an_administrator(vec![attach(5)], AttachedBy::SomebodyElse)]
#[case::by_hand_after_us(vec![attach(2), by_us(attach(5))], AttachedBy::SomebodyElse)]
#[case::by_us_after_a_hand(vec![attach(5), by_us(attach(2))], AttachedBy::Us(ago(2)))]
#[case::refused(vec![{
    let mut refused = by_us(attach(5));
    refused["errorCode"] = json!("AccessDenied");
    refused
}], AttachedBy::SomebodyElse)]
#[case::another_user(vec![with(by_us(attach(5)), "/requestParameters/userName", json!("bob"))], AttachedBy::SomebodyElse)]
#[case::another_policy(vec![with(by_us(attach(5)), "/requestParameters/policyArn", json!("arn:aws:iam::1:policy/x"))], AttachedBy::SomebodyElse)]
#[case::another_account(vec![with(by_us(attach(5)), "/recipientAccountId", json!("999999999999"))], AttachedBy::SomebodyElse)]
#[case::another_call(vec![with(by_us(attach(5)), "/eventName", json!("DetachUserPolicy"))], AttachedBy::SomebodyElse)]
#[case::role_of_another_name(vec![with(by_us(attach(5)), "/userIdentity/arn", json!("arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sweeper/x"))], AttachedBy::SomebodyElse)]
#[case::earlier_user_of_the_same_name(vec![by_us(attach(24 * 200))], AttachedBy::SomebodyElse)]
#[case::in_the_future(vec![by_us(attach(-1))], AttachedBy::SomebodyElse)]
#[case::nothing(vec![], AttachedBy::SomebodyElse)]
#[case::not_a_record(vec![json!(7), json!({}), json!({"eventSource": "iam.amazonaws.com"})], AttachedBy::SomebodyElse)]
fn latest_attachment_tells_whose_it_is(#[case] records: Vec<Value>, #[case] expected: AttachedBy) {
    assert_eq!(who(&records, &by_policy(), true), expected);
}

#[test]
fn group_is_told_like_a_policy() {
    assert_eq!(who(&[by_us(join(3))], &by_group(), true), AttachedBy::Us(ago(3)));
    assert_eq!(who(&[join(3)], &by_group(), true), AttachedBy::SomebodyElse);
    let both = UserFacts { groups: vec![GROUP.to_owned()], ..by_policy() };
    assert_eq!(who(&[by_us(join(3)), by_us(attach(5))], &both, true), AttachedBy::Us(ago(3)));
    assert_eq!(who(&[by_us(join(3)), attach(5)], &both, true), AttachedBy::SomebodyElse, "a part is by hand");
}

#[test]
fn cut_off_history_leaves_it_open() {
    assert_eq!(who(&[], &by_policy(), false), AttachedBy::Unknown);
    assert_eq!(who(&[attach(5)], &by_policy(), false), AttachedBy::SomebodyElse, "it has the newest calls");
    assert_eq!(who(&[by_us(attach(5))], &by_policy(), false), AttachedBy::Us(ago(5)));
}

#[test]
fn only_what_holds_the_user_is_looked_up() {
    let names = |user: &UserFacts| -> Vec<&str> {
        let lookups = attachments_to_look_up(user, &settings(), now());
        assert!(lookups.iter().all(|lookup| lookup.from == days_ago(90)));
        lookups.iter().map(|lookup| lookup.name).collect()
    };
    assert_eq!(names(&overdue()), [""; 0]);
    assert_eq!(names(&by_policy()), ["AttachUserPolicy"]);
    assert_eq!(names(&by_group()), ["AddUserToGroup"]);
    assert_eq!(attached_by(&[], &overdue(), &settings(), now()), AttachedBy::Unknown);
}

#[test]
fn call_about_oneself_tells_the_id() {
    let mut own = record("DeactivateMFADevice", 1, &Value::Null);
    let read = |record: &Value| PastCall::read(&record.to_string(), &deployment()).unwrap();
    assert_eq!(read(&own).subject_id.as_deref(), Some("AIDAEXAMPLEOFADMIN"));
    own["requestParameters"] = json!({"userName": "alice"});
    let other = read(&own);
    assert_eq!((other.subject_id, other.subject), (None, Subject::User(overdue().name)));
}

proptest! {
    #[test]
    fn any_record_is_read_without_panic(text: String, key in "[a-zA-Z]{1,12}", value: String) {
        let _ = PastCall::read(&text, &deployment());
        let mut spoilt = attach(1);
        spoilt[&key] = json!(value);
        for field in ["userIdentity", "requestParameters", "eventTime", "eventID", "eventName"] {
            let mut spoilt = spoilt.clone();
            spoilt[field] = json!(value);
            let _ = PastCall::read(&spoilt.to_string(), &deployment());
        }
    }
}

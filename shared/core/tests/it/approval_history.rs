//! Who approved a release, according to the event history.

use crate::history_cases::{by_us, record, rename};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::Relation;
use mfa_enforcer_core::facts::{Approval, UserFacts};
use mfa_enforcer_core::history::{Records, approval, approvals_to_look_up};
use mfa_enforcer_testing::fixtures::{PHONE_SERIAL, days_ago, now, overdue, settings};
use rstest::rstest;
use serde_json::{Value, json};

fn ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

/// An administrator approved alice's release this many hours ago.
fn approved(hours: i64) -> Value {
    let tags =
        json!([{"key": "email", "value": "a@example.com"}, {"key": "MFA-Enforcer:Approved", "value": "yes"}]);
    record("TagUser", hours, &json!({"userName": "Alice", "tags": tags}))
}

/// Somebody removed the tag this many hours ago.
fn taken_back(hours: i64) -> Value {
    let keys = json!(["email", "MFA-Enforcer:Approved"]);
    record("UntagUser", hours, &json!({"userName": "Alice", "tagKeys": keys}))
}

fn approved_as(name: &str, hours: i64) -> Value {
    with(approved(hours), "/requestParameters/userName", json!(name))
}

/// By a session of a role with this name.
fn session(name: &str, record: Value) -> Value {
    let arn = format!("arn:aws:sts::123456789012:assumed-role/Admin/{name}");
    by(record, json!({"type": "AssumedRole", "accountId": "123456789012", "arn": arn}))
}

fn by(mut record: Value, identity: Value) -> Value {
    record["userIdentity"] = identity;
    record
}

fn by_alice(record: Value) -> Value {
    by(record, json!({"type": "IAMUser", "userName": "former-name", "principalId": "AIDAEXAMPLEALICE"}))
}

fn with(mut record: Value, pointer: &str, value: Value) -> Value {
    *record.pointer_mut(pointer).unwrap() = value;
    record
}

fn answer(records: &[Value], is_complete: bool) -> Approval {
    let records = records.iter().map(Value::to_string).collect();
    approval(&[Records { records, is_complete }], &overdue(), &settings(), now())
}

fn who(records: &[Value]) -> Option<(Relation, Timestamp)> {
    match answer(records, true) {
        Approval::Set { by, at, .. } => Some((by, at)),
        Approval::NotFound => None,
        Approval::NotLooked => panic!("the history was complete"),
    }
}

#[rstest]
#[case::somebody_else(vec![approved(5)], Some((Relation::SomebodyElse, ago(5))))]
#[case::the_user(vec![by_alice(approved(5))], Some((Relation::Oneself, ago(5))))]
#[case::the_user_later(vec![by_alice(approved(2)), approved(5)], Some((Relation::Oneself, ago(2))))]
#[case::somebody_else_later(vec![approved(2), by_alice(approved(5))], Some((Relation::SomebodyElse, ago(2))))]
#[case::both_in_one_second(vec![approved(5), by_alice(approved(5))], Some((Relation::Oneself, ago(5))))]
#[case::a_service(vec![by(approved(5), json!({"type": "AWSService"}))], Some((Relation::Unknown, ago(5))))]
#[case::another_user(vec![with(approved(5), "/requestParameters/userName", json!("bob"))], None)]
#[case::another_tag(vec![with(approved(5), "/requestParameters/tags/1/key", json!("approved"))], None)]
#[case::another_call(vec![with(approved(5), "/eventName", json!("UntagUser"))], None)]
#[case::another_account(vec![with(approved(5), "/recipientAccountId", json!("999999999999"))], None)]
#[case::under_a_former_name(vec![rename(2, "eve", "alice"), approved_as("eve", 5)], Some((Relation::SomebodyElse, ago(5))))]
#[case::own_under_a_former_name(vec![rename(2, "eve", "alice"), session("eve", approved_as("eve", 5))], Some((Relation::Oneself, ago(5))))]
#[case::of_who_had_the_name_before(vec![rename(2, "carol", "alice"), rename(3, "alice", "bob"), approved(5)], None)]
#[case::earlier_user_of_the_same_name(vec![approved(24 * 200)], None)]
#[case::taken_back(vec![taken_back(2), approved(5)], None)]
#[case::taken_back_in_the_same_second(vec![taken_back(5), approved(5)], None)]
#[case::approved_again_since(vec![approved(2), taken_back(4), approved(5)], Some((Relation::SomebodyElse, ago(2))))]
#[case::used_for_a_release(vec![by_us(taken_back(2)), approved(5)], Some((Relation::SomebodyElse, ago(5))))]
#[case::other_tag_removed(vec![with(taken_back(2), "/requestParameters/tagKeys/1", json!("x")), approved(5)], Some((Relation::SomebodyElse, ago(5))))]
#[case::in_the_future(vec![approved(-1)], None)]
#[case::not_a_record(vec![json!(7), json!({}), with(approved(5), "/requestParameters/tags", json!("x"))], None)]
fn last_call_tells_who_approved(
    #[case] records: Vec<Value>,
    #[case] expected: Option<(Relation, Timestamp)>,
) {
    assert_eq!(who(&records), expected);
}

#[test]
fn refused_call_approves_nothing() {
    let mut refused = approved(5);
    refused["errorCode"] = json!("AccessDenied");
    assert_eq!(who(&[refused]), None);
}

#[test]
fn cut_off_history_approves_nothing() {
    assert_eq!(answer(&[], false), Approval::NotLooked);
    assert!(matches!(answer(&[approved(5)], false), Approval::Set { .. }), "it has the newest calls");
}

#[test]
fn nothing_older_than_the_newest_device_is_looked_up() {
    let device = |days| MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled: days_ago(days) };
    let of = |devices| {
        let lookups = approvals_to_look_up(&UserFacts { devices, ..overdue() }, now());
        lookups.iter().map(|lookup| lookup.from).collect::<Vec<_>>()
    };
    assert_eq!(of(vec![device(3), device(1), device(2)]), [days_ago(1); 3]);
    assert_eq!(of(vec![device(99)]), [days_ago(90); 3], "the history goes no further back");
}

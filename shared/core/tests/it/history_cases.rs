//! What the event history tells: who attached a quarantine, and which removals of MFA no event told of.

use crate::snapshot_fixtures::{alice_with, snapshot_of, with_removal};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::event::{PastCall, Subject, SweepKind};
use mfa_enforcer_core::facts::{AttachedBy, Removal, UserFacts};
use mfa_enforcer_core::history::{
    LAST_LOOK_KEY, Look, Records, attached_by, attachments_to_look_up, note_removals, removals, renames,
    renames_to_look_up,
};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::snapshot::{Factors, UserSnapshot};
use mfa_enforcer_core::sweep::{Triage, Urgency, status_from_snapshot, triage};
use mfa_enforcer_core::tags::second;
use mfa_enforcer_testing::fixtures::{
    GROUP, POLICY, compliant, contained, days_ago, deployment, in_grace, now, overdue, request, settings,
    user as user_named,
};
use mfa_enforcer_testing::plans::{changes, notices};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
pub(crate) fn by_us(mut record: Value) -> Value {
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

pub(crate) fn ago(hours: i64) -> Timestamp {
    now() - SignedDuration::from_hours(hours)
}

fn who(records: &[Value], user: &UserFacts, is_complete: bool) -> AttachedBy {
    let records = Records { records: records.iter().map(Value::to_string).collect(), is_complete };
    let answers =
        attachments_to_look_up(user, &settings(), now()).iter().map(|_| records.clone()).collect::<Vec<_>>();
    attached_by(&answers, user, &settings(), now())
}

/// The note that a user was told something.
fn note(hours: i64, value: &str) -> Value {
    let tags = json!([{"key": "mfa-enforcer:Notified", "value": value}]);
    by_us(record("TagUser", hours, &json!({"userName": "alice", "tags": tags})))
}

fn told(hours: i64) -> Value {
    note(hours, &format!("quarantined {} event=0d1f2a3b", ago(hours)))
}

#[rstest]
#[case::by_us(vec![by_us(attach(5)), told(5)], AttachedBy::Us(ago(5)))]
#[case::by_an_administrator(vec![attach(5)], AttachedBy::SomebodyElse)]
#[case::by_hand_after_us(vec![attach(2), by_us(attach(5))], AttachedBy::SomebodyElse)]
#[case::by_us_after_a_hand(vec![attach(5), by_us(attach(2)), told(1)], AttachedBy::Us(ago(2)))]
#[case::refused(vec![{
    let mut refused = by_us(attach(5));
    refused["errorCode"] = json!("AccessDenied");
    refused
}], AttachedBy::NotFound)]
#[case::another_user(vec![with(by_us(attach(5)), "/requestParameters/userName", json!("bob"))], AttachedBy::NotFound)]
#[case::another_policy(vec![with(by_us(attach(5)), "/requestParameters/policyArn", json!("arn:aws:iam::1:policy/x"))], AttachedBy::NotFound)]
#[case::another_account(vec![with(by_us(attach(5)), "/recipientAccountId", json!("999999999999"))], AttachedBy::NotFound)]
#[case::another_call(vec![with(by_us(attach(5)), "/eventName", json!("DetachUserPolicy"))], AttachedBy::NotFound)]
#[case::role_of_another_name(vec![with(by_us(attach(5)), "/userIdentity/arn", json!("arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sweeper/x"))], AttachedBy::SomebodyElse)]
#[case::earlier_user_of_the_same_name(vec![by_us(attach(24 * 200))], AttachedBy::NotFound)]
#[case::in_the_future(vec![by_us(attach(-1))], AttachedBy::NotFound)]
#[case::nothing(vec![], AttachedBy::NotFound)]
#[case::not_a_record(vec![json!(7), json!({}), json!({"eventSource": "iam.amazonaws.com"})], AttachedBy::NotFound)]
fn latest_attachment_tells_whose_it_is(#[case] records: Vec<Value>, #[case] expected: AttachedBy) {
    assert_eq!(who(&records, &by_policy(), true), expected);
}

#[test]
fn group_is_told_like_a_policy() {
    assert_eq!(who(&[by_us(join(3)), told(3)], &by_group(), true), AttachedBy::Us(ago(3)));
    assert_eq!(who(&[by_us(join(3))], &by_group(), true), AttachedBy::CutOff(ago(3)));
    assert_eq!(who(&[join(3)], &by_group(), true), AttachedBy::SomebodyElse);
    let both = UserFacts { groups: vec![GROUP.to_owned()], ..by_policy() };
    assert_eq!(who(&[by_us(join(3)), by_us(attach(5))], &both, true), AttachedBy::CutOff(ago(3)));
    assert_eq!(who(&[by_us(join(3)), by_us(attach(5)), told(4)], &both, true), AttachedBy::Us(ago(3)));
    assert_eq!(who(&[by_us(join(3)), attach(5)], &both, true), AttachedBy::SomebodyElse, "a part is by hand");
}

#[test]
fn attachment_under_an_earlier_name_counts() {
    let renamed = record("UpdateUser", 3, &json!({"userName": "alicia", "newUserName": "alice"}));
    let attached = |hours| with(by_us(attach(hours)), "/requestParameters/userName", json!("alicia"));
    assert_eq!(who(&[renamed.clone(), attached(5)], &by_policy(), true), AttachedBy::CutOff(ago(5)));
    assert_eq!(
        who(&[renamed.clone(), attached(2)], &by_policy(), true),
        AttachedBy::NotFound,
        "somebody else by then"
    );
    assert_eq!(
        who(&[renamed, by_us(attach(3))], &by_policy(), true),
        AttachedBy::CutOff(ago(3)),
        "under the new name at once"
    );
}

#[test]
fn cut_off_history_leaves_it_open() {
    assert_eq!(who(&[], &by_policy(), false), AttachedBy::Unknown);
    assert_eq!(who(&[attach(5)], &by_policy(), false), AttachedBy::SomebodyElse, "it has the newest calls");
    assert_eq!(who(&[by_us(attach(5))], &by_policy(), false), AttachedBy::Us(ago(5)));
}

#[rstest]
#[case::told(vec![told(3)], AttachedBy::Us(ago(3)))]
#[case::reminded(vec![note(1, "quarantine-reminder 2026-11-24T08:00:00Z event=0d1f2a3b")], AttachedBy::Us(ago(3)))]
#[case::nothing_noted(vec![], AttachedBy::CutOff(ago(3)))]
#[case::told_of_an_earlier_one(vec![told(4)], AttachedBy::CutOff(ago(3)))]
#[case::only_about_to_be_told(vec![note(3, "quarantined 2026-11-24T06:05:00Z event=0d1f2a3b claimed")], AttachedBy::CutOff(ago(3)))]
#[case::told_something_else(vec![note(2, "reminder 2026-11-24T07:05:00Z event=0d1f2a3b")], AttachedBy::CutOff(ago(3)))]
#[case::noted_by_others(vec![with(told(3), "/userIdentity/arn", json!("arn:aws:iam::123456789012:user/admin"))], AttachedBy::CutOff(ago(3)))]
fn history_tells_whether_the_user_was_told(#[case] mut notes: Vec<Value>, #[case] expected: AttachedBy) {
    notes.push(by_us(attach(3)));
    assert_eq!(who(&notes, &by_policy(), true), expected);
}

#[test]
fn who_was_told_just_now_is_not_known_yet() {
    let minutes_ago = |minutes| now() - SignedDuration::from_mins(minutes);
    let attached = |minutes| with(by_us(attach(0)), "/eventTime", json!(minutes_ago(minutes).to_string()));
    assert_eq!(who(&[attached(19)], &by_policy(), true), AttachedBy::Unknown);
    assert_eq!(who(&[attached(20)], &by_policy(), true), AttachedBy::CutOff(minutes_ago(20)));
    assert_eq!(who(&[attached(19), told(0)], &by_policy(), true), AttachedBy::Us(minutes_ago(19)));
}

/// Many other tags of an account may be in the way of our own.
#[test]
fn cut_off_notes_leave_the_attachment_known() {
    let answers = |attachments: &[Value]| {
        let records = |values: &[Value], is_complete| Records {
            records: values.iter().map(Value::to_string).collect(),
            is_complete,
        };
        [records(attachments, true), records(&[], true), records(&[], false)]
    };
    let who = |values: &[Value]| attached_by(&answers(values), &by_policy(), &settings(), now());
    assert_eq!(who(&[]), AttachedBy::NotFound);
    assert_eq!(who(&[by_us(attach(5))]), AttachedBy::Us(ago(5)));
}

#[test]
fn only_what_holds_the_user_is_looked_up() {
    let names = |user: &UserFacts| -> Vec<&str> {
        let lookups = attachments_to_look_up(user, &settings(), now());
        assert!(lookups.iter().all(|lookup| lookup.from == days_ago(90)));
        lookups.iter().map(|lookup| lookup.name).collect()
    };
    assert_eq!(names(&overdue()), [""; 0]);
    assert_eq!(names(&by_policy()), ["AttachUserPolicy", "UpdateUser", "TagUser"]);
    assert_eq!(names(&by_group()), ["AddUserToGroup", "UpdateUser", "TagUser"]);
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

#[test]
fn own_call_of_root_is_about_root() {
    let mut own = record("DeactivateMFADevice", 1, &Value::Null);
    own["userIdentity"] = json!({"type": "Root", "arn": "arn:aws:iam::123456789012:root"});
    assert_eq!(PastCall::read(&own.to_string(), &deployment()).unwrap().subject, Subject::Root);
}

#[rstest]
#[case::sign_in("signin.amazonaws.com", "ConsoleLogin", true)]
#[case::a_part_of_a_sign_in("signin.amazonaws.com", "CheckMfa", false)]
#[case::same_name_elsewhere("sso.amazonaws.com", "ConsoleLogin", false)]
fn sign_in_is_known_by_service_and_name(#[case] service: &str, #[case] name: &str, #[case] is_read: bool) {
    let mut record = record(name, 1, &Value::Null);
    record["eventSource"] = json!(service);
    assert_eq!(PastCall::read_any(&record.to_string(), &deployment()).is_some(), is_read);
}

/// The record of a removal by an administrator.
pub(crate) fn removal(hours: i64, name: &str) -> Value {
    record("DeactivateMFADevice", hours, &json!({"userName": name, "serialNumber": "GAKT12345678"}))
}

pub(crate) fn rename(hours: i64, from: &str, to: &str) -> Value {
    record("UpdateUser", hours, &json!({"userName": from, "newUserName": to}))
}

/// The tags of a topic whose last look was this many hours ago, and the first one this many days ago.
pub(crate) fn looked(hours: i64, days: i64) -> BTreeMap<String, String> {
    looked_at(ago(hours), days_ago(days))
}

/// The tags of a topic whose last look and first look were at these times.
pub(crate) fn looked_at(last: Timestamp, first: Timestamp) -> BTreeMap<String, String> {
    let value = format!("{} first={}", second(last), second(first));
    BTreeMap::from([(LAST_LOOK_KEY.to_owned(), value)])
}

/// The removal that is noted on each of these users.
pub(crate) fn noted(
    records: &[Value],
    users: &[UserFacts],
    topic: &BTreeMap<String, String>,
) -> Vec<Option<Removal>> {
    let all = Records { records: records.iter().map(Value::to_string).collect(), is_complete: true };
    let mut snapshots: Vec<UserSnapshot> = users.iter().cloned().map(snapshot_of).collect();
    let look = Look::of(SweepKind::Hourly, topic, None, now());
    note_removals(&mut snapshots, &removals(&all, &settings()), &renames(&all, &settings()), &look);
    snapshots.into_iter().map(|snapshot| snapshot.user.removal).collect()
}

/// When the removal was that is noted on the user.
fn time_of(records: &[Value], user: &UserFacts) -> Option<Timestamp> {
    let found = noted(records, std::slice::from_ref(user), &looked(1, 60)).remove(0);
    found.map(|removal| removal.time)
}

#[rstest]
#[case::by_an_administrator(vec![removal(3, "ALICE")], Some(3))]
#[case::latest_of_two(vec![removal(3, "alice"), removal(5, "alice")], Some(3))]
#[case::latest_of_two_comes_last(vec![removal(5, "alice"), removal(3, "alice")], Some(3))]
#[case::of_somebody_else(vec![removal(3, "bob")], None)]
#[case::another_call(vec![record("EnableMFADevice", 3, &json!({"userName": "alice"}))], None)]
#[case::renamed_since(vec![rename(2, "eve", "alice"), removal(3, "eve")], Some(3))]
#[case::renamed_twice(vec![rename(1, "mallory", "alice"), rename(2, "eve", "mallory"), removal(3, "eve")], Some(3))]
#[case::renamed_before(vec![removal(3, "eve"), rename(4, "eve", "alice")], None)]
#[case::another_user_took_the_name(vec![rename(1, "carol", "alice"), rename(2, "alice", "bob"), removal(3, "alice")], None)]
#[case::path_alone_was_changed(vec![record("UpdateUser", 2, &json!({"userName": "alice", "newPath": "/x/"})), removal(3, "alice")], Some(3))]
#[case::before_the_user(vec![removal(24 * 101, "alice")], None)]
#[case::another_call_renames_nobody(
    vec![with(rename(2, "eve", "alice"), "/eventName", json!("TagUser")), removal(3, "eve")],
    None
)]
fn removal_is_noted_under_the_name_of_today(#[case] records: Vec<Value>, #[case] hours: Option<i64>) {
    assert_eq!(time_of(&records, &overdue()), hours.map(ago));
}

#[test]
fn own_removal_is_about_that_id_only() {
    let mut own = removal(3, "alice");
    own["userIdentity"]["userName"] = json!("alice");
    own["userIdentity"]["arn"] = json!("arn:aws:iam::123456789012:user/alice");
    own["userIdentity"]["principalId"] = json!("AIDAEXAMPLEALICE");
    assert_eq!(time_of(&[own.clone()], &overdue()), Some(ago(3)));
    own["userIdentity"]["principalId"] = json!("AIDAEARLIERALICE");
    assert_eq!(time_of(&[own], &overdue()), None);
}

#[test]
fn first_told_of_two_removals_in_one_second_is_noted() {
    let other = with(removal(3, "alice"), "/eventID", json!("other"));
    for records in [[removal(3, "alice"), other.clone()], [other, removal(3, "alice")]] {
        let found = noted(&records, &[overdue()], &looked(1, 60)).remove(0).unwrap();
        assert_eq!(json!(found.event.as_str()), records[0]["eventID"]);
    }
}

#[test]
fn deleted_user_is_nobody() {
    assert_eq!(noted(&[removal(3, "gone")], &[overdue(), user_named("bob")], &looked(1, 60)), [None, None]);
    assert_eq!(renames_to_look_up(&[]), None);
}

#[test]
fn lost_removal_is_contained_in_grace() {
    for kind in [SweepKind::Hourly, SweepKind::Daily] {
        let plan = sweep_user(&request().as_kind(kind), &with_removal(in_grace(), 3), &settings(), now());
        assert_eq!(plan.reason.to_string(), "the last MFA device was removed");
        assert_eq!((notices(&plan), changes(&plan).len()), (vec!["quarantined"], 3));
    }
}

#[test]
fn removal_of_an_earlier_password_is_no_reason() {
    let plan = |user: &UserFacts| sweep_user(&request(), user, &settings(), now()).reason.to_string();
    assert_eq!(plan(&with_removal(in_grace(), 25)), plan(&in_grace()), "the password is a day old");
    assert_eq!(plan(&with_removal(compliant(), 3)), plan(&compliant()), "there is a device again");
    assert_eq!(plan(&with_removal(contained(overdue()), 3)), plan(&contained(overdue())));
}

#[test]
fn removal_before_the_deployment_is_only_told() {
    let mut earlier = with_removal(in_grace(), 3);
    earlier.removal.as_mut().unwrap().before_deployment = true;
    let plan = |user: &UserFacts| sweep_user(&request(), user, &settings(), now());
    assert_eq!(plan(&earlier), plan(&in_grace()));
    let findings = status_from_snapshot(&snapshot_of(earlier), &settings(), now()).findings;
    assert_eq!(findings, [Finding::MfaRemovedBefore("2026-11-24".parse().unwrap())]);
    let found = noted(&[removal(3, "alice")], &[overdue()], &BTreeMap::new()).remove(0);
    assert!(found.unwrap().before_deployment, "the first look of all");
    let found = noted(&[removal(3, "alice")], &[overdue()], &looked(1, 0)).remove(0);
    assert!(found.unwrap().before_deployment, "an hour later it still was before the first look");
}

#[test]
fn stale_report_does_not_hide_a_removal() {
    let mut snapshot = alice_with(&[]);
    snapshot.factors = Factors::NotVirtual;
    let look = |snapshot: &UserSnapshot| triage(snapshot, &request(), &settings(), now());
    snapshot.user = with_removal(compliant(), 3);
    assert_eq!(look(&snapshot), Triage::Live(Urgency::Contain));
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

#[test]
fn created_user_has_the_id_of_the_answer() {
    let mut created = record("CreateUser", 1, &json!({"userName": "bob"}));
    created["responseElements"] = json!({"user": {"userName": "bob", "userId": "AIDAEXAMPLEBOB"}});
    let id = |record: &Value| {
        let call = PastCall::read(&record.to_string(), &deployment()).unwrap();
        call.created_id().map(str::to_owned)
    };
    assert_eq!(id(&created).as_deref(), Some("AIDAEXAMPLEBOB"));
    assert_eq!(id(&record("CreateLoginProfile", 1, &json!({"userName": "bob"}))), None);
}

//! What the event history tells of a quarantine of which nothing may be left.

use crate::history_cases::{ago, by_us, record};
use mfa_enforcer_core::facts::Attachment;
use mfa_enforcer_core::history::{Records, traces, traces_to_look_up};
use mfa_enforcer_testing::fixtures::{GROUP, POLICY, days_ago, now, overdue, settings};
use serde_json::{Value, json};

#[test]
fn only_tags_of_the_enforcer_record_a_quarantine() {
    let tags =
        json!([{"key": "mfa-enforcer:quarantined", "value": "2026-11-21T09:00:00Z reason=sign-in event=e"}]);
    let call = |name: &str| record(name, 30, &json!({"userName": "alice", "tags": tags.clone()}));
    for (call, is_on_record) in
        [(by_us(call("TagUser")), true), (call("TagUser"), false), (by_us(call("UntagUser")), false)]
    {
        let records = Records { records: vec![call.to_string()], is_complete: true };
        let found = traces(&[records], &overdue(), &settings(), now());
        assert_eq!((!found.records.is_empty(), found.is_on_record()), (is_on_record, is_on_record), "{call}");
    }
}

#[test]
fn history_tells_when_the_enforcer_ended_a_quarantine() {
    let untag =
        |hours, key: &str| record("UntagUser", hours, &json!({"userName": "alice", "tagKeys": [key]}));
    let record_key = "mfa-enforcer:quarantined";
    let value = json!([{"key": record_key, "value": "2026-11-21T09:00:00Z reason=sign-in event=e"}]);
    let recorded = by_us(record("TagUser", 30, &json!({"userName": "alice", "tags": value})));
    let of = |removals: &[Value]| {
        let all = [std::slice::from_ref(&recorded), removals].concat();
        let records = all.iter().map(Value::to_string).collect();
        traces(&[Records { records, is_complete: true }], &overdue(), &settings(), now())
    };
    let ours = |hours| by_us(untag(hours, record_key));
    assert_eq!(of(&[ours(5), ours(50)]).ended, Some(ago(5)));
    for (removals, is_on_record) in [
        (vec![], true),
        (vec![ours(50)], true),
        (vec![ours(30)], false),
        (vec![ours(5)], false),
        (vec![untag(5, record_key)], true),
        (vec![by_us(untag(5, "mfa-enforcer:approved"))], true),
    ] {
        assert_eq!(of(&removals).is_on_record(), is_on_record, "{removals:?}");
    }
}

#[test]
fn traces_are_looked_up_as_far_back_as_the_history_goes() {
    let lookups = traces_to_look_up(now());
    assert_eq!(
        lookups.iter().map(|lookup| lookup.name).collect::<Vec<_>>(),
        ["AttachUserPolicy", "AddUserToGroup", "TagUser", "UntagUser", "UpdateUser"]
    );
    assert!(lookups.iter().all(|lookup| lookup.from == days_ago(90)), "{lookups:?}");
}

#[test]
fn policies_and_groups_are_traces_the_latest_first() {
    let policy = json!({"userName": "alice", "policyArn": POLICY});
    let calls = [
        record("AttachUserPolicy", 5, &policy),
        by_us(record("AddUserToGroup", 3, &json!({"userName": "alice", "groupName": GROUP}))),
        record("DetachUserPolicy", 4, &policy),
    ];
    let records = Records { records: calls.iter().map(Value::to_string).collect(), is_complete: true };
    let attachment = |hours, what: &str, by_us| Attachment { at: ago(hours), what: what.to_owned(), by_us };
    assert_eq!(
        traces(&[records], &overdue(), &settings(), now()).attachments,
        [attachment(3, GROUP, true), attachment(5, POLICY, false)]
    );
}

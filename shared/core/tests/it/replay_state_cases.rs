//! The users of an account, as a replay rebuilds them from records.

use crate::replay_cases::{call, replay, time};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::replay::Replay;
use serde_json::{Value, json};

/// The users that a replay ends with.
fn users(mut replay: Replay, records: &[Value], end: &str) -> Vec<UserFacts> {
    for record in records {
        replay.take(&record.to_string()).unwrap();
    }
    replay.finish(time(end));
    replay.users().cloned().collect()
}

#[test]
fn policy_that_is_attached_leaves_the_others() {
    let attach = |name: &str, at: &str| {
        call("AttachUserPolicy", at, &json!({"policyArn": format!("arn:aws:iam::aws:policy/{name}")}))
    };
    let records = [
        attach("ReadOnlyAccess", "2026-11-02T08:00:00Z"),
        attach("IAMUserChangePassword", "2026-11-02T08:01:00Z"),
        attach("ReadOnlyAccess", "2026-11-02T08:02:00Z"),
    ];
    let users = users(replay(), &records, "2026-11-02T09:00:00Z");
    let expected = ["IAMUserChangePassword", "ReadOnlyAccess"];
    assert_eq!(users[0].attached_policies, expected.map(|name| format!("arn:aws:iam::aws:policy/{name}")));
}

#[test]
fn policy_that_is_detached_leaves_the_others() {
    let with = |name: &str, at: &str, policy: &str| {
        call(name, at, &json!({"policyArn": format!("arn:aws:iam::aws:policy/{policy}")}))
    };
    let records = [
        with("AttachUserPolicy", "2026-11-02T08:00:00Z", "ReadOnlyAccess"),
        with("AttachUserPolicy", "2026-11-02T08:01:00Z", "IAMUserChangePassword"),
        with("DetachUserPolicy", "2026-11-02T08:02:00Z", "ReadOnlyAccess"),
    ];
    let users = users(replay(), &records, "2026-11-02T09:00:00Z");
    assert_eq!(users[0].attached_policies, ["arn:aws:iam::aws:policy/IAMUserChangePassword"]);
}

/// IAM finds a group in any spelling.
#[test]
fn user_is_in_each_group_once_until_they_leave_it() {
    let of = |name: &str, at: &str, group: &str| call(name, at, &json!({"groupName": group}));
    let mut records = vec![
        of("AddUserToGroup", "2026-11-02T08:00:00Z", "staff"),
        of("AddUserToGroup", "2026-11-02T08:01:00Z", "auditors"),
        of("AddUserToGroup", "2026-11-02T08:02:00Z", "Staff"),
    ];
    let end = "2026-11-02T09:00:00Z";
    assert_eq!(users(replay(), &records, end)[0].groups, ["auditors", "Staff"]);
    records.push(of("RemoveUserFromGroup", "2026-11-02T08:03:00Z", "STAFF"));
    assert_eq!(users(replay(), &records, end)[0].groups, ["auditors"]);
}

#[test]
fn user_who_is_deleted_is_gone() {
    let records = [
        call("CreateUser", "2026-11-01T09:00:00Z", &json!({})),
        call("DeleteUser", "2026-11-02T08:00:00Z", &json!({})),
    ];
    assert_eq!(users(replay(), &records, "2026-11-02T09:00:00Z"), []);
}

#[test]
fn user_who_is_renamed_stays_the_same() {
    let tags = json!({"tags": [{"key": "email", "value": "bob@example.com"}]});
    let update = json!({"newUserName": "robert", "newPath": "/staff/"});
    let records = [
        call("CreateUser", "2026-11-01T09:00:00Z", &tags),
        call("UpdateUser", "2026-11-02T08:00:00Z", &update),
    ];
    let users = users(replay(), &records, "2026-11-02T09:00:00Z");
    let [user] = users.as_slice() else { panic!("{users:?}") };
    assert_eq!((user.name.as_str(), user.path.as_str()), ("robert", "/staff/"));
    assert_eq!((user.id.as_str(), user.tags.get("email")), ("AIDAEXAMPLEBOB", Some("bob@example.com")));
}

#[test]
fn users_of_whom_little_is_known_are_counted() {
    let policy = json!({"userName": "dave", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"});
    let records = [
        call("CreateUser", "2026-11-01T09:00:00Z", &json!({})),
        call("AttachUserPolicy", "2026-11-01T10:00:00Z", &policy),
    ];
    let mut replay = replay();
    for record in records {
        replay.take(&record.to_string()).unwrap();
    }
    let tally = replay.tally();
    assert_eq!((tally.users, tally.users_in_doubt), (2, 1));
}

#[test]
fn tags_are_those_that_were_set_last_and_not_removed() {
    let tag = |key: &str, value: &str| json!({"key": key, "value": value});
    let tags = json!([tag("email", "bob@example.com"), tag("team", "payments"), tag("floor", "3")]);
    let records = [
        call("CreateUser", "2026-11-01T09:00:00Z", &json!({"tags": tags})),
        call("TagUser", "2026-11-01T10:00:00Z", &json!({"tags": [tag("team", "security")]})),
        call("UntagUser", "2026-11-01T11:00:00Z", &json!({"tagKeys": ["Email"]})),
    ];
    let users = users(replay(), &records, "2026-11-02T09:00:00Z");
    let left: Vec<(&str, &str)> = users[0].tags.iter().collect();
    assert_eq!(left, [("floor", "3"), ("team", "security")]);
}

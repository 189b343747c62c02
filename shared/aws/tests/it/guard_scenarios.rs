//! What others do to a quarantine, event by event, against the account in memory.

use jiff::Timestamp;
use mfa_enforcer_aws::{Directory, ErrorKind, Failure, Invocation, Messenger, Report, handle};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::outcome::Outcome;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::faulty::{Faulty, When};
use mfa_enforcer_testing::fixtures::{POLICY, by_administrator, contained, in_grace, now, overdue, settings};
use serde_json::{Value, json};

const RECORD: &str = "2026-11-21T09:00:00Z reason=sign-in event=earlier";

/// A call about alice by an administrator.
fn call(name: &str, number: u8, parameters: &Value) -> Value {
    let mut envelope = by_administrator(name);
    let detail = &mut envelope["detail"];
    detail["eventID"] = format!("0d1f2a3b-0000-4000-8000-{number:012}").into();
    for (key, value) in parameters.as_object().unwrap() {
        detail["requestParameters"][key] = value.clone();
    }
    envelope
}

fn detach(number: u8) -> Value {
    call("DetachUserPolicy", number, &json!({}))
}

/// What the event history has of a call that a function made.
fn by_us(name: &str, at: &str, parameters: &Value) -> Value {
    let mut record = call(name, 200, parameters)["detail"].clone();
    record["userIdentity"]["arn"] =
        "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sign-in/mfa-enforcer-sign-in".into();
    record["eventTime"] = at.into();
    record
}

async fn deliver<T: Directory + Messenger + Sync>(payload: &Value, account: &T) -> Result<Report, Failure> {
    deliver_at(payload, account, now()).await
}

async fn deliver_at<T: Directory + Messenger + Sync>(
    payload: &Value,
    account: &T,
    now: Timestamp,
) -> Result<Report, Failure> {
    let settings = settings();
    let invocation = Invocation { function: Function::Guard, settings: &settings, now, request_id: "test" };
    handle(&payload.to_string(), invocation, account, account).await
}

fn detached() -> UserFacts {
    let mut user = contained(overdue());
    user.attached_policies.clear();
    user
}

#[tokio::test]
async fn detached_policy_is_back_before_anybody_is_told() {
    let account = Account::with(detached());
    let report = deliver(&detach(1), &account).await.unwrap();
    assert_eq!((report.outcome, report.reason), (Outcome::Acted, "put-back"));
    let calls = account.calls.lock().unwrap().clone();
    let told = ["account_alias", "tell_admins", "set_tag"];
    assert_eq!(calls, [&["user", "set_tag", "attach_policy", "user"], &told[..]].concat());
    assert_eq!(*account.to_admins.lock().unwrap(), ["quarantine-undone reach=not-for-user"]);
    account.forget_calls();
    deliver(&detach(1), &account).await.unwrap();
    assert_eq!(account.writes(), [""; 0], "the second delivery does nothing");
}

#[tokio::test]
async fn failed_put_back_is_finished_by_next_run() {
    let mut stripped = detached();
    stripped.tags.clear();
    stripped.tags.insert("email".to_owned(), "alice@example.com".to_owned());
    for start in [detached(), stripped] {
        let past = || {
            let set = json!({"tags": [{"key": "mfa-enforcer:quarantined", "value": RECORD}]});
            vec![
                by_us("AttachUserPolicy", "2026-11-21T09:00:00Z", &json!({})),
                by_us("TagUser", "2026-11-21T09:00:00Z", &set),
            ]
        };
        let good = Account { past: past().into(), ..Account::with(start.clone()) };
        deliver(&detach(1), &good).await.unwrap();
        let calls = good.calls.lock().unwrap().clone();
        for (fails, call) in calls.iter().enumerate() {
            for when in [When::Before, When::After] {
                for error in [ErrorKind::Throttled, ErrorKind::Unavailable] {
                    let case = format!("{call} {fails}, {when:?}, {error}");
                    let account = Account { past: past().into(), ..Account::with(start.clone()) };
                    let faulty = Faulty::new(&account, fails, when, error);
                    let first = deliver(&detach(1), &faulty).await;
                    if first.is_err() {
                        deliver(&detach(1), &account).await.unwrap();
                    }
                    let end = account.user("alice");
                    assert_eq!(end.attached_policies, [POLICY], "{case}");
                    assert!(end.quarantine_record().is_some(), "{case}");
                    let undone = end.tag(UserTag::Undone).unwrap_or_default();
                    assert!(undone.is_empty() || undone.starts_with("2026-11-24T09 1 "), "{case}: {undone}");
                    let alerts = account.to_admins.lock().unwrap().clone();
                    assert!(alerts.iter().any(|alert| alert.starts_with("quarantine-undone")), "{case}");
                    account.forget_calls();
                    deliver(&detach(1), &account).await.unwrap();
                    assert!(!account.writes().contains(&"tell_admins"), "{case}");
                }
            }
        }
        assert!(calls.len() >= 6, "{calls:?}");
    }
}

#[tokio::test]
async fn lost_record_comes_back_as_it_was() {
    let mut user = contained(overdue());
    user.tags.remove(UserTag::Quarantined.key());
    let set = json!({"tags": [{"key": "MFA-Enforcer:Quarantined", "value": RECORD}]});
    // The user had another name then.
    let mut tagged = by_us("TagUser", "2026-11-21T09:00:00Z", &set);
    tagged["requestParameters"]["userName"] = "al".into();
    let renamed = json!({"userName": "al", "newUserName": "Alice"});
    let mut renamed = by_us("UpdateUser", "2026-11-22T09:00:00Z", &renamed);
    renamed["userIdentity"]["arn"] = "arn:aws:sts::123456789012:assumed-role/Admin/mallory".into();
    let account = Account { past: vec![tagged, renamed].into(), ..Account::with(user) };
    let report = deliver(&call("UntagUser", 1, &json!({})), &account).await.unwrap();
    assert_eq!(report.reason, "record-restored");
    assert_eq!(account.user("alice").tag(UserTag::Quarantined), Some(RECORD));
    assert_eq!(*account.to_admins.lock().unwrap(), ["records-changed reach=not-for-user"]);
    assert!(account.to_users.lock().unwrap().is_empty());
}

#[tokio::test]
async fn fourth_time_is_told_once_and_left_to_a_sweep() {
    let account = Account::with(detached());
    for number in 1..=6 {
        deliver(&detach(number), &account).await.unwrap();
        account.edit("alice", |user| user.attached_policies.clear());
    }
    let told = account.to_admins.lock().unwrap().clone();
    let undone = ["quarantine-undone reach=not-for-user"; 3];
    assert_eq!(told[..3], undone);
    assert_eq!(told[3..], ["keeps-being-undone reach=not-for-user"]);
}

#[tokio::test]
async fn unreadable_history_contains() {
    let mut stripped = detached();
    stripped.tags.clear();
    let account = Account::with(stripped);
    let faulty = Faulty::new(&account, 1, When::Before, ErrorKind::Denied);
    deliver(&detach(1), &faulty).await.unwrap();
    assert_eq!(account.user("alice").attached_policies, [POLICY]);
}

#[tokio::test]
async fn boundary_is_read_and_judged() {
    const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/developers";
    let account = Account::with(in_grace());
    let forbids = r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
    account.policies.lock().unwrap().insert(BOUNDARY.to_owned(), forbids.to_owned());
    let set = call("PutUserPermissionsBoundary", 1, &json!({}));
    let report = deliver(&set, &account).await.unwrap();
    assert_eq!(report.reason, "enrolment-blocked");
    let faulty = Faulty::new(&account, 1, When::Before, ErrorKind::Denied);
    deliver(&call("PutUserPermissionsBoundary", 2, &json!({})), &faulty).await.unwrap();
    assert_eq!(*account.to_admins.lock().unwrap(), ["enrolment-blocked reach=not-for-user"; 2]);
}

#[tokio::test]
async fn own_calls_are_ignored() {
    let account = Account::with(detached());
    let mut own = detach(1);
    own["detail"]["userIdentity"]["arn"] =
        "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sweep/mfa-enforcer-sweep".into();
    let report = deliver(&own, &account).await.unwrap();
    assert_eq!((report.outcome, report.reason), (Outcome::Ignored, "own-call"));
}

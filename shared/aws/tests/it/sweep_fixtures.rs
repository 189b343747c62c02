//! What whole sweeps start from: an account in memory, and ways to run a sweep.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_aws::{AccountDirectory, Failure, Report, SweepInvocation, TopicKeeper, sweep};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::digest::LAST_SWEEP_KEY;
use mfa_enforcer_core::facts::{AttachedBy, Mailbox, UserFacts};
use mfa_enforcer_core::history::LAST_LOOK_KEY;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{self};
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::fixtures::{POLICY, contained, user, warned_user};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

pub(crate) fn days_ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

pub(crate) async fn sweep_with<T>(
    payload: &str,
    now: Timestamp,
    settings: &Settings,
    account: &T,
    time_left: &(dyn Fn() -> Duration + Send + Sync),
) -> Result<Report, Failure>
where
    T: AccountDirectory + TopicKeeper + Sync,
{
    let clock = move || now;
    let invocation = SweepInvocation { settings, clock: &clock, request_id: "test", time_left, run: None };
    sweep(payload, invocation, account, account).await
}

/// A sweep at `now` with plenty of time.
pub(crate) async fn sweep_at<T>(now: Timestamp, settings: &Settings, account: &T) -> Result<Report, Failure>
where
    T: AccountDirectory + TopicKeeper + Sync,
{
    sweep_with("{}", now, settings, account, &|| Duration::from_mins(10)).await
}

/// An hourly sweep at `now` with plenty of time.
pub(crate) async fn hourly_at<T>(now: Timestamp, settings: &Settings, account: &T) -> Result<Report, Failure>
where
    T: AccountDirectory + TopicKeeper + Sync,
{
    sweep_with(r#"{"sweep": "hourly"}"#, now, settings, account, &|| Duration::from_mins(10)).await
}

/// Last Sunday's sweep, run late.
pub(crate) const SUNDAY: &str = r#"{"scheduledTime": "2026-11-22T06:00:00Z"}"#;

/// On Sundays, a sweep deletes stale topics.
pub(crate) async fn sweep_of_sunday<T>(settings: &Settings, account: &T) -> Result<Report, Failure>
where
    T: AccountDirectory + TopicKeeper + Sync,
{
    sweep_with(SUNDAY, now(), settings, account, &|| Duration::from_mins(10)).await
}

pub(crate) fn enrolled(mut user: UserFacts) -> UserFacts {
    let serial = Serial::listed("arn:aws:iam::123456789012:mfa/phone");
    user.devices.push(MfaDevice { serial, enabled: days_ago(5) });
    user
}

pub(crate) fn tagged(mut user: UserFacts, key: &str, value: &str) -> UserFacts {
    user.tags.insert(key.to_owned(), value.to_owned());
    user
}

/// One user in each state that a sweep has to repair, and some that it has to leave alone.
pub(crate) fn mixed() -> Account {
    let mut tag_only = contained(user("undone"));
    tag_only.attached_policies.clear();
    let mut policy_only = user("byhand");
    policy_only.attached_policies.push(POLICY.to_owned());
    policy_only.attached_by = AttachedBy::SomebodyElse;
    let mut stripped = user("stripped");
    stripped.attached_policies.push(POLICY.to_owned());
    stripped.attached_by = AttachedBy::Us(days_ago(3));
    let account = Account::of([
        warned_user("overdue"),
        stripped,
        tag_only,
        policy_only,
        enrolled(contained(user("enrolled"))),
        tagged(contained(user("excused")), tags::EXEMPT_UNTIL_KEY, "2026-12-31"),
        UserFacts { login_profile_created: None, ..contained(user("machine")) },
        UserFacts { login_profile_created: Some(days_ago(1)), ..user("hire") },
        tagged(warned_user("expired"), tags::EXEMPT_UNTIL_KEY, "2026-11-23"),
        tagged(warned_user("nobody"), "email", "none"),
        enrolled(user("safe")),
    ]);
    let topics = ["mfa-enforcer-user-AIDAEXAMPLEGONE99", "mfa-enforcer-user-AIDAEXAMPLESAFE"];
    for topic in topics {
        account.topics.lock().unwrap().insert(topic.to_owned(), Mailbox::Confirmed);
    }
    account.past.lock().unwrap().push(exempting(2, "excused"));
    account
}

pub(crate) fn contained_ones(account: &Account) -> Vec<String> {
    let users = account.users.lock().unwrap();
    let contained = |user: &&UserFacts| user.attached_policies.iter().any(|arn| arn == POLICY);
    users.values().filter(contained).map(|user| user.name.to_string()).collect()
}

/// The record of an administrator's call to IAM, this many hours ago.
pub(crate) fn past_call(name: &str, hours: i64, parameters: &Value) -> Value {
    json!({
        "userIdentity": {"type": "Root", "arn": "arn:aws:iam::123456789012:root", "accountId": "123456789012"},
        "eventTime": (now() - SignedDuration::from_hours(hours)).to_string(),
        "eventSource": "iam.amazonaws.com", "eventName": name, "eventID": format!("past-{hours}"),
        "recipientAccountId": "123456789012", "requestParameters": parameters,
    })
}

pub(crate) fn exempting(hours: i64, name: &str) -> Value {
    let tags = json!([{"key": tags::EXEMPT_UNTIL_KEY, "value": "2026-12-31"}]);
    past_call("TagUser", hours, &json!({"userName": name, "tags": tags}))
}

pub(crate) fn removal(hours: i64, name: &str) -> Value {
    past_call("DeactivateMFADevice", hours, &json!({"userName": name, "serialNumber": "GAKT12345678"}))
}

/// An account whose event history was last read this many hours ago. All its users have been in grace for a day.
pub(crate) fn with_past(past: Vec<Value>, looked: i64, names: &[&str]) -> Account {
    let users = names.iter().map(|name| UserFacts {
        created: days_ago(100),
        login_profile_created: Some(days_ago(1)),
        ..user(name)
    });
    let account = Account { past: past.into(), ..Account::of(users) };
    let ago = |hours| tags::second(now() - SignedDuration::from_hours(hours));
    account.alerts_tags.lock().unwrap().extend([
        (LAST_LOOK_KEY.to_owned(), format!("{} first={}", ago(looked), ago(1000))),
        (LAST_SWEEP_KEY.to_owned(), format!("{0} digest={0}", ago(20))),
    ]);
    account
}

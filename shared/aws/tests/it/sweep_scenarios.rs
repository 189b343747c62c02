//! Whole sweeps against the account in memory.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_aws::{
    AccountDirectory, DigestSent, ErrorKind, Failure, Report, SweepInvocation, TopicKeeper, sweep,
};
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::digest::LAST_SWEEP_KEY;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::{AttachedBy, Mailbox, UserFacts};
use mfa_enforcer_core::history::LAST_LOOK_KEY;
use mfa_enforcer_core::outcome::{ErrorType, Outcome};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::AccountSummary;
use mfa_enforcer_core::subscription::Subscription;
use mfa_enforcer_core::tags::{self, Cause, UserTag};
use mfa_enforcer_testing::account::{Account, subscribed};
use mfa_enforcer_testing::faulty::{Faulty, When};
use mfa_enforcer_testing::fixtures::{POLICY, contained, settings, settings_with, user, warned_user};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) fn now() -> Timestamp {
    "2026-11-24T06:00:00Z".parse().unwrap()
}

fn days_ago(days: i64) -> Timestamp {
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
    let invocation = SweepInvocation { settings, clock: &clock, request_id: "test", time_left };
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
const SUNDAY: &str = r#"{"scheduledTime": "2026-11-22T06:00:00Z"}"#;

/// On Sundays, a sweep deletes stale topics.
async fn sweep_of_sunday<T>(settings: &Settings, account: &T) -> Result<Report, Failure>
where
    T: AccountDirectory + TopicKeeper + Sync,
{
    sweep_with(SUNDAY, now(), settings, account, &|| Duration::from_mins(10)).await
}

fn enrolled(mut user: UserFacts) -> UserFacts {
    let serial = Serial::listed("arn:aws:iam::123456789012:mfa/phone");
    user.devices.push(MfaDevice { serial, enabled: days_ago(5) });
    user
}

fn tagged(mut user: UserFacts, key: &str, value: &str) -> UserFacts {
    user.tags.insert(key.to_owned(), value.to_owned());
    user
}

/// One user in each state that a sweep has to repair, and some that it has to leave alone.
fn mixed() -> Account {
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

fn contained_ones(account: &Account) -> Vec<String> {
    let users = account.users.lock().unwrap();
    let contained = |user: &&UserFacts| user.attached_policies.iter().any(|arn| arn == POLICY);
    users.values().filter(contained).map(|user| user.name.to_string()).collect()
}

#[tokio::test]
async fn sweep_counts_who_gets_the_alerts() {
    let pending = Subscription { arn: "PendingConfirmation".to_owned(), ..subscribed() };
    let cases = [
        (Some(vec![subscribed(), pending.clone()]), Some(1), None),
        (Some(vec![pending]), Some(0), Some("nobody gets the alerts")),
        (None, None, Some("unknown who gets the alerts")),
    ];
    for (alerts_subscriptions, count, finding) in cases {
        let account = Account { alerts_subscriptions, ..Account::of([enrolled(user("safe"))]) };
        let report = sweep_at(now(), &settings(), &account).await.unwrap();
        let sweep = report.sweep.unwrap();
        assert_eq!((sweep.alerts_subscribers, sweep.failed), (count, 0));
        let found = report.findings.iter().find(|text| text.contains("alerts"));
        assert_eq!(found.is_some(), finding.is_some(), "{:?}", report.findings);
        assert!(found.is_none_or(|text| text.contains(finding.unwrap())));
        assert_eq!(account.digests.lock().unwrap()[0]["alertsSubscribers"], json!(count));
        let hourly = hourly_at(now(), &settings(), &account).await.unwrap();
        assert_eq!((hourly.sweep.unwrap().alerts_subscribers, hourly.findings), (None, Vec::new()));
    }
}

#[tokio::test]
async fn sweep_repairs_every_lost_event() {
    let account = mixed();
    let report = sweep_of_sunday(&settings(), &account).await.unwrap();
    assert_eq!(contained_ones(&account), ["byhand", "expired", "nobody", "overdue", "stripped", "undone"]);
    for user in account.users.lock().unwrap().values() {
        let ours = user.attached_policies.len() == 1 && user.name.as_str() != "byhand";
        assert_eq!(user.quarantine_record().is_some(), ours, "{}", user.name);
    }
    let done = report.sweep.unwrap();
    assert_eq!((done.contained, done.repaired, done.released, done.told), (3, 2, 3, 2));
    assert_eq!((done.users, done.console, done.with_mfa), (11, 10, 2));
    assert_eq!((done.failed, done.remaining, done.topics_deleted, done.digest), (0, 0, 1, DigestSent::Sent));
    assert_eq!(account.topics.lock().unwrap().get("mfa-enforcer-user-AIDAEXAMPLEGONE99"), None);
    assert_eq!(*account.to_admins.lock().unwrap(), ["digest"]);
}

#[tokio::test]
async fn users_in_order_are_not_looked_up() {
    let account = Account::of([enrolled(user("safe")), user("exempt")]);
    account.edit("exempt", |user| {
        user.tags.insert(tags::EXEMPT_UNTIL_KEY.to_owned(), "2026-12-31".to_owned());
    });
    account.past.lock().unwrap().push(exempting(2, "exempt"));
    sweep_at(now(), &settings(), &account).await.unwrap();
    assert_eq!(account.writes()[0], "set_tag", "who exempted the user is noted");
    account.forget_calls();
    sweep_at(now() + SignedDuration::from_hours(24), &settings(), &account).await.unwrap();
    let calls = account.calls.lock().unwrap().clone();
    let bulk = [
        "alerts_tags",
        "stack",
        "policy_in_force",
        "group_policies",
        "trails",
        "bulk_answers",
        "credential_report",
    ];
    // Removals, and what was done about exemptions lately.
    let bulk =
        [bulk.as_slice(), &["look_up"; 3], &["devices", "alerts_subscriptions", "tell_admins"]].concat();
    assert_eq!(calls, [bulk.as_slice(), &["set_alerts_tag"; 2]].concat());
}

#[tokio::test]
async fn observe_mode_sends_only_the_digest() {
    let account = mixed();
    let before = account.users.lock().unwrap().clone();
    let report = sweep_at(now(), &settings_with(&[("MODE", "observe")]), &account).await.unwrap();
    assert_eq!(account.writes(), ["tell_admins", "set_alerts_tag", "set_alerts_tag"]);
    assert_eq!(*account.users.lock().unwrap(), before);
    assert_eq!(report.sweep.unwrap().withheld, 10);
}

#[tokio::test]
async fn hourly_sweep_repairs_and_tells_no_more() {
    let account = mixed();
    let report = hourly_at(now(), &settings(), &account).await.unwrap().sweep.unwrap();
    assert_eq!(contained_ones(&account), ["byhand", "expired", "nobody", "overdue", "stripped", "undone"]);
    assert_eq!((report.kind, report.contained, report.repaired, report.released), ("hourly", 3, 1, 3));
    assert_eq!((report.told, report.digest), (0, DigestSent::NotDue), "the hire waits for the daily sweep");
    let told = account.to_admins.lock().unwrap().clone();
    assert_eq!(told.iter().filter(|kind| kind.starts_with("quarantined")).count(), 4, "{told:?}");
    assert_eq!(told.len(), 4, "a release and a digest can wait: {told:?}");
    account.forget_calls();
    hourly_at(now() + SignedDuration::from_hours(1), &settings(), &account).await.unwrap();
    assert_eq!(
        *account.calls.lock().unwrap(),
        [
            "alerts_tags",
            "stack",
            "policy_in_force",
            "group_policies",
            "trails",
            "bulk_answers",
            "credential_report",
            "look_up",
            "set_alerts_tag"
        ],
        "and then there is nothing to do"
    );
}

#[tokio::test]
async fn daily_digest_tells_what_hourly_sweeps_did() {
    let hour = SignedDuration::from_hours(1);
    let account = mixed();
    hourly_at(now() - hour, &settings(), &account).await.unwrap();
    sweep_at(now(), &settings(), &account).await.unwrap();
    let digest = account.digests.lock().unwrap()[0].clone();
    let names = |what: &str| -> Vec<String> {
        let users = digest["did"][what]["users"].as_array().unwrap();
        users.iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("contained"), ["expired", "nobody", "overdue", "undone"]);
    assert_eq!(names("released"), ["enrolled", "excused", "machine"]);
    sweep_at(now() + 24 * hour, &settings(), &account).await.unwrap();
    let next = account.digests.lock().unwrap()[1].clone();
    assert_eq!(
        (&next["did"]["contained"]["count"], &next["did"]["released"]["count"]),
        (&0.into(), &0.into())
    );
}

#[tokio::test]
async fn missed_daily_sweep_is_made_up() {
    let hour = SignedDuration::from_hours(1);
    let account = mixed();
    sweep_at(now(), &settings(), &account).await.unwrap();
    let mut digests = Vec::new();
    for hours in 1..=50 {
        let report = hourly_at(now() + hours * hour, &settings(), &account).await.unwrap().sweep.unwrap();
        if report.digest == DigestSent::Sent {
            assert_eq!(report.kind, "daily");
            digests.push(hours);
        }
    }
    assert_eq!(digests, [26]);
}

#[tokio::test]
async fn root_without_mfa_alerts_once_a_day() {
    let summary = AccountSummary {
        root_mfa: false,
        root_access_keys: false,
        root_password: None,
        devices_in_use: None,
    };
    let account = Account { summary, ..Account::of([]) };
    let hour = SignedDuration::from_hours(1);
    for now in [now(), now() + hour, now() + 24 * hour] {
        sweep_at(now, &settings(), &account).await.unwrap();
    }
    let told = account.to_admins.lock().unwrap().clone();
    let alert = "root-alert reach=not-for-user";
    assert_eq!(told, [alert, "digest", alert, "digest"]);
}

#[tokio::test]
async fn unconfirmed_notice_is_resent_once_confirmed() {
    let account = Account { unconfirmed: true, ..Account::of([warned_user("bob")]) };
    let hour = SignedDuration::from_hours(1);
    let topic = "mfa-enforcer-user-AIDAEXAMPLEBOB";
    sweep_at(now(), &settings(), &account).await.unwrap();
    sweep_at(now() + hour, &settings(), &account).await.unwrap();
    account.topics.lock().unwrap().insert(topic.to_owned(), Mailbox::Confirmed);
    sweep_at(now() + 2 * hour, &settings(), &account).await.unwrap();
    sweep_at(now() + 3 * hour, &settings(), &account).await.unwrap();
    let kinds: Vec<String> = account.mail.lock().unwrap().iter().map(|(_, kind)| kind.clone()).collect();
    assert_eq!(kinds, ["quarantined", "quarantined"]);
    assert!(account.user("bob").last_notice().unwrap().reached);
}

/// The index of the first call of this name in a sweep of this account.
async fn number_of(call: &str, settings: &Settings, account: Account) -> usize {
    sweep_at(now(), settings, &account).await.unwrap();
    let calls = account.calls.lock().unwrap().clone();
    calls.iter().position(|name| *name == call).unwrap()
}

#[tokio::test]
async fn containment_before_a_failure_is_reported() {
    let settings = settings();
    let fails = number_of("tell_user", &settings, Account::of([warned_user("bob")])).await;
    let account = Account::of([warned_user("bob")]);
    let faulty = Faulty::new(&account, fails, When::Before, ErrorKind::Throttled);
    sweep_at(now(), &settings, &faulty).await.unwrap_err();
    let digest = account.digests.lock().unwrap()[0].clone();
    assert_eq!(digest["figures"]["overdueAndFree"], 0, "{digest:#}");
    assert_eq!(digest["did"]["contained"]["users"][0]["name"], "bob");
    assert_eq!(digest["failed"]["users"][0]["name"], "bob");
}

#[tokio::test(start_paused = true)]
async fn containment_that_does_not_show_is_not_counted() {
    let settings = settings();
    let account = Account { lag: 4, ..Account::of([warned_user("bob")]) };
    sweep_at(now(), &settings, &account).await.unwrap_err();
    let digest = account.digests.lock().unwrap()[0].clone();
    assert_eq!(digest["did"]["contained"]["count"], 0, "{digest:#}");
    assert_eq!(digest["failed"]["users"][0]["name"], "bob");
    assert_eq!(*account.to_users.lock().unwrap(), [""; 0]);
    sweep_at(now(), &settings, &account).await.unwrap();
    assert_eq!(*account.to_users.lock().unwrap(), ["quarantined reach=sent"]);
}

#[tokio::test]
async fn read_back_that_is_denied_is_tried_again() {
    let settings = settings_with(&[("MAX_QUARANTINES", "1")]);
    let attach = number_of("attach_policy", &settings, Account::of([warned_user("bob")])).await;
    let account = Account::of(["bob", "carol"].map(warned_user));
    let faulty = Faulty::new(&account, attach + 1, When::Before, ErrorKind::Denied);
    let failure = sweep_at(now(), &settings, &faulty).await.unwrap_err();
    assert_eq!(failure.error_type(), ErrorType::SweepUnfinished);
    assert_eq!(contained_ones(&account).len(), 1, "who may be contained keeps the slot");
    assert_eq!(*account.to_users.lock().unwrap(), [""; 0]);
    sweep_at(now(), &settings, &account).await.unwrap();
    assert_eq!(account.to_users.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn unsent_digest_is_owed() {
    let settings = settings_with(&[("DIGEST", "weekly:mon")]);
    let fails = number_of("tell_admins", &settings, Account::of([warned_user("bob")])).await;
    let account = Account::of([warned_user("bob")]);
    let faulty = Faulty::new(&account, fails, When::Before, ErrorKind::Unavailable);
    sweep_at(now(), &settings, &faulty).await.unwrap_err();
    let report = sweep_at(now(), &settings, &account).await.unwrap();
    assert_eq!(report.sweep.unwrap().digest, DigestSent::Sent);
    let report = sweep_at(now() + SignedDuration::from_hours(24), &settings, &account).await.unwrap();
    assert_eq!(report.sweep.unwrap().digest, DigestSent::NotDue);
}

#[tokio::test]
async fn digest_of_interrupted_sweep_is_made_up() {
    let settings = settings_with(&[("DIGEST", "weekly:mon")]);
    let account = Account::of([warned_user("bob")]);
    sweep_at(now() - SignedDuration::from_hours(24), &settings, &account).await.unwrap();
    let before = account.alerts_tags.lock().unwrap().clone();
    account.edit("bob", |bob| *bob = warned_user("bob"));
    sweep_at(now(), &settings, &account).await.unwrap();
    // As if the sweep had died before it could record the digest.
    *account.alerts_tags.lock().unwrap() = before;
    let report = sweep_at(now(), &settings, &account).await.unwrap().sweep.unwrap();
    assert_eq!((report.contained, report.digest), (0, DigestSent::Sent));
}

#[tokio::test]
async fn out_of_time_sweep_resumes_next_time() {
    let names: Vec<String> = (10..40).map(|number| format!("user{number}")).collect();
    let account = Account::of(names.iter().map(|name| warned_user(name)));
    let settings = settings_with(&[("MAX_QUARANTINES", "0")]);
    let time_left = || Duration::from_secs(if contained_ones(&account).len() < 12 { 61 } else { 59 });
    let failure = sweep_with("{}", now(), &settings, &account, &time_left).await.unwrap_err();
    assert_eq!((failure.error_type(), failure.is_transient()), (ErrorType::SweepUnfinished, true));
    assert!(failure.to_string().contains("18 users left"), "{failure}");
    assert_eq!(contained_ones(&account).len(), 12);
    let report = sweep_at(now(), &settings, &account).await.unwrap().sweep.unwrap();
    assert_eq!((report.contained, report.remaining), (18, 0));
    assert_eq!(contained_ones(&account), names);
}

#[tokio::test]
async fn bad_payload_is_refused_event_is_ignored() {
    let (account, settings) = (mixed(), settings());
    let time_left = || Duration::from_mins(10);
    let run = async |payload: &str| {
        let invocation =
            SweepInvocation { settings: &settings, clock: &now, request_id: "test", time_left: &time_left };
        sweep(payload, invocation, &account, &account).await
    };
    for payload in [
        "[]",
        "7",
        "{\"time\": 5}",
        "{\"detail-type\": \"Scheduled Event\"}",
        "{\"scheduledTime\": \"soon\"}",
    ] {
        assert_eq!(run(payload).await.unwrap_err().error_type(), ErrorType::Malformed, "{payload}");
    }
    let event = r#"{"detail-type": "AWS API Call via CloudTrail", "source": "aws.iam", "detail": {}}"#;
    assert_eq!(run(event).await.unwrap().reason, "other-function");
    assert!(account.calls.lock().unwrap().is_empty());
}

/// The record of an administrator's call to IAM, this many hours ago.
fn past_call(name: &str, hours: i64, parameters: &Value) -> Value {
    json!({
        "userIdentity": {"type": "Root", "arn": "arn:aws:iam::123456789012:root", "accountId": "123456789012"},
        "eventTime": (now() - SignedDuration::from_hours(hours)).to_string(),
        "eventSource": "iam.amazonaws.com", "eventName": name, "eventID": format!("past-{hours}"),
        "recipientAccountId": "123456789012", "requestParameters": parameters,
    })
}

fn exempting(hours: i64, name: &str) -> Value {
    let tags = json!([{"key": tags::EXEMPT_UNTIL_KEY, "value": "2026-12-31"}]);
    past_call("TagUser", hours, &json!({"userName": name, "tags": tags}))
}

fn removal(hours: i64, name: &str) -> Value {
    past_call("DeactivateMFADevice", hours, &json!({"userName": name, "serialNumber": "GAKT12345678"}))
}

/// An account whose event history was last read this many hours ago. All its users have been in grace for a day.
fn with_past(past: Vec<Value>, looked: i64, names: &[&str]) -> Account {
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

#[tokio::test]
async fn removal_without_event_is_contained_by_next_sweep() {
    let renamed = past_call("UpdateUser", 2, &json!({"userName": "eve", "newUserName": "mallory"}));
    let past =
        vec![removal(2, "bob"), removal(3, "eve"), renamed, removal(1, "deleted"), removal(9, "carol")];
    let account = with_past(past, 1, &["bob", "mallory", "carol", "alice"]);
    let report = hourly_at(now(), &settings(), &account).await.unwrap();
    assert_eq!(contained_ones(&account), ["bob", "mallory"], "carol's was seen by an earlier look");
    assert_eq!(account.user("bob").quarantine_record().unwrap().cause, Some(Cause::MfaRemoved));
    assert_eq!((report.sweep.unwrap().failed, report.findings), (0, Vec::<String>::new()));
    account.forget_calls();
    hourly_at(now() + SignedDuration::from_hours(1), &settings(), &account).await.unwrap();
    assert_eq!(account.writes(), ["set_alerts_tag"], "nobody is told twice");
}

#[tokio::test]
async fn look_that_failed_is_made_up() {
    let account = with_past(vec![removal(2, "bob")], 1, &["bob"]);
    let looked = account.alerts_tags.lock().unwrap()[LAST_LOOK_KEY].clone();
    for kind in [ErrorKind::Denied, ErrorKind::Throttled] {
        let faulty = Faulty::new(&account, 7, When::Before, kind);
        let report = hourly_at(now(), &settings(), &faulty).await.unwrap();
        assert!(
            report.findings[0].starts_with("the event history could not be read"),
            "{:?}",
            report.findings
        );
        assert_eq!(account.alerts_tags.lock().unwrap()[LAST_LOOK_KEY], looked, "{kind}");
    }
    let forgetful = Account { forgets: true, ..with_past(Vec::new(), 1, &[]) };
    let report = hourly_at(now(), &settings(), &forgetful).await.unwrap();
    assert_eq!(report.findings.len(), 1);
    assert_eq!(forgetful.alerts_tags.lock().unwrap()[LAST_LOOK_KEY], looked);
    hourly_at(now() + SignedDuration::from_hours(5), &settings(), &account).await.unwrap();
    assert_eq!(contained_ones(&account), ["bob"]);
}

#[tokio::test]
async fn removal_that_could_not_be_dealt_with_is_made_up() {
    let mut account =
        Account { refuses: Some(|_, _| true), ..with_past(vec![removal(2, "bob")], 1, &["bob", "carol"]) };
    let hour = SignedDuration::from_hours(1);
    for hours in 0..12 {
        hourly_at(now() + hours * hour, &settings(), &account).await.unwrap();
    }
    assert_eq!(contained_ones(&account), [""; 0]);
    account.refuses = None;
    hourly_at(now() + 12 * hour, &settings(), &account).await.unwrap();
    assert_eq!(contained_ones(&account), ["bob"]);
    let looked = account.alerts_tags.lock().unwrap()[LAST_LOOK_KEY].clone();
    assert!(looked.starts_with(&tags::second(now() + 12 * hour)), "{looked}");
}

#[tokio::test]
async fn boundary_in_the_way_is_a_finding() {
    let statement =
        |action| format!(r#"{{"Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#);
    let account = Account::of(["open", "closed", "unclear", "safe"].map(user));
    account.edit("safe", |safe| *safe = enrolled(safe.clone()));
    for (name, action) in [("open", "*"), ("closed", "s3:*"), ("unclear", "*"), ("safe", "s3:*")] {
        let arn = format!("arn:aws:iam::123456789012:policy/{name}");
        account.boundaries.lock().unwrap().insert(name.to_owned(), arn.clone());
        account.policies.lock().unwrap().insert(arn, statement(action));
    }
    account
        .policies
        .lock()
        .unwrap()
        .insert("arn:aws:iam::123456789012:policy/unclear".to_owned(), "?".to_owned());
    sweep_at(now(), &settings(), &account).await.unwrap();
    let findings = account.digests.lock().unwrap()[0]["lists"]["findings"]["users"].clone();
    let found: Vec<_> =
        findings.as_array().unwrap().iter().map(|one| (&one["name"], &one["finding"])).collect();
    let expected = [("closed", "boundary-forbids-enrolment"), ("unclear", "boundary-unclear")];
    assert_eq!(
        found,
        expected.map(|(name, finding)| (json!(name), json!(finding))).each_ref().map(|(a, b)| (a, b))
    );
    let read = |account: &Account| {
        account.calls.lock().unwrap().iter().filter(|call| **call == "policy_document").count()
    };
    assert_eq!(read(&account), 3, "nobody asks for the boundary of a user with MFA");
    account.forget_calls();
    hourly_at(now() + SignedDuration::from_hours(1), &settings(), &account).await.unwrap();
    assert_eq!(read(&account), 0, "daily is enough");
}

#[tokio::test]
async fn without_report_everybody_is_looked_up() {
    let settings = settings();
    let good = mixed();
    sweep_at(now(), &settings, &good).await.unwrap();
    for kind in [ErrorKind::Denied, ErrorKind::Unavailable] {
        let number = number_of("credential_report", &settings, mixed()).await;
        let account = mixed();
        let faulty = Faulty::new(&account, number, When::Before, kind);
        let failure = sweep_at(now(), &settings, &faulty).await.unwrap_err();
        assert!(failure.to_string().contains(&kind.to_string()), "{failure}");
        assert_eq!(contained_ones(&account), contained_ones(&good));
        let digest = account.digests.lock().unwrap()[0].clone();
        assert_eq!(digest["accountFindings"]["findings"][0]["finding"], "report-unreadable");
        assert_eq!(digest["root"]["mfa"], "non-virtual", "root is known from the summary");
        assert_eq!(digest["figures"]["unknown"], 0);
    }
}

#[tokio::test]
async fn users_who_may_be_free_are_looked_up_first() {
    let settings = settings();
    let people = || [enrolled(user("alice")), contained(user("bob")), warned_user("carol")];
    let number = number_of("credential_report", &settings, Account::of(people())).await;
    let account = Account::of(people());
    let faulty = Faulty::new(&account, number, When::Before, ErrorKind::Denied);
    sweep_with("{}", now(), &settings, &faulty, &|| Duration::from_mins(10)).await.unwrap_err();
    let calls = account.calls.lock().unwrap().clone();
    let first = calls.iter().position(|call| *call == "attach_policy").unwrap();
    assert!(calls[..first].iter().filter(|call| **call == "user").count() <= 4, "{calls:?}");
}

#[tokio::test]
async fn unreadable_account_is_told_once_a_day() {
    let settings = settings();
    let number = number_of("bulk_answers", &settings, mixed()).await;
    let account = mixed();
    for hours in [0, 1, 2, 24] {
        let faulty = Faulty::new(&account, number, When::Before, ErrorKind::Denied);
        let at = now() + SignedDuration::from_hours(hours);
        sweep_at(at, &settings, &faulty).await.unwrap_err();
    }
    assert_eq!(*account.to_admins.lock().unwrap(), ["no-digest reach=not-for-user"; 2]);
    let report = hourly_at(now() + SignedDuration::from_hours(25), &settings, &account).await.unwrap();
    let report = report.sweep.unwrap();
    assert_eq!((report.kind, report.digest), ("daily", DigestSent::Sent), "the next sweep makes up for it");
}

#[tokio::test]
async fn user_without_records_is_contained_and_reported() {
    let account =
        Account { refuses: Some(|_, change| change.effect().records()), ..Account::of([user("bob")]) };
    sweep_at(now(), &settings(), &account).await.unwrap();
    assert_eq!(account.user("bob").attached_policies, [POLICY], "the deadline is long past");
    let digest = account.digests.lock().unwrap()[0].clone();
    let findings = digest["lists"]["findings"]["users"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["finding"] == "record-refused"), "{findings:?}");
}

#[tokio::test]
async fn refusal_about_one_user_does_not_fail_the_sweep() {
    let settings = settings();
    let people = || [warned_user("alice"), warned_user("bob")];
    let fails = number_of("attach_policy", &settings, Account::of(people())).await;
    let account = Account::of(people());
    let faulty = Faulty::new(&account, fails, When::Before, ErrorKind::Denied);
    let report = sweep_at(now(), &settings, &faulty).await.unwrap().sweep.unwrap();
    assert_eq!((report.contained, report.failed, report.refused), (1, 0, 1));
    let digest = account.digests.lock().unwrap()[0].clone();
    assert_eq!((&digest["failed"]["count"], &digest["severity"]), (&json!(1), &json!("warning")));
    let throttled = Account::of(people());
    let faulty = Faulty::new(&throttled, fails, When::Before, ErrorKind::Throttled);
    let failure = sweep_at(now(), &settings, &faulty).await.unwrap_err();
    assert_eq!(failure.error_type(), ErrorType::SweepUnfinished, "a retry helps here");
}

fn is_contained(account: &Account, name: &str) -> bool {
    contained_ones(account).iter().any(|contained| contained == name)
}

fn told_admins(account: &Account, kind: &str) -> usize {
    account.to_admins.lock().unwrap().iter().filter(|told| told.starts_with(kind)).count()
}

/// Hourly sweeps, of which each has time to look up five users.
#[tokio::test]
async fn who_waits_is_not_looked_up_before_releases() {
    let settings = settings_with(&[("MAX_QUARANTINES", "1")]);
    let names: Vec<String> = (10..40).map(|number| format!("user{number}")).collect();
    let waiting = names.iter().map(|name| warned_user(name));
    let account = Account::of(waiting.chain([enrolled(contained(user("zoe")))]));
    let looked_up = || account.calls.lock().unwrap().iter().filter(|call| **call == "user").count();
    let time_left = || Duration::from_secs(if looked_up() < 5 { 600 } else { 59 });
    let hour = SignedDuration::from_hours(1);
    let hourly = r#"{"sweep": "hourly"}"#;
    drop(sweep_with(hourly, now(), &settings, &account, &time_left).await);
    assert!(!is_contained(&account, "zoe"), "the release comes first");
    for hours in 1..3 {
        account.forget_calls();
        hourly_at(now() + hours * hour, &settings, &account).await.unwrap();
        assert_eq!(looked_up(), 0, "the slot of the day is taken");
    }
    assert_eq!(contained_ones(&account).len(), 1);
    sweep_at(now() + 3 * hour, &settings, &account).await.unwrap();
    let digest = account.digests.lock().unwrap()[0].clone();
    assert_eq!(digest["did"]["waiting"]["count"], json!(29));
    assert_eq!(told_admins(&account, "quarantines-held"), 1);
}

#[tokio::test]
async fn quarantine_by_hand_is_asked_about_once_a_day() {
    let by_hand = |name| UserFacts {
        attached_policies: vec![POLICY.to_owned()],
        attached_by: AttachedBy::SomebodyElse,
        ..user(name)
    };
    let mut enrolled_today = enrolled(by_hand("today"));
    enrolled_today.devices[0].enabled = days_ago(1);
    let robot = UserFacts { login_profile_created: None, ..by_hand("robot") };
    let account = Account::of([robot, enrolled(by_hand("early")), enrolled_today]);
    let settings = settings();
    let asked = || account.calls.lock().unwrap().iter().filter(|call| **call == "attached_by").count();
    hourly_at(now(), &settings, &account).await.unwrap();
    assert_eq!(asked(), 1, "only about the one who has just enrolled");
    account.forget_calls();
    sweep_at(now(), &settings, &account).await.unwrap();
    assert_eq!(asked(), 3);
}

#[tokio::test]
async fn who_cannot_be_attached_keeps_no_slot() {
    let settings = settings_with(&[("MAX_QUARANTINES", "1")]);
    let refuses = |user: &UserName, change: &Change| {
        user.as_str().starts_with("stuck") && matches!(change, Change::AttachPolicy(_))
    };
    let people = ["stuck1", "stuck2", "zed", "zoe"].map(warned_user);
    let mut account = Account { refuses: Some(refuses), ..Account::of(people) };
    let hour = SignedDuration::from_hours(1);
    for hours in 1..24 {
        hourly_at(now() + hours * hour, &settings, &account).await.unwrap();
    }
    assert_eq!(contained_ones(&account), ["zed"]);
    hourly_at(now() + 26 * hour, &settings, &account).await.unwrap();
    assert_eq!(contained_ones(&account), ["zed", "zoe"]);
    account.refuses = None;
    for hours in 27..48 {
        hourly_at(now() + hours * hour, &settings, &account).await.unwrap();
    }
    assert_eq!(contained_ones(&account), ["zed", "zoe"], "the limit holds when nothing is refused any more");
    hourly_at(now() + 51 * hour, &settings, &account).await.unwrap();
    assert_eq!(contained_ones(&account).len(), 3);
}

#[tokio::test]
async fn root_alert_of_the_same_sweep_stays_on_record() {
    let settings = settings_with(&[("MAX_QUARANTINES", "1")]);
    let summary = AccountSummary { root_password: Some(true), ..AccountSummary::default() };
    let account = Account { summary, ..Account::of(["alice", "bob"].map(warned_user)) };
    for _ in 0..3 {
        sweep_at(now(), &settings, &account).await.unwrap();
    }
    assert_eq!((told_admins(&account, "root-alert"), told_admins(&account, "quarantines-held")), (1, 1));
}

/// The users, without the times of their quarantine tags: a tag that could not be renewed keeps the older one.
fn state(account: &Account) -> Vec<UserFacts> {
    let mut users: Vec<UserFacts> = account.users.lock().unwrap().values().cloned().collect();
    for user in &mut users {
        if user.tag(UserTag::Quarantined).is_some() {
            user.tags.insert(UserTag::Quarantined.key().to_owned(), "set".to_owned());
        }
    }
    users
}

/// Every call of a sweep once gets no answer, however long it waits.
#[tokio::test(start_paused = true)]
async fn sweep_ends_in_time_whatever_gets_no_answer() {
    const TIME: Duration = Duration::from_mins(15);
    let good = mixed();
    sweep_of_sunday(&settings(), &good).await.unwrap();
    let calls = good.calls.lock().unwrap().clone();
    for (number, call) in calls.iter().enumerate() {
        let account = mixed();
        let silent = Faulty::new(&account, number, When::Never, ErrorKind::Unavailable);
        let started = tokio::time::Instant::now();
        let time_left = move || TIME.saturating_sub(started.elapsed());
        let result = sweep_with(SUNDAY, now(), &settings(), &silent, &time_left).await;
        assert!(started.elapsed() < TIME, "call {number}, {call}: the function would be gone");
        // Without the account there is nothing to report, and the digest itself may be what gets no answer.
        let is_digest = *call == "tell_admins" && number > 40;
        let told = account.to_admins.lock().unwrap().iter().any(|kind| kind == "digest");
        assert_eq!(told, *call != "bulk_answers" && !is_digest, "call {number}, {call}: the digest");
        let unknown = ["attached_by", "devices", "alerts_subscriptions", "delete_topic"];
        assert!(
            result.is_err() || unknown.contains(call),
            "call {number}, {call}: the sweep is not finished"
        );
    }
}

/// Every call of a sweep fails once, before or after it took effect; then the sweep runs again.
#[tokio::test]
async fn sweep_heals_any_single_fault() {
    let good = mixed();
    sweep_of_sunday(&settings(), &good).await.unwrap();
    let mut expected: Vec<(String, String)> = good.mail.lock().unwrap().clone();
    expected.sort();
    let calls = good.calls.lock().unwrap().len();
    assert!(calls > 40, "{calls}");
    for fails in 0..calls {
        for when in [When::Before, When::After] {
            for kind in [ErrorKind::Throttled, ErrorKind::Denied, ErrorKind::Unavailable] {
                let account = mixed();
                let case = format!("call {fails} of {calls}, {when:?}, {kind}");
                let faulty = Faulty::new(&account, fails, when, kind);
                let first = sweep_of_sunday(&settings(), &faulty).await;
                sweep_of_sunday(&settings(), &account)
                    .await
                    .unwrap_or_else(|error| panic!("{case}: {error}"));
                let call = good.calls.lock().unwrap()[fails];
                let refused = ["set_tag", "remove_tag"].contains(&call) && kind == ErrorKind::Denied;
                // What could not be recorded is not made up for: either the notice went out, or it waits for the day.
                if !refused {
                    assert_eq!(state(&account), state(&good), "{case}");
                    assert_eq!(*account.topics.lock().unwrap(), *good.topics.lock().unwrap(), "{case}");
                    let mut told = account.mail.lock().unwrap().clone();
                    told.sort();
                    told.dedup();
                    assert_eq!(told, expected, "{case}");
                }
                assert!(account.to_admins.lock().unwrap().iter().any(|kind| kind == "digest"), "{case}");
                // Only what the digest then calls unknown may fail without an error, and what is refused for good and
                // about one user.
                let about_one = [
                    "user",
                    "mailbox",
                    "attach_policy",
                    "detach_policy",
                    "set_tag",
                    "remove_tag",
                    "tell_user",
                ];
                let may_pass = [
                    "devices",
                    "alerts_subscriptions",
                    "attached_by",
                    "look_up",
                    "group_policies",
                    "trails",
                    "policy_in_force",
                    // Without it the check of the texts goes on.
                    "stack",
                ]
                .contains(&call)
                    || (kind == ErrorKind::Denied && about_one.contains(&call));
                assert!(first.is_err() || may_pass, "{case}: {call}");
                account.forget_calls();
                sweep_of_sunday(&settings(), &account).await.unwrap();
                assert_eq!(account.writes(), [""; 0], "{case}");
            }
        }
    }
}

prop_compose! {
    fn any_user()(
        name in "[a-z]{1,8}",
        password in prop::option::of(0_i64..20),
        hours in 0_i64..24,
        device in prop::bool::weighted(0.3),
        attached: bool,
        tag in prop::option::of(prop::sample::select(vec![
            "2026-11-21T09:00:00Z reason=sign-in event=earlier", "2026-11-24T05:59:30Z reason=mfa-removed event=x", "by hand",
        ])),
        exempt in prop::option::of(prop::sample::select(vec!["2026-11-23", "2026-11-24", "2027-01-01", "soon"])),
        notified in prop::option::of((prop::sample::select(vec![
            "welcome", "reminder", "quarantined", "quarantine-reminder", "released", "password-removed",
        ]), 0_i64..200, prop::sample::select(vec!["", " unreached"]))),
        email in prop::option::of(prop::sample::select(vec!["a@example.com", "none"])),
        phone in prop::option::of(prop::sample::select(vec!["+15550100123", "0"])),
    ) -> UserFacts {
        let mut facts = user(&name);
        facts.name = UserName::new(&name).unwrap();
        facts.tags.clear();
        let mut set = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                facts.tags.insert(key.to_owned(), value);
            }
        };
        set(UserTag::Quarantined.key(), tag.map(str::to_owned));
        set(tags::EXEMPT_UNTIL_KEY, exempt.map(str::to_owned));
        set("email", email.map(str::to_owned));
        set("phone", phone.map(str::to_owned));
        set(UserTag::Notified.key(), notified.map(|(what, hours, unreached)| {
            let at = tags::second(now() - SignedDuration::from_hours(hours));
            format!("{what} {at} event=earlier{unreached}")
        }));
        facts.login_profile_created = password.map(|days| days_ago(days) - SignedDuration::from_hours(hours));
        if attached {
            facts.attached_policies.push(POLICY.to_owned());
        }
        if device { enrolled(facts) } else { facts }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn second_sweep_at_the_same_time_is_a_no_op(
        users in prop::collection::vec(any_user(), 0..12),
        mode in prop::sample::select(vec!["observe", "notify", "enforce"]),
        digest in prop::sample::select(vec!["daily", "weekly:mon", "on-change"]),
        unconfirmed: bool,
        root_mfa: bool,
        mailbox in prop::sample::select(vec![None, Some(Mailbox::Confirmed), Some(Mailbox::Unconfirmed)]),
    ) {
        let summary = AccountSummary { root_mfa, root_access_keys: false, root_password: None, devices_in_use: None };
        let account = Account { summary, unconfirmed, ..Account::of(users) };
        let ids: Vec<String> = account.users.lock().unwrap().values().map(|user| user.id.clone()).collect();
        for id in ids {
            account.topics.lock().unwrap().extend(mailbox.map(|mailbox| (format!("mfa-enforcer-user-{id}"), mailbox)));
        }
        let settings = settings_with(&[("MODE", mode), ("DIGEST", digest)]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(sweep_at(now(), &settings, &account)).unwrap();
        account.forget_calls();
        let report = runtime.block_on(sweep_at(now(), &settings, &account)).unwrap();
        prop_assert_eq!(account.writes(), [""; 0]);
        prop_assert_eq!(report.outcome, Outcome::Nothing);
    }
}

//! Events and sweeps in an organization where only so many quarantines may begin in an hour.

use crate::sweep_fixtures::{contained_ones, enrolled, hourly_at};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_aws::{Directory, ErrorKind, Failure, Invocation, Messenger, Report, handle};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::outcome::{ErrorType, Outcome};
use mfa_enforcer_core::settings::{HourlyLimits, Settings};
use mfa_enforcer_testing::account::{Account, ENABLED, HEIDIS_PHONE, SIGN_IN};
use mfa_enforcer_testing::faulty::{Faulty, Trouble, When};
use mfa_enforcer_testing::fixtures::{
    contained, now, sample, settings, settings_with, user, warned_user, with_device,
};
use serde_json::{Value, json};

/// Settings under which one account may have so many quarantines an hour.
fn limited(limit: usize) -> Settings {
    Settings { hourly_limits: Some(HourlyLimits::of(Some(limit), Some(limit))), ..settings() }
}

/// A sign-in of this user without MFA.
fn sign_in(name: &str) -> String {
    let mut event: Value = serde_json::from_str(&sample(SIGN_IN)).unwrap();
    event["detail"]["userIdentity"]["userName"] = json!(name);
    event["detail"]["userIdentity"]["principalId"] = json!(user(name).id);
    event["detail"]["eventID"] = json!(format!("sign-in-of-{name}"));
    event.to_string()
}

async fn send_to<T>(
    function: Function,
    payload: &str,
    settings: &Settings,
    account: &T,
) -> Result<Report, Failure>
where
    T: Directory + Messenger + Sync,
{
    let invocation = Invocation { function, settings, now: now(), request_id: "test" };
    Box::pin(handle(payload, invocation, account, account)).await
}

async fn signs_in<T: Directory + Messenger + Sync>(
    name: &str,
    settings: &Settings,
    account: &T,
) -> Result<Report, Failure> {
    send_to(Function::SignIn, &sign_in(name), settings, account).await
}

fn slots(account: &Account) -> usize {
    account.bucket.lock().unwrap().keys().filter(|key| !key.ends_with("/told")).count()
}

fn held_alerts(account: &Account) -> usize {
    account.to_admins.lock().unwrap().iter().filter(|told| told.starts_with("quarantines-held")).count()
}

const NAMES: [&str; 5] = ["bob", "carol", "dave", "erin", "frank"];

#[tokio::test]
async fn storm_of_sign_ins_contains_as_many_as_may_be() {
    let account = Account::of(NAMES.map(user));
    let settings = limited(2);
    let mut reasons = Vec::new();
    for name in NAMES {
        let report = signs_in(name, &settings, &account).await.unwrap();
        reasons.push(report.reason);
    }
    let held = "hourly-limit-reached";
    assert_eq!(reasons, ["contain-sign-in", "contain-sign-in", held, held, held]);
    assert_eq!(contained_ones(&account), ["bob", "carol"]);
    assert_eq!(held_alerts(&account), 1);
    assert_eq!(account.admin_mail.lock().unwrap().last().unwrap()["waiting"]["names"], json!(["dave"]));
    // Who waits hears nothing: nothing was done.
    assert_eq!(account.to_users.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn usual_containment_costs_one_call_for_each_limit() {
    let account = Account::with(user("bob"));
    signs_in("bob", &limited(25), &account).await.unwrap();
    let calls = account.calls.lock().unwrap().clone();
    assert_eq!(calls[..5], ["user", "take_slot", "take_slot", "set_tag", "attach_policy"]);
    account.forget_calls();
    signs_in("bob", &limited(25), &account).await.unwrap();
    assert!(!account.calls.lock().unwrap().contains(&"take_slot"), "the quarantine is in force");
}

#[tokio::test]
async fn deployment_of_one_account_takes_no_slot() {
    let account = Account::of(NAMES.map(user));
    for name in NAMES {
        signs_in(name, &settings(), &account).await.unwrap();
    }
    assert!(!account.calls.lock().unwrap().contains(&"take_slot"));
    assert_eq!(contained_ones(&account).len(), NAMES.len());
}

#[tokio::test]
async fn without_an_answer_nobody_is_contained_and_the_event_is_tried_again() {
    for (call, when) in [(1, When::Before), (1, When::After), (2, When::Before), (2, When::After)] {
        let account = Account::with(user("bob"));
        let faulty = Faulty::new(&account, call, when, ErrorKind::Unavailable);
        let failure = signs_in("bob", &limited(25), &faulty).await.unwrap_err();
        assert_eq!((failure.error_type(), failure.is_transient()), (ErrorType::AwsUnavailable, true));
        assert_eq!(account.user("bob"), user("bob"), "{call} {when:?}");
        signs_in("bob", &limited(25), &account).await.unwrap();
        assert_eq!(
            (contained_ones(&account), slots(&account)),
            (vec!["bob".to_owned()], 2),
            "{call} {when:?}"
        );
    }
}

#[tokio::test]
async fn refused_store_contains_nobody() {
    let account = Account::with(user("bob"));
    let denied = Faulty::with(&account, Trouble::Denied("take_slot".to_owned()));
    let failure = signs_in("bob", &limited(25), &denied).await.unwrap_err();
    assert_eq!(failure.error_type(), ErrorType::AccessDenied);
    assert!(contained_ones(&account).is_empty());
}

/// Wherever a run ends, its retry finds the slot that it took.
#[tokio::test(start_paused = true)]
async fn retry_after_any_failure_takes_no_second_slot() {
    let settings = limited(1);
    let whole = Account::with(user("bob"));
    let seen = Faulty::with(&whole, Trouble::NONE);
    signs_in("bob", &settings, &seen).await.unwrap();
    for call in 0..seen.calls().len() {
        let account = Account::with(user("bob"));
        let faulty = Faulty::new(&account, call, When::After, ErrorKind::Unavailable);
        drop(signs_in("bob", &settings, &faulty).await);
        signs_in("bob", &settings, &account).await.unwrap();
        assert_eq!(contained_ones(&account), ["bob"], "call {call}: {:?}", faulty.calls());
        assert_eq!((slots(&account), held_alerts(&account)), (2, 0), "call {call}");
    }
}

#[tokio::test]
async fn message_that_failed_is_sent_by_the_retry() {
    let settings = limited(1);
    let account = Account::of(["bob", "carol"].map(user));
    signs_in("bob", &settings, &account).await.unwrap();
    let denied = Faulty::with(&account, Trouble::Denied("tell_admins".to_owned()));
    signs_in("carol", &settings, &denied).await.unwrap_err();
    assert_eq!(held_alerts(&account), 0);
    for _ in 0..2 {
        signs_in("carol", &settings, &account).await.unwrap();
        assert_eq!(held_alerts(&account), 1);
    }
}

#[tokio::test]
async fn release_does_not_wait() {
    let settings = limited(1);
    let heidi = with_device(contained(user("heidi")), HEIDIS_PHONE);
    let account = Account::of([user("bob"), user("carol"), heidi]);
    signs_in("bob", &settings, &account).await.unwrap();
    assert_eq!(signs_in("carol", &settings, &account).await.unwrap().reason, "hourly-limit-reached");
    let report = send_to(Function::MfaDevice, &sample(ENABLED), &settings, &account).await.unwrap();
    assert_eq!((report.outcome, report.reason), (Outcome::Acted, "mfa-enrolled"));
    assert_eq!(contained_ones(&account), ["bob"]);
}

fn next_hours() -> impl Iterator<Item = Timestamp> {
    (1..).map(|hours| now() + SignedDuration::from_hours(hours))
}

#[tokio::test]
async fn sweeps_take_slots_of_each_hour_and_say_who_waits() {
    let settings =
        Settings { hourly_limits: limited(2).hourly_limits, ..settings_with(&[("MAX_QUARANTINES", "0")]) };
    let account = Account::of(NAMES.map(warned_user).into_iter().chain([enrolled(contained(user("zoe")))]));
    let mut counts = Vec::new();
    for now in next_hours().take(3) {
        hourly_at(now, &settings, &account).await.unwrap();
        counts.push(contained_ones(&account).len());
    }
    assert_eq!(counts, [2, 4, 5], "and zoe was released by the first");
    // One of each hour in which somebody waited. No limit of a day is reached.
    assert_eq!(held_alerts(&account), 2);
}

#[tokio::test]
async fn who_waits_for_the_hour_keeps_no_slot_of_the_day() {
    let settings =
        Settings { hourly_limits: limited(1).hourly_limits, ..settings_with(&[("MAX_QUARANTINES", "3")]) };
    let account = Account::of(NAMES.map(warned_user));
    let mut counts = Vec::new();
    for now in next_hours().take(5) {
        hourly_at(now, &settings, &account).await.unwrap();
        counts.push(contained_ones(&account).len());
    }
    assert_eq!(counts, [1, 2, 3, 3, 3]);
}

//! What whole runs put on the event bus, and a bus that fails in every way. The account checks each body's schema.

use crate::sweep_fixtures::{hourly_at, mixed, now as sweep_time, sweep_at};
use jiff::SignedDuration;
use mfa_enforcer_aws::{Directory, ErrorKind, Failure, Invocation, Messenger, Report, handle};
use mfa_enforcer_core::bus::{Body, FINDINGS_KEY, State};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::account::{Account, SIGN_IN};
use mfa_enforcer_testing::event_schema::body;
use mfa_enforcer_testing::faulty::{Faulty, Trouble, When};
use mfa_enforcer_testing::fixtures::{now, sample, settings, settings_with, user};
use std::collections::BTreeSet;

fn with_bus() -> Settings {
    settings_with(&[("OUTPUT_BUS_ARN", "default")])
}

async fn sign_in<T>(account: &T, settings: &Settings) -> Result<Report, Failure>
where
    T: Directory + Messenger + Sync,
{
    let invocation = Invocation { function: Function::SignIn, settings, now: now(), request_id: "request-1" };
    handle(&sample(SIGN_IN), invocation, account, account).await
}

fn bodies(account: &Account) -> Vec<Body> {
    account.bus.lock().unwrap().iter().map(body).collect()
}

fn kinds(account: &Account) -> Vec<String> {
    bodies(account).into_iter().map(|body| body.kind).collect()
}

#[tokio::test]
async fn acts_of_an_event_are_put_after_all_notices() {
    let account = Account::with(user("bob"));
    sign_in(&account, &with_bus()).await.unwrap();
    assert_eq!(kinds(&account), ["containment", "notice"]);
    assert_eq!(account.calls.lock().unwrap().last(), Some(&"put_events"));
}

#[tokio::test]
async fn nothing_is_put_without_a_bus() {
    let account = mixed();
    sweep_at(sweep_time(), &settings(), &account).await.unwrap();
    sign_in(&account, &settings()).await.ok();
    assert!(!account.calls.lock().unwrap().contains(&"put_events"));
    assert!(!account.alerts_tags.lock().unwrap().contains_key(FINDINGS_KEY));
}

#[tokio::test]
async fn acts_are_put_although_the_run_fails() {
    let account = Account::with(user("bob"));
    let faulty = Faulty::with(&account, Trouble::Denied("tell_admins".to_owned()));
    sign_in(&faulty, &with_bus()).await.unwrap_err();
    assert_eq!(kinds(&account)[0], "containment");
}

#[tokio::test]
async fn event_does_not_fail_with_its_bus() {
    let calls = |account: &Account| account.calls.lock().unwrap().clone();
    let healthy = Account::with(user("bob"));
    sign_in(&healthy, &settings()).await.unwrap();
    for kind in [ErrorKind::Denied, ErrorKind::Throttled, ErrorKind::Unavailable] {
        let account = Account::with(user("bob"));
        let faulty = Faulty::new(&account, calls(&healthy).len(), When::Before, kind);
        let report = sign_in(&faulty, &with_bus()).await.unwrap();
        let lost = "acts and findings that could not be put on the event bus: 2";
        assert!(report.findings.iter().any(|finding| finding.starts_with(lost)), "{:?}", report.findings);
        // Everything else is as without a bus.
        assert_eq!(calls(&account), calls(&healthy));
    }
}

#[tokio::test]
async fn entry_that_is_not_taken_is_put_once_more() {
    for (busy, count) in [(1, 2), (2, 2), (3, 1), (4, 0)] {
        let account = Account::with(user("bob"));
        *account.busy.lock().unwrap() = busy;
        let report = sign_in(&account, &with_bus()).await.unwrap();
        assert_eq!(bodies(&account).len(), count, "{busy}");
        let is_told = report.findings.iter().any(|finding| finding.contains("(ThrottlingException)"));
        assert_eq!(is_told, count < 2, "{busy}: {:?}", report.findings);
    }
}

#[tokio::test]
async fn lost_answer_leads_to_the_same_id_twice() {
    let account = Account::with(user("bob"));
    sign_in(&account, &with_bus()).await.unwrap();
    let again = Account::with(user("bob"));
    sign_in(&again, &with_bus()).await.unwrap();
    let ids =
        |account: &Account| -> Vec<String> { bodies(account).into_iter().map(|body| body.uid).collect() };
    assert_eq!(ids(&account), ids(&again));
}

#[tokio::test]
async fn daily_sweep_puts_acts_and_findings() {
    let account = mixed();
    sweep_at(sweep_time(), &with_bus(), &account).await.unwrap();
    let kinds: BTreeSet<String> = kinds(&account).into_iter().collect();
    assert!(["containment", "notice", "finding"].iter().all(|kind| kinds.contains(*kind)), "{kinds:?}");
    let uids: BTreeSet<String> = bodies(&account).into_iter().map(|body| body.uid).collect();
    assert_eq!(uids.len(), bodies(&account).len());
}

#[tokio::test]
async fn hourly_sweep_puts_acts_only() {
    let account = mixed();
    hourly_at(sweep_time(), &with_bus(), &account).await.unwrap();
    let kinds = kinds(&account);
    assert!(!kinds.is_empty() && !kinds.contains(&"finding".to_owned()), "{kinds:?}");
}

#[tokio::test]
async fn finding_of_the_account_is_new_once_and_then_resolved() {
    let account = mixed();
    let mut states = Vec::new();
    for day in 0..3 {
        *account.trails.lock().unwrap() =
            if day < 2 { Vec::new() } else { vec![mfa_enforcer_testing::account::good_trail()] };
        account.bus.lock().unwrap().clear();
        let now = sweep_time() + SignedDuration::from_hours(24 * day);
        sweep_at(now, &with_bus(), &account).await.unwrap();
        let found =
            bodies(&account).into_iter().filter(|body| body.code == "no-trail" && body.kind == "finding");
        states.extend(found.map(|body| body.state));
    }
    assert_eq!(states, [State::New, State::Updated, State::Resolved]);
}

/// The bus fails: the sweep does the rest, says so in the digest, and calls what it found new once more.
#[tokio::test(start_paused = true)]
async fn sweep_fails_nothing_else_with_its_bus() {
    let without = mixed();
    sweep_at(sweep_time(), &settings(), &without).await.unwrap();
    let account = mixed();
    let faulty = Faulty::with(&account, Trouble::Denied("put_events".to_owned()));
    let report = sweep_at(sweep_time(), &with_bus(), &faulty).await.unwrap();
    assert!(report.findings.iter().any(|finding| finding.contains("event bus")), "{:?}", report.findings);
    assert_eq!(*account.calls.lock().unwrap(), *without.calls.lock().unwrap());
    let digests = account.digests.lock().unwrap();
    let findings = digests[0]["accountFindings"]["findings"].as_array().unwrap();
    assert!(findings.iter().any(|finding| finding["finding"] == "events-lost"), "{findings:?}");
    assert!(!account.alerts_tags.lock().unwrap().contains_key(FINDINGS_KEY));
}

#[tokio::test]
async fn account_that_cannot_be_read_is_a_finding_until_it_can() {
    let account = mixed();
    let faulty = Faulty::with(&account, Trouble::Denied("bulk_answers".to_owned()));
    sweep_at(sweep_time(), &with_bus(), &faulty).await.unwrap_err();
    let state = || {
        let body = bodies(&account).into_iter().rev().find(|body| body.code == "account-unreadable");
        body.map(|body| body.state)
    };
    assert_eq!(state(), Some(State::New));
    sweep_at(sweep_time() + SignedDuration::from_hours(24), &with_bus(), &account).await.unwrap();
    assert_eq!(state(), Some(State::Resolved));
}

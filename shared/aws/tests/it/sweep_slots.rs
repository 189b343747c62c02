//! Who gets a slot where a limit holds quarantines back.

use crate::sweep_fixtures::{contained_ones, enrolled, hourly_at, now, sweep_at, sweep_with};
use jiff::SignedDuration;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::snapshot::AccountSummary;
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::fixtures::{contained, settings_with, user, warned_user};
use serde_json::json;
use std::time::Duration;

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

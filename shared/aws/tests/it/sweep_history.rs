//! What a sweep learns from the event history.

use crate::sweep_fixtures::{
    contained_ones, days_ago, enrolled, hourly_at, now, past_call, removal, sweep_at, with_past,
};
use jiff::SignedDuration;
use mfa_enforcer_aws::ErrorKind;
use mfa_enforcer_core::facts::{AttachedBy, UserFacts};
use mfa_enforcer_core::history::LAST_LOOK_KEY;
use mfa_enforcer_core::tags::{self, Cause};
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::faulty::{Faulty, When};
use mfa_enforcer_testing::fixtures::{POLICY, settings, user};
use serde_json::json;

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

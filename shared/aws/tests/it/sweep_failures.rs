//! What a sweep does when calls fail, get no answer, or show something late.

use crate::sweep_fixtures::{
    SUNDAY, contained_ones, enrolled, hourly_at, mixed, now, sweep_at, sweep_of_sunday, sweep_with,
};
use jiff::SignedDuration;
use mfa_enforcer_aws::{DigestSent, ErrorKind};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::outcome::ErrorType;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::faulty::{Faulty, When};
use mfa_enforcer_testing::fixtures::{POLICY, contained, settings, settings_with, user, warned_user};
use serde_json::json;
use std::time::Duration;

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
        let unknown = ["account_alias", "attached_by", "devices", "alerts_subscriptions", "delete_topic"];
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
                    "account_alias",
                    "devices",
                    "alerts_subscriptions",
                    "attached_by",
                    "look_up",
                    "group_policies",
                    "trails",
                    "policy_in_force",
                    // Without it the check of the texts goes on.
                    "stack",
                    // The message looks once more.
                    "prepare",
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

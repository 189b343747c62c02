//! Whole events against the account in memory: what is done, in which order, and what a failure leaves behind.

use mfa_enforcer_aws::{ErrorKind, Invocation, handle};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::outcome::{ErrorType, Outcome};
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::account::{Account, ENABLED, HEIDIS_PHONE, Meddling, SIGN_IN, send};
use mfa_enforcer_testing::faulty::{Faulty, When};
use mfa_enforcer_testing::fixtures::{GROUP, POLICY, contained, sample, settings, user, with_device};
use std::sync::Mutex;

/// How a containment is told. What the messages need to know is looked up last here, for no call takes time.
const TOLD: [&str; 6] = ["account_alias", "prepare", "tell_user", "active_keys", "tell_admins", "set_tag"];

#[tokio::test]
async fn overdue_sign_in_contains_before_it_notifies() {
    let account = Account::with(user("bob"));
    let report = send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!((report.outcome, report.reason), (Outcome::Acted, "contain-sign-in"));
    let calls = account.calls.lock().unwrap().clone();
    assert_eq!(calls, [&["user", "set_tag", "attach_policy", "user"], &TOLD[..]].concat());
    assert_eq!(account.user("bob").attached_policies, [POLICY]);
    assert_eq!(*account.to_admins.lock().unwrap(), ["quarantined reach=sent"]);
}

#[tokio::test(start_paused = true)]
async fn slow_reads_delay_the_notice() {
    let account = Account { lag: 3, ..Account::with(user("bob")) };
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    let calls = account.calls.lock().unwrap().clone();
    // What the messages need to know is looked up in the meantime.
    let looks = ["user", "account_alias", "active_keys", "prepare", "user", "user", "user"];
    let told = ["tell_user", "tell_admins", "set_tag"];
    assert_eq!(calls, [&["user", "set_tag", "attach_policy"], &looks[..], &told].concat());
}

#[tokio::test(start_paused = true)]
async fn containment_that_does_not_show_is_told_by_the_retry() {
    let good = Account::with(user("bob"));
    send(Function::SignIn, SIGN_IN, &good).await.unwrap();
    let account = Account { lag: 4, ..Account::with(user("bob")) };
    let failure = send(Function::SignIn, SIGN_IN, &account).await.unwrap_err();
    assert_eq!(failure.error_type(), ErrorType::NotYetVisible);
    assert_eq!(account.writes(), ["set_tag", "attach_policy"]);
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(account.user("bob"), good.user("bob"));
    assert_eq!(*account.to_users.lock().unwrap(), *good.to_users.lock().unwrap());
    assert_eq!(*account.to_admins.lock().unwrap(), *good.to_admins.lock().unwrap());
}

#[tokio::test(start_paused = true)]
async fn containment_undone_at_once_is_made_again() {
    let detach: Meddling = |users| users.get_mut("bob").unwrap().attached_policies.clear();
    let account = Account { meddler: Mutex::new(Some(detach)), ..Account::with(user("bob")) };
    let failure = send(Function::SignIn, SIGN_IN, &account).await.unwrap_err();
    assert_eq!(failure.error_type(), ErrorType::NotYetVisible);
    assert_eq!(*account.to_users.lock().unwrap(), [""; 0], "nobody is told what is not true");
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(account.user("bob").attached_policies, [POLICY]);
    assert_eq!(*account.to_admins.lock().unwrap(), ["quarantined reach=sent"]);
}

#[tokio::test(start_paused = true)]
async fn release_that_does_not_show_is_told_by_the_retry() {
    let start = with_device(contained(user("heidi")), HEIDIS_PHONE);
    let account = Account { lag: 4, ..Account::with(start) };
    send(Function::MfaDevice, ENABLED, &account).await.unwrap_err();
    assert_eq!(account.writes(), ["detach_policy"]);
    assert!(account.user("heidi").quarantine_record().is_some(), "the confirmation is owed");
    send(Function::MfaDevice, ENABLED, &account).await.unwrap();
    assert_eq!(*account.to_users.lock().unwrap(), ["released reach=sent"]);
    assert!(account.user("heidi").quarantine_record().is_none());
}

#[tokio::test(start_paused = true)]
async fn user_deleted_after_containment_ends_the_event() {
    let delete: Meddling = |users| drop(users.remove("bob"));
    let account = Account { meddler: Mutex::new(Some(delete)), ..Account::with(user("bob")) };
    let report = send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(*account.to_users.lock().unwrap(), [""; 0]);
    assert!(!report.steps.iter().any(|step| step == "attach-policy"), "{:?}", report.steps);
}

#[tokio::test]
async fn second_delivery_is_a_no_op() {
    let account = Account::with(user("bob"));
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    let first = account.user("bob");
    account.forget_calls();
    let report = send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!((report.outcome, report.reason), (Outcome::Nothing, "already-contained"));
    assert_eq!(account.writes(), [""; 0]);
    assert_eq!(account.user("bob"), first);
}

#[tokio::test]
async fn admins_hear_that_user_was_not_reached() {
    let mut nobody = user("bob");
    nobody.tags.clear();
    let account = Account::with(nobody);
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(*account.to_admins.lock().unwrap(), ["quarantined reach=nobody-to-tell"]);
    let account = Account { unconfirmed: true, ..Account::with(user("bob")) };
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(*account.to_admins.lock().unwrap(), ["quarantined reach=unconfirmed"]);
}

/// Runs an event with one failing call, and then again without: the result must be the same as without the fault.
async fn check_every_fault_heals(function: Function, name: &str, start: &UserFacts, who: &str, kind: &str) {
    let good = Account::with(start.clone());
    send(function, name, &good).await.unwrap();
    let calls = good.calls.lock().unwrap().len();
    for fails in 0..calls {
        for when in [When::Before, When::After] {
            for error in [ErrorKind::Throttled, ErrorKind::Denied, ErrorKind::Unavailable] {
                let account = Account::with(start.clone());
                let faulty = Faulty::new(&account, fails, when, error);
                let case = format!("call {fails} of {calls}, {when:?}, {error}");
                let first = send(function, name, &faulty).await;
                // A record that IAM refuses for good fails nothing.
                let call = good.calls.lock().unwrap()[fails];
                if ["active_keys", "account_alias", "prepare"].contains(&call) {
                    first.expect(&case);
                    assert_eq!(*account.to_admins.lock().unwrap(), *good.to_admins.lock().unwrap(), "{case}");
                    continue;
                }
                if ["set_tag", "remove_tag"].contains(&call) && error == ErrorKind::Denied {
                    let report = first.expect(&case);
                    assert_eq!(report.findings.len(), 1, "{case}");
                    assert_eq!(account.to_users.lock().unwrap().len(), 1, "{case}");
                    continue;
                }
                first.expect_err(&case);
                send(function, name, &account).await.unwrap();
                let mut end = account.user(who);
                // The record of an alert about a refusal stays.
                end.tags.remove(UserTag::Alerted.key());
                assert_eq!(end, good.user(who), "{case}");
                let told = account.to_users.lock().unwrap().clone();
                assert!(
                    !told.is_empty() && told.iter().all(|sent| sent.starts_with(kind)),
                    "{case}: {told:?}"
                );
                // A copy that is refused for good is not worth a second mail to the user.
                let is_copy = call == "tell_admins" && error == ErrorKind::Denied;
                assert!(is_copy || !account.to_admins.lock().unwrap().is_empty(), "{case}");
                assert!(!is_copy || told.len() == 1, "{case}: {told:?}");
                account.forget_calls();
                send(function, name, &account).await.unwrap();
                assert_eq!(account.writes(), [""; 0], "{case}: the third run does nothing");
            }
        }
    }
    assert!(calls >= 4, "the run made only {calls} calls");
}

#[tokio::test]
async fn failed_containment_is_finished_by_next_run() {
    check_every_fault_heals(Function::SignIn, SIGN_IN, &user("bob"), "bob", "quarantined").await;
}

#[tokio::test]
async fn failed_release_is_finished_by_next_run() {
    let start = with_device(contained(user("heidi")), HEIDIS_PHONE);
    check_every_fault_heals(Function::MfaDevice, ENABLED, &start, "heidi", "released").await;
}

#[tokio::test]
async fn failed_welcome_is_sent_by_next_run() {
    let mut start = user("newhire");
    start.login_profile_created = Some("2026-11-24T08:00:00Z".parse().unwrap());
    let name = "CreateLoginProfile/newhire-by-an-admin";
    check_every_fault_heals(Function::UserLifecycle, name, &start, "newhire", "welcome").await;
}

#[tokio::test]
async fn failed_tag_does_not_stop_the_notice() {
    let account = Account::with(user("bob"));
    let faulty = Faulty::new(&account, 1, When::Before, ErrorKind::Throttled);
    let failure = send(Function::SignIn, SIGN_IN, &faulty).await.unwrap_err();
    assert_eq!(failure.error_type(), ErrorType::Throttled);
    assert_eq!(account.user("bob").attached_policies, [POLICY]);
    assert_eq!(account.to_users.lock().unwrap().len(), 1);
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(account.to_users.lock().unwrap().len(), 1, "and the notice is not sent twice");
}

#[tokio::test]
async fn refused_containment_alerts_admins_and_fails() {
    for kind in [ErrorKind::Denied, ErrorKind::Refused, ErrorKind::NotFound] {
        let account = Account::with(user("bob"));
        let faulty = Faulty::new(&account, 2, When::Before, kind);
        send(Function::SignIn, SIGN_IN, &faulty).await.unwrap_err();
        assert_eq!(*account.to_admins.lock().unwrap(), ["containment-failed reach=not-for-user"], "{kind}");
        assert!(account.to_users.lock().unwrap().is_empty());
    }
    for kind in [ErrorKind::Throttled, ErrorKind::Unavailable] {
        let account = Account::with(user("bob"));
        let faulty = Faulty::new(&account, 2, When::Before, kind);
        send(Function::SignIn, SIGN_IN, &faulty).await.unwrap_err();
        assert!(account.to_admins.lock().unwrap().is_empty(), "{kind} is only retried");
    }
}

#[tokio::test]
async fn quota_leads_to_the_group_in_the_same_run() {
    let account = Account::with(user("bob"));
    let faulty = Faulty::new(&account, 2, When::Before, ErrorKind::Quota);
    let report = send(Function::SignIn, SIGN_IN, &faulty).await.unwrap();
    assert!(report.steps.contains(&"join-group".to_owned()), "{:?}", report.steps);
    assert_eq!(account.user("bob").groups, [GROUP]);
    assert_eq!(*account.to_admins.lock().unwrap(), ["quarantined reach=sent"]);
    account.forget_calls();
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(account.writes(), [""; 0]);
}

#[tokio::test]
async fn not_yet_visible_change_is_retried_by_lambda() {
    let account = Account::with(contained(user("heidi")));
    let settings = settings();
    let payload = sample(ENABLED);
    let event: serde_json::Value = serde_json::from_str(&payload).unwrap();
    let now = event["detail"]["eventTime"].as_str().unwrap().parse().unwrap();
    let invocation =
        Invocation { function: Function::MfaDevice, settings: &settings, now, request_id: "test" };
    let failure = handle(&payload, invocation, &account, &account).await.unwrap_err();
    assert_eq!(failure.error_type(), ErrorType::NotYetVisible);
    assert_eq!(account.writes(), [""; 0]);
}

#[tokio::test]
async fn ignored_and_malformed_events_make_no_call() {
    let account = Account::with(user("bob"));
    let report = send(Function::SignIn, "ConsoleLogin/mfa-used-dave", &account).await.unwrap();
    assert_eq!((report.outcome, report.reason), (Outcome::Ignored, "mfa-used"));
    let failure = send(Function::SignIn, "Malformed/detail-null", &account).await.unwrap_err();
    assert_eq!(failure.error_type(), ErrorType::Malformed);
    assert!(account.calls.lock().unwrap().is_empty());
}

#[tokio::test]
async fn refused_address_does_not_fail_the_event() {
    let account = Account { refuses_mail: Some(ErrorKind::BadAddress), ..Account::with(user("bob")) };
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(*account.to_admins.lock().unwrap(), ["quarantined reach=refused"]);
    assert!(account.user("bob").last_notice().is_some_and(|notice| !notice.reached));
    account.forget_calls();
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(account.writes(), [""; 0]);
}

#[tokio::test]
async fn notified_tag_says_whether_user_was_reached() {
    let account = Account { unconfirmed: true, ..Account::with(user("bob")) };
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert!(account.user("bob").last_notice().is_some_and(|notice| !notice.reached));
    let account = Account::with(user("bob"));
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert!(account.user("bob").last_notice().is_some_and(|notice| notice.reached));
}

#[tokio::test]
async fn refused_release_alerts_admins() {
    let account = Account::with(with_device(contained(user("heidi")), HEIDIS_PHONE));
    let faulty = Faulty::new(&account, 1, When::Before, ErrorKind::Denied);
    send(Function::MfaDevice, ENABLED, &faulty).await.unwrap_err();
    assert_eq!(*account.to_admins.lock().unwrap(), ["release-failed reach=not-for-user"]);
}

#[tokio::test]
async fn enrolment_alert_is_sent_once_if_release_fails() {
    let name = "EnableMFADevice/bob-by-access-key";
    let mut start = contained(user("bob"));
    start = with_device(start, "arn:aws:iam::123456789012:mfa/bob-phone");
    for error in [ErrorKind::Throttled, ErrorKind::Denied] {
        let account = Account::with(start.clone());
        // user, account_alias, tell_admins, set_tag (the record of the alert), and then detach_policy.
        let faulty = Faulty::new(&account, 4, When::Before, error);
        send(Function::MfaDevice, name, &faulty).await.unwrap_err();
        send(Function::MfaDevice, name, &account).await.unwrap();
        let alerts = |kind: &&String| kind.starts_with("enrolment-alert");
        assert_eq!(account.to_admins.lock().unwrap().iter().filter(alerts).count(), 1, "{error}");
        assert!(account.user("bob").attached_policies.is_empty());
    }
}

#[tokio::test]
async fn refusal_is_alerted_once_across_retries() {
    let account = Account::with(user("bob"));
    for _ in 0..3 {
        let faulty = Faulty::new(&account, 2, When::Before, ErrorKind::Denied);
        send(Function::SignIn, SIGN_IN, &faulty).await.unwrap_err();
    }
    assert_eq!(account.to_admins.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn failed_second_channel_repeats_nothing() {
    let mut both = user("bob");
    both.tags.insert("phone".to_owned(), "+15550100123".to_owned());
    let account = Account::with(both);
    // user, set_tag, attach_policy, user, account_alias, prepare, tell_user (mail), and then tell_user (text message).
    let faulty = Faulty::new(&account, 7, When::Before, ErrorKind::Denied);
    send(Function::SignIn, SIGN_IN, &faulty).await.unwrap_err();
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(account.to_users.lock().unwrap().len(), 1);
    assert_eq!(account.to_admins.lock().unwrap().len(), 1);
}

//! Users and passwords are created and deleted: order, lag, and no second grace period.

use jiff::SignedDuration;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::VISIBILITY_LAG;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_testing::fixtures::{
    PHONE_SERIAL, contained, days_ago, decide, decide_without_user, decided, envelope, event, event_of,
    in_grace, now, overdue, settings, settings_with, with_device, without_password,
};
use mfa_enforcer_testing::plans::{after, notices, summary};
use rstest::rstest;
use serde_json::json;

#[test]
fn two_creation_events_send_one_welcome() {
    let user = UserFacts { login_profile_created: Some(days_ago(0)), ..in_grace() };
    let first = decided("CreateUser", &user);
    assert_eq!(notices(&first), ["welcome"]);
    let mut second = envelope("CreateLoginProfile");
    second["detail"]["eventID"] = json!("0d1f2a3b-0000-4000-8000-00000000d002");
    let told = after(&user, &first.steps);
    let later = decide(&event_of(&second), &told, &settings(), now());
    assert_eq!(later.reason, Reason::AlreadySaid);
    assert!(later.steps.is_empty());
}

#[test]
fn password_with_user_waits_for_its_own_event() {
    let event = event("CreateUser");
    let user = UserFacts { login_profile_created: Some(event.source.time), ..in_grace() };
    let facts = user;
    let plan = decide(&event, &facts, &settings(), now());
    assert_eq!(plan.reason, Reason::PasswordEventFollows);
    let zero_grace = settings_with(&[("GRACE_PERIOD", "0s"), ("MODE", "notify")]);
    assert!(decide(&event, &facts, &zero_grace, now()).steps.is_empty());
}

#[rstest]
#[case::within_the_lag(99, false)]
#[case::as_late_as_the_lag(100, true)]
#[case::before_the_user(-100, true)]
fn password_of_another_time_is_welcomed(#[case] seconds: i64, #[case] welcomed: bool) {
    let event = event("CreateUser");
    let created = event.source.time + SignedDuration::from_secs(seconds);
    let user = UserFacts { login_profile_created: Some(created), ..in_grace() };
    let plan = decide(&event, &user, &settings(), now());
    assert_eq!(notices(&plan) == ["welcome"], welcomed, "{}", summary(&plan));
}

#[test]
fn new_user_without_password_gets_nothing() {
    assert_eq!(decided("CreateUser", &without_password()).reason, Reason::NoPassword);
}

#[rstest]
#[case("CreateUser", Reason::UserNotVisibleYet)]
#[case("CreateLoginProfile", Reason::UserNotVisibleYet)]
#[case("ConsoleLogin", Reason::UserGone)]
#[case("DeactivateMFADevice", Reason::UserGone)]
fn missing_user_is_new_or_gone(#[case] event_name: &str, #[case] reason: Reason) {
    let at_once = event(event_name).source.time;
    let fresh = decide_without_user(&event(event_name), &settings(), at_once);
    assert_eq!(fresh.reason, reason);
    let later = at_once + VISIBILITY_LAG;
    assert_eq!(decide_without_user(&event(event_name), &settings(), later).reason, Reason::UserGone);
}

#[test]
fn restored_password_does_not_release() {
    let mut user = contained(overdue());
    user.login_profile_created = Some(event("DeleteLoginProfile").source.time);
    assert_eq!(decided("DeleteLoginProfile", &user).reason, Reason::PasswordIsBack);
}

#[test]
fn removed_password_still_visible_is_retried() {
    let event = event("DeleteLoginProfile");
    let user = contained(overdue());
    let plan = decide(&event, &user, &settings(), event.source.time);
    assert_eq!(plan.reason, Reason::PasswordStillVisible);
}

/// The reasons in each of Lambda's runs of one event: at once, after one minute, and two minutes later.
fn runs(event_name: &str, user: Option<&UserFacts>) -> Vec<Reason> {
    let event = event(event_name);
    [1, 61, 181]
        .map(|after| {
            let now = event.source.time + SignedDuration::from_secs(after);
            match user {
                Some(user) => decide(&event, user, &settings(), now).reason,
                None => decide_without_user(&event, &settings(), now).reason,
            }
        })
        .to_vec()
}

#[test]
fn last_retry_decides_on_what_iam_shows() {
    use Reason::{
        DeviceGone, DeviceNotVisibleYet, PasswordIsBack, PasswordStillVisible, UserGone, UserNotVisibleYet,
    };
    let enabled = runs("EnableMFADevice", Some(&contained(overdue())));
    assert_eq!(enabled, [DeviceNotVisibleYet, DeviceNotVisibleYet, DeviceGone]);
    assert_eq!(runs("CreateLoginProfile", None), [UserNotVisibleYet, UserNotVisibleYet, UserGone]);
    let deleted = runs("DeleteLoginProfile", Some(&contained(overdue())));
    assert_eq!(deleted, [PasswordStillVisible, PasswordStillVisible, PasswordIsBack]);
}

#[test]
fn new_password_after_quarantine_has_no_grace() {
    let released = decided("DeleteLoginProfile", &contained(without_password()));
    assert_eq!(notices(&released), ["released"]);
    let mut user = after(&contained(without_password()), &released.steps);
    user.login_profile_created = Some(event("ConsoleLogin").source.time);
    for event_name in ["CreateLoginProfile", "ConsoleLogin"] {
        let mut envelope = envelope(event_name);
        envelope["detail"]["eventID"] = json!("0d1f2a3b-0000-4000-8000-00000000d004");
        let plan = decide(&event_of(&envelope), &user, &settings(), now());
        let contains = plan.steps.iter().any(|step| step.effect() == Effect::Contain);
        assert!(contains, "{event_name}: {}", summary(&plan));
    }
    let enrolled = decided("EnableMFADevice", &with_device(contained(user), PHONE_SERIAL));
    assert_eq!(enrolled.reason, Reason::MfaEnrolled);
}

#[test]
fn invisible_password_is_retried() {
    let at_once = |event_name: &str| {
        let event = event(event_name);
        let user = without_password();
        decide(&event, &user, &settings(), event.source.time).reason
    };
    assert_eq!(at_once("CreateLoginProfile"), Reason::PasswordNotVisibleYet);
    assert_eq!(at_once("CreateUser"), Reason::NoPassword);
}

#[test]
fn password_restored_at_once_is_recognised() {
    let event = event("DeleteLoginProfile");
    let mut user = contained(overdue());
    user.login_profile_created = Some(event.source.time);
    let plan = decide(&event, &user, &settings(), event.source.time);
    assert_eq!(plan.reason, Reason::PasswordIsBack);
}

/// `CloudTrail` and IAM may round the same moment differently.
#[rstest]
#[case::in_the_second_before(1, false)]
#[case::earlier(2, true)]
fn event_before_the_creation_is_about_an_earlier_user(#[case] seconds: i64, #[case] is_earlier: bool) {
    let event = event("ConsoleLogin");
    let created = event.source.time + SignedDuration::from_secs(seconds);
    let plan = decide(&event, &UserFacts { created, ..overdue() }, &settings(), now());
    assert_eq!(plan.reason == Reason::EarlierUser, is_earlier, "{}", summary(&plan));
}

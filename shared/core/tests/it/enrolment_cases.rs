//! Devices are added and removed: lag, replacement, and changes that others make.

use crate::release_cases::{enrolled, everything};
use jiff::SignedDuration;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::VISIBILITY_LAG;
use mfa_enforcer_core::facts::{AttachedBy, UserFacts};
use mfa_enforcer_core::notice::Notice;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::{Posture, posture};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    KEY_SERIAL, PHONE_SERIAL, POLICY, compliant, contained, decide, decided, envelope, event, event_of,
    in_grace, now, overdue, settings, settings_with, with_device,
};
use mfa_enforcer_testing::plans::{after, notices, summary};
use serde_json::{Value, json};

#[test]
fn removed_device_still_listed_does_not_count() {
    let plan = decided("DeactivateMFADevice", &with_device(in_grace(), PHONE_SERIAL));
    assert_eq!(notices(&plan), ["quarantined"]);
    let others = with_device(with_device(in_grace(), PHONE_SERIAL), KEY_SERIAL);
    assert_eq!(decided("DeactivateMFADevice", &others).reason, Reason::HasMfa);
}

#[test]
fn device_reenrolled_after_removal_counts() {
    let mut user = with_device(in_grace(), PHONE_SERIAL);
    user.devices[0].enabled = event("DeactivateMFADevice").source.time + SignedDuration::from_secs(30);
    assert_eq!(decided("DeactivateMFADevice", &user).reason, Reason::HasMfa);
}

#[test]
fn unlisted_device_is_retried_until_lag_ends() {
    let user = contained(overdue());
    let event = event("EnableMFADevice");
    let plan = decide(&event, &user, &settings(), event.source.time);
    assert_eq!(plan.reason, Reason::DeviceNotVisibleYet);
    assert!(plan.reason.is_transient() && plan.steps.is_empty());
    let later = decide(&event, &user, &settings(), event.source.time + VISIBILITY_LAG);
    assert_eq!(later.reason, Reason::DeviceGone);
    assert!(later.steps.is_empty());
}

#[test]
fn enrolment_by_access_key_releases_and_alerts() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    let user = contained(compliant());
    let plan = decide(&event_of(&envelope), &user, &settings(), now());
    assert_eq!(notices(&plan), ["enrolment-alert", "released"], "{}", summary(&plan));
    assert!(
        plan.steps.iter().map(Step::effect).is_sorted(),
        "recorded before all notices were sent: {}",
        summary(&plan)
    );
    let then = after(&user, &plan.steps);
    let recorded = then.tag(UserTag::Alerted).unwrap();
    assert!(recorded.contains("enrolment-alert") && !recorded.contains("released"), "{recorded}");
}

#[test]
fn enrolment_by_another_user_alerts_once() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["userName"] = json!("mallory");
    let event = event_of(&envelope);
    let plan = decide(&event, &compliant(), &settings(), now());
    assert_eq!(notices(&plan), ["enrolment-alert"]);
    let told = after(&compliant(), &plan.steps);
    assert!(decide(&event, &told, &settings(), now()).steps.is_empty());
}

/// The severity of the alert about a device that alice's own session enrolled, with this in `userIdentity`.
fn severity_of_enrolment(field: &str, value: Value) -> Option<String> {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"][field] = value;
    let plan = decide(&event_of(&envelope), &compliant(), &settings(), now());
    plan.steps.iter().find_map(|step| match step {
        Step::Notify(notice) => match notice.as_ref() {
            Notice::Alert(alert) => Some(alert.subject.severity().code().to_owned()),
            Notice::User(_) => None,
        },
        _ => None,
    })
}

#[test]
fn enrolment_through_an_agent_is_critical() {
    let severity = severity_of_enrolment("invokedBy", json!("aws-mcp.amazonaws.com"));
    assert_eq!(severity.as_deref(), Some("critical"), "the agent has seen the secret");
    assert_eq!(severity_of_enrolment("invokedBy", json!("signin.amazonaws.com")), None, "the console");
}

#[test]
fn enrolment_by_a_vendor_is_by_someone_else() {
    let severity = severity_of_enrolment("invokedByDelegate", json!({"accountId": "999988887777"}));
    assert_eq!(severity.as_deref(), Some("warning"));
}

#[test]
fn only_reminded_users_are_thanked() {
    let asked = after(&in_grace(), &decided("ConsoleLogin", &in_grace()).steps);
    let plan = decided("EnableMFADevice", &with_device(asked, PHONE_SERIAL));
    assert_eq!(plan.reason, Reason::MfaEnrolledInTime);
    let unasked = decided("EnableMFADevice", &with_device(in_grace(), PHONE_SERIAL));
    assert_eq!(unasked.reason, Reason::NotContained);
}

#[test]
fn late_removal_after_reenrolment_is_a_no_op() {
    let user = with_device(with_device(overdue(), PHONE_SERIAL), KEY_SERIAL);
    assert!(decided("DeactivateMFADevice", &user).steps.is_empty());
}

#[test]
fn unlisted_device_is_retried_beside_another() {
    let plan = decide(
        &event("EnableMFADevice"),
        &contained(with_device(overdue(), KEY_SERIAL)),
        &settings(),
        event("EnableMFADevice").source.time,
    );
    assert_eq!(plan.reason, Reason::DeviceNotVisibleYet);
}

#[test]
fn foreign_enrolment_alerts_once_before_listing() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    let event = event_of(&envelope);
    let user = overdue();
    let first = decide(&event, &user, &settings(), event.source.time);
    assert!(first.reason.is_transient());
    assert_eq!(notices(&first), ["enrolment-alert"]);
    assert_eq!(first.if_refused, [], "nothing can be refused");
    let then = after(&user, &first.steps);
    let second = decide(&event, &then, &settings(), event.source.time);
    assert!(second.reason.is_transient() && second.steps.is_empty(), "{}", summary(&second));
}

#[test]
fn two_alerts_about_one_event_are_recorded_together() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    let event = event_of(&envelope);
    let user = UserFacts { attached_by: AttachedBy::SomebodyElse, ..compliant() };
    let user = UserFacts { attached_policies: vec![POLICY.to_owned()], ..user };
    let plan = decide(&event, &user, &settings(), now());
    assert_eq!(notices(&plan), ["enrolment-alert", "held-by-hand"]);
    let effects: Vec<Effect> = plan.steps.iter().map(Step::effect).collect();
    assert_eq!(effects, [Effect::Alert, Effect::Alert, Effect::RecordAlert]);
    assert!(decide(&event, &after(&user, &plan.steps), &settings(), now()).steps.is_empty());
}

#[test]
fn alert_of_refused_release_follows_another_alert() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    let event = event_of(&envelope);
    let user = contained(compliant());
    let first = decide(&event, &user, &settings(), now());
    // The release fails for the moment, so only the alert gets recorded. The next run is refused for good.
    let alerted = after(&user, &first.steps[..2]);
    let again = decide(&event, &alerted, &settings(), now());
    assert_eq!(notices(&again), ["released"]);
    let refused = Plan { steps: again.if_refused, ..first };
    assert_eq!(notices(&refused), ["release-failed"]);
    // Both are on record then.
    let told = after(&alerted, &refused.steps);
    let third = decide(&event, &told, &settings(), now());
    assert_eq!(third.if_refused, []);
    assert_eq!(notices(&third), ["released"]);
}

#[test]
fn alert_of_missing_room_follows_another_alert() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    let (event, settings) = (event_of(&envelope), everything());
    let user = enrolled(contained(overdue()));
    let first = decide(&event, &user, &settings, now());
    let alerted = after(&user, &first.steps[..2]);
    let no_room = first.no_room.clone().unwrap();
    let full = Plan { steps: no_room.alert, ..first };
    assert_eq!(notices(&full), ["release-failed"]);
    let told = after(&alerted, &full.steps);
    let again = decide(&event, &told, &settings, now());
    assert_eq!(notices(&again), ["released"], "the first alert is still on record");
    assert_eq!(again.no_room.unwrap().alert, [], "and so is the second");
}

#[test]
fn alternating_enrolments_alert_once_each() {
    let event = |id: &str| {
        let mut envelope = envelope("EnableMFADevice");
        envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
        envelope["detail"]["eventID"] = json!(id);
        event_of(&envelope)
    };
    let mut user = overdue();
    let mut alerts = 0;
    for id in ["one", "two", "one", "two"] {
        let event = event(id);
        let plan = decide(&event, &user, &settings(), event.source.time);
        alerts += notices(&plan).len();
        user = after(&user, &plan.steps);
    }
    assert_eq!(alerts, 2);
}

#[test]
fn record_without_serial_awaits_any_device() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["requestParameters"] = json!({"userName": "alice"});
    let event = event_of(&envelope);
    let at_once = |user: UserFacts| decide(&event, &user, &settings(), event.source.time).reason;
    assert_eq!(at_once(contained(overdue())), Reason::DeviceNotVisibleYet);
    assert_eq!(at_once(contained(compliant())), Reason::MfaEnrolled);
}

#[test]
fn user_released_by_hand_is_only_thanked() {
    let mut user = with_device(contained(overdue()), PHONE_SERIAL);
    user.attached_policies.clear();
    user.tags.remove(UserTag::Quarantined.key());
    assert_eq!(decided("EnableMFADevice", &user).reason, Reason::MfaEnrolledInTime);
}

#[test]
fn notify_mode_confirms_release_once() {
    let settings = settings_with(&[("MODE", "notify")]);
    let mut user = with_device(contained(overdue()), PHONE_SERIAL);
    for (id, expected) in [("one", vec!["released"]), ("two", vec![])] {
        let mut envelope = envelope("EnableMFADevice");
        envelope["detail"]["eventID"] = json!(id);
        let plan = decide(&event_of(&envelope), &user, &settings, now());
        assert_eq!(notices(&plan), expected, "{}", summary(&plan));
        user = after(&user, &plan.steps);
    }
}

#[test]
fn alert_does_not_repeat_quarantine_notice() {
    let mut envelope = envelope("EnableMFADevice");
    envelope["detail"]["userIdentity"]["accessKeyId"] = json!("AKIAEXAMPLE");
    let event = event_of(&envelope);
    let contained = after(&overdue(), &decided("ConsoleLogin", &overdue()).steps);
    let plan = decide(&event, &contained, &settings(), now());
    let again = decided("ConsoleLogin", &after(&contained, &plan.steps));
    assert!(again.steps.is_empty(), "{}", summary(&again));
}

#[test]
fn removing_device_named_like_roots_contains() {
    let mut envelope = envelope("DeactivateMFADevice");
    let serial = "arn:aws:iam::123456789012:mfa/root-account-mfa-device";
    envelope["detail"]["requestParameters"]["serialNumber"] = json!(serial);
    let user = with_device(in_grace(), serial);
    let plan = decide(&event_of(&envelope), &user, &settings(), now());
    assert_eq!(notices(&plan), ["quarantined"]);
}

#[test]
fn only_security_keys_and_passkeys_are_strong() {
    let weak = |serial| {
        posture(&with_device(overdue(), serial), &settings(), now()) == Posture::Compliant { weak: true }
    };
    assert!(weak(PHONE_SERIAL) && weak("GAKT12345678") && !weak(KEY_SERIAL));
}

//! Containment: complete, announced once, and undone only by what may undo it.

use jiff::SignedDuration;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::{Event, VISIBILITY_LAG};
use mfa_enforcer_core::facts::{AttachedBy, UserFacts};
use mfa_enforcer_core::notice::Channel;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    GROUP, PHONE_SERIAL, compliant, contained, decide, decided, envelope, event, event_of, in_grace, now,
    overdue, request, settings, settings_with, warned, with_device, with_tag,
};
use mfa_enforcer_testing::plans::{after, changes, notices, summary, user_notices};
use serde_json::json;

#[test]
fn sign_in_never_releases() {
    assert!(decided("ConsoleLogin", &contained(compliant())).steps.is_empty());
}

#[test]
fn user_with_ten_policies_joins_the_group() {
    let policies = (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    let user = UserFacts { attached_policies: policies, ..overdue() };
    let plan = decided("ConsoleLogin", &user);
    assert!(changes(&plan).contains(&&Change::JoinGroup(GROUP.to_owned())), "{}", summary(&plan));
    let again = decided("ConsoleLogin", &after(&user, &plan.steps));
    assert!(again.steps.is_empty(), "{}", summary(&again));
    let enrolled = with_device(after(&user, &plan.steps), PHONE_SERIAL);
    let released = decide(&event("EnableMFADevice"), &enrolled, &settings(), now() + VISIBILITY_LAG);
    assert_eq!(changes(&released)[0], &Change::LeaveGroup(GROUP.to_owned()));
}

#[test]
fn without_group_attach_is_tried_or_alerted() {
    let policies = (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    let user = UserFacts { attached_policies: policies, ..overdue() };
    let settings = settings_with(&[("QUARANTINE_GROUP_NAME", "")]);
    let plan = decide(&event("ConsoleLogin"), &user, &settings, now());
    assert!(plan.steps.iter().any(|step| step.effect() == Effect::Contain), "{}", summary(&plan));
    assert_eq!(plan.if_refused[0].to_string(), "notify containment-failed");
}

#[test]
fn containment_cut_short_is_completed() {
    let plan = decided("ConsoleLogin", &overdue());
    for cut in 0..plan.steps.len() {
        let half = after(&overdue(), &plan.steps[..cut]);
        let rest = decided("ConsoleLogin", &half);
        let told =
            notices(&plan).len() - notices(&Plan { steps: plan.steps[..cut].to_vec(), ..plan.clone() }).len();
        assert!(notices(&rest).len() >= told, "{cut}: {}", summary(&rest));
        let end = after(&half, &rest.steps);
        assert!(settings().quarantine.holds(&end) && end.quarantine_record().is_some(), "{cut}");
    }
}

#[test]
fn tag_without_policy_contains_again() {
    let user =
        with_tag(in_grace(), UserTag::Quarantined.key(), "2026-11-21T09:00:00Z reason=sign-in event=earlier");
    let plan = decided("ConsoleLogin", &user);
    // The tag comes first: if the run ends after the policy, the old tag must not count as proof of a notice.
    assert!(
        plan.steps[0].effect() == Effect::RecordQuarantine && plan.steps[1].effect() == Effect::Contain,
        "{}",
        summary(&plan)
    );
    let half = after(&user, &plan.steps[..2]);
    assert_eq!(notices(&decided("ConsoleLogin", &half)), ["quarantined"]);
}

#[test]
fn sign_in_leaves_quarantine_of_unknown_origin_alone() {
    for mut user in [in_grace(), overdue()] {
        user.attached_policies.push(settings().quarantine.full.policy);
        let plan = decided("ConsoleLogin", &user);
        assert_eq!(plan.reason, Reason::QuarantineOfUnknownOrigin);
        assert!(plan.steps.is_empty(), "{}", summary(&plan));
        assert_eq!(plan.findings, [Finding::QuarantineOfUnknownOrigin]);
    }
}

#[test]
fn quarantine_is_kept_in_grace() {
    let user = contained(in_grace());
    assert_eq!(notices(&decided("ConsoleLogin", &user)), ["quarantine-reminder"]);
}

#[test]
fn sign_in_reminder_is_sent_once_a_day() {
    let first = decided("ConsoleLogin", &in_grace());
    assert_eq!(notices(&first), ["sign-in-reminder"]);
    let told = after(&in_grace(), &first.steps);
    let mut other = envelope("ConsoleLogin");
    other["detail"]["eventID"] = json!("0d1f2a3b-0000-4000-8000-00000000d003");
    let other = event_of(&other);
    let hours_later = |hours| decide(&other, &told, &settings(), now() + SignedDuration::from_hours(hours));
    assert_eq!(hours_later(23).reason, Reason::RemindedToday);
    assert_eq!(notices(&hours_later(25)), ["sign-in-reminder"]);
}

#[test]
fn welcome_pauses_the_sign_in_reminder_for_a_day() {
    let welcomed = after(&in_grace(), &decided("CreateLoginProfile", &in_grace()).steps);
    let mut sign_in = envelope("ConsoleLogin");
    sign_in["detail"]["eventID"] = json!("0d1f2a3b-0000-4000-8000-00000000d003");
    let sign_in = event_of(&sign_in);
    let hours_later =
        |hours| decide(&sign_in, &welcomed, &settings(), now() + SignedDuration::from_hours(hours));
    assert_eq!(hours_later(1).reason, Reason::RemindedToday);
    assert!(hours_later(1).steps.is_empty());
    assert_eq!(notices(&hours_later(25)), ["sign-in-reminder"]);
}

#[test]
fn undone_quarantine_is_announced_again() {
    let first = decided("ConsoleLogin", &overdue());
    let mut undone = after(&overdue(), &first.steps);
    undone.attached_policies.clear();
    assert_eq!(notices(&decided("ConsoleLogin", &undone)), ["quarantined"]);
}

#[test]
fn user_with_former_policy_gets_the_current_one() {
    let old = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";
    let settings = settings_with(&[(
        "QUARANTINE_POLICY_ARN",
        &format!("{},{old}", mfa_enforcer_testing::fixtures::POLICY),
    )]);
    let mut user = contained(overdue());
    user.attached_policies = vec![old.to_owned()];
    let decided = |user: &UserFacts| decide(&event("ConsoleLogin"), user, &settings, now());
    let plan = decided(&user);
    assert_eq!(plan.steps[0].effect(), Effect::Contain, "{}", summary(&plan));
    // The last notice is three days old, so the reminder is due now, and not again in the next run.
    assert_eq!(notices(&plan), ["quarantine-reminder"]);
    assert_eq!(notices(&decided(&after(&user, &plan.steps))), [""; 0]);
}

#[test]
fn former_policy_is_detached_on_release() {
    let old = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";
    let settings = settings_with(&[(
        "QUARANTINE_POLICY_ARN",
        &format!("{},{old}", mfa_enforcer_testing::fixtures::POLICY),
    )]);
    let mut user = with_device(contained(overdue()), PHONE_SERIAL);
    user.attached_policies = vec![old.to_owned()];
    let plan = decide(&event("EnableMFADevice"), &user, &settings, now());
    assert_eq!(changes(&plan)[0], &Change::DetachPolicy(old.to_owned()), "{}", summary(&plan));
}

#[test]
fn future_last_notice_is_ignored() {
    let user = with_tag(in_grace(), UserTag::Notified.key(), "reminder 2099-01-01T00:00:00Z event=planted");
    assert_eq!(notices(&decided("ConsoleLogin", &user)), ["sign-in-reminder"]);
}

#[test]
fn restored_tag_does_not_repeat_the_notice() {
    let first = decided("ConsoleLogin", &overdue());
    let mut user = after(&overdue(), &first.steps);
    user.tags.remove(UserTag::Quarantined.key());
    let later = |user: &UserFacts, minutes: i64| {
        let now = now() + SignedDuration::from_mins(minutes);
        decide(&event("ConsoleLogin"), user, &settings(), now)
    };
    let second = later(&user, 1);
    assert!(notices(&second).is_empty() && second.steps.len() == 1, "{}", summary(&second));
    let third = later(&after(&user, &second.steps), 3);
    assert!(third.steps.is_empty(), "{}", summary(&third));
}

fn with_id(event_name: &str, id: &str) -> Event {
    let mut envelope = envelope(event_name);
    envelope["detail"]["eventID"] = json!(id);
    event_of(&envelope)
}

fn at(event: &Event, user: &UserFacts, settings: &Settings, hours: i64) -> Plan {
    let now = now() + SignedDuration::from_hours(hours);
    decide(event, user, settings, now)
}

#[test]
fn topic_comes_before_text_message() {
    let plan = decided("ConsoleLogin", &with_tag(overdue(), "phone", "+15550100123"));
    let topic = Channel::Topic {
        name: "mfa-enforcer-user-AIDAEXAMPLEALICE".to_owned(),
        email: "alice@example.com".to_owned(),
    };
    assert_eq!(user_notices(&plan)[0].channels, [topic, Channel::Sms { phone: "+15550100123".to_owned() }]);
}

#[test]
fn renewed_quarantine_counts_from_now() {
    let first = decided("ConsoleLogin", &overdue());
    let mut undone = after(&overdue(), &first.steps);
    undone.attached_policies.clear();
    let again = at(&event("ConsoleLogin"), &undone, &settings(), 2);
    let since = after(&undone, &again.steps).quarantine_record().unwrap().since;
    assert_eq!(since, Some(now() + SignedDuration::from_hours(2)));
}

#[test]
fn last_notice_shows_that_a_quarantine_is_ours() {
    let mut user = contained(overdue());
    user.tags.remove(UserTag::Quarantined.key());
    let plan = decided("ConsoleLogin", &user);
    assert_eq!(notices(&plan), ["quarantine-reminder"], "{}", summary(&plan));
    let since = after(&user, &plan.steps).quarantine_record().unwrap().since;
    assert_eq!(since, Some("2026-11-21T09:00:00Z".parse().unwrap()));
}

#[test]
fn record_that_failed_is_made_up_for_by_the_next_try() {
    let first = sweep_user(&request(), &warned(), &settings(), now());
    let mut user = after(&warned(), &first.steps);
    user.tags.remove(UserTag::Quarantined.key());
    user.attached_by = AttachedBy::Us(now() - SignedDuration::from_secs(2));
    let second = sweep_user(&request(), &user, &settings(), now() + SignedDuration::from_mins(5));
    assert_eq!(notices(&second), [""; 0], "the user was told: {}", summary(&second));
    let since = after(&user, &second.steps).quarantine_record().unwrap().since;
    assert_eq!(since, Some(now()), "as the notice says");
}

#[test]
fn lost_record_is_restored_as_the_history_tells() {
    let mut user = contained(overdue());
    user.tags.remove(UserTag::Quarantined.key());
    let attached = now() - SignedDuration::from_hours(24 * 4);
    user.attached_by = AttachedBy::Us(attached);
    let plan = sweep_user(&request(), &user, &settings(), now());
    let since = after(&user, &plan.steps).quarantine_record().unwrap().since;
    assert_eq!(since, Some(attached), "not when the user was told: {}", summary(&plan));
}

#[test]
fn quarantine_reminder_is_sent_once_a_day() {
    let first = at(&with_id("ConsoleLogin", "one"), &contained(overdue()), &settings(), 0);
    assert_eq!(notices(&first), ["quarantine-reminder"]);
    let told = after(&contained(overdue()), &first.steps);
    let second = with_id("ConsoleLogin", "two");
    assert!(at(&second, &told, &settings(), 23).steps.is_empty());
    assert_eq!(notices(&at(&second, &told, &settings(), 25)), ["quarantine-reminder"]);
}

#[test]
fn notify_mode_limits_sign_ins_but_not_removals() {
    let settings = settings_with(&[("MODE", "notify")]);
    let first = at(&with_id("ConsoleLogin", "one"), &overdue(), &settings, 0);
    assert_eq!(notices(&first), ["sign-in-reminder"]);
    let told = after(&overdue(), &first.steps);
    assert!(at(&with_id("ConsoleLogin", "two"), &told, &settings, 23).steps.is_empty());
    assert_eq!(notices(&at(&with_id("ConsoleLogin", "two"), &told, &settings, 25)), ["sign-in-reminder"]);
    assert_eq!(notices(&at(&with_id("DeactivateMFADevice", "three"), &told, &settings, 1)), ["reminder"]);
}

#[test]
fn notify_mode_warns_of_new_password_once() {
    let settings = settings_with(&[("MODE", "notify"), ("GRACE_PERIOD", "0s")]);
    let first = at(&with_id("CreateLoginProfile", "one"), &overdue(), &settings, 0);
    assert_eq!(notices(&first), ["reminder"]);
    let told = after(&overdue(), &first.steps);
    assert!(at(&with_id("CreateUser", "two"), &told, &settings, 1).steps.is_empty());
}

/// The record is written before the attachment. If that failed, there was no quarantine to repair.
#[test]
fn retried_first_containment_is_no_repair() {
    use mfa_enforcer_core::digest::ChangeKind;
    use mfa_enforcer_core::plan::Step;
    use mfa_enforcer_core::sweep::user_change;
    use mfa_enforcer_testing::fixtures::{decide_on, now, occasion, overdue, settings};
    use mfa_enforcer_testing::plans::after;
    let sign_in = occasion("ConsoleLogin");
    let plan = decide_on(&sign_in, &overdue(), &settings(), now());
    let is_attachment = |step: &Step| step.effect() == mfa_enforcer_core::effect::Effect::Contain;
    let recorded: Vec<Step> = plan.steps.iter().take_while(|step| !is_attachment(step)).cloned().collect();
    assert!(!recorded.is_empty());
    let before = after(&overdue(), &recorded);
    let retry = decide_on(&sign_in, &before, &settings(), now());
    assert_eq!(user_change(&before, &retry, &retry.steps), Some(ChangeKind::Contained));
    // Somebody detached the policy of a user who had been told.
    let told = after(&overdue(), &plan.steps);
    let undone = mfa_enforcer_core::facts::UserFacts { attached_policies: Vec::new(), ..told };
    let repair = decide_on(&sign_in, &undone, &settings(), now());
    assert_eq!(user_change(&undone, &repair, &repair.steps), Some(ChangeKind::Repaired));
}

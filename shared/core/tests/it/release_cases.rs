//! When a quarantine ends: in stages after an enrolment, and not while a session or a key could be a thief's.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::{lookups, sweep_user};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::facts::{AccessKeys, AttachedBy, UserFacts};
use mfa_enforcer_core::notice::UserMessage;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::sweep::withheld;
use mfa_enforcer_core::tags::{EXEMPT_UNTIL_KEY, UserTag, claimed};
use mfa_enforcer_testing::fixtures::{
    GROUP, KEY_SERIAL, PHONE_SERIAL, POLICY, compliant, contained, days_ago, decide, event, exempt,
    exempted_lately, in_grace, now, overdue, request, settings, settings_with, with_device, with_tag,
    without_password,
};
use mfa_enforcer_testing::plans::{after, changes, notices, summary, user_notices};
use rstest::rstest;

const CONSOLE: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-narrow-console";
const CONSOLE_GROUP: &str = "mfa-enforcer-narrow-console";

pub(crate) fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// Scope `everything`, whose quarantine falls back to that of the console.
pub(crate) fn everything() -> Settings {
    settings_with(&[
        ("QUARANTINE_SCOPE", "everything"),
        ("QUARANTINE_POLICY_ARN", &format!("{POLICY},{CONSOLE}")),
        ("QUARANTINE_GROUP_NAME", &format!("{GROUP} {CONSOLE_GROUP}")),
        ("CONSOLE_POLICY_ARN", CONSOLE),
        ("CONSOLE_GROUP_NAME", CONSOLE_GROUP),
    ])
}

/// Contained three days ago, and with a device since the time of the event.
pub(crate) fn enrolled(user: UserFacts) -> UserFacts {
    enrolled_at(user, event("EnableMFADevice").source.time)
}

fn enrolled_at(mut user: UserFacts, enabled: Timestamp) -> UserFacts {
    user.devices.push(MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled });
    user
}

pub(crate) fn at_enrolment(user: &UserFacts, settings: &Settings) -> Plan {
    decide(&event("EnableMFADevice"), user, settings, now())
}

pub(crate) fn swept(user: &UserFacts, settings: &Settings, now: Timestamp) -> Plan {
    sweep_user(&request(), user, settings, now)
}

#[test]
fn console_quarantine_outlasts_the_enrolment() {
    let user = enrolled(contained(overdue()));
    let plan = at_enrolment(&user, &settings());
    let end = event("EnableMFADevice").source.time + hours(12);
    assert_eq!(notices(&plan), ["released"], "{}", summary(&plan));
    let said = user_notices(&plan)[0].message;
    assert!(matches!(said, UserMessage::Released { rest_until: Some(until), .. } if until == end));
    let waiting = after(&user, &plan.steps);
    assert_eq!(waiting.attached_policies, [POLICY]);
    let record = waiting.quarantine_record().unwrap();
    assert_eq!(record.release, Some(end));
    assert_eq!(record.since, user.quarantine_record().unwrap().since, "the old words stay");

    let early = swept(&waiting, &settings(), end - SignedDuration::from_secs(1));
    assert_eq!(early.reason, Reason::ReleaseScheduled);
    assert!(early.steps.is_empty(), "{}", summary(&early));
    let lifted = swept(&waiting, &settings(), end);
    assert_eq!(notices(&lifted), [""; 0], "nobody is told a second time");
    let free = after(&waiting, &lifted.steps);
    assert!(free.attached_policies.is_empty() && free.quarantine_record().is_none());
}

#[test]
fn zero_releases_at_the_event() {
    let user = enrolled(contained(overdue()));
    let plan = at_enrolment(&user, &settings_with(&[("RELEASE_AFTER", "0s")]));
    assert!(after(&user, &plan.steps).attached_policies.is_empty(), "{}", summary(&plan));
    assert_eq!(notices(&plan), ["released"]);
}

#[test]
fn everything_falls_back_to_the_console() {
    let user = enrolled(contained(overdue()));
    let plan = at_enrolment(&user, &everything());
    let expected = [&Change::NarrowToPolicy(CONSOLE.to_owned()), &Change::DetachPolicy(POLICY.to_owned())];
    assert_eq!(changes(&plan)[..2], expected, "{}", summary(&plan));
    assert_eq!(after(&user, &plan.steps).attached_policies, [CONSOLE]);
}

#[test]
fn group_falls_back_to_the_other_group() {
    let mut user = enrolled(contained(overdue()));
    user.attached_policies = (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    user.groups = vec![GROUP.to_owned()];
    let plan = at_enrolment(&user, &everything());
    assert_eq!(after(&user, &plan.steps).groups, [CONSOLE_GROUP], "{}", summary(&plan));
    assert_eq!(changes(&plan)[0], &Change::NarrowToGroup(CONSOLE_GROUP.to_owned()), "joined before left");
}

#[rstest]
#[case::by_policy(true)]
#[case::by_group(false)]
fn without_room_the_wider_quarantine_goes_first(#[case] by_policy: bool) {
    let mut user = enrolled(contained(overdue()));
    let policies = if by_policy { 9 } else { 10 };
    user.attached_policies = (0..policies).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    user.groups = (0..if by_policy { 10 } else { 9 }).map(|n| format!("group{n}")).collect();
    if by_policy {
        user.attached_policies.push(POLICY.to_owned());
    } else {
        user.groups.push(GROUP.to_owned());
    }
    let plan = at_enrolment(&user, &everything());
    let then = after(&user, &plan.steps);
    let (first, second) = (changes(&plan)[0].to_string(), changes(&plan)[1].to_string());
    if by_policy {
        assert_eq!((first.as_str(), second.as_str()), ("detach-policy", "narrow-to-policy"));
        assert!(then.attached_policies.iter().any(|arn| arn == CONSOLE));
    } else {
        assert_eq!((first.as_str(), second.as_str()), ("leave-group", "narrow-to-group"));
        assert!(then.groups.iter().any(|group| group == CONSOLE_GROUP));
    }
    assert_eq!(plan.if_refused[0].to_string(), "notify fallback-failed");
    // The run was cut short in between: the next one puts the user under the smaller quarantine.
    let half = after(&user, &plan.steps[..1]);
    let rest = at_enrolment(&half, &everything());
    let end = after(&half, &rest.steps);
    let holds = |user: &UserFacts| everything().quarantine.remainder().holds(user);
    assert!(holds(&end), "{}", summary(&rest));
}

#[test]
fn without_room_for_either_the_smaller_policy_takes_the_place_of_the_wider_one() {
    let mut user = enrolled(contained(overdue()));
    user.attached_policies = (0..9).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    user.attached_policies.push(POLICY.to_owned());
    user.groups = (0..9).map(|n| format!("group{n}")).collect();
    user.groups.push(GROUP.to_owned());
    let plan = at_enrolment(&user, &everything());
    let expected = [
        &Change::DetachPolicy(POLICY.to_owned()),
        &Change::LeaveGroup(GROUP.to_owned()),
        &Change::NarrowToPolicy(CONSOLE.to_owned()),
    ];
    assert_eq!(changes(&plan)[..3], expected, "{}", summary(&plan));
}

#[test]
fn second_device_moves_the_end() {
    let first = enrolled_at(contained(overdue()), now() - hours(6));
    let waiting = after(&first, &swept(&first, &settings(), now()).steps);
    let second = with_device(waiting, KEY_SERIAL);
    let second = UserFacts {
        devices: vec![
            second.devices[0].clone(),
            MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled: now() - hours(1) },
        ],
        ..second
    };
    let plan = swept(&second, &settings(), now());
    assert_eq!(notices(&plan), [""; 0], "{}", summary(&plan));
    let end = after(&second, &plan.steps).quarantine_record().unwrap().release;
    assert_eq!(end, Some(now() + hours(11)));
}

#[test]
fn losing_the_last_device_restores_the_whole_quarantine() {
    let user = enrolled(contained(in_grace()));
    let mut waiting = after(&user, &at_enrolment(&user, &everything()).steps);
    assert_eq!(waiting.attached_policies, [CONSOLE]);
    waiting.devices.clear();
    let plan = decide(&event("DeactivateMFADevice"), &waiting, &everything(), now());
    assert_eq!(notices(&plan), ["quarantined"], "{}", summary(&plan));
    let restored = after(&waiting, &plan.steps);
    assert!(restored.attached_policies.iter().any(|arn| arn == POLICY));
    assert_eq!(restored.quarantine_record().unwrap().release, None);
    // The sweep takes the smaller one away, and has nothing else to do.
    let tidied = swept(&restored, &everything(), now() + hours(1));
    assert_eq!(changes(&tidied), [&Change::DetachPolicy(CONSOLE.to_owned())], "{}", summary(&tidied));
}

#[test]
fn narrowed_scope_is_a_release_in_every_mode() {
    let mut user = contained(overdue());
    user.attached_policies = vec![CONSOLE.to_owned()];
    let settings =
        settings_with(&[("MODE", "notify"), ("QUARANTINE_POLICY_ARN", &format!("{POLICY},{CONSOLE}"))]);
    let plan = decide(&event("EnableMFADevice"), &enrolled(user), &settings, now());
    let expected = [&Change::NarrowToPolicy(POLICY.to_owned()), &Change::DetachPolicy(CONSOLE.to_owned())];
    assert_eq!(changes(&plan)[..2], expected, "{}", summary(&plan));
    assert!(plan.withheld.is_empty(), "{}", summary(&plan));
}

#[rstest]
#[case::never(None, true)]
#[case::long_ago(Some(13), true)]
#[case::on_the_moment(Some(12), true)]
#[case::today(Some(11), false)]
fn removed_password_waits_for_its_sessions(#[case] used_hours_ago: Option<i64>, #[case] released: bool) {
    let password_used = used_hours_ago.map(|ago| now() - hours(ago));
    let user = UserFacts { password_used, ..contained(without_password()) };
    for plan in
        [decide(&event("DeleteLoginProfile"), &user, &settings(), now()), swept(&user, &settings(), now())]
    {
        let then = after(&user, &plan.steps);
        assert_eq!(then.attached_policies.is_empty(), released, "{}", summary(&plan));
        assert_eq!(!notices(&plan).is_empty(), released, "{}", summary(&plan));
        let end = then.quarantine_record().and_then(|record| record.release);
        assert_eq!(end, password_used.filter(|_| !released).map(|used| used + hours(12)));
    }
}

#[test]
fn active_keys_keep_a_quarantine_of_everything() {
    let user = contained(without_password());
    assert_eq!(lookups(&user, false, &everything(), now()).len(), 1, "keys are asked for");
    assert_eq!(lookups(&user, false, &settings(), now()), [], "and only then");
    for keys in [AccessKeys::Active, AccessKeys::NotLooked] {
        let user = UserFacts { keys, ..user.clone() };
        let plan = decide(&event("DeleteLoginProfile"), &user, &everything(), now());
        assert_eq!((plan.reason, notices(&plan)), (Reason::KeysWouldRevive, vec!["keys-would-revive"]));
        assert_eq!(after(&user, &plan.steps).attached_policies, [POLICY]);
        let later = swept(&user, &everything(), now());
        assert!(later.steps.is_empty() && later.findings.contains(&Finding::KeysWouldRevive));
    }
    let without_keys = UserFacts { keys: AccessKeys::NoneActive, ..user.clone() };
    let plan = decide(&event("DeleteLoginProfile"), &without_keys, &everything(), now());
    assert!(after(&without_keys, &plan.steps).attached_policies.is_empty(), "{}", summary(&plan));
    let console = decide(&event("DeleteLoginProfile"), &user, &settings(), now());
    assert_eq!(console.reason, Reason::PasswordRemoved);
}

#[test]
fn stripped_tags_change_nothing_and_tell_nobody_twice() {
    let mut user = contained(overdue());
    user.tags.remove(UserTag::Quarantined.key());
    user.tags.remove(UserTag::Notified.key());
    let user = UserFacts { attached_by: AttachedBy::Us(days_ago(3)), ..user };
    let mut told = 0;
    for day in 0..7 {
        // Each day, infrastructure as code strips the tags again.
        let request =
            mfa_enforcer_core::event::SweepRequest { time: request().time + hours(24 * day), ..request() };
        let plan = sweep_user(&request, &user, &settings(), now() + hours(24 * day));
        told += notices(&plan).iter().filter(|kind| **kind == "quarantine-reminder").count();
        assert!(!notices(&plan).contains(&"quarantined"), "{}", summary(&plan));
        let then = after(&user, &plan.steps);
        assert_eq!(then.attached_policies, [POLICY]);
        assert_eq!(then.quarantine_record().unwrap().since, Some(days_ago(3)));
    }
    assert_eq!(told, 1, "a reminder a week");
}

#[test]
fn exemption_beside_mfa_repeats_no_confirmation() {
    let told = "released 2026-11-24T08:05:00Z event=earlier";
    let user = with_tag(contained(compliant()), UserTag::Notified.key(), told);
    let mut user = with_tag(user, EXEMPT_UNTIL_KEY, "2026-12-31 INC-4711");
    let whole = swept(&user, &settings(), now());
    // The run was cut short after the policy.
    user.attached_policies.clear();
    let rest = swept(&user, &settings(), now());
    assert_eq!((notices(&whole).len(), notices(&rest).len()), (0, 0), "{}", summary(&rest));
    assert_eq!(rest.steps.len(), 1, "{}", summary(&rest));
}

#[test]
fn sessions_before_the_release_gain_nothing_from_a_stale_list() {
    // Enabled, then removed; the removal's event came first and led to the quarantine a moment ago.
    let since = now() - SignedDuration::from_secs(20);
    let mut user = contained(overdue());
    let value = mfa_enforcer_core::tags::QuarantineRecord::value(
        since,
        mfa_enforcer_core::tags::Cause::MfaRemoved,
        &event("DeactivateMFADevice").source.id,
        &mfa_enforcer_core::episode::Episode::of(&user, now()),
    );
    user.tags.insert(UserTag::Quarantined.key().to_owned(), value);
    let stale = enrolled(user.clone());
    let plan = at_enrolment(&stale, &settings());
    assert_eq!(plan.reason, Reason::DeviceMayBeGone);
    assert!(plan.reason.is_transient() && plan.steps.is_empty(), "{}", summary(&plan));
    let new = enrolled_at(user, now() - SignedDuration::from_secs(5));
    assert_eq!(at_enrolment(&new, &settings()).reason, Reason::MfaEnrolled, "enrolled since");
}

#[test]
fn observe_mode_says_who_stays_contained() {
    let observe = settings_with(&[("MODE", "observe")]);
    let plan = swept(&exempted_lately(contained(exempt())), &observe, now());
    assert!(plan.steps.is_empty() && !plan.withheld.is_empty(), "{}", summary(&plan));
    assert_eq!(withheld(&plan), ChangeKind::StaysContained);
    assert_eq!(withheld(&swept(&in_grace(), &observe, now())), ChangeKind::Withheld);
}

#[test]
fn stripped_tags_repeat_no_confirmation() {
    let mut user = enrolled_at(contained(overdue()), now() - hours(1));
    user.tags.remove(UserTag::Quarantined.key());
    user.tags.remove(UserTag::Notified.key());
    let user = UserFacts { attached_by: AttachedBy::Us(days_ago(3)), ..user };
    for later in [0, 12] {
        let plan = swept(&user, &settings(), now() + hours(later));
        assert_eq!(notices(&plan), [""; 0], "{}", summary(&plan));
    }
}

#[test]
fn thanks_that_were_cut_short_are_said() {
    let claimed = |kind: &str| {
        let value = claimed(&format!("{kind} 2026-11-24T08:00:00Z event=earlier"));
        with_tag(compliant(), UserTag::Notified.key(), &value)
    };
    assert_eq!(swept(&claimed("released"), &settings(), now()).reason, Reason::MfaEnrolledInTime);
    assert_eq!(swept(&claimed("welcome"), &settings(), now()).steps, [], "nobody knows that they were asked");
}

#[test]
fn user_who_was_not_asked_for_mfa_is_not_thanked() {
    let told = "password-removed 2026-11-20T09:00:00Z event=earlier";
    let user = with_tag(enrolled(overdue()), UserTag::Notified.key(), told);
    assert_eq!(at_enrolment(&user, &settings()).steps, []);
}

#[test]
fn release_is_told_where_only_the_notice_is_lost() {
    let mut user = contained(compliant());
    user.tags.remove(UserTag::Notified.key());
    assert_eq!(notices(&swept(&user, &settings(), now())), ["released"]);
}

#[test]
fn device_beside_an_exemption_needs_no_second_word() {
    let user = exempted_lately(contained(with_device(exempt(), KEY_SERIAL)));
    let told = "released 2026-11-23T09:00:00Z event=earlier";
    let plan = swept(&with_tag(user, UserTag::Notified.key(), told), &settings(), now());
    assert_eq!((plan.reason, notices(&plan)), (Reason::ExemptNow, vec![]), "{}", summary(&plan));
}

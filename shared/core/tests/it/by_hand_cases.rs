//! Quarantines that somebody attached by hand, or of which nobody knows who did: they are reported and never lifted.

use crate::release_cases::{at_enrolment, enrolled, everything, hours, swept};
use jiff::SignedDuration;
use mfa_enforcer_core::decide::{Lookup, findings_of, lookups};
use mfa_enforcer_core::facts::{AttachedBy, UserFacts};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    POLICY, compliant, contained, days_ago, decide, decided, event, exempt, in_grace, now, overdue, settings,
    settings_with, with_tag, without_password,
};
use mfa_enforcer_testing::plans::{after, notices, summary};
use rstest::rstest;

/// Under the quarantine policy without a tag of ours, attached by somebody else.
fn by_hand(mut user: UserFacts) -> UserFacts {
    user.attached_policies.push(POLICY.to_owned());
    UserFacts { attached_by: AttachedBy::SomebodyElse, ..user }
}

#[rstest]
#[case::without_password(by_hand(without_password()))]
#[case::exempt(by_hand(exempt()))]
#[case::compliant(by_hand(compliant()))]
#[case::in_grace(by_hand(in_grace()))]
#[case::overdue(by_hand(overdue()))]
fn quarantine_by_hand_is_never_lifted(#[case] user: UserFacts) {
    for settings in [settings(), everything(), settings_with(&[("MODE", "notify")])] {
        for name in ["DeleteLoginProfile", "EnableMFADevice", "ConsoleLogin", "DeactivateMFADevice"] {
            let plan = decide(&event(name), &user, &settings, now());
            assert!(after(&user, &plan.steps).attached_policies.contains(&POLICY.to_owned()), "{name}");
            assert!(plan.findings.contains(&Finding::QuarantinedByHand), "{name}: {}", summary(&plan));
        }
        let plan = swept(&user, &settings, now());
        let then = after(&user, &plan.steps);
        assert!(settings.quarantine.holds(&then) && then.quarantine_record().is_none(), "{}", summary(&plan));
    }
}

#[test]
fn enrolment_under_a_quarantine_by_hand_tells_who_can_lift_it() {
    let plan = at_enrolment(&enrolled(by_hand(overdue())), &settings());
    assert_eq!((plan.reason, notices(&plan)), (Reason::QuarantinedByHand, vec!["held-by-hand"]));
}

#[test]
fn overdue_under_a_quarantine_by_hand_hears_the_way_out() {
    let user = by_hand(overdue());
    let plan = swept(&user, &settings(), now());
    assert_eq!(notices(&plan), ["quarantined-by-hand"], "{}", summary(&plan));
    let told = after(&user, &plan.steps);
    assert_eq!(notices(&swept(&told, &settings(), now() + hours(24))), [""; 0], "once a week");
    assert_eq!(notices(&swept(&told, &settings(), now() + hours(24 * 7))), ["quarantined-by-hand"]);
    // Taken off, the user becomes ours.
    let free = UserFacts { attached_policies: Vec::new(), ..told };
    let contains = swept(&free, &settings(), now() + hours(24));
    assert!(after(&free, &contains.steps).quarantine_record().is_some(), "{}", summary(&contains));
}

#[test]
fn unknown_origin_is_asked_for_and_left_alone() {
    let user = UserFacts { attached_by: AttachedBy::Unknown, ..by_hand(compliant()) };
    assert_eq!(lookups(&user, false, &settings(), now()).len(), 1);
    let plan = swept(&user, &settings(), now());
    assert_eq!(plan.reason, Reason::QuarantineOfUnknownOrigin);
    assert!(plan.steps.is_empty() && plan.findings == [Finding::QuarantineOfUnknownOrigin]);
    assert_eq!(lookups(&contained(compliant()), true, &settings(), now()), [], "a tag tells");
}

#[test]
fn what_the_history_may_lack_is_not_called_by_hand() {
    let mut user = UserFacts { attached_by: AttachedBy::NotFound, ..by_hand(overdue()) };
    let event = event("ConsoleLogin");
    let after = |seconds| {
        decide(&event, &user, &settings(), event.source.time + SignedDuration::from_secs(seconds)).findings
    };
    assert_eq!(after(20 * 60 - 1), [Finding::QuarantineOfUnknownOrigin], "our own call may not be in it yet");
    assert_eq!(after(20 * 60), [Finding::QuarantinedByHand]);
    assert_eq!(swept(&user, &settings(), now()).findings, [Finding::QuarantinedByHand]);
    for number in user.tags.iter().count()..50 {
        user = with_tag(user, &format!("tag{number}"), "");
    }
    let full = swept(&user, &settings(), now()).findings;
    assert!(full.contains(&Finding::QuarantineOfUnknownOrigin), "ours could not be recorded: {full:?}");
}

#[test]
fn wider_quarantine_of_somebody_else_stays_beside_ours() {
    let wide = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";
    let settings = settings_with(&[("QUARANTINE_POLICY_ARN", &format!("{POLICY},{wide}"))]);
    let mut both = contained(overdue());
    both.attached_policies.push(wide.to_owned());
    let plan = swept(&both, &settings, now());
    assert_eq!(after(&both, &plan.steps).attached_policies, [POLICY, wide], "{}", summary(&plan));
    let by_hand = UserFacts { attached_by: AttachedBy::SomebodyElse, ..both.clone() };
    assert_eq!(swept(&by_hand, &settings, now()).steps, plan.steps);
    // After a change of scope, the old one goes in the run that attaches the new one.
    let former = UserFacts { attached_policies: vec![wide.to_owned()], ..both };
    let plan = swept(&former, &settings, now());
    assert_eq!(after(&former, &plan.steps).attached_policies, [POLICY], "{}", summary(&plan));
}

#[test]
fn own_quarantine_of_a_former_scope_goes_in_a_later_run() {
    let wide = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-everything";
    let settings = settings_with(&[("QUARANTINE_POLICY_ARN", &format!("{POLICY},{wide}"))]);
    let former = UserFacts { attached_policies: vec![wide.to_owned()], ..contained(overdue()) };
    let cut = swept(&former, &settings, now()).steps;
    let by_sweep = after(&former, &cut[..1]);
    let sign_in = decide(&event("ConsoleLogin"), &former, &settings, now());
    for both in [by_sweep, after(&former, &sign_in.steps)] {
        assert_eq!(both.attached_policies, [wide, POLICY]);
        assert_eq!(lookups(&both, true, &settings, now()), [Lookup::AttachedBy]);
        assert_eq!(lookups(&both, true, &settings_with(&[]), now()), [], "it is nobody's");
        let asked = UserFacts { attached_by: AttachedBy::Us(days_ago(1)), ..both };
        let plan = swept(&asked, &settings, now());
        assert_eq!(after(&asked, &plan.steps).attached_policies, [POLICY], "{}", summary(&plan));
    }
}

#[test]
fn any_enrolment_under_a_quarantine_by_hand_is_told() {
    for user in [by_hand(without_password()), by_hand(exempt())] {
        assert_eq!(notices(&at_enrolment(&enrolled(user), &settings())), ["held-by-hand"]);
    }
}

#[test]
fn user_contained_by_hand_is_reminded_once_a_day() {
    let told = "reminder 2026-11-24T07:00:00Z event=earlier";
    let plan = decided("ConsoleLogin", &with_tag(by_hand(overdue()), UserTag::Notified.key(), told));
    assert_eq!((plan.reason, plan.steps.len()), (Reason::QuarantinedByHand, 0), "{}", summary(&plan));
}

#[test]
fn what_is_done_about_a_user_is_an_episode() {
    let episode = |user: &UserFacts| decided("ConsoleLogin", user).episode.is_some();
    let told = "reminder 2026-11-24T07:00:00Z event=earlier";
    assert!(episode(&with_tag(in_grace(), UserTag::Notified.key(), told)), "nothing is to be said today");
    assert!(episode(&by_hand(compliant())));
    assert!(!episode(&compliant()), "nothing is wrong with her");
}

#[test]
fn quarantine_by_hand_is_a_finding_outside_of_any_event() {
    assert_eq!(findings_of(&by_hand(overdue()), &settings(), now()), [Finding::QuarantinedByHand]);
}

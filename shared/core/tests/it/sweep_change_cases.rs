//! How a sweep sums up what it did: to whom, and whether a removal of MFA is dealt with.

use crate::approval_fixtures::{
    approval_by, at_approval, automatic, enrolment, hours, settings, swept, waiting,
};
use crate::snapshot_fixtures::alice_with;
use mfa_enforcer_core::digest::{ChangeKind, SweepResult};
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::facts::{AttachedBy, Removal, UserFacts};
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_core::sweep::{dealt_with_removals, user_change};
use mfa_enforcer_core::tags::APPROVED_KEY;
use mfa_enforcer_testing::digests::{overdue as status, user_change as change};
use mfa_enforcer_testing::fixtures::{POLICY, compliant, contained, days_ago, now, overdue, user, with_tag};
use mfa_enforcer_testing::plans::{after, summary};
use rstest::rstest;

#[test]
fn approved_user_is_released_once() {
    let approved = with_tag(waiting(), APPROVED_KEY, "yes");
    let approval = at_approval(&approval_by("carol"), &approved, &settings());
    let narrowed = after(&approved, &approval.steps);
    let end = enrolment() + hours(12);
    let lifting = swept(&narrowed, &settings(), end);
    let lifted = user_change(&narrowed, &lifting, &lifting.steps);
    assert_eq!(lifted, Some(ChangeKind::Released), "{}", summary(&lifting));
    let free = after(&narrowed, &lifting.steps);
    let ending = swept(&free, &settings(), end + hours(1));
    assert!(!ending.steps.is_empty());
    assert_eq!(user_change(&free, &ending, &ending.steps), None, "{}", summary(&ending));
}

#[test]
fn user_is_released_when_the_record_is_gone_at_last() {
    let settings = automatic();
    let user = contained(compliant());
    let first = swept(&user, &settings, now());
    let ends = |step: &Step| step.effect() == Effect::EndQuarantine;
    let interrupted: Vec<Step> = first.steps.iter().filter(|step| !ends(step)).cloned().collect();
    let recorded = after(&user, &interrupted);
    let second = swept(&recorded, &settings, now());
    assert!(second.steps.iter().all(ends), "{}", summary(&second));
    assert_eq!(user_change(&recorded, &second, &second.steps), Some(ChangeKind::Released));
}

#[test]
fn lost_record_that_is_restored_is_a_repair() {
    let attached_by = AttachedBy::Us(days_ago(1));
    let stripped = UserFacts { attached_policies: vec![POLICY.to_owned()], attached_by, ..overdue() };
    let plan = swept(&stripped, &automatic(), now());
    assert_eq!(plan.steps.last().map(Step::effect), Some(Effect::RestoreRecord), "{}", summary(&plan));
    assert_eq!(user_change(&stripped, &plan, &plan.steps), Some(ChangeKind::Repaired));
}

/// A user of this name, whose device was removed yesterday.
fn without_device(name: &str, before_deployment: bool) -> UserSnapshot {
    let event = EventId::new("removal").unwrap();
    let removal = Some(Removal { event, time: days_ago(1), before_deployment });
    UserSnapshot { user: UserFacts { removal, ..user(name) }, ..alice_with(&[]) }
}

#[rstest]
#[case::contained(ChangeKind::Contained, true)]
#[case::told(ChangeKind::Told, true)]
#[case::withheld(ChangeKind::Withheld, true)]
#[case::failed(ChangeKind::Failed, false)]
#[case::refused(ChangeKind::Refused, false)]
fn removal_is_dealt_with_unless_that_failed(#[case] what: ChangeKind, #[case] expected: bool) {
    let result = SweepResult { users: vec![change(&status("alice", 1), what)], ..SweepResult::default() };
    let alice = without_device("alice", false);
    assert_eq!(dealt_with_removals(&[without_device("bob", false), alice], &result), expected);
}

#[test]
fn failure_without_a_removal_leaves_none_open() {
    let failed = change(&status("alice", 1), ChangeKind::Failed);
    let result = SweepResult { users: vec![failed], ..SweepResult::default() };
    let no_removal = UserSnapshot { user: user("alice"), ..alice_with(&[]) };
    for users in [no_removal, without_device("alice", true), without_device("bob", false)] {
        assert!(dealt_with_removals(std::slice::from_ref(&users), &result), "{users:?}");
    }
}

#[test]
fn sweep_that_left_users_may_have_left_removals() {
    let result = SweepResult { remaining: vec!["alice".to_owned()], ..SweepResult::default() };
    assert!(!dealt_with_removals(&[without_device("alice", false)], &result));
    assert!(!dealt_with_removals(&[], &result), "nobody knows whose");
    assert!(dealt_with_removals(&[], &SweepResult::default()));
}

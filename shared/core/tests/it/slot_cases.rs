//! Who takes one of the slots for those whose deadline has passed, and who waits for one.

use crate::approval_fixtures::hours;
use crate::snapshot_fixtures::{not_reported, snapshot_of};
use crate::sweep_cases::swept;
use jiff::SignedDuration;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::episode::Episode;
use mfa_enforcer_core::event::{EventId, SweepKind};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_core::sweep::Slots;
use mfa_enforcer_core::tags::{Cause, QuarantineRecord, UserTag};
use mfa_enforcer_testing::fixtures::{
    contained, days_ago, decide, event, in_grace, now, overdue, request, settings, settings_with, warned,
    with_tag,
};
use mfa_enforcer_testing::plans::summary;
use rstest::rstest;

const CONTAIN: Reason = Reason::Contain(Cause::DeadlinePassed);

/// The user, with a record of a quarantine for this long.
fn recorded(user: UserFacts, ago: SignedDuration, cause: Cause, event: &EventId) -> UserFacts {
    let since = now() - ago;
    let record = QuarantineRecord::value(since, cause, event, &Episode::beginning(&user.id, since));
    with_tag(user, UserTag::Quarantined.key(), &record)
}

fn contained_by_sweep(ago: SignedDuration, cause: Cause) -> UserFacts {
    recorded(contained(overdue()), ago, cause, &request().id)
}

/// What is left of this many slots, if a sweep contained one user an hour ago.
fn slots(limit: &str) -> Slots {
    let earlier = contained_by_sweep(hours(1), Cause::DeadlinePassed);
    Slots::left([&earlier], &settings_with(&[("MAX_QUARANTINES", limit)]), now())
}

#[test]
fn limit_counts_what_sweeps_did_within_a_day() {
    let settings = settings_with(&[("MAX_QUARANTINES", "3")]);
    let earlier = [
        contained_by_sweep(hours(1), Cause::DeadlinePassed),
        contained_by_sweep(hours(25), Cause::DeadlinePassed),
        contained_by_sweep(hours(1), Cause::MfaRemoved),
        contained(overdue()),
    ];
    let slots = Slots::left(&earlier, &settings, now());
    let reasons = [(); 4].map(|()| slots.admit(swept(&warned()), &warned()).reason);
    assert_eq!(reasons, [CONTAIN, CONTAIN, Reason::LimitReached, Reason::LimitReached]);
    let removal = decide(&event("DeactivateMFADevice"), &overdue(), &settings, now());
    assert!(!slots.admit(removal, &overdue()).steps.is_empty(), "a removal takes no slot");
    let unlimited = Slots::left(&earlier, &settings_with(&[("MAX_QUARANTINES", "0")]), now());
    assert!((0..99).all(|_| unlimited.admit(swept(&warned()), &warned()).reason == CONTAIN));
}

#[rstest]
#[case::lately(contained_by_sweep(hours(1), Cause::DeadlinePassed), true)]
#[case::within_a_day(
    contained_by_sweep(hours(24) - SignedDuration::from_secs(1), Cause::DeadlinePassed),
    true
)]
#[case::a_day_ago(contained_by_sweep(hours(24), Cause::DeadlinePassed), false)]
#[case::for_another_reason(contained_by_sweep(hours(1), Cause::MfaRemoved), false)]
#[case::by_an_event(
    recorded(contained(overdue()), hours(1), Cause::DeadlinePassed, &EventId::new("sign-in").unwrap()),
    false
)]
#[case::not_after_all(recorded(warned(), hours(1), Cause::DeadlinePassed, &request().id), false)]
fn slot_is_taken_for_a_day(#[case] user: UserFacts, #[case] is_taken: bool) {
    let slots = Slots::left([&user], &settings_with(&[("MAX_QUARANTINES", "1")]), now());
    let reason = slots.admit(swept(&warned()), &warned()).reason;
    assert_eq!(reason, if is_taken { Reason::LimitReached } else { CONTAIN });
}

/// As when their quarantine was refused. Somebody else can have it.
#[rstest]
#[case::not_contained(warned(), warned(), true)]
#[case::contained(warned(), contained_by_sweep(hours(0), Cause::DeadlinePassed), false)]
#[case::took_none(in_grace(), in_grace(), false)]
fn slot_of_a_user_who_is_not_contained_is_given_back(
    #[case] before: UserFacts,
    #[case] after: UserFacts,
    #[case] is_given_back: bool,
) {
    let (slots, plan) = (slots("2"), swept(&before));
    assert_eq!(slots.admit(swept(&warned()), &warned()).reason, CONTAIN);
    slots.give_back(&plan, &before, &after, &settings());
    let reason = slots.admit(swept(&warned()), &warned()).reason;
    assert_eq!(reason, if is_given_back { CONTAIN } else { Reason::LimitReached });
}

#[test]
fn nothing_is_left_of_the_plan_of_a_user_who_waits() {
    let plan = sweep_user(&request().as_kind(SweepKind::Hourly), &warned(), &settings(), now());
    assert!(!plan.steps.is_empty() && !plan.if_refused.is_empty(), "{}", summary(&plan));
    let waits = slots("1").admit(plan, &warned());
    assert_eq!(waits.reason, Reason::LimitReached);
    assert_eq!((waits.steps, waits.if_refused, waits.no_room), (vec![], vec![], None));
}

/// Only both together tell that the user was contained: the record comes before the quarantine, and the message after.
#[rstest]
#[case::recorded_and_told(
    UserFacts { attached_policies: Vec::new(), ..contained_by_sweep(hours(30), Cause::DeadlinePassed) },
    false
)]
#[case::only_recorded(recorded(warned(), hours(30), Cause::DeadlinePassed, &request().id), true)]
#[case::only_told(
    with_tag(overdue(), UserTag::Notified.key(), "quarantined 2026-11-21T09:00:00Z event=earlier"),
    true
)]
fn only_recorded_and_told_users_need_no_slot(#[case] user: UserFacts, #[case] waits: bool) {
    let plan = swept(&user);
    assert!(!plan.steps.is_empty(), "{}", summary(&plan));
    let admitted = slots("1").admit(plan.clone(), &user);
    assert_eq!(admitted.reason == Reason::LimitReached, waits, "{}", summary(&plan));
}

#[rstest]
#[case::waits("1", snapshot_of(warned()), true)]
#[case::slot_is_left("2", snapshot_of(warned()), false)]
#[case::no_limit("0", snapshot_of(warned()), false)]
#[case::deadline_has_not_passed("1", snapshot_of(in_grace()), false)]
#[case::password_may_be_younger(
    "1",
    UserSnapshot { password_latest: Some(days_ago(2)), ..snapshot_of(warned()) },
    false
)]
#[case::nothing_is_known("1", UserSnapshot { user: warned(), ..not_reported() }, false)]
fn user_who_only_waits_is_not_looked_up(
    #[case] limit: &str,
    #[case] user: UserSnapshot,
    #[case] waits: bool,
) {
    let plan = slots(limit).keeps_waiting(&user, &request(), &settings(), now());
    let expected = waits.then_some((Reason::LimitReached, 0));
    assert_eq!(plan.map(|plan| (plan.reason, plan.steps.len())), expected);
}

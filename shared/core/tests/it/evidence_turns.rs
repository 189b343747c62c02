//! What counts as a containment, a put-back or a release, and what a retry says of an earlier try.

use crate::evidence_fixtures::{acts_after, deed};
use crate::guard_fixtures::{self, EVENT, detached};
use mfa_enforcer_core::event::Occasion;
use mfa_enforcer_core::evidence::{Act, Deed, Run, acts_of};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::evidence::ACCOUNT;
use mfa_enforcer_testing::fixtures::{
    POLICY, contained, decide_on, now, occasion, overdue, settings, with_tag,
};
use mfa_enforcer_testing::plans::after;
use rstest::rstest;

const OF_ACCESS: [&str; 3] = ["containment", "put-back", "release"];

/// Kind, number of changes, and whether they were read back, of each act of access.
fn turns(acts: &[Act]) -> Vec<(&str, usize, Option<bool>)> {
    let of_access = acts.iter().filter(|act| OF_ACCESS.contains(&act.act.as_str()));
    of_access.map(|act| (act.act.as_str(), act.done.len(), act.read_back)).collect()
}

/// The plan for a sign-in of alice.
fn sign_in(user: &UserFacts) -> (Occasion, Plan) {
    let occasion = occasion("ConsoleLogin");
    let plan = decide_on(&occasion, user, &settings(), now());
    (occasion, plan)
}

/// The plan for the detachment of alice's quarantine.
fn detachment(user: &UserFacts) -> (Occasion, Plan) {
    let event = guard_fixtures::event("DetachUserPolicy");
    let plan = guard_fixtures::decided(&event, user);
    (Occasion::Event(Box::new(event)), plan)
}

/// Alice under a quarantine of whose record she was not told: it names this event.
fn untold(event: &str) -> UserFacts {
    let mut user = overdue();
    user.attached_policies.push(POLICY.to_owned());
    let record = format!("2026-11-24T09:02:00Z reason=sign-in event={event}");
    with_tag(user, UserTag::Quarantined.key(), &record)
}

#[rstest]
#[case::told("quarantined 2026-11-21T09:00:00Z event=earlier", "put-back")]
#[case::reminded("quarantine-reminder 2026-11-22T09:00:00Z event=later", "put-back")]
#[case::not_sent("quarantined 2026-11-21T09:00:00Z event=earlier claimed", "containment")]
#[case::told_something_else("reminder 2026-11-21T09:00:00Z event=earlier", "containment")]
#[case::told_of_another("quarantined 2026-11-20T09:00:00Z event=before", "containment")]
fn quarantine_is_put_back_on_whoever_was_told_of_it(#[case] notice: &str, #[case] kind: &str) {
    let user = with_tag(detached(), UserTag::Notified.key(), notice);
    let (occasion, plan) = sign_in(&user);
    let acts = acts_after(&occasion, &user, &plan);
    assert_eq!((acts[0].act.as_str(), acts[0].read_back), (kind, Some(true)));
}

#[rstest]
#[case::told_now("earlier", true, true)]
#[case::of_this_event(EVENT, false, true)]
#[case::of_this_event_and_told_now(EVENT, true, true)]
#[case::neither("earlier", false, false)]
fn retry_says_what_it_finds_attached(#[case] event: &str, #[case] is_told: bool, #[case] is_said: bool) {
    let user = untold(event);
    let (occasion, plan) = sign_in(&user);
    assert!(matches!(plan.reason, Reason::FinishContainment(_)), "{plan:?}");
    let is_done = |step: &&Step| is_told || !matches!(step, Step::Notify(_));
    let done: Vec<Step> = plan.steps.iter().filter(is_done).cloned().collect();
    let then = after(&user, &done);
    let acts = acts_of(
        &Run::new(ACCOUNT, now(), "run"),
        Deed { done: &done, ..deed(&occasion, &user, &then, &plan) },
    );
    let expected = if is_said { vec![("containment", 0, Some(true))] } else { Vec::new() };
    assert_eq!(turns(&acts), expected);
}

#[test]
fn second_delivery_after_a_whole_containment_says_nothing() {
    let user = overdue();
    let (_, plan) = sign_in(&user);
    let then = after(&user, &plan.steps);
    let (occasion, again) = sign_in(&then);
    assert_eq!(acts_after(&occasion, &then, &again), []);
}

#[rstest]
#[case::by_this_event(Some(EVENT), true)]
#[case::by_another_event(Some("another"), false)]
#[case::by_a_sweep(None, false)]
fn retry_says_what_its_own_event_put_back(#[case] counted: Option<&str>, #[case] is_said: bool) {
    let user = contained(overdue());
    let user = counted.iter().fold(user, |user, event| {
        with_tag(user, UserTag::Undone.key(), &format!("2026-11-24T09 1 event={event}"))
    });
    let (occasion, plan) = detachment(&user);
    assert_eq!(plan.reason, Reason::PutBack);
    let expected = if is_said { vec![("put-back", 0, Some(true))] } else { Vec::new() };
    assert_eq!(turns(&acts_after(&occasion, &user, &plan)), expected);
}

/// There is nothing to look at: access did not change.
#[test]
fn record_that_is_put_back_is_not_read_back() {
    let mut user = contained(overdue());
    user.tags.remove(UserTag::Quarantined.key());
    let event = guard_fixtures::untagged(&[UserTag::Quarantined.key()]);
    let plan = guard_fixtures::decided(&event, &user);
    let acts = acts_after(&Occasion::Event(Box::new(event)), &user, &plan);
    // The record and the count.
    assert_eq!(turns(&acts), [("put-back", 2, None)]);
}

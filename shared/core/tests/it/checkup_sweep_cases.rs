//! What `doctor` says of sweeps: what orders them, the last one, and what was left undone.

use crate::checkup_fixtures::{deployed, found, link, note, queue, unread};
use jiff::SignedDuration;
use mfa_enforcer_core::checkup::{Item, Seen, State};
use mfa_enforcer_testing::fixtures::now;
use rstest::rstest;

#[rstest]
#[case(|seen: &mut Seen| seen.schedules.clear(), Some((State::Broken, "so there are no sweeps")))]
#[case(|seen: &mut Seen| seen.mappings.clear(), Some((State::Broken, "so there are no sweeps")))]
#[case(|seen: &mut Seen| seen.schedules[0].found = Ok(None), Some((State::Broken, "HourlySchedule is gone")))]
#[case(
    |seen: &mut Seen| seen.schedules[0].found = unread(),
    Some((State::Unknown, "HourlySchedule could not be read"))
)]
#[case(
    |seen: &mut Seen| "DISABLED".clone_into(&mut link(&mut seen.schedules[0]).state),
    Some((State::Broken, "HourlySchedule is disabled"))
)]
#[case(
    |seen: &mut Seen| "arn:other".clone_into(&mut link(&mut seen.schedules[1]).queue),
    Some((State::Broken, "another queue"))
)]
#[case(|seen: &mut Seen| "Enabled".clone_into(&mut link(&mut seen.mappings[0]).state), None)]
#[case(
    |seen: &mut Seen| "Disabled".clone_into(&mut link(&mut seen.mappings[0]).state),
    Some((State::Broken, "SweepFunctionOrders is disabled"))
)]
fn schedules_are_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Schedules, spoil, expected);
}

#[rstest]
#[case(|seen: &mut Seen| note(seen, "2026-11-23T07:05:00Z"), None)]
#[case(|seen: &mut Seen| note(seen, "2026-11-23T07:04:59Z"), Some((State::Warning, "the next is late")))]
#[case(|seen: &mut Seen| note(seen, "2026-11-22T07:05:00Z"), Some((State::Warning, "the next is late")))]
#[case(|seen: &mut Seen| note(seen, "2026-11-22T07:04:59Z"), Some((State::Broken, "some were missed")))]
#[case(
    |seen: &mut Seen| note(seen, "2026-11-24T06:00:00Z owed=sweep"),
    Some((State::Warning, "left something undone"))
)]
#[case(
    |seen: &mut Seen| note(seen, "2026-11-24T06:00:00Z owed=yes"),
    Some((State::Warning, "digest could not be sent"))
)]
#[case(|seen: &mut Seen| note(seen, "what"), Some((State::Broken, "no daily sweep ever ended")))]
// Somebody wrote it: the next sweep is not to be.
#[case(|seen: &mut Seen| note(seen, "2030-01-01T00:00:00Z"), Some((State::Broken, "no daily sweep ever ended")))]
#[case(
    |seen: &mut Seen| {
        note(seen, "what");
        seen.stack.state.changed = Some(now() - SignedDuration::from_hours(25));
    },
    Some((State::Warning, "no note of a sweep on the alerts topic yet"))
)]
// By now, the first one should have ended.
#[case(
    |seen: &mut Seen| {
        note(seen, "what");
        seen.stack.state.changed = Some(now() - SignedDuration::from_hours(26));
    },
    Some((State::Broken, "no daily sweep ever ended"))
)]
#[case(|seen: &mut Seen| deployed(seen).tags = unread(), Some((State::Unknown, "when the last sweep was")))]
#[case(|seen: &mut Seen| seen.deployed = None, Some((State::Unknown, "when the last sweep was is not known")))]
fn last_sweep_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::LastSweep, spoil, expected);
}

#[rstest]
#[case(|seen: &mut Seen| queue(seen, 0).messages = 3, Some((State::Warning, "events could not be handled: 3")))]
#[case(|seen: &mut Seen| queue(seen, 2).messages = 1, Some((State::Warning, "sweeps could not be finished: 1")))]
// Orders wait in their queue until the sweep takes them.
#[case(|seen: &mut Seen| queue(seen, 1).messages = 1, None)]
#[case(|seen: &mut Seen| seen.queues[0].found = Ok(None), Some((State::Broken, "DeadLetters is gone")))]
#[case(|seen: &mut Seen| seen.queues[0].found = unread(), Some((State::Unknown, "the queue DeadLetters")))]
#[case(|seen: &mut Seen| seen.queues.clear(), Some((State::Broken, "no queue for what could not be handled")))]
fn dead_letters_are_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::DeadLetters, spoil, expected);
}

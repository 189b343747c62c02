//! What `doctor` says of a deployment: each item in each state.

use jiff::SignedDuration;
use mfa_enforcer_core::checkup::{Check, Checkup, Item, Seen, State};
use mfa_enforcer_testing::checkups::healthy;
use mfa_enforcer_testing::fixtures::now;
use rstest::rstest;

/// What is said of an item, without what is in order.
fn wrong(seen: &Seen) -> Vec<Check> {
    Checkup::of(seen).checks.into_iter().filter(|check| check.state != State::Ok).collect()
}

#[rstest]
#[case(|seen: &mut Seen| "CREATE_COMPLETE".clone_into(&mut seen.stack.state.status), None)]
#[case(|seen: &mut Seen| "UPDATE_ROLLBACK_COMPLETE".clone_into(&mut seen.stack.state.status), Some((State::Warning, "the last change failed")))]
#[case(|seen: &mut Seen| "UPDATE_ROLLBACK_FAILED".clone_into(&mut seen.stack.state.status), Some((State::Broken, "neither as before")))]
#[case(|seen: &mut Seen| "ROLLBACK_COMPLETE".clone_into(&mut seen.stack.state.status), Some((State::Broken, "is ROLLBACK_COMPLETE")))]
#[case(|seen: &mut Seen| "DELETE_FAILED".clone_into(&mut seen.stack.state.status), Some((State::Broken, "is DELETE_FAILED")))]
#[case(
    |seen: &mut Seen| {
        "UPDATE_IN_PROGRESS".clone_into(&mut seen.stack.state.status);
        seen.stack.state.changed = Some(now());
    },
    Some((State::Warning, "may be missing for the moment"))
)]
#[case(|seen: &mut Seen| "UPDATE_IN_PROGRESS".clone_into(&mut seen.stack.state.status), Some((State::Broken, "more than three hours")))]
#[case(
    |seen: &mut Seen| drop(seen.stack.state.outputs.insert("Version".to_owned(), "9.9.9".to_owned())),
    Some((State::Warning, "of version 9.9.9 and this program of"))
)]
#[case(|seen: &mut Seen| seen.stack.state.outputs.clear(), Some((State::Warning, "does not say its version")))]
#[case(
    |seen: &mut Seen| {
        let hash = format!("console={}", "0".repeat(64));
        seen.stack.state.outputs.insert("QuarantineDocuments".to_owned(), hash);
    },
    Some((State::Warning, "names other texts of the quarantine"))
)]
fn stack_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Stack, spoil, expected);
}

#[rstest]
#[case(|seen: &mut Seen| seen.stack.drift.status.clear(), Some((State::Warning, "nobody ever looked")))]
#[case(|seen: &mut Seen| "NOT_CHECKED".clone_into(&mut seen.stack.drift.status), Some((State::Warning, "nobody ever looked")))]
#[case(|seen: &mut Seen| "DRIFTED".clone_into(&mut seen.stack.drift.status), Some((State::Warning, "changed them by hand")))]
#[case(|seen: &mut Seen| seen.stack.drift.at = Some(now() - SignedDuration::from_hours(30 * 24)), None)]
#[case(|seen: &mut Seen| seen.stack.drift.at = Some(now() - SignedDuration::from_hours(30 * 24 + 1)), Some((State::Warning, "last looked for")))]
#[case(|seen: &mut Seen| seen.stack.drift.at = None, Some((State::Warning, "at an unknown time")))]
fn drift_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Drift, spoil, expected);
}

/// The worst that is said of an item has this state and says so, with what to do. `None`: it is in order.
fn found(item: Item, spoil: fn(&mut Seen), expected: Option<(State, &str)>) {
    let mut seen = healthy();
    spoil(&mut seen);
    let checks: Vec<Check> = wrong(&seen).into_iter().filter(|check| check.item == item).collect();
    let worst = checks.iter().max_by_key(|check| check.state);
    let Some((state, says)) = expected else { return assert_eq!(worst, None) };
    let worst = worst.unwrap();
    assert_eq!(worst.state, state, "{worst:?}");
    assert!(worst.says.contains(says), "{worst:?}");
    assert!(worst.advice.as_ref().is_some_and(|advice| !advice.is_empty()), "{worst:?}");
}

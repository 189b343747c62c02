//! What checks of a deployment start from, and how they are told.

use mfa_enforcer_core::checkup::{
    Check, Checkup, Deployed, FunctionSeen, Item, Part, QueueSeen, RuleSeen, Seen, State,
};
use mfa_enforcer_core::digest::LAST_SWEEP_KEY;
use mfa_enforcer_testing::checkups::healthy;

pub(crate) const ERROR: &str =
    "aws:Call failed: access denied, whoever called lacks this permission (AccessDenied)";

pub(crate) fn unread<T>() -> Result<T, String> {
    Err(ERROR.to_owned())
}

/// What is said of an item, without what is in order.
pub(crate) fn wrong(seen: &Seen) -> Vec<Check> {
    Checkup::of(seen).checks.into_iter().filter(|check| check.state != State::Ok).collect()
}

pub(crate) fn function(seen: &mut Seen, index: usize) -> &mut FunctionSeen {
    seen.functions[index].found.as_mut().unwrap().as_mut().unwrap()
}

pub(crate) fn set(seen: &mut Seen, index: usize, name: &str, value: &str) {
    let variables = function(seen, index).variables.as_mut().unwrap();
    variables.insert(name.to_owned(), value.to_owned());
}

pub(crate) fn deployed(seen: &mut Seen) -> &mut Deployed {
    seen.deployed.as_mut().unwrap()
}

pub(crate) fn note(seen: &mut Seen, value: &str) {
    let tags = deployed(seen).tags.as_mut().unwrap().as_mut().unwrap();
    tags.insert(LAST_SWEEP_KEY.to_owned(), value.to_owned());
}

pub(crate) fn queue(seen: &mut Seen, index: usize) -> &mut QueueSeen {
    seen.queues[index].found.as_mut().unwrap().as_mut().unwrap()
}

pub(crate) fn rule(seen: &mut Seen) -> &mut RuleSeen {
    seen.rules[0].found.as_mut().unwrap().as_mut().unwrap()
}

pub(crate) fn link<T>(part: &mut Part<T>) -> &mut T {
    part.found.as_mut().unwrap().as_mut().unwrap()
}

/// The worst that is said of an item has this state and says so, with what to do. `None`: it is in order.
pub(crate) fn found(item: Item, spoil: fn(&mut Seen), expected: Option<(State, &str)>) {
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

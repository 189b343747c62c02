//! What `doctor` says of the forwarding of sign-ins from other regions.

use crate::checkup_fixtures::{ERROR, found, link, unread, wrong};
use mfa_enforcer_core::checkup::{Checkup, ForwardSeen, Item, Seen, State};
use mfa_enforcer_testing::checkups::healthy;
use rstest::rstest;

/// The first of the other regions.
fn first(seen: &mut Seen) -> &mut ForwardSeen {
    &mut seen.forwarding.as_mut().unwrap()[0]
}

fn nothing_there(region: &mut ForwardSeen) {
    region.queue.found = Ok(None);
    for rule in &mut region.rules {
        rule.found = Ok(None);
    }
}

#[rstest]
#[case(|seen: &mut Seen| seen.forwarding = Ok(Vec::new()), None)]
#[case(|seen: &mut Seen| seen.forwarding = unread(), Some((State::Unknown, ERROR)))]
#[case(
    |seen: &mut Seen| nothing_there(first(seen)),
    Some((State::Warning, "forwards sign-ins from eu-west-1, so only sweeps"))
)]
#[case(
    |seen: &mut Seen| first(seen).rules[0].found = Ok(None),
    Some((State::Broken, "mfa-enforcer-forward in eu-west-1 is gone"))
)]
#[case(
    |seen: &mut Seen| first(seen).rules[1].found = unread(),
    Some((State::Unknown, "mfa-enforcer-forward-watch in eu-west-1"))
)]
#[case(
    |seen: &mut Seen| "DISABLED".clone_into(&mut link(&mut first(seen).rules[0]).state),
    Some((State::Broken, "in eu-west-1 is DISABLED"))
)]
#[case(
    |seen: &mut Seen| link(&mut first(seen).rules[0]).targets = Ok(Vec::new()),
    Some((State::Broken, "does not have the bus in us-east-1"))
)]
// The bus of somebody else.
#[case(
    |seen: &mut Seen| {
        let bus = "arn:aws:events:us-east-1:999988887777:event-bus/default".to_owned();
        link(&mut first(seen).rules[0]).targets = Ok(vec![bus]);
    },
    Some((State::Broken, "does not have the bus in us-east-1"))
)]
#[case(|seen: &mut Seen| link(&mut first(seen).rules[0]).targets = unread(), Some((State::Unknown, "the targets of")))]
#[case(
    |seen: &mut Seen| first(seen).queue.found = Ok(None),
    Some((State::Broken, "dead-letters in eu-west-1 is gone"))
)]
#[case(|seen: &mut Seen| first(seen).queue.found = unread(), Some((State::Unknown, "dead-letters in eu-west-1")))]
#[case(
    |seen: &mut Seen| link(&mut first(seen).queue).messages = 2,
    Some((State::Warning, "could not be forwarded from eu-west-1: 2"))
)]
fn forwarding_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Forwarding, spoil, expected);
}

#[rstest]
#[case::one(1, "sign-ins are forwarded from 1 other region")]
#[case::two(2, "sign-ins are forwarded from each of 2 other regions")]
fn forwarding_regions_are_counted(#[case] regions: usize, #[case] says: &str) {
    let mut seen = healthy();
    seen.forwarding.as_mut().unwrap().truncate(regions);
    let checkup = Checkup::of(&seen);
    let check = checkup.checks.iter().find(|check| check.item == Item::Forwarding).unwrap();
    assert_eq!((check.state, check.says.as_str()), (State::Ok, says));
}

#[rstest]
#[case::nothing_there(
    |seen: &mut Seen| nothing_there(first(seen)),
    "list-stack-instances --stack-set-name mfa-enforcer-forward --region us-east-1 says why it failed"
)]
#[case::rule_gone(
    |seen: &mut Seen| first(seen).rules[0].found = Ok(None),
    "deploy forward.yaml there again (the stack set mfa-enforcer-forward)"
)]
fn advice_names_the_stack_set(#[case] spoil: fn(&mut Seen), #[case] expected: &str) {
    let mut seen = healthy();
    spoil(&mut seen);
    let advice = wrong(&seen).remove(0).advice.unwrap();
    assert!(advice.contains(expected), "{advice}");
}

#[test]
fn regions_without_forwarding_are_named_together() {
    let spoil = |seen: &mut Seen| seen.forwarding.as_mut().unwrap().iter_mut().for_each(nothing_there);
    found(Item::Forwarding, spoil, Some((State::Warning, "from eu-west-1, ap-southeast-2, so")));
}

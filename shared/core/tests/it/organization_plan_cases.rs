//! What the plan of an organization says of the limit that a hub has for all accounts.

use crate::contract::root;
use mfa_enforcer_core::forecast::Person;
use mfa_enforcer_core::organization::{HeldHour, OrganizationProspect};
use mfa_enforcer_testing::evidence::prospect_of_people;
use mfa_enforcer_testing::fixtures::now;
use mfa_enforcer_testing::organizations::account;
use rstest::rstest;
use serde_json::Value;
use std::fs;

/// So many accounts with the same people, where `MAX_QUARANTINES` is this everywhere.
fn plan(accounts: usize, everywhere: Option<usize>) -> OrganizationProspect {
    let read = |index: usize| {
        let account = account(&["Root"], "one", &format!("{index:012}"), "ACTIVE");
        let people = prospect_of_people(&[("MODE", "enforce"), ("GRACE_PERIOD", "3d")], 10);
        (account, Some(Ok(people)))
    };
    let accounts = (0..accounts).map(read).collect();
    OrganizationProspect::of("o-exampleorgid", "arn:aws:iam::1:user/carol", now(), everywhere, accounts)
}

/// How many users of an account are to be quarantined at the same time, the most of any time.
fn at_once() -> usize {
    let people = prospect_of_people(&[("MODE", "enforce"), ("GRACE_PERIOD", "3d")], 10);
    let times: Vec<_> = people.users.iter().filter_map(Person::contained_at).collect();
    times.iter().map(|time| times.iter().filter(|other| *other == time).count()).max().unwrap()
}

#[rstest]
#[case::below(9, Some(1), false)]
#[case::at_the_limit(10, Some(1), false)]
#[case::beyond(11, Some(1), true)]
#[case::far_below(11, Some(2), false)]
#[case::no_limit(30, None, false)]
#[case::zero_is_no_limit(30, Some(0), false)]
fn quarantines_beyond_ten_times_the_limit_are_held(
    #[case] accounts: usize,
    #[case] everywhere: Option<usize>,
    #[case] is_held: bool,
) {
    let each = at_once();
    let plan = plan(accounts, everywhere.map(|limit| limit * each));
    let most = plan.held.iter().max_by_key(|hour| hour.users);
    assert_eq!(most.is_some(), is_held, "{:?}", plan.held);
    if let Some(HeldHour { hour, users, limit, held }) = most {
        assert_eq!((*users, *limit, *held), (accounts * each, 10 * each, (accounts - 10) * each));
        assert_eq!(hour.as_second() % 3600, 0);
    }
}

#[test]
fn json_with_held_hours_fits_its_schema() {
    let file = fs::read_to_string(root().join("docs/organization-plan.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str::<Value>(&file).unwrap()).unwrap();
    let plan = plan(11, Some(1));
    assert!(!plan.held.is_empty());
    let told: Value = serde_json::from_slice(&plan.json()).unwrap();
    let problems: Vec<String> = validator.iter_errors(&told).map(|problem| problem.to_string()).collect();
    assert_eq!(problems, Vec::<String>::new());
}

//! What `doctor --org --live` says of the way from each account to the hub.

use crate::checkup_member_cases::{of, told};
use jiff::SignedDuration;
use mfa_enforcer_core::checkup::{
    Check, Item, OrganizationCheckup, OrganizationSeen, State, TestEvents, accounts_to_test,
};
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_testing::organization_checkups::{HUB, MANAGEMENT, MEMBER, healthy, member, with_faults};

const LOGS: &str = "mfa-enforcer-UserLifecycleLogs-1ABCDEF2GHIJ";
const DENIED: &str = "events:PutEvents failed: access denied";

/// An event was put on the bus of the hub's account and of the member, and both arrived.
pub(crate) fn tested() -> OrganizationSeen {
    let id = |account: &str| EventId::new(&format!("event-of-{account}")).unwrap();
    let tests = TestEvents {
        log_group: LOGS.to_owned(),
        events: [HUB, MEMBER].map(|account| (account.to_owned(), Ok(id(account)))).into(),
        logged: Ok([HUB, MEMBER]
            .map(|account| (id(account).to_string(), SignedDuration::from_secs(4)))
            .into()),
        waited: SignedDuration::from_mins(2),
    };
    OrganizationSeen { tests: Some(tests), ..healthy() }
}

fn tests(seen: &mut OrganizationSeen) -> &mut TestEvents {
    seen.tests.as_mut().unwrap()
}

/// What is said of the test.
fn live(checks: &[Check]) -> Option<&Check> {
    checks.iter().find(|check| check.item == Item::Live)
}

fn of_hub(seen: &OrganizationSeen) -> Check {
    let checks = OrganizationCheckup::of(seen).hub.checks;
    live(&checks).unwrap().clone()
}

fn of_member(seen: &OrganizationSeen) -> Check {
    live(&of(MEMBER, seen).checks).unwrap().clone()
}

#[test]
fn without_a_test_nothing_is_said_of_it() {
    let checkup = OrganizationCheckup::of(&healthy());
    let of_accounts = checkup.accounts.iter().flat_map(|account| &account.checks);
    assert!(checkup.hub.checks.iter().chain(of_accounts).all(|check| check.item != Item::Live));
}

#[test]
fn events_that_arrived_are_ok_and_say_what_they_do_not_prove() {
    let seen = tested();
    let checkup = OrganizationCheckup::of(&seen);
    assert_eq!(checkup.state, State::Ok, "{checkup:#?}");
    let hub = of_hub(&seen);
    assert!(hub.says.contains("of 2 test events, 2 arrived"), "{hub:?}");
    assert!(hub.says.contains("does not prove that CloudTrail's events reach the rules"), "{hub:?}");
    let member = of_member(&seen);
    assert!(member.says.contains("in us-east-1 to the hub, whose log has it after 4 seconds"), "{member:?}");
    // Nothing was put on the bus of an account with a stack of its own.
    assert_eq!(live(&of(MANAGEMENT, &seen).checks), None);
}

#[test]
fn event_that_did_not_arrive_is_broken_in_its_account_alone() {
    let mut seen = tested();
    tests(&mut seen).logged.as_mut().unwrap().retain(|id, _| !id.ends_with(MEMBER));
    let check = of_member(&seen);
    assert_eq!(check.state, State::Broken);
    assert!(
        check.says.contains("event-of-222233334444 did not arrive at the hub within 120 seconds"),
        "{check:?}"
    );
    assert!(check.advice.unwrap().contains("mfa-enforcer-member-dead-letters in us-east-1"));
    assert!(of_hub(&seen).says.contains("of 2 test events, 1 arrived"));
    let checkup = OrganizationCheckup::of(&seen);
    assert_eq!((checkup.state, checkup.count(State::Broken)), (State::Broken, 1));
}

#[test]
fn where_none_arrived_the_hub_is_to_be_looked_at_first() {
    let mut seen = tested();
    tests(&mut seen).logged = Ok([].into());
    let hub = of_hub(&seen);
    assert_eq!(hub.state, State::Broken);
    assert!(hub.says.contains("of 2 test events, none is in the log group"), "{hub:?}");
    assert!(hub.advice.unwrap().contains("the rule mfa-enforcer-test on it"));
    assert_eq!(of_member(&seen).advice.unwrap(), "do first what is said of the hub, where none arrived");
}

#[test]
fn event_that_could_not_be_put_leaves_its_account_unknown() {
    let mut seen = tested();
    tests(&mut seen).events.insert(MEMBER.to_owned(), Err(DENIED.to_owned()));
    let check = of_member(&seen);
    assert_eq!(check.state, State::Unknown);
    assert!(check.says.contains(DENIED), "{check:?}");
    assert!(check.advice.unwrap().contains("policies/doctor-organization-live.json"));
    assert!(of_hub(&seen).says.contains("of 1 test event, 1 arrived"));
    tests(&mut seen).events.insert(HUB.to_owned(), Err(DENIED.to_owned()));
    assert_eq!(of_hub(&seen).state, State::Unknown);
}

#[test]
fn log_that_cannot_be_read_is_said_of_the_hub() {
    let mut seen = tested();
    tests(&mut seen).logged = Err("logs:FilterLogEvents failed: access denied".to_owned());
    assert!(of_hub(&seen).says.contains("logs:FilterLogEvents failed"));
    let wrong = told(of(MEMBER, &seen).wrong());
    assert_eq!(wrong.len(), 1);
    assert_eq!((wrong[0].0, wrong[0].1), (Item::Live, State::Unknown));
}

#[test]
fn only_accounts_with_a_role_for_the_hub_are_tested() {
    let seen = with_faults();
    assert_eq!(accounts_to_test(&seen.accounts, &seen.hub), [HUB, MEMBER]);
    let mut seen = tested();
    member(&mut seen).iam.as_mut().unwrap().roles.clear();
    assert_eq!(accounts_to_test(&seen.accounts, &seen.hub), [HUB]);
    tests(&mut seen).events.clear();
    let hub = of_hub(&seen);
    assert_eq!(hub.state, State::Unknown);
    assert!(hub.says.contains("no account has a way to the hub that could be tried"), "{hub:?}");
}

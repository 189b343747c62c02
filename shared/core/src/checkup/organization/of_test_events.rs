//! Whether a test event on the bus of each account came through to a function of the hub.

use super::roles;
use super::rules::dead_letters_of;
use super::seen::{AccountSeen, HubSeen, OrganizationSeen, TestEvents};
use crate::checkup::check::{Check, Item};
use crate::checkup::live_test::TESTED_FUNCTION;
use crate::checkup::of_live::seconds;
use crate::counted::counted;
use crate::event::EventId;

const ITEM: Item = Item::Live;
const GRANT: &str = "grant what it names to whoever runs this (policies/doctor-organization-live.json has it all, also for the \
                     session in each account), or run it again";
const NOT_TRIED: &str =
    "do first what is said of the accounts: a test event is put where member.yaml is deployed";

/// The numbers of the accounts whose way to the hub can be tried: those that have a role for it.
#[must_use]
pub fn accounts_to_test<'a>(accounts: &'a [AccountSeen], hub: &HubSeen) -> Vec<&'a str> {
    let to_test = |seen: &&AccountSeen| {
        let iam = match &seen.member {
            Some(Ok(member)) => member.iam.as_ref().ok(),
            Some(Err(_)) | None => None,
        };
        iam.is_some_and(|iam| !roles::members_in(iam, hub).is_empty())
    };
    accounts.iter().filter(to_test).map(|seen| seen.account.id.as_str()).collect()
}

impl TestEvents {
    /// The events that were put, which is all that the log can have.
    fn put(&self) -> impl Iterator<Item = &EventId> {
        self.events.values().filter_map(|event| event.as_ref().ok())
    }

    /// How many of them arrived.
    fn arrived(&self) -> usize {
        self.put()
            .filter(|id| self.logged.as_ref().is_ok_and(|logged| logged.contains_key(id.as_str())))
            .count()
    }
}

/// What is to be said once, of the hub; nothing if nobody asked for a test.
pub(super) fn of_hub(seen: &OrganizationSeen) -> Vec<Check> {
    let (Some(tests), hub) = (&seen.tests, &seen.hub) else { return Vec::new() };
    let put = tests.put().count();
    let put_events = counted(put, "test event");
    let TestEvents { log_group, waited, .. } = tests;
    let check = match (&tests.logged, tests.arrived()) {
        (Err(error), _) => Check::not_known(
            ITEM,
            format!(
                "the log of {TESTED_FUNCTION} could not be read, so nothing is known of any way to it: {error}"
            ),
            GRANT,
        ),
        (Ok(_), _) if tests.events.is_empty() => {
            Check::not_known(ITEM, "no account has a way to the hub that could be tried", NOT_TRIED)
        }
        (Ok(_), _) if put == 0 => Check::not_known(ITEM, "no test event could be put anywhere", GRANT),
        (Ok(_), 0) => Check::broken(
            ITEM,
            format!("of {put_events}, none is in the log group {log_group} after {}", seconds(*waited)),
            format!(
                "look at what is said of functions; then at the bus {bus} and its policy, and the rule {bus}-test on it; aws \
                 logs tail {log_group} --region {} says whether the function runs",
                hub.region,
                bus = hub.stack.name
            ),
        ),
        (Ok(_), arrived) => Check::ok(
            ITEM,
            format!(
                "of {put_events}, {arrived} arrived at {TESTED_FUNCTION}. That does not prove that CloudTrail's \
                 events reach the rules"
            ),
        ),
    };
    vec![check]
}

/// What is to be said of an account; nothing if nothing was tried there.
pub(super) fn of_account(account: &str, member: &str, seen: &OrganizationSeen) -> Vec<Check> {
    let Some((tests, event)) =
        seen.tests.as_ref().and_then(|tests| Some((tests, tests.events.get(account)?)))
    else {
        return Vec::new();
    };
    let check = match (event, &tests.logged) {
        (Err(error), _) => Check::not_known(
            ITEM,
            format!("no test event was put on its bus, so nothing is known of its way to the hub: {error}"),
            GRANT,
        ),
        (Ok(_), Err(_)) => Check::not_known(
            ITEM,
            "a test event was put on its bus, and whether it arrived is not known",
            "do first what is said of the hub",
        ),
        (Ok(id), Ok(logged)) => match logged.get(id.as_str()) {
            Some(after) => Check::ok(
                ITEM,
                format!(
                    "a test event passed from its bus in {} to the hub, whose log has it after {}",
                    seen.hub.region,
                    seconds(*after)
                ),
            ),
            None => Check::broken(ITEM, not_there(id, tests), where_to_look(member, tests, &seen.hub)),
        },
    };
    vec![check]
}

fn not_there(id: &EventId, tests: &TestEvents) -> String {
    format!("the test event {id} did not arrive at the hub within {}", seconds(tests.waited))
}

fn where_to_look(member: &str, tests: &TestEvents, hub: &HubSeen) -> String {
    if tests.arrived() == 0 {
        return "do first what is said of the hub, where none arrived".to_owned();
    }
    format!(
        "look at what is said above of its rules and roles; else in the account at the queue {} in {}, where EventBridge \
         puts what it may not send, with the error. A service control policy may deny events:PutEvents to the role",
        dead_letters_of(member),
        hub.region
    )
}

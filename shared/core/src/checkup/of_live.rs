//! Whether what a live test set off came through to a function.

use super::check::{Check, Item};
use super::live_test::{LiveSeen, LiveTest, TEST_USER_PATH, TESTED_FUNCTION};
use super::seen::Seen;
use crate::counted::counted;
use jiff::SignedDuration;

/// How the test went; nothing if nobody asked for one.
pub(super) fn live(seen: &Seen) -> Vec<Check> {
    let Some(live) = &seen.live else { return Vec::new() };
    let test = match &live.test {
        Ok(test) => test,
        Err(error) => {
            let checks = [not_run("nothing was set off", error)];
            return checks.into_iter().chain(left_unsure(live)).collect();
        }
    };
    [vec![came_through(test, live, seen)], left(test, live).into_iter().collect()].concat()
}

fn came_through(test: &LiveTest, live: &LiveSeen, seen: &Seen) -> Check {
    const ITEM: Item = Item::Live;
    let LiveSeen { log_group, logged, waited, .. } = live;
    match (logged, test) {
        (Ok(Some(after)), LiveTest::Event(_)) => Check::ok(
            ITEM,
            format!(
                "a test event passed over the event bus and its rule to {TESTED_FUNCTION}, whose log has it after {}. \
                 That does not prove that the trail's events reach the rules: --live=iam does",
                seconds(*after)
            ),
        ),
        (Ok(Some(after)), LiveTest::User(name)) => Check::ok(
            ITEM,
            format!(
                "the creation of the user {name} was recorded and reached {TESTED_FUNCTION}, whose log has it after {}. \
                 Each rule has a pattern of its own, so that proves nothing of the others",
                seconds(*after)
            ),
        ),
        (Ok(None), LiveTest::Event(id)) => Check::broken(
            ITEM,
            format!("the test event {id} is not in the log group {log_group} after {}", seconds(*waited)),
            format!(
                "look at what is said above of rules, functions and settings; else aws logs tail {log_group} --region {} \
                 says whether the function runs",
                seen.region
            ),
        ),
        (Ok(None), LiveTest::User(name)) => Check::broken(
            ITEM,
            format!(
                "the creation of the user {name} is not in the log group {log_group} after {}: its event was not \
                 recorded, did not reach the function, or is late",
                seconds(*waited)
            ),
            "run --live, which leaves the trail out; if that is ok, docs/RUNBOOK.md, No trail logs management events",
        ),
        (Err(error), LiveTest::Event(_) | LiveTest::User(_)) => not_run("the log could not be read", error),
    }
}

/// What is known of nothing, with the error, which names the call.
fn not_run(what: &str, error: &str) -> Check {
    let advice =
        "grant what it names to whoever runs this (policies/doctor-live.json has it all), or run it again";
    Check::not_known(
        Item::Live,
        format!("{what}, so nothing is known of the way to a function: {error}"),
        advice,
    )
}

/// What a test left behind.
fn left(test: &LiveTest, live: &LiveSeen) -> Option<Check> {
    let LiveTest::User(name) = test else { return None };
    let error = live.left.as_ref()?;
    let says = format!("the user {name}, who has no password, could not be deleted again: {error}");
    Some(Check::warning(Item::Live, says, format!("aws iam delete-user --user-name {name}")))
}

/// The same, where nobody knows whether there is a user.
fn left_unsure(live: &LiveSeen) -> Option<Check> {
    let user = live.left.as_ref()?;
    let says =
        format!("a user without a password may have been made, and could not be deleted again: {user}");
    Some(Check::warning(
        Item::Live,
        says,
        format!("look for it, and delete it: aws iam list-users --path-prefix {TEST_USER_PATH}"),
    ))
}

/// A span to the second.
pub(super) fn seconds(span: SignedDuration) -> String {
    counted(span.as_secs(), "second")
}

//! What orders sweeps and carries the orders, the last sweep, and what was left undone.

use super::check::{Check, Item, or_ok};
use super::of_functions::PUT_BACK;
use super::of_settings::no_settings;
use super::of_stack::day;
use super::seen::{LinkSeen, Part, QueueSeen, Seen};
use crate::digest::{LAST_SWEEP_KEY, Memory};
use crate::tags::second;
use jiff::SignedDuration;

/// A daily sweep is late after this long: a day, the hour of summer time, and an hour for the sweep itself.
pub(super) const LATE_AFTER: SignedDuration = SignedDuration::from_hours(26);
/// After this long, a second one was missed as well.
const MISSED_AFTER: SignedDuration = SignedDuration::from_hours(50);
/// How the template calls the queue of the orders.
const ORDERS: &str = "SweepQueue";

/// How the template calls the queues of what could not be handled, at the end.
const DEAD_LETTERS: &str = "DeadLetters";

/// Whether sweeps are ordered, and the orders carried to the function.
pub(super) fn schedules(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Schedules;
    if seen.schedules.is_empty() || seen.mappings.is_empty() {
        let says = "the stack has no schedule, or nothing that passes its orders on, so there are no sweeps";
        return vec![Check::broken(ITEM, says, "check that --stack names the stack of mfa-enforcer")];
    }
    let orders = seen.queues.iter().find(|queue| queue.logical == ORDERS);
    let orders = orders.and_then(|queue| Some(queue.found.as_ref().ok()?.as_ref()?.arn.as_str()));
    let schedules = seen.schedules.iter().filter_map(|part| link(part, "the schedule", orders, None));
    let mappings = seen.mappings.iter().filter_map(|part| {
        let enable = format!(
            "aws lambda update-event-source-mapping --uuid {} --enabled --region {}",
            part.name, seen.region
        );
        link(part, "the mapping of the queue to the sweep,", orders, Some(enable))
    });
    let checks = schedules.chain(mappings).collect();
    or_ok(checks, ITEM, || {
        format!("{} schedules order sweeps, and the orders reach the function", seen.schedules.len())
    })
}

fn link(part: &Part<LinkSeen>, what: &str, orders: Option<&str>, enable: Option<String>) -> Option<Check> {
    const ITEM: Item = Item::Schedules;
    let Part { logical, name, found } = part;
    let called = format!("{what} {logical}");
    match found {
        Err(error) => Some(Check::unknown(ITEM, &called, error)),
        Ok(None) => {
            Some(Check::broken(ITEM, format!("{called} is gone ({name}), so sweeps are missing"), PUT_BACK))
        }
        Ok(Some(link)) if !link.state.eq_ignore_ascii_case("enabled") => {
            let says = format!("{called} is {}, so sweeps are missing", link.state.to_lowercase());
            Some(Check::broken(ITEM, says, enable.unwrap_or_else(|| PUT_BACK.to_owned())))
        }
        Ok(Some(link)) if orders.is_some_and(|orders| orders != link.queue) => {
            let says = format!("{called} uses another queue than that of the orders, so sweeps are missing");
            Some(Check::broken(ITEM, says, PUT_BACK))
        }
        Ok(Some(_)) => None,
    }
}

/// What the last sweep noted on the alerts topic, which says `what`; `None` if there is no such note.
pub(super) fn noted(seen: &Seen, item: Item, what: &str) -> Result<Option<Memory>, Check> {
    let Some(deployed) = &seen.deployed else { return Err(no_settings(item, what)) };
    let tags = deployed.tags.as_ref().map_err(|error| Check::unknown(item, what, error))?.as_ref();
    Ok(tags.and_then(|tags| tags.get(LAST_SWEEP_KEY)).and_then(|value| Memory::parse(value)))
}

/// When the last daily sweep ended, and whether it left anything undone. The alarm `sweep-missed` watches the hourly ones.
pub(super) fn last_sweep(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::LastSweep;
    const RUN: &str = "docs/RUNBOOK.md, The sweep is not finished, and To run a sweep by hand";
    let noted = match noted(seen, ITEM, "when the last sweep was") {
        Ok(noted) => noted,
        Err(check) => return vec![check],
    };
    // Whether one is owed holds without a digest before it, too.
    let is_owed = noted.as_ref().is_some_and(|memory| memory.owed);
    let Some(memory) = noted.and_then(|memory| memory.believed(seen.at)) else {
        let since = seen.stack.state.changed;
        let is_new = since.is_some_and(|since| seen.at.duration_since(since) < LATE_AFTER);
        let says = "there is no note of a sweep on the alerts topic";
        return vec![if is_new {
            Check::warning(
                ITEM,
                format!("{says} yet"),
                "run it again after the time in the parameter DailyAt",
            )
        } else {
            Check::broken(ITEM, format!("{says}, so no daily sweep ever ended"), RUN)
        }];
    };
    let (age, ended) = (seen.at.duration_since(memory.swept), second(memory.swept));
    let mut checks = Vec::new();
    if age > MISSED_AFTER {
        checks.push(Check::broken(
            ITEM,
            format!("the last daily sweep ended {ended}, so some were missed"),
            RUN,
        ));
    } else if age > LATE_AFTER {
        checks.push(Check::warning(
            ITEM,
            format!("the last daily sweep ended {ended}, so the next is late"),
            RUN,
        ));
    }
    if memory.unfinished {
        let says =
            format!("the sweep that ended {ended} left something undone, and the next one goes on with it");
        checks.push(Check::warning(ITEM, says, RUN));
    }
    if is_owed {
        checks.push(Check::warning(
            ITEM,
            "a digest could not be sent, and is due with the next daily sweep",
            "docs/RUNBOOK.md, No digest came",
        ));
    }
    let digest = memory.digest.map_or("none yet".to_owned(), day);
    or_ok(checks, ITEM, || format!("the last daily sweep ended {ended}; the last digest: {digest}"))
}

/// What could not be handled, in the queues that end in `DeadLetters`; and whether each queue is there.
pub(super) fn dead_letters(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::DeadLetters;
    if !seen.queues.iter().any(|part| part.logical.ends_with(DEAD_LETTERS)) {
        let says = "the stack has no queue for what could not be handled, so it is lost";
        return vec![Check::broken(ITEM, says, "check that --stack names the stack of mfa-enforcer")];
    }
    let checks = seen.queues.iter().filter_map(queue).collect();
    or_ok(checks, ITEM, || "no event and no sweep is among what could not be handled".to_owned())
}

/// What is wrong with a queue.
pub(super) fn queue(part: &Part<QueueSeen>) -> Option<Check> {
    const ITEM: Item = Item::DeadLetters;
    let Part { logical, name, found } = part;
    match found {
        Err(error) => Some(Check::unknown(ITEM, &format!("the queue {logical}"), error)),
        Ok(None) => Some(Check::broken(ITEM, format!("the queue {logical} is gone ({name})"), PUT_BACK)),
        Ok(Some(queue)) if queue.messages > 0 && logical.ends_with(DEAD_LETTERS) => {
            let (what, section) = if logical.starts_with("Sweep") {
                ("sweeps could not be finished", "The sweep is not finished")
            } else {
                ("events could not be handled", "The dead-letter queue is not empty")
            };
            let says = format!("{what}: {} in the queue {logical}", queue.messages);
            let advice =
                format!("mfa-enforcer redrive shows them and runs them again; docs/RUNBOOK.md, {section}");
            Some(Check::warning(ITEM, says, advice))
        }
        Ok(Some(_)) => None,
    }
}

//! What is to be said once, of the hub: its stack, its settings, and its sweeps.

use super::of_test_events;
use super::seen::{HubSeen, OrganizationSeen};
use crate::checkup::check::{Check, Item, or_ok};
use crate::checkup::of_functions::PUT_BACK;
use crate::checkup::of_stack;
use crate::checkup::of_sweeps;
use crate::checkup::seen::{Part, QueueSeen, Read};
use crate::event::Function;
use crate::organization::{SweepPlan, TREE_KEY};
use crate::tags::second;
use strum::IntoEnumIterator;

/// How the template calls the queue of accounts that could not be swept.
const ACCOUNT_DEAD_LETTERS: &str = "AccountDeadLetters";
const NOT_SWEPT: &str = "docs/RUNBOOK.md, An account is not swept";
const SETTINGS: &str = "docs/ORGANIZATION.md, Settings for all of them";

/// What is so of the hub.
pub(super) fn hub(seen: &OrganizationSeen) -> Vec<Check> {
    let OrganizationSeen { caller, hub, .. } = seen;
    let HubSeen { account, region, stack, .. } = hub;
    let access = format!("{caller} reads the hub, account {account} in {region}");
    let state = [of_stack::status(stack, region, seen.at), of_stack::of_version(&stack.state)];
    [
        vec![Check::ok(Item::Access, access)],
        state.to_vec(),
        functions(hub),
        settings(seen),
        sweeps(hub),
        dead_letters(hub),
        of_test_events::of_hub(seen),
    ]
    .concat()
}

/// Whether each function is there: without one, what roles in accounts have to trust is not known.
fn functions(hub: &HubSeen) -> Vec<Check> {
    const ITEM: Item = Item::Functions;
    let is_there = |function: &Function| hub.roles.iter().any(|(found, _)| found == function);
    let gone = Function::iter().filter(|function| !is_there(function));
    let checks = gone
        .map(|function| {
            let says =
                format!("the function {} of the hub is gone, or does not say its role", function.name());
            Check::broken(ITEM, says, PUT_BACK)
        })
        .collect();
    or_ok(checks, ITEM, || format!("{} functions of the hub have a role each", Function::iter().count()))
}

/// Whether the hub knows what holds in the accounts.
fn settings(seen: &OrganizationSeen) -> Vec<Check> {
    const ITEM: Item = Item::Settings;
    let OrganizationSeen { hub, organization, .. } = seen;
    let mut checks = Vec::new();
    if hub.settings.organization != *organization {
        let says = format!(
            "the hub is for the organization {}, and you are in {organization}",
            hub.settings.organization
        );
        checks.push(Check::broken(ITEM, says, "check --hub and --stack, or the parameter OrganizationId"));
    }
    match &hub.books {
        Ok(books) => checks.extend(books.doubt.iter().map(|doubt| {
            let says = format!(
                "the newest settings of the organization cannot be used, and version {} holds: {doubt}",
                books.version
            );
            Check::broken(ITEM, says, SETTINGS)
        })),
        Err(error) => {
            let says = format!(
                "what holds in the accounts is not known: the settings of the organization or {TREE_KEY} cannot be \
                 read: {error}"
            );
            let advice = format!("without them the hub does nothing in any account: {SETTINGS}");
            checks.push(Check::not_known(ITEM, says, advice));
        }
    }
    let at = hub.books.as_ref().map(|books| second(books.tree.at)).unwrap_or_default();
    or_ok(checks, ITEM, || {
        format!("the settings of the organization can be used; its accounts were listed {at}")
    })
}

/// Whether sweeps are planned.
fn sweeps(hub: &HubSeen) -> Vec<Check> {
    const ITEM: Item = Item::LastSweep;
    let plan = |plan: &Read<Option<SweepPlan>>, what: &str, within: &str| match plan {
        Ok(Some(_)) => None,
        Ok(None) => {
            let says = format!("no {what} sweep was planned in the last {within}, so no account is swept");
            Some(Check::broken(ITEM, says, NOT_SWEPT))
        }
        Err(error) => Some(Check::unknown(ITEM, &format!("the plan of the last {what} sweep"), error)),
    };
    let checks =
        plan(&hub.hourly, "hourly", "three hours").into_iter().chain(plan(&hub.daily, "daily", "26 hours"));
    or_ok(checks.collect(), ITEM, || {
        let run = |plan: &Read<Option<SweepPlan>>| match plan {
            Ok(Some(plan)) => plan.run.clone(),
            Ok(None) | Err(_) => String::new(),
        };
        format!("the last sweeps that were planned: {} and {}", run(&hub.hourly), run(&hub.daily))
    })
}

/// Whether an account could not be swept, or an event not be handled.
fn dead_letters(hub: &HubSeen) -> Vec<Check> {
    const ITEM: Item = Item::DeadLetters;
    let is_there = hub.queues.iter().any(|part| part.logical == ACCOUNT_DEAD_LETTERS);
    let none = (!is_there).then(|| {
        let says = "the hub has no queue for accounts that could not be swept, so nobody hears of them";
        Check::broken(ITEM, says, PUT_BACK)
    });
    let of_queue = |part: &Part<_>| match part.logical.as_str() {
        ACCOUNT_DEAD_LETTERS => accounts(part),
        _ => of_sweeps::queue(part),
    };
    let checks = none.into_iter().chain(hub.queues.iter().filter_map(of_queue)).collect();
    or_ok(checks, ITEM, || "no account, event or sweep is among what could not be handled".to_owned())
}

/// The same queue, of whose messages something else is said.
fn accounts(part: &Part<QueueSeen>) -> Option<Check> {
    match &part.found {
        Ok(Some(queue)) if queue.messages > 0 => {
            let says =
                format!("accounts could not be swept: {} in the queue {}", queue.messages, part.logical);
            Some(Check::warning(Item::DeadLetters, says, NOT_SWEPT))
        }
        Ok(_) | Err(_) => of_sweeps::queue(part),
    }
}

//! The functions: whether they run, and under which settings.

use super::check::{Check, Item, or_ok};
use super::of_stack::version;
use super::seen::{FunctionSeen, Part, Seen};
use crate::organization::HubSettings;
use crate::settings::Settings;
use std::collections::{BTreeMap, BTreeSet};

/// Where it is said how to put a part of the stack back.
pub(super) const PUT_BACK: &str = "put it back: docs/RUNBOOK.md, Somebody changed the enforcer";
/// Lambda leaves at least so many executions without a reservation, but in accounts whose quota is lower: new ones begin
/// with 10. Source: Lambda Developer Guide, "Configuring reserved concurrency" and "Lambda quotas".
const USUAL_EXECUTIONS: u32 = 100;
/// The quota of executions at the same time, as Service Quotas calls it.
const EXECUTIONS_QUOTA: &str = "L-B99A9384";
/// The setting with the ARN of the stack.
const STACK_ID: &str = "STACK_ID";

/// Whether the functions are there, can run, and are of one version.
pub(super) fn functions(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Functions;
    if seen.functions.is_empty() {
        let says = "the stack has no function, so nothing is done about anybody";
        return vec![Check::broken(ITEM, says, "check that --stack names the stack of mfa-enforcer")];
    }
    let expected = version(&seen.stack.state);
    let each = seen.functions.iter().flat_map(|part| function(part, expected, seen));
    let checks: Vec<Check> = each.chain(quota(seen)).collect();
    let version = expected.map(|version| format!(", of version {version}")).unwrap_or_default();
    or_ok(checks, ITEM, || format!("{} functions can run{version}", seen.functions.len()))
}

/// What is wrong with the account's quota of executions.
fn quota(seen: &Seen) -> Option<Check> {
    const ITEM: Item = Item::Functions;
    let executions = match &seen.executions {
        Ok(executions) => executions,
        Err(error) => return Some(Check::unknown(ITEM, "how many executions the account allows", error)),
    };
    let is_unreserved = |part: &Part<FunctionSeen>| match &part.found {
        Ok(Some(function)) => function.concurrency == Ok(None),
        Ok(None) | Err(_) => false,
    };
    let is_short = executions.unreserved < USUAL_EXECUTIONS && seen.functions.iter().any(is_unreserved);
    is_short.then(|| {
        Check::warning(
            ITEM,
            format!(
                "the account allows {} executions at the same time for all functions without a reservation: while \
                 others use them, events and sweeps wait",
                executions.unreserved
            ),
            format!(
                "aws service-quotas request-service-quota-increase --service-code lambda --quota-code {} \
                 --desired-value 1000 --region {}",
                EXECUTIONS_QUOTA, seen.region
            ),
        )
    })
}

fn function(part: &Part<FunctionSeen>, expected: Option<&str>, seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Functions;
    let Part { logical, name, found } = part;
    let function = match found {
        Ok(Some(function)) => function,
        Ok(None) => return vec![Check::broken(ITEM, format!("{logical} is gone ({name})"), PUT_BACK)],
        Err(error) => return vec![Check::unknown(ITEM, logical, error)],
    };
    let mut checks: Vec<Check> = is_able(part, function).into_iter().collect();
    match &function.concurrency {
        Ok(Some(0)) => checks.push(Check::broken(
            ITEM,
            format!("{logical} is stopped: its reserved concurrency is 0, so it never runs"),
            format!("aws lambda delete-function-concurrency --function-name {name} --region {}", seen.region),
        )),
        Ok(_) => {}
        Err(error) => checks.push(Check::unknown(ITEM, &format!("the concurrency of {logical}"), error)),
    }
    match (&function.version, expected) {
        (Ok(Some(version)), Some(expected)) if version != expected => checks.push(Check::warning(
            ITEM,
            format!("{logical} is tagged with version {version}, and the stack is of {expected}"),
            PUT_BACK,
        )),
        (Ok(None), Some(_)) => {
            checks.push(Check::warning(
                ITEM,
                format!("{logical} lacks the tag `version` of the stack"),
                PUT_BACK,
            ));
        }
        (Ok(_), _) => {}
        (Err(error), _) => checks.push(Check::unknown(ITEM, &format!("the version of {logical}"), error)),
    }
    if let Err(error) = &function.policy {
        checks.push(Check::unknown(ITEM, &format!("who may invoke {logical}"), error));
    }
    checks
}

/// What Lambda says about the function; `None` if it can run.
fn is_able(part: &Part<FunctionSeen>, function: &FunctionSeen) -> Option<Check> {
    const ITEM: Item = Item::Functions;
    let logical = &part.logical;
    // Lambda puts a function that was not used for weeks to sleep, and wakes it for the next event.
    let (state, update) = (function.state.as_str(), function.last_update.as_str());
    match (state, update) {
        ("Failed", _) => Some(Check::broken(
            ITEM,
            format!("{logical} is in the state Failed, so it does not run"),
            PUT_BACK,
        )),
        (_, "Failed") => {
            let says = format!("the last change of {logical} failed, so it runs as it was before");
            Some(Check::warning(ITEM, says, "deploy the stack again"))
        }
        ("Pending", _) | (_, "InProgress") => {
            let says = format!("{logical} is being changed");
            Some(Check::warning(ITEM, says, "run it again in a minute"))
        }
        ("Active" | "Inactive", "Successful" | "") => None,
        _ => {
            let says = format!("{logical} is in a state that this program does not know: {state} {update}");
            Some(Check::warning(ITEM, says, "look at it in the console of Lambda"))
        }
    }
}

/// Whether the settings of all functions can be used, are of this stack, and are the same.
pub(super) fn settings(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Settings;
    let mut checks = Vec::new();
    let mut read = Vec::new();
    for Part { logical, found, .. } in &seen.functions {
        let variables = match found {
            Ok(Some(function)) => &function.variables,
            // That it is gone is said of the function.
            Ok(None) => continue,
            Err(error) => &Err(error.clone()),
        };
        match variables {
            Ok(variables) if is_of_hub(variables) => {
                let says =
                    "the functions are those of a hub, of which only what every stack has is looked at here";
                let fix = "`mfa-enforcer doctor --org` judges the hub and every account of its organization";
                return vec![Check::warning(ITEM, says, fix)];
            }
            Ok(variables) => {
                checks.extend(of_function(logical, variables, &seen.stack.id));
                read.push(variables.clone());
            }
            Err(error) => checks.push(Check::unknown(ITEM, &format!("the settings of {logical}"), error)),
        }
    }
    checks.extend(differing(&read));
    if checks.is_empty() && read.is_empty() {
        checks.push(Check::broken(ITEM, "no function is there that has settings", PUT_BACK));
    }
    let mode = || seen.deployed.as_ref().map_or("unknown", |deployed| deployed.settings.mode.name());
    or_ok(checks, ITEM, || {
        format!("all functions can use their settings, which are the same: MODE={}", mode())
    })
}

fn is_of_hub(variables: &BTreeMap<String, String>) -> bool {
    variables.get(HubSettings::VARIABLE).is_some_and(|organization| !organization.is_empty())
}

/// What is wrong with the settings of one function.
fn of_function(logical: &str, variables: &BTreeMap<String, String>, stack: &str) -> Vec<Check> {
    const ITEM: Item = Item::Settings;
    const FIX: &str =
        "correct the parameter of the stack and deploy it; docs/SETTINGS.md explains each setting";
    match Settings::read(|name| variables.get(name).cloned()) {
        Err(problems) => {
            let say = |problem: &crate::settings::Problem| {
                let says = format!("{logical} does not start: {} {}", problem.variable, problem.problem);
                Check::broken(ITEM, says, FIX)
            };
            problems.0.iter().map(say).collect()
        }
        Ok(settings) if settings.stack.as_ref().is_some_and(|own| own.id != stack) => {
            let says =
                format!("{STACK_ID} of {logical} names another stack, so it uses the policies of that one");
            vec![Check::broken(ITEM, says, PUT_BACK)]
        }
        Ok(_) => Vec::new(),
    }
}

/// The settings that not all functions have alike.
fn differing(all: &[BTreeMap<String, String>]) -> Option<Check> {
    let names: BTreeSet<&str> = Settings::descriptions().iter().map(|setting| setting.name).collect();
    let values = |name: &str| all.iter().map(|each| each.get(name)).collect::<BTreeSet<_>>();
    let differing: Vec<&str> = names.into_iter().filter(|name| values(name).len() > 1).collect();
    (!differing.is_empty()).then(|| {
        let says = format!(
            "the functions do not have the same {}: somebody changed one by hand",
            differing.join(", ")
        );
        Check::warning(Item::Settings, says, PUT_BACK)
    })
}

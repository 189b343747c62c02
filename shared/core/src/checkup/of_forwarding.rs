//! What forwards sign-ins from other regions: a sign-in is recorded in the region of its page.

use super::check::{Check, Item, or_ok};
use super::seen::{ForwardSeen, Part, RuleSeen, Seen};

/// Whether each region that the account has enabled forwards its sign-ins.
pub(super) fn forwarding(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Forwarding;
    let regions = match &seen.forwarding {
        Ok(regions) => regions,
        Err(error) => return vec![Check::unknown(ITEM, "which regions the account has enabled", error)],
    };
    let (without, with): (Vec<_>, Vec<_>) = regions.iter().partition(|region| has_none(region));
    let mut checks: Vec<Check> = with.iter().flat_map(|region| of_region(region, seen)).collect();
    if !without.is_empty() {
        let names: Vec<&str> = without.iter().map(|region| region.region.as_str()).collect();
        let says = format!("nothing forwards sign-ins from {}, so only sweeps find them", names.join(", "));
        checks.push(Check::warning(ITEM, says, add(seen)));
    }
    or_ok(checks, ITEM, || format!("sign-ins are forwarded from each of {} other regions", regions.len()))
}

/// How regions are added.
fn add(seen: &Seen) -> String {
    format!(
        "add them to SignInRegions or OptInRegions; where they are, aws cloudformation list-stack-instances \
         --stack-set-name {}-forward --region {} says why it failed",
        seen.stack.name, seen.region
    )
}

/// Whether nothing was ever deployed there.
fn has_none(region: &ForwardSeen) -> bool {
    region.queue.found == Ok(None) && region.rules.iter().all(|rule| rule.found == Ok(None))
}

fn of_region(region: &ForwardSeen, seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Forwarding;
    let ForwardSeen { region: place, rules, queue } = region;
    let rules = rules.iter().flat_map(|part| rule(part, place, seen));
    let Part { name, found, .. } = queue;
    let queue = match found {
        Ok(Some(queue)) if queue.messages > 0 => {
            let says = format!("events could not be forwarded from {place}: {} in {name}", queue.messages);
            Some(Check::warning(ITEM, says, "docs/RUNBOOK.md, A sign-in in another region was not seen"))
        }
        Ok(Some(_)) => None,
        Ok(None) => Some(Check::broken(ITEM, format!("the queue {name} in {place} is gone"), put_back(seen))),
        Err(error) => Some(Check::unknown(ITEM, &format!("the queue {name} in {place}"), error)),
    };
    rules.chain(queue).collect()
}

fn rule(part: &Part<RuleSeen>, place: &str, seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Forwarding;
    let called = format!("the rule {} in {place}", part.name);
    let rule = match &part.found {
        Ok(Some(rule)) => rule,
        Ok(None) => return vec![Check::broken(ITEM, format!("{called} is gone"), put_back(seen))],
        Err(error) => return vec![Check::unknown(ITEM, &called, error)],
    };
    let mut checks = Vec::new();
    if !rule.is_enabled() {
        let says = format!("{called} is {}, so what it should forward is not noticed", rule.state);
        let enable = format!("aws events enable-rule --name {} --region {place}", part.name);
        checks.push(Check::broken(ITEM, says, enable));
    }
    let bus = format!(":events:{}:{}:event-bus/", seen.region, seen.account);
    match &rule.targets {
        Ok(targets) if targets.iter().any(|target| target.contains(&bus)) => {}
        Ok(_) => {
            let says = format!("{called} does not have the bus in {} as target", seen.region);
            checks.push(Check::broken(ITEM, says, put_back(seen)));
        }
        Err(error) => checks.push(Check::unknown(ITEM, &format!("the targets of {called}"), error)),
    }
    checks
}

fn put_back(seen: &Seen) -> String {
    format!(
        "deploy forward.yaml there again (the stack set {}-forward); docs/RUNBOOK.md, Somebody changed the enforcer",
        seen.stack.name
    )
}

//! What forwards sign-ins from other regions: a sign-in is recorded in the region of its page.

use super::check::{Check, Item, or_ok};
use super::seen::{ForwardSeen, Part, RuleSeen, Seen};

/// Where the rules of a region have to send events, and what to do where they do not.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// What is checked.
    pub(super) item: Item,
    /// What the ARN of the bus contains.
    pub(super) bus: String,
    /// What the bus is called.
    pub(super) called: String,
    /// How something is put back that is gone.
    pub(super) put_back: String,
}

/// Whether each region that the account has enabled forwards its sign-ins.
pub(super) fn forwarding(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Forwarding;
    let regions = match &seen.forwarding {
        Ok(regions) => regions,
        Err(error) => return vec![Check::unknown(ITEM, "which regions the account has enabled", error)],
    };
    let (without, with): (Vec<_>, Vec<_>) = regions.iter().partition(|region| has_none(region));
    let way = Way {
        item: ITEM,
        bus: format!(":events:{}:{}:event-bus/", seen.region, seen.account),
        called: format!("the bus in {}", seen.region),
        put_back: put_back(seen),
    };
    let mut checks: Vec<Check> = with.iter().flat_map(|region| of_region(region, &way)).collect();
    let names: Vec<&str> = without.iter().map(|region| region.region.as_str()).collect();
    checks.extend(not_forwarded(&names, || add(seen)));
    or_ok(checks, ITEM, || match regions.len() {
        1 => "sign-ins are forwarded from 1 other region".to_owned(),
        count => format!("sign-ins are forwarded from each of {count} other regions"),
    })
}

/// What is wrong if there are regions of which nothing forwards sign-ins.
pub(super) fn not_forwarded(regions: &[&str], add: impl FnOnce() -> String) -> Option<Check> {
    let says = format!("nothing forwards sign-ins from {}, so only sweeps find them", regions.join(", "));
    (!regions.is_empty()).then(|| Check::warning(Item::Forwarding, says, add()))
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

/// What is wrong with what sends events from a region.
pub(super) fn of_region(region: &ForwardSeen, way: &Way) -> Vec<Check> {
    let ForwardSeen { region: place, rules, queue } = region;
    let rules = rules.iter().flat_map(|part| rule(part, place, way));
    let Part { name, found, .. } = queue;
    let queue = match found {
        Ok(Some(queue)) if queue.messages > 0 => {
            let says = format!("events could not be forwarded from {place}: {} in {name}", queue.messages);
            let advice = "docs/RUNBOOK.md, A sign-in in another region was not seen";
            Some(Check::warning(way.item, says, advice))
        }
        Ok(Some(_)) => None,
        Ok(None) => {
            let says = format!("the queue {name} in {place} is gone");
            Some(Check::broken(way.item, says, &way.put_back))
        }
        Err(error) => Some(Check::unknown(way.item, &format!("the queue {name} in {place}"), error)),
    };
    rules.chain(queue).collect()
}

fn rule(part: &Part<RuleSeen>, place: &str, way: &Way) -> Vec<Check> {
    let item = way.item;
    let called = format!("the rule {} in {place}", part.name);
    let rule = match &part.found {
        Ok(Some(rule)) => rule,
        Ok(None) => return vec![Check::broken(item, format!("{called} is gone"), &way.put_back)],
        Err(error) => return vec![Check::unknown(item, &called, error)],
    };
    let mut checks = Vec::new();
    if !rule.is_enabled() {
        let says = format!("{called} is {}, so what it should forward is not noticed", rule.state);
        let enable = format!("aws events enable-rule --name {} --region {place}", part.name);
        checks.push(Check::broken(item, says, enable));
    }
    match &rule.targets {
        Ok(targets) if targets.iter().any(|target| target.contains(&way.bus)) => {}
        Ok(_) => {
            let says = format!("{called} does not have {} as target", way.called);
            checks.push(Check::broken(item, says, &way.put_back));
        }
        Err(error) => checks.push(Check::unknown(item, &format!("the targets of {called}"), error)),
    }
    checks
}

fn put_back(seen: &Seen) -> String {
    format!(
        "deploy forward.yaml there again (the stack set {}-forward); docs/RUNBOOK.md, Somebody changed the enforcer",
        seen.stack.name
    )
}

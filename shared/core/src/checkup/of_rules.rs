//! What brings the events: a trail that logs them, and the rules that pass them on.

use super::check::{Check, Item, or_ok};
use super::of_functions::PUT_BACK;
use super::seen::{Part, RuleSeen, Seen};
use crate::trail::Trails;

/// Whether a trail logs the events on which the enforcer depends.
pub(super) fn trail(seen: &Seen) -> Vec<Check> {
    let finding = Trails::of(&seen.trails).finding();
    let checks = finding.iter().map(|finding| Check::of_finding(Item::Trail, finding)).collect();
    or_ok(checks, Item::Trail, || "a trail logs the management events that write, in every region".to_owned())
}

/// Whether each rule is enabled and has one of the functions as its target.
pub(super) fn rules(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Rules;
    if seen.rules.is_empty() {
        let says = "the stack has no rule, so no event reaches a function";
        return vec![Check::broken(ITEM, says, "check that --stack names the stack of mfa-enforcer")];
    }
    let checks = seen.rules.iter().flat_map(|part| rule(part, seen)).collect();
    or_ok(checks, ITEM, || {
        format!("{} rules are enabled and have a function of the stack as target", seen.rules.len())
    })
}

fn rule(part: &Part<RuleSeen>, seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Rules;
    let Part { name, found, .. } = part;
    let rule = match found {
        Ok(Some(rule)) => rule,
        Ok(None) => return vec![Check::broken(ITEM, format!("the rule {name} is gone"), PUT_BACK)],
        Err(error) => return vec![Check::unknown(ITEM, &format!("the rule {name}"), error)],
    };
    let mut checks = Vec::new();
    if !rule.is_enabled() {
        checks.push(Check::broken(
            ITEM,
            format!("the rule {name} is {}, so what it should pass on is not noticed", rule.state),
            format!("aws events enable-rule --name {name} --region {}", seen.region),
        ));
    }
    match &rule.targets {
        Ok(targets) if targets.iter().any(|target| is_function(target, seen)) => {}
        Ok(targets) => {
            let what = if targets.is_empty() { "no target" } else { "no function of the stack as target" };
            checks.push(Check::broken(ITEM, format!("the rule {name} has {what}"), PUT_BACK));
        }
        Err(error) => checks.push(Check::unknown(ITEM, &format!("the targets of {name}"), error)),
    }
    checks
}

/// Whether the ARN is that of a function of the stack.
fn is_function(arn: &str, seen: &Seen) -> bool {
    let names = || seen.functions.iter().map(|part| part.name.as_str());
    let place = format!(":lambda:{}:{}:function:", seen.region, seen.account);
    arn.split_once(&place).is_some_and(|(_, named)| names().any(|name| name == named))
}

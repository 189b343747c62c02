//! What brings the events: a trail that logs them, and the rules that pass them on.

use super::check::{Check, Item, or_ok};
use super::invoking::Invoking;
use super::of_functions::PUT_BACK;
use super::seen::{FunctionSeen, Part, RuleSeen, Seen};
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
        format!("{} rules are enabled and may invoke a function of the stack", seen.rules.len())
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
        Ok(targets) if targets.iter().any(|target| target_of(target, seen).is_some()) => {
            let functions = targets.iter().filter_map(|target| target_of(target, seen));
            checks.extend(functions.filter_map(|function| not_let_in(name, rule, function, seen)));
        }
        Ok(targets) => {
            let what = if targets.is_empty() { "no target" } else { "no function of the stack as target" };
            checks.push(Check::broken(ITEM, format!("the rule {name} has {what}"), PUT_BACK));
        }
        Err(error) => checks.push(Check::unknown(ITEM, &format!("the targets of {name}"), error)),
    }
    checks
}

/// The function of the stack with this ARN.
fn target_of<'a>(arn: &str, seen: &'a Seen) -> Option<&'a Part<FunctionSeen>> {
    let place = format!(":lambda:{}:{}:function:", seen.region, seen.account);
    let (_, named) = arn.split_once(&place)?;
    seen.functions.iter().find(|part| part.name == named)
}

/// What is wrong if the function does not let the rule invoke it. What could not be read is said of the function.
fn not_let_in(name: &str, rule: &RuleSeen, function: &Part<FunctionSeen>, seen: &Seen) -> Option<Check> {
    const ITEM: Item = Item::Rules;
    let Part { logical, name: given, found } = function;
    let policy = found.as_ref().ok()?.as_ref()?.policy.as_ref().ok()?;
    match policy.as_deref().map_or(Invoking::NotAllowed, |policy| Invoking::of(policy, &rule.arn)) {
        Invoking::Allowed => None,
        Invoking::NotAllowed => Some(Check::broken(
            ITEM,
            format!("{logical} does not let the rule {name} invoke it, so no event of that rule gets there"),
            format!(
                "aws lambda add-permission --function-name {given} --statement-id {name} --action \
                 lambda:InvokeFunction --principal events.amazonaws.com --source-arn {} --region {}",
                rule.arn, seen.region
            ),
        )),
        Invoking::Denied | Invoking::Unclear => Some(Check::warning(
            ITEM,
            format!(
                "the policy of {logical} has more than the stack's, so whether {name} may invoke it is unclear"
            ),
            format!("look at it: aws lambda get-policy --function-name {given} --region {}", seen.region),
        )),
    }
}

//! What sends the events of an account to the bus of the hub, from each region.

use super::roles::forwarding as role_of_rules;
use super::seen::{HubSeen, ListedRule, MemberIam, MemberSeen, RegionSeen, RulesSeen};
use super::words::Words;
use crate::checkup::check::{Check, Item, or_ok};
use crate::checkup::of_forwarding::{Way, not_forwarded, of_region};
use crate::checkup::seen::{ForwardSeen, Part, RuleSeen};

/// The rules of `member.yaml`, by the end of their names.
const HOME: [&str; 7] = ["sign-ins", "users", "quarantine", "groups", "watch", "watch-rules", "test"];
/// Those of `member-region.yaml`.
const ELSEWHERE: [&str; 4] = ["sign-ins", "watch", "watch-rules", "test"];

/// The name of the queue of what a stack of members could not send.
#[must_use]
pub fn dead_letters_of(member: &str) -> String {
    format!("{member}-dead-letters")
}

/// The names of those stacks of members, of which a region has a rule.
#[must_use]
pub fn members_with_rules<'a>(rules: &[ListedRule], members: &'a [String]) -> Vec<&'a str> {
    let is_of =
        |rule: &ListedRule, member: &str| HOME.iter().any(|ending| rule.name == format!("{member}-{ending}"));
    let has = |member: &&String| rules.iter().any(|rule| is_of(rule, member));
    members.iter().filter(has).map(String::as_str).collect()
}

/// Whether the rules of `member.yaml` send the events of IAM and its region to the hub.
pub(super) fn rules(home: &RegionSeen, members: &[&str], hub: &HubSeen, words: &Words<'_>) -> Vec<Check> {
    const ITEM: Item = Item::Rules;
    let rules = match &home.rules {
        RulesSeen::Listed(rules) => rules,
        RulesSeen::Denied(error) | RulesSeen::Unknown(error) => {
            return vec![Check::unknown(ITEM, &format!("the rules in {}", home.region), error)];
        }
    };
    let way = way(ITEM, hub, words.deploy_again());
    let of_member = |member: &&str| of_region(&sending(home, rules, member, &HOME), &way);
    let checks = members.iter().flat_map(of_member).collect();
    or_ok(checks, ITEM, || {
        format!("{} rules in {} send to the hub, and nothing is left over", HOME.len(), home.region)
    })
}

/// Whether each other region that the account has enabled sends its sign-ins there. A region that is denied to whoever
/// reads is named: what denies it there usually denies it to everybody.
pub(super) fn forwarding(seen: &MemberSeen, iam: &MemberIam, hub: &HubSeen, words: &Words<'_>) -> Vec<Check> {
    const ITEM: Item = Item::Forwarding;
    let regions = match &seen.others {
        Ok(regions) => regions,
        Err(error) => return vec![Check::unknown(ITEM, "which regions the account has enabled", error)],
    };
    let way = way(ITEM, hub, words.region());
    let (mut checks, mut without, mut denied, mut sent) = (Vec::new(), Vec::new(), Vec::new(), 0_usize);
    for region in regions {
        let place = region.region.as_str();
        match &region.rules {
            RulesSeen::Denied(_) => denied.push(place),
            RulesSeen::Unknown(error) => {
                checks.push(Check::unknown(ITEM, &format!("the rules in {place}"), error));
            }
            RulesSeen::Listed(rules) => {
                let members = members_with_rules(rules, &hub.settings.members);
                if members.is_empty() {
                    without.push(place);
                } else {
                    sent += 1;
                }
                for member in members {
                    checks.extend(of_region(&sending(region, rules, member, &ELSEWHERE), &way));
                    checks.extend(role_of_rules(iam, member, place, hub, words));
                }
            }
        }
    }
    checks.extend(not_forwarded(&without, || words.region()));
    let mut checks = or_ok(checks, ITEM, || {
        let regions = if sent == 1 { "region" } else { "regions" };
        format!("sign-ins are sent to the hub from {sent} other {regions}")
    });
    if !denied.is_empty() {
        let says = format!("access is denied in {}, so nothing was looked for there", denied.join(", "));
        checks.push(Check::named(ITEM, says));
    }
    checks
}

fn way(item: Item, hub: &HubSeen, put_back: String) -> Way {
    Way { item, bus: hub.bus(), called: "the bus of the hub".to_owned(), put_back }
}

/// What a stack of members has in a region, or should have.
fn sending(region: &RegionSeen, rules: &[ListedRule], member: &str, endings: &[&str]) -> ForwardSeen {
    let rule = |ending: &&str| {
        let name = format!("{member}-{ending}");
        let found = rules.iter().find(|rule| rule.name == name).map(|rule| RuleSeen {
            arn: rule.arn.clone(),
            state: rule.state.clone(),
            targets: rule.targets.clone(),
        });
        Part { logical: (*ending).to_owned(), name, found: Ok(found) }
    };
    let queue = region.queues.iter().find(|(of, _)| of == member).map(|(_, queue)| queue.clone());
    let name = dead_letters_of(member);
    let queue = queue.unwrap_or(Part { logical: "DeadLetters".to_owned(), name, found: Ok(None) });
    ForwardSeen { region: region.region.clone(), rules: endings.iter().map(rule).collect(), queue }
}

//! The roles of a member: who may assume them, what they may do, and of which version they are.

use super::documents::{Compared, compared, resources, says, trust_in, trusts_service};
use super::seen::{HubSeen, MemberIam, RoleSeen};
use super::words::Words;
use crate::VERSION;
use crate::checkup::check::{Check, Item, or_ok};
use crate::event::Function;
use crate::operation::Operation;
use crate::organization::MemberRole;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

/// Who sends the events that a rule matches.
const EVENT_BRIDGE: &str = "events.amazonaws.com";

/// The names of those stacks of members, of which the account has a role that the hub assumes.
pub(super) fn members_in<'a>(iam: &MemberIam, hub: &'a HubSeen) -> Vec<&'a str> {
    let has = |member: &&String| MemberRole::names(member).any(|name| role(iam, &name).is_some());
    hub.settings.members.iter().filter(has).map(String::as_str).collect()
}

/// Whether the roles are those of `member.yaml`, for this hub.
pub(super) fn roles(iam: &MemberIam, members: &[&str], hub: &HubSeen, words: &Words<'_>) -> Vec<Check> {
    let of_member = |member: &&str| {
        let assumed = MemberRole::iter().flat_map(|role| assumed(iam, member, role, hub, words));
        assumed.chain(forwarding(iam, member, &hub.region, hub, words)).collect::<Vec<_>>()
    };
    let checks = members.iter().flat_map(of_member).collect();
    or_ok(checks, Item::Roles, || {
        "the roles trust this hub alone, and may make the calls that they need, and no other".to_owned()
    })
}

/// Whether the roles are of the version of this program.
pub(super) fn version(iam: &MemberIam, members: &[&str], words: &Words<'_>) -> Check {
    const ITEM: Item = Item::Stack;
    let names = members.iter().flat_map(|member| MemberRole::names(member));
    let found = names.filter_map(|name| role(iam, &name)).map(|role| role.version.as_deref());
    let versions: BTreeSet<Option<&str>> = found.collect();
    let others: Vec<&str> =
        versions.iter().filter_map(|version| *version).filter(|version| *version != VERSION).collect();
    if !others.is_empty() {
        let says = format!(
            "the stack of member.yaml is of version {}, and this program of {VERSION}",
            others.join(" and ")
        );
        Check::warning(ITEM, says, words.deploy_again())
    } else if versions.contains(&None) {
        let says = "the stack of member.yaml does not say its version: it is older than this program";
        Check::warning(ITEM, says, words.deploy_again())
    } else {
        Check::ok(ITEM, format!("the stack of member.yaml is of version {VERSION}, as this program is"))
    }
}

/// The role of this name. IAM keeps names unique whatever their case.
fn role<'a>(iam: &'a MemberIam, name: &str) -> Option<&'a RoleSeen> {
    iam.roles.iter().find(|role| role.name.eq_ignore_ascii_case(name))
}

/// What is wrong with a role that the hub assumes.
fn assumed(iam: &MemberIam, member: &str, kind: MemberRole, hub: &HubSeen, words: &Words<'_>) -> Vec<Check> {
    const ITEM: Item = Item::Roles;
    let name = format!("{member}-{}", kind.name());
    let Some(found) = role(iam, &name) else {
        return vec![Check::broken(ITEM, format!("the role {name} is gone"), words.deploy_again())];
    };
    let (settings, may) = (&hub.settings, |function: Function| MemberRole::all_of(function).contains(&kind));
    let of_hub = hub.roles.iter().filter(|(function, _)| may(*function)).map(|(_, arn)| arn.as_str());
    let of_hub: Vec<&str> = of_hub.collect();
    let expected = trust_in(settings.base.partition_name(), &hub.account, &settings.organization, &of_hub);
    let mut checks = Vec::new();
    if !says(&found.trust, &expected) {
        let says = format!(
            "the role {name} does not trust just those roles of account {} that need it, in this organization",
            hub.account
        );
        checks.push(Check::broken(ITEM, says, words.parameters()));
    }
    let calls: Vec<&str> = kind.operations().into_iter().map(Operation::action).collect();
    checks.extend(calls_of(iam, found, &calls, words));
    checks
}

/// What is wrong with the calls that a role may make.
fn calls_of(iam: &MemberIam, found: &RoleSeen, expected: &[&str], words: &Words<'_>) -> Vec<Check> {
    const ITEM: Item = Item::Roles;
    let name = &found.name;
    let (documents, foreign) = documents_of(iam, found);
    let Compared { missing, mut besides } = compared(&documents, expected);
    besides.extend(foreign.into_iter().map(|arn| format!("what {arn} allows")));
    let checks = [
        (!missing.is_empty()).then(|| {
            let says =
                format!("the role {name} may not make calls that the hub needs: {}", missing.join(", "));
            Check::broken(ITEM, says, words.deploy_again())
        }),
        (!besides.is_empty()).then(|| {
            let says = format!("the role {name} may do more than it should: {}", besides.join(", "));
            Check::broken(ITEM, says, words.changed())
        }),
    ];
    checks.into_iter().flatten().collect()
}

/// The policies of a role, and the ARNs of those whose text is not known here: nothing of the enforcer's.
fn documents_of<'a>(iam: &'a MemberIam, role: &'a RoleSeen) -> (Vec<&'a str>, Vec<&'a str>) {
    let mut documents: Vec<&str> = role.inline.iter().map(String::as_str).collect();
    let mut foreign = Vec::new();
    for arn in &role.managed {
        let known = iam.policies.iter().find(|policy| policy.arn == *arn);
        let in_force =
            known.and_then(|policy| policy.versions.iter().find(|version| version.id == policy.in_force));
        match in_force {
            Some(version) => documents.push(&version.document),
            None => foreign.push(arn.as_str()),
        }
    }
    (documents, foreign)
}

/// What is wrong with the role that the rules of a region send with.
pub(super) fn forwarding(
    iam: &MemberIam,
    member: &str,
    region: &str,
    hub: &HubSeen,
    words: &Words<'_>,
) -> Vec<Check> {
    const ITEM: Item = Item::Roles;
    let name = format!("{member}-forward-{region}");
    let Some(found) = role(iam, &name) else {
        let says = format!("the role {name} is gone, so no rule in {region} can send anything to the hub");
        return vec![Check::broken(ITEM, says, words.deploy_again())];
    };
    let mut checks = calls_of(iam, found, &[Operation::PutEvents.action()], words);
    let (documents, _) = documents_of(iam, found);
    let bus = hub.bus();
    if !trusts_service(&found.trust, EVENT_BRIDGE) || resources(&documents) != BTreeSet::from([bus.clone()]) {
        let says = format!("the role {name} does not let rules send to {bus}, and to nothing else");
        checks.push(Check::broken(ITEM, says, words.parameters()));
    }
    checks
}

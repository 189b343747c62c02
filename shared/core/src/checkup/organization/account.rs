//! What is to be said of one account.

use super::of_test_events;
use super::roles;
use super::rules;
use super::seen::{AccountSeen, HubSeen, ManagedSeen, MemberIam, MemberSeen, OrganizationSeen, ResultSeen};
use super::words::Words;
use crate::checkup::Read;
use crate::checkup::check::{Check, Item, or_ok};
use crate::checkup::of_settings::quarantine_under;
use crate::checkup::seen::StackSeen;
use crate::organization::{ListedPart, MemberFault, Outcome, Parts, Resolved, SweepPlan, Swept};
use crate::quarantine_look::{GroupSeen, PolicySeen, PolicyVersion, QuarantineSeen, whole};
use crate::settings::Settings;
use crate::tags::second;
use serde::Serialize;

/// The output of the hub's stack with the accounts that keep evidence of their own in its bucket.
const EVIDENCE_FROM: &str = "EvidenceFrom";
const NOT_SWEPT: &str = "docs/RUNBOOK.md, An account is not swept";

/// What an account is to the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountKind {
    /// An account in which the hub acts.
    Member,
    /// The account of the hub, in which it acts as in any other.
    Hub,
    /// The management account, to which a service-managed stack set deploys nothing.
    Management,
    /// One in which nobody can work.
    NotInUse,
}

impl AccountKind {
    /// What this account is.
    pub(super) fn of(seen: &AccountSeen, whole: &OrganizationSeen) -> Self {
        if seen.member.is_none() {
            Self::NotInUse
        } else if seen.account.id == whole.management {
            Self::Management
        } else if seen.account.id == whole.hub.account {
            Self::Hub
        } else {
            Self::Member
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Member => "it is a member",
            Self::Hub => "it is the account of the hub, which acts in it as in any other",
            Self::Management => "it is the management account",
            Self::NotInUse => "nobody can work in it",
        }
    }
}

/// What is so of an account.
pub(super) fn account(seen: &AccountSeen, whole: &OrganizationSeen) -> Vec<Check> {
    let kind = AccountKind::of(seen, whole);
    let words = Words { account: &seen.account.id, hub: &whole.hub };
    match &seen.member {
        None => {
            let state = seen.account.state_in_words();
            let says = format!("the account is {state}: nobody can work in it, and the hub leaves it out");
            vec![Check::ok(Item::Access, says)]
        }
        Some(Err(error)) => {
            let check = Check::unknown(Item::Access, "the account", error);
            [vec![check], of_hub(seen, whole, &mut None)].concat()
        }
        Some(Ok(member)) => match &member.own_stack {
            // Somebody may have deployed `member.yaml` there by hand.
            Some(own) if !is_member(member, &whole.hub) => vec![alone(own, &whole.hub)],
            Some(_) | None => of_member(seen, member, kind, whole, &words),
        },
    }
}

fn is_member(member: &MemberSeen, hub: &HubSeen) -> bool {
    member.iam.as_ref().is_ok_and(|iam| !roles::members_in(iam, hub).is_empty())
}

/// The management account, where nothing of `member.yaml` is.
fn alone(own: &Read<Option<StackSeen>>, hub: &HubSeen) -> Check {
    const ITEM: Item = Item::Stack;
    let name = &hub.stack.name;
    let says = "it is the management account, to which a service-managed stack set deploys nothing";
    match own {
        Ok(Some(_)) => {
            Check::ok(ITEM, format!("{says}; it has a stack {name} of its own, which doctor checks there"))
        }
        Ok(None) => Check::warning(
            ITEM,
            format!("{says}, and it has no stack {name} of its own, so nothing enforces MFA there"),
            "deploy single-account.yaml there: docs/DEPLOY.md, Make the stack",
        ),
        Err(error) => {
            Check::unknown(ITEM, &format!("{says}: whether it has a stack {name} of its own"), error)
        }
    }
}

fn of_member(
    seen: &AccountSeen,
    member: &MemberSeen,
    kind: AccountKind,
    whole: &OrganizationSeen,
    words: &Words<'_>,
) -> Vec<Check> {
    let access = Check::ok(Item::Access, format!("{}, and can be read", kind.in_words()));
    let hub = &whole.hub;
    let iam = match &member.iam {
        Ok(iam) => iam,
        Err(error) => {
            let check = Check::unknown(Item::Roles, "roles, policies and groups", error);
            return [vec![access, check], of_hub(seen, whole, &mut None)].concat();
        }
    };
    let members = roles::members_in(iam, hub);
    if members.is_empty() {
        let names = hub.settings.members.join(" or ");
        let says =
            format!("nothing of member.yaml is there: no role {names}-..., so the hub does nothing in it");
        return [vec![access, Check::broken(Item::Stack, says, words.why())], of_hub(seen, whole, &mut None)]
            .concat();
    }
    let name = members.first().copied().unwrap_or_default();
    let mut resolved = None;
    let known = of_hub(seen, whole, &mut resolved);
    [
        vec![access, roles::version(iam, &members, words)],
        roles::roles(iam, &members, hub, words),
        quarantine(seen, iam, resolved.as_ref(), whole, words),
        rules::rules(&member.home, &members, hub, words),
        rules::forwarding(member, iam, hub, words),
        of_test_events::of_account(&seen.account.id, name, whole),
        evidence(&seen.account.id, hub),
        known,
    ]
    .concat()
}

/// Whether somebody in an account in which the hub acts could write records about it beside the hub's.
fn evidence(account: &str, hub: &HubSeen) -> Vec<Check> {
    let named = hub.stack.state.outputs.get(EVIDENCE_FROM).map_or("", String::as_str);
    if !named.split(',').any(|named| named == account) {
        return Vec::new();
    }
    let says = "EvidenceFrom of the hub names it, and the hub acts in it: whoever its policies let could write records \
                and acts about themselves beside the hub's";
    let advice =
        "take it out of EvidenceFrom: docs/EVIDENCE.md, Accounts with a stack of their own beside a hub";
    vec![Check::warning(Item::Evidence, says, advice)]
}

/// Whether policies and groups are those of `member.yaml`, as far as the settings of the account put them in force.
fn quarantine(
    seen: &AccountSeen,
    iam: &MemberIam,
    resolved: Option<&Resolved>,
    whole: &OrganizationSeen,
    words: &Words<'_>,
) -> Vec<Check> {
    const ITEM: Item = Item::Quarantine;
    let Some(resolved) = resolved else {
        let says =
            "what should be in force is not known, since the hub does not know what holds in the account";
        return vec![Check::not_known(ITEM, says, "do first what is said of settings")];
    };
    match whole.hub.settings.of_account(&seen.account.id, resolved, &parts(iam)) {
        Ok(settings) => quarantine_under(&settings, &looked_at(iam, &settings), whole.at),
        Err(fault @ MemberFault::Incomplete) => {
            vec![Check::broken(ITEM, fault.to_string(), words.deploy_again())]
        }
        Err(fault @ MemberFault::Settings(_)) => {
            let says = format!("the settings of the account do not go together: {fault}");
            vec![Check::broken(Item::Settings, says, "mfa-enforcer org check says where each comes from")]
        }
    }
}

fn parts(iam: &MemberIam) -> Parts {
    let policies = iam.policies.iter().map(|policy| ListedPart {
        name: policy.arn.clone(),
        path: policy.path.clone(),
        made: policy.made,
    });
    let groups = iam.groups.iter().map(|group| ListedPart {
        name: group.name.clone(),
        path: group.path.clone(),
        made: group.made,
    });
    Parts::of(policies.collect(), groups.collect())
}

/// What these settings put in force, as a look at each of them would have shown it.
fn looked_at(iam: &MemberIam, settings: &Settings) -> QuarantineSeen {
    let (policies, groups) = whole(settings);
    let policy = |arn: String| {
        let found = iam.policies.iter().find(|policy| policy.arn == arn).and_then(in_force);
        (arn, found.unwrap_or(PolicySeen::Gone))
    };
    let group = |name: String| {
        let found = iam.groups.iter().find(|group| group.name == name);
        (name, found.map_or(GroupSeen::Gone, |group| GroupSeen::Policies(group.policies.clone())))
    };
    QuarantineSeen {
        policies: policies.into_iter().map(policy).collect(),
        groups: groups.into_iter().map(group).collect(),
        ..QuarantineSeen::default()
    }
}

fn in_force(policy: &ManagedSeen) -> Option<PolicySeen> {
    let is_in_force = |version: &&PolicyVersion| version.id == policy.in_force;
    let in_force = policy.versions.iter().find(is_in_force)?.clone();
    Some(PolicySeen::There { in_force, versions: policy.versions.clone() })
}

/// Whether the hub knows the account: where it is, what holds in it, and whether it is swept.
fn of_hub(seen: &AccountSeen, whole: &OrganizationSeen, resolved: &mut Option<Resolved>) -> Vec<Check> {
    [settings(seen, whole, resolved), vec![last_sweep(seen, &whole.hub)]].concat()
}

/// Whether the settings of the organization place the account.
fn settings(seen: &AccountSeen, whole: &OrganizationSeen, resolved: &mut Option<Resolved>) -> Vec<Check> {
    const ITEM: Item = Item::Settings;
    let hub = &whole.hub;
    let Ok(books) = &hub.books else {
        let says = "what holds in it is not known to the hub";
        return vec![Check::not_known(ITEM, says, "do first what is said of the hub's settings")];
    };
    match books.tree.place(&seen.account.id, &books.document, &hub.settings.base.in_force, whole.at) {
        Ok(placed) => {
            let mode = placed.variable("MODE").unwrap_or_else(|| hub.settings.base.mode.name().to_owned());
            let fault = |fault: &String| {
                Check::warning(ITEM, fault, "mfa-enforcer org check says what holds, and where it comes from")
            };
            let checks = placed.faults.iter().map(fault).collect();
            *resolved = Some(placed);
            or_ok(checks, ITEM, || format!("the hub knows the account, and its mode there is {mode}"))
        }
        Err(unplaced) => {
            let says = format!("the hub does nothing in it: {unplaced}");
            let advice = format!(
                "the next hourly sweep lists the organization anew; if that does not help, {NOT_SWEPT}"
            );
            vec![Check::broken(ITEM, says, advice)]
        }
    }
}

/// Whether the account is swept.
fn last_sweep(seen: &AccountSeen, hub: &HubSeen) -> Check {
    const ITEM: Item = Item::LastSweep;
    let (Ok(Some(hourly)), Ok(Some(daily))) = (&hub.hourly, &hub.daily) else {
        let says = "whether it is swept is not known";
        return Check::not_known(ITEM, says, "do first what is said of the hub's sweeps");
    };
    let is_asked = |plan: &SweepPlan| plan.asked_accounts().any(|asked| asked.id == seen.account.id);
    if !is_asked(hourly) {
        let says = format!("the last sweep ({}) was not asked of it", hourly.run);
        return Check::broken(ITEM, says, NOT_SWEPT);
    }
    match &seen.result {
        Err(error) => Check::unknown(ITEM, &format!("what the sweep {} came to", daily.run), error),
        Ok(None) if !is_asked(daily) => Check::warning(
            ITEM,
            format!("it is swept since the last daily sweep ({}), so no digest had it yet", daily.run),
            "look at it again after the next daily sweep",
        ),
        Ok(None) => Check::warning(
            ITEM,
            format!("the daily sweep {} was asked of it, and it has not reported", daily.run),
            format!("unless that sweep is still at work, {NOT_SWEPT}"),
        ),
        Ok(Some(ResultSeen { result, is_final })) => match &result.outcome {
            Outcome::NotCovered(why) => {
                let says = format!("the daily sweep {} could not read it: {why}", daily.run);
                Check::broken(ITEM, says, NOT_SWEPT)
            }
            Outcome::Swept(swept) => came_to(swept, *is_final, &second(result.at), &daily.run),
        },
    }
}

/// Whether the sweep of an account did all that was due.
fn came_to(swept: &Swept, is_final: bool, at: &str, run: &str) -> Check {
    const ITEM: Item = Item::LastSweep;
    let counts = [
        (swept.remaining, "users for whom no time was left"),
        (swept.failed(), "users for whom a step failed or was refused"),
        (swept.failures.count, "failures that concern no single user"),
    ];
    let left = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{what}: {count}"));
    let left = left.collect::<Vec<_>>().join(", ");
    if !is_final {
        let left = if left.is_empty() { left } else { format!(" ({left})") };
        let says =
            format!("the daily sweep {run} is not finished with it: the last attempt ended {at}{left}");
        return Check::warning(ITEM, says, format!("unless that sweep is still at work, {NOT_SWEPT}"));
    }
    if left.is_empty() {
        return Check::ok(ITEM, format!("it was swept {at}"));
    }
    let says = format!("it was swept {at}, and not all was done: {left}");
    Check::warning(
        ITEM,
        says,
        "the digest of that sweep says what failed: docs/RUNBOOK.md, The sweep is not finished",
    )
}

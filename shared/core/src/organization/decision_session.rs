//! What an operator's decision about a user of another account may do in each of its sessions.
//!
//! First the hub's stack, its sweep and its bucket say which settings hold there. In the account itself, the first session
//! finds out what the user and the quarantine are called, the second one looks at this user, and the last may make the
//! changes that were agreed to, and no other.

use super::books::{DOCUMENT_KEY, TREE_KEY};
use super::member::PATH;
use super::narrowed::{Kept, Place, Unfit, bucket, event_bus, function, narrowed, of_iam, stack};
use crate::change::Change;
use crate::event::UserName;
use crate::plan::{Plan, Step};
use crate::tags;
use std::collections::BTreeSet;

/// All that an operator has to be allowed in the account of a stack.
const OPERATE: &str = include_str!("../../../../policies/operate.json");
/// What an organization with a hub takes besides.
const BESIDES: &str = include_str!("../../../../policies/operate-organization.json");

/// What a session is for.
#[derive(Debug, Clone)]
pub enum DecisionSession<'a> {
    /// What the stack of the hub with this name lists.
    Stack(&'a str),
    /// The settings of the function with this name.
    Function(&'a str),
    /// The settings of the organization, in this bucket.
    Bucket(&'a str),
    /// What users and the quarantine are called in an account.
    Names,
    /// This user, by the name as IAM spells it.
    Look(&'a UserName),
    /// What the plan does to this user.
    Act(&'a UserName, &'a Plan),
    /// An entry on the bus with this ARN.
    Entry(&'a str),
}

impl DecisionSession<'_> {
    /// What the session may do at most, whatever the role may: a policy as JSON without white space.
    ///
    /// # Errors
    /// If a name is none, or nothing is to be done.
    pub fn policy(&self, place: Place<'_>) -> Result<String, Unfit> {
        match self {
            Self::Stack(name) => {
                let arn = place.arn("cloudformation", &format!("stack/{}/*", stack(name)?))?;
                narrowed(BESIDES, vec![Kept::about("StackOfTheHub", vec![arn])])
            }
            Self::Function(name) => {
                let arn = place.arn("lambda", &format!("function:{}", function(name)?))?;
                narrowed(BESIDES, vec![Kept::about("SettingsOfTheHub", vec![arn])])
            }
            Self::Bucket(name) => {
                let name = bucket(name)?;
                let object = |key| place.arn_of_bucket(&format!("{name}/{key}"));
                let objects = vec![object(DOCUMENT_KEY)?, object(TREE_KEY)?];
                let older = Kept::about("OlderSettings", vec![place.arn_of_bucket(name)?]);
                narrowed(BESIDES, vec![Kept::about("SettingsAndTreeOfTheOrganization", objects), older])
            }
            Self::Names => {
                let anybody = Kept::about("NameOfAUser", vec![place.arn_of_account("iam", "user/*")?]);
                narrowed(BESIDES, vec![anybody, Kept::whole("NamesOfTheQuarantine")])
            }
            Self::Look(name) => {
                let user = Kept::about("OneUser", user(place, name)?);
                narrowed(OPERATE, vec![Kept::whole("EventHistory"), user])
            }
            Self::Act(name, plan) => act(place, &user(place, name)?, plan),
            Self::Entry(arn) => {
                let kept = Kept::about("EventBus", vec![bus(place, arn)?]);
                narrowed(OPERATE, vec![kept])
            }
        }
    }
}

/// The changes of a plan, also of what it does where there is no room, and a look at what came of them.
fn act(place: Place<'_>, user: &[String], plan: &Plan) -> Result<String, Unfit> {
    let (mut keys, mut policies, mut groups) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let instead = plan.no_room.as_ref().and_then(|no_room| no_room.instead.as_ref());
    for step in plan.steps.iter().chain(instead) {
        match step {
            Step::Change { change: Change::Exempt(_), .. } => keys.insert(tags::EXEMPT_UNTIL_KEY.to_owned()),
            Step::Change { change: Change::Approve(_), .. } => keys.insert(tags::APPROVED_KEY.to_owned()),
            Step::Change { change: Change::SetTag(tag, _), .. } => keys.insert(tag.key().to_owned()),
            Step::Change { change: Change::AttachPolicy(arn), .. } => policies.insert(policy(place, arn)?),
            Step::Change { change: Change::JoinGroup(name), .. } => groups.insert(group(place, name)?),
            // No operator does anything else, and no statement would allow it.
            Step::Change { .. }
            | Step::Notify(_)
            | Step::RecordRootAlert(_)
            | Step::Repair(_)
            | Step::OrderSweep { .. } => false,
        };
    }
    let if_any = |any: bool| if any { user.to_vec() } else { Vec::new() };
    let tags = Kept::about("DecisionsAboutUsers", if_any(!keys.is_empty()));
    let attached = Kept::about("Containment", if_any(!policies.is_empty()));
    let kept = vec![
        Kept::about("OneUser", user.to_vec()),
        tags.with("ForAllValues:StringEquals", "aws:TagKeys", keys),
        attached.with("ArnLike", "iam:PolicyARN", policies),
        Kept::about("ContainmentByGroup", groups.into_iter().collect()),
    ];
    narrowed(OPERATE, kept)
}

/// Any path can have the user, and no two users of an account have one name.
fn user(place: Place<'_>, name: &UserName) -> Result<Vec<String>, Unfit> {
    // INVARIANT: IAM's names have no `*`, `?`, `$`, slash or colon, so none is a pattern or reaches into a path.
    let name = UserName::new(name.as_str())
        .ok_or_else(|| Unfit::Name { what: "a user", name: name.as_str().to_owned() })?;
    let arn = |path: &str| place.arn_of_account("iam", &format!("user/{path}{}", name.as_str()));
    Ok(vec![arn("")?, arn("*/")?])
}

/// A policy of the quarantine in this account.
fn policy(place: Place<'_>, arn: &str) -> Result<String, Unfit> {
    let below = place.arn_of_account("iam", &format!("policy{PATH}"))?;
    let name =
        arn.strip_prefix(&below).ok_or_else(|| Unfit::Name { what: "a policy", name: arn.to_owned() })?;
    Ok(format!("{below}{}", of_iam("a policy", name, "/")?))
}

/// A group of the quarantine in this account, below whichever path says what it is for.
fn group(place: Place<'_>, name: &str) -> Result<String, Unfit> {
    place.arn_of_account("iam", &format!("group{PATH}*/{}", of_iam("a group", name, "")?))
}

/// A bus, which can be in another account and region.
fn bus(place: Place<'_>, arn: &str) -> Result<String, Unfit> {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        ["arn", partition, "events", region, account, bus] if *partition == place.partition => {
            Place { partition, region, account }.arn("events", &event_bus(bus)?)
        }
        _ => Err(Unfit::Name { what: "an event bus", name: arn.to_owned() }),
    }
}

//! Who attached a quarantine that has no record.

use super::removals::{RENAMES, name_at};
use super::{Lookup, Records, beginning, calls, renames_of};
use crate::event::PastCall;
use crate::facts::{AttachedBy, UserFacts};
use crate::settings::Settings;
use jiff::Timestamp;

const ATTACHES: &str = "AttachUserPolicy";
const JOINS: &str = "AddUserToGroup";

/// What to look up to tell who attached the user's quarantine; empty without a quarantine. The user may have had another
/// name then.
#[must_use]
pub fn attachments_to_look_up(user: &UserFacts, settings: &Settings, now: Timestamp) -> Vec<Lookup> {
    let quarantine = &settings.quarantine;
    let by_policy = quarantine.policies_of(user).next().map(|_| ATTACHES);
    let by_group = quarantine.groups_of(user).first().map(|_| JOINS);
    let renames = by_policy.or(by_group).map(|_| RENAMES);
    // No earlier than 90 days ago for every user, so that one answer serves all of them.
    [by_policy, by_group, renames]
        .into_iter()
        .flatten()
        .map(|name| Lookup { name, from: beginning(now) })
        .collect()
}

/// Who attached the user's quarantine, given the answers to [`attachments_to_look_up`].
///
/// Of each policy and group the latest call counts, since only that one can have had an effect that still lasts. It is
/// ours only if all of it is.
#[must_use]
pub fn attached_by(answers: &[Records], user: &UserFacts, settings: &Settings, now: Timestamp) -> AttachedBy {
    let all: Vec<PastCall> = answers.iter().flat_map(|answer| calls(answer, settings)).collect();
    let renames = renames_of(&all);
    // A call from before the user was created was about an earlier user of the same name.
    let about_user: Vec<&PastCall> = all
        .iter()
        .filter(|call| (user.created..=now).contains(&call.time))
        .filter(|call| call.is_about(name_at(call.time, &user.name, &renames)))
        .collect();
    let is_complete = answers.iter().all(|answer| answer.is_complete);
    let who = |name: &str, parameter: &str, value: &str| {
        let is_it = |call: &&&PastCall| {
            call.name == name
                && call.parameter(parameter).is_some_and(|given| given.eq_ignore_ascii_case(value))
        };
        match about_user.iter().filter(is_it).max_by_key(|call| call.time) {
            Some(call) if call.is_ours => AttachedBy::Us(call.time),
            Some(_) => AttachedBy::SomebodyElse,
            None if is_complete => AttachedBy::NotFound,
            None => AttachedBy::Unknown,
        }
    };
    let policies = settings.quarantine.policies_of(user).map(|arn| who(ATTACHES, "policyArn", arn));
    let groups = settings.quarantine.groups_of(user).into_iter().map(|group| who(JOINS, "groupName", group));
    policies.chain(groups).reduce(AttachedBy::and).unwrap_or_default()
}

//! Who attached a quarantine that has no record, and whether the user was told.

use super::removals::{RENAMES, name_at};
use super::{LAG, Lookup, Records, beginning, calls, renames_of};
use crate::event::PastCall;
use crate::facts::{AttachedBy, UserFacts};
use crate::settings::Settings;
use crate::tags::{LastNotice, UserTag};
use jiff::Timestamp;

const ATTACHES: &str = "AttachUserPolicy";
const JOINS: &str = "AddUserToGroup";
const TAGS: &str = "TagUser";

/// What to look up to tell who attached the user's quarantine; empty without a quarantine. The user may have had another
/// name then.
#[must_use]
pub fn attachments_to_look_up(user: &UserFacts, settings: &Settings, now: Timestamp) -> Vec<Lookup> {
    let quarantine = &settings.quarantine;
    let by_policy = quarantine.policies_of(user).next().map(|_| ATTACHES);
    let by_group = quarantine.groups_of(user).first().map(|_| JOINS);
    let (renames, notes) = by_policy.or(by_group).map(|_| (RENAMES, TAGS)).unzip();
    // No earlier than 90 days ago for every user, so that one answer serves all of them.
    [by_policy, by_group, renames, notes]
        .into_iter()
        .flatten()
        .map(|name| Lookup { name, from: beginning(now) })
        .collect()
}

/// Who attached the user's quarantine, given the answers to [`attachments_to_look_up`].
///
/// Of each policy and group the latest call counts, since only that one can have had an effect that still lasts. It is
/// ours only if all of it is. While the history may not know yet whether the user was told, it is unknown.
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
    let lookups = attachments_to_look_up(user, settings, now);
    let is_complete = |of: fn(&str) -> bool| {
        lookups.iter().zip(answers).all(|(lookup, answer)| answer.is_complete || !of(lookup.name))
    };
    let (knows_attachments, knows_notes) =
        (is_complete(|name| name != TAGS), is_complete(|name| name == TAGS));
    let told = about_user
        .iter()
        .filter(|call| call.is_ours && tells_of_quarantine(call))
        .map(|call| call.time)
        .max();
    let who = |name: &str, parameter: &str, value: &str| {
        let is_it = |call: &&&PastCall| {
            call.name == name
                && call.parameter(parameter).is_some_and(|given| given.eq_ignore_ascii_case(value))
        };
        match about_user.iter().filter(is_it).max_by_key(|call| call.time) {
            Some(call) if call.is_ours => match told {
                Some(told) if told >= call.time => AttachedBy::Us(call.time),
                _ if !knows_notes => AttachedBy::Us(call.time),
                _ if now.duration_since(call.time) < LAG => AttachedBy::Unknown,
                _ => AttachedBy::CutOff(call.time),
            },
            Some(_) => AttachedBy::SomebodyElse,
            None if knows_attachments => AttachedBy::NotFound,
            None => AttachedBy::Unknown,
        }
    };
    let policies = settings.quarantine.policies_of(user).map(|arn| who(ATTACHES, "policyArn", arn));
    let groups = settings.quarantine.groups_of(user).into_iter().map(|group| who(JOINS, "groupName", group));
    policies.chain(groups).reduce(AttachedBy::and).unwrap_or_default()
}

/// Whether the call notes that the user was told of a quarantine.
fn tells_of_quarantine(call: &PastCall) -> bool {
    let note = (call.name == TAGS).then(|| call.tag(UserTag::Notified.key())).flatten();
    let notice = note.and_then(LastNotice::parse).filter(|notice| !notice.claimed);
    notice.is_some_and(|notice| notice.kind.tells_of_quarantine())
}

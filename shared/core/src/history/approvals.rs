//! Who approved a release, where the event of that was lost.

use super::removals::{RENAMES, name_at};
use super::{Lookup, Records, beginning, calls, renames_of};
use crate::event::{PastCall, Relation};
use crate::facts::{Approval, UserFacts};
use crate::settings::Settings;
use crate::tags;
use jiff::Timestamp;

const TAGS: &str = "TagUser";
const UNTAGS: &str = "UntagUser";

/// What to look up to tell who approved the release. An approval counts only if it is newer than the newest device, so
/// nothing older is asked for. The user may have had another name then.
#[must_use]
pub fn approvals_to_look_up(user: &UserFacts, now: Timestamp) -> Vec<Lookup> {
    let enrolled = user.devices.iter().map(|device| device.enabled).max().unwrap_or(Timestamp::MIN);
    [RENAMES, TAGS, UNTAGS].map(|name| Lookup { name, from: enrolled.max(beginning(now)) }).to_vec()
}

/// Who last set the tag that approves the release, given the answers to [`approvals_to_look_up`]. Only that call can have
/// set the value that is there now. If it was removed since, it approves nothing, whatever IAM still shows: only the
/// enforcer's own removal, at the release, says nothing against it.
#[must_use]
pub fn approval(answers: &[Records], user: &UserFacts, settings: &Settings, now: Timestamp) -> Approval {
    let all: Vec<PastCall> = answers.iter().flat_map(|answer| calls(answer, settings)).collect();
    let renames = renames_of(&all);
    // A call from before the user was created was about an earlier user of the same name.
    let about_user: Vec<PastCall> = all
        .into_iter()
        .filter(|call| (user.created..=now).contains(&call.time))
        .filter(|call| call.is_about(name_at(call.time, &user.name, &renames)))
        .collect();
    let is_removal =
        |call: &&PastCall| call.name == UNTAGS && call.removes_tag(tags::APPROVED_KEY) && !call.is_ours;
    let taken_back = about_user.iter().filter(is_removal).map(|call| call.time).max();
    let last = about_user
        .into_iter()
        .filter(|call| call.name == TAGS && call.sets_tag(tags::APPROVED_KEY))
        .map(|call| (call.actor.seen_from(name_at(call.time, &user.name, &renames), &user.id), call))
        // Of two calls in one second, nobody can tell which was the last: then it is the one that approves nothing.
        .max_by_key(|(by, call)| (call.time, *by != Relation::SomebodyElse));
    match last {
        Some((_, call)) if taken_back.is_some_and(|at| at >= call.time) => Approval::NotFound,
        Some((by, call)) => Approval::Set { by, at: call.time, event: call.id },
        None if answers.iter().all(|answer| answer.is_complete) => Approval::NotFound,
        None => Approval::NotLooked,
    }
}

//! Who approved a release, where the event of that was lost.

use super::{Lookup, Records, beginning};
use crate::event::{PastCall, Relation};
use crate::facts::{Approval, UserFacts};
use crate::settings::Settings;
use crate::tags;
use jiff::Timestamp;

const TAGS: &str = "TagUser";

/// What to look up to tell who approved the release. An approval counts only if it is newer than the newest device, so
/// nothing older is asked for.
#[must_use]
pub fn approval_to_look_up(user: &UserFacts, now: Timestamp) -> Lookup {
    let enrolled = user.devices.iter().map(|device| device.enabled).max().unwrap_or(Timestamp::MIN);
    Lookup { name: TAGS, from: enrolled.max(beginning(now)) }
}

/// Who last set the tag that approves the release, given the answer to [`approval_to_look_up`]. Only that call can have
/// set the value that is there now.
#[must_use]
pub fn approval(answer: &Records, user: &UserFacts, settings: &Settings, now: Timestamp) -> Approval {
    let calls = answer.records.iter().filter_map(|record| PastCall::read(record, &settings.deployment));
    // A call from before the user was created was about an earlier user of the same name.
    let last = calls
        .filter(|call| call.name == TAGS && call.sets_tag(tags::APPROVED_KEY) && call.is_about(&user.name))
        .filter(|call| (user.created..=now).contains(&call.time))
        .map(|call| (call.actor.seen_from(&user.name, &user.id), call))
        // Of two calls in one second, nobody can tell which was the last: then it is the one that approves nothing.
        .max_by_key(|(by, call)| (call.time, *by != Relation::SomebodyElse));
    match last {
        Some((by, call)) => Approval::Set { by, at: call.time, event: call.id },
        None if answer.is_complete => Approval::NotFound,
        None => Approval::NotLooked,
    }
}

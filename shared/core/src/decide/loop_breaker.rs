//! How often a quarantine is put back within an hour, so that the enforcer and a program do not undo each other's work
//! for ever. Sweeps put it back whatever this says.
//!
//! The count is a tag. A number that somebody else wrote counts for nothing: then, and where no tag can be written,
//! the event history says how often the enforcer contained the user. It does not say how often others undid that,
//! because anybody can raise that number in advance. What cannot be read counts as never, which contains.

use super::context::Context;
use super::kept::{touches, written};
use crate::change::Change;
use crate::event::Event;
use crate::facts::UserFacts;
use crate::tags::{Undone, UserTag, hour};
use jiff::Timestamp;

/// How often the quarantine of a user was put back within this hour.
pub(super) struct Count {
    /// How often.
    pub(super) times: usize,
    /// Whether an earlier delivery of this event was the last time.
    pub(super) by_this_event: bool,
}

impl Count {
    pub(super) fn of(context: &Context<'_>, event: &Event) -> Self {
        if asks_history(context.user, event, context.cannot_record(UserTag::Undone)) {
            return Self { times: in_history(context), by_this_event: false };
        }
        let by_this_event = is_counted(context.user, event, context.now);
        Self { times: counted(context.user, context.now).map_or(0, |undone| undone.times), by_this_event }
    }
}

/// Whether the history has to say how often the quarantine was put back.
pub(super) fn asks_history(user: &UserFacts, event: &Event, cannot_record: bool) -> bool {
    let is_written =
        written(event, UserTag::Undone).is_some_and(|value| user.tag(UserTag::Undone) == Some(value));
    let is_removed = touches(event, UserTag::Undone) && user.tag(UserTag::Undone).is_none();
    is_written || is_removed || cannot_record
}

/// Whether an earlier delivery of this event put the quarantine back.
pub(super) fn is_counted(user: &UserFacts, event: &Event, now: Timestamp) -> bool {
    counted(user, now).is_some_and(|undone| undone.event.as_ref() == Some(&event.source.id))
}

/// Whether the event wrote a count that would have kept the quarantine from being put back, now or in an hour to come.
pub(super) fn is_forged(event: &Event) -> bool {
    let value = written(event, UserTag::Undone);
    value.is_some_and(|value| value.split(' ').next().unwrap_or_default() >= hour(event.source.time).as_str())
}

/// The change that notes this count.
pub(super) fn note(context: &Context<'_>, times: usize) -> Option<Change> {
    let value = Undone::value(context.now, times, context.occasion.id());
    (!context.cannot_record(UserTag::Undone)).then_some(Change::CountPutBack(value))
}

fn counted(user: &UserFacts, now: Timestamp) -> Option<Undone> {
    user.tag(UserTag::Undone).and_then(|value| Undone::parse(value, now))
}

/// The containment itself may be one of those that the history tells of.
fn in_history(context: &Context<'_>) -> usize {
    let Some(traces) = &context.user.traces else { return 0 };
    let is_now = |time: &Timestamp| hour(*time) == hour(context.now);
    let attached = traces.attachments.iter().filter(|one| one.by_us && is_now(&one.at)).count();
    let recorded = traces.records.iter().filter(|(at, _)| is_now(at)).count();
    attached.max(recorded).saturating_sub(1).min(Undone::LIMIT)
}

//! The count of how often a quarantine was put back.

use crate::event::EventId;
use jiff::Timestamp;

/// Value of [`super::UserTag::Undone`]: how often somebody undid the quarantine within this hour, and it was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// How often. One more than [`Undone::LIMIT`] if it is not put back any more.
    pub times: usize,
    /// The event that led to the last one.
    pub event: Option<EventId>,
}

impl Undone {
    /// Parses the tag value; `None` if the enforcer cannot have written it at `now`, or wrote it in another hour.
    #[must_use]
    pub fn parse(value: &str, now: Timestamp) -> Option<Self> {
        let mut words = value.split(' ');
        if words.next()? != hour(now) {
            return None;
        }
        let times = words.next()?.parse().ok()?;
        let event = words.next().and_then(|word| word.strip_prefix("event=")).and_then(EventId::new);
        (times <= Self::GIVEN_UP).then_some(Self { times, event })
    }

    /// Formats the tag value: `2026-11-24T09 3 event=ID`.
    #[must_use]
    pub fn value(now: Timestamp, times: usize, event: &EventId) -> String {
        format!("{} {times} event={event}", hour(now))
    }

    /// How often in an hour events put a quarantine back.
    pub const LIMIT: usize = 3;
    /// Stands for: the administrators were told that events do not put the quarantine back any more in this hour.
    pub const GIVEN_UP: usize = Self::LIMIT + 1;
}

/// An hour (UTC), such as `2026-11-24T09`.
#[must_use]
pub(crate) fn hour(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H").to_string()
}

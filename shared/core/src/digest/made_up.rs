//! Which kind of sweep a request leads to: a daily one that was missed is made up for.

use super::{LAST_SWEEP_KEY, Memory};
use crate::event::{SweepKind, SweepRequest};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// A daily sweep is missed if the last one is longer ago than this. Two of them are 25 hours apart when the clocks go
/// back, and each may start some minutes late.
const MISSED_AFTER: SignedDuration = SignedDuration::from_mins(25 * 60 + 30);

/// The kind of sweep to run now, given the tags of the alerts topic, or `None` if they could not be read.
///
/// An hourly sweep does the work of a daily one if that is missed, was left unfinished, or if nobody can tell any more.
/// Before the first daily sweep there is none to make up for.
#[must_use]
pub fn kind_to_run(
    request: &SweepRequest,
    topic: Option<&BTreeMap<String, String>>,
    now: Timestamp,
) -> SweepKind {
    let Some(value) = topic.and_then(|tags| tags.get(LAST_SWEEP_KEY)) else { return request.kind };
    let is_missed = match Memory::parse(value).and_then(|memory| memory.believed(now)) {
        Some(memory) => memory.unfinished || now.duration_since(memory.swept) > MISSED_AFTER,
        None => true,
    };
    if is_missed { SweepKind::Daily } else { request.kind }
}

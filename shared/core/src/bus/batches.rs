//! How entries are put: a few in each request, and none twice unless it failed.

use super::{BusEvent, SOURCE};
use std::fmt;

/// EventBridge takes ten entries in a request.
pub const BATCH_ENTRIES: usize = 10;
/// And 256 KB in all of them.
pub const BATCH_BYTES: usize = 256 * 1024;
/// What the time of an entry counts.
const TIME_BYTES: usize = 14;

/// The entries of one request.
pub type Batch = Vec<BusEvent>;

/// Entries that are not on the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// How many.
    pub count: usize,
    /// Why, as far as EventBridge said.
    pub error: String,
}

impl Lost {
    /// Counts entries that are lost. The first reason that was given counts: an empty one is none.
    pub fn add(lost: &mut Option<Self>, count: usize, error: &str) {
        if count > 0 {
            let lost = lost.get_or_insert(Self { count: 0, error: String::new() });
            lost.count += count;
            if lost.error.is_empty() {
                error.clone_into(&mut lost.error);
            }
        }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "acts and findings that could not be put on the event bus: {} ({})", self.count, self.error)
    }
}

/// The size of an entry, as EventBridge counts it.
#[must_use]
pub fn size(event: &BusEvent) -> usize {
    TIME_BYTES + SOURCE.len() + event.detail_type.name().len() + event.detail.len() + event.resource.len()
}

/// The entries in requests that EventBridge takes, in order.
#[must_use]
pub fn batches(events: impl IntoIterator<Item = BusEvent>) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut bytes = 0;
    for event in events {
        let more = size(&event);
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_ENTRIES && bytes + more < BATCH_BYTES => {
                batch.push(event);
                bytes += more;
            }
            Some(_) | None => {
                batches.push(vec![event]);
                bytes = more;
            }
        }
    }
    batches
}

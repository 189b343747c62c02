//! What `CloudTrail`'s event history tells that IAM does not: who attached a quarantine, what the enforcer recorded of it,
//! who approved a release, who exempted a user, and which removals of MFA no event told of.
//!
//! The history keeps the events of 90 days, needs no trail, and is some minutes late.

mod approvals;
mod attached_by;
mod calls_about;
mod exempted_by;
mod removals;
mod traces;

pub use approvals::{approval, approvals_to_look_up};
pub use attached_by::{attached_by, attachments_to_look_up};
pub use calls_about::{calls_about, calls_to_look_up};
pub use exempted_by::{exemptions_to_look_up, note_exemptions};
pub use removals::{
    LAST_LOOK_KEY, Look, PastRemoval, Rename, note_removals, removals, renames, renames_to_look_up,
};
pub use traces::{traces, traces_to_look_up};

use removals::renames_of;

use crate::event::PastCall;
use crate::settings::Settings;
use jiff::{SignedDuration, Timestamp};

/// How late a call may appear in the history.
pub(crate) const LAG: SignedDuration = SignedDuration::from_mins(20);
/// How long the history keeps an event: 90 days.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

/// What to look up in the history: all calls of one name, since a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lookup {
    /// Name of the call, such as `AttachUserPolicy`.
    pub name: &'static str,
    /// The earliest time of interest.
    pub from: Timestamp,
}

/// What the history answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// The records, as JSON.
    pub records: Vec<String>,
    /// Whether these are all of them. If not, the older ones are missing.
    pub is_complete: bool,
}

fn calls(records: &Records, settings: &Settings) -> impl Iterator<Item = PastCall> {
    records.records.iter().filter_map(|record| PastCall::read(record, &settings.deployment))
}

/// The time at which the history begins.
#[must_use]
pub(crate) fn beginning(now: Timestamp) -> Timestamp {
    now.checked_sub(KEPT).unwrap_or(Timestamp::MIN)
}

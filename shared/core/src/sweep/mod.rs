//! The sweep of a whole account: which users to look up and in which order, which topics to delete, and the status of
//! each user afterwards.
//!
//! Owns everything that concerns many users at once. What to do about a single user is up to [`crate::decide`].

mod boundaries;
mod checked_quarantine;
mod no_digest;
mod slots;
mod stale_topics;
mod sweep_status;
mod triage;
mod unused_exemptions;
mod user_change;

pub use boundaries::{boundaries_to_read, note_boundaries};
pub use checked_quarantine::effective;
pub use no_digest::no_digest;
pub use slots::Slots;
pub(crate) use slots::was_contained;
pub use stale_topics::{is_day_of_stale_topics, stale_topics};
pub use sweep_status::{root_devices, set_devices, status_after, status_from_snapshot, wants_factors};
pub use triage::{Triage, Urgency, is_in_doubt, triage, wants_mailbox};
pub use unused_exemptions::unused_exemptions;
pub use user_change::{dealt_with_removals, user_change, withheld};

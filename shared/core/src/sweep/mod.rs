//! Who of a whole account has to be looked at, and in which order; what is to be cleared away; and how each
//! user stands afterwards.
//!
//! Owns the questions about many users at once. What is done to one user is [`crate::decide`]'s alone.

mod stale_topics;
mod sweep_status;
mod triage;
mod user_change;

pub use stale_topics::{is_day_of_orphans, orphans};
pub use sweep_status::{status_after, status_from_snapshot, wants_factors};
pub use triage::{Triage, Urgency, triage, wants_mailbox};
pub use user_change::user_change;

//! Shared by the tests of both crates: settings, users in every posture, events, and an account in memory.
//!
//! Only tests depend on this crate. It panics on errors, as tests do.
//!
//! ```
//! use mfa_enforcer_testing::fixtures::{decided, overdue};
//! use mfa_enforcer_testing::plans::notices;
//!
//! assert_eq!(notices(&decided("ConsoleLogin", &overdue())), ["quarantined"]);
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "test code panics on errors"
)]

#[cfg(feature = "account")]
pub mod account;
pub mod checkups;
#[cfg(feature = "cloud")]
pub mod cloud;
pub mod dead_letters;
pub mod digests;
pub mod earlier;
#[cfg(feature = "schema")]
pub mod event_schema;
pub mod evidence;
#[cfg(feature = "account")]
pub mod faulty;
pub mod fixtures;
pub mod handling;
pub mod inspections;
pub mod organization_checkups;
pub mod organizations;
#[cfg(feature = "account")]
mod own_calls;
pub mod plans;
#[cfg(feature = "account")]
pub mod trial;

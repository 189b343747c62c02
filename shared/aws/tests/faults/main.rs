//! Every trigger in every state, with every call failing in every way, at the same time as another run, in any order, and
//! with answers that lag.
//!
//! The calls are those that a run without a fault makes, the triggers those of the core, and the states those of
//! `mfa_enforcer_testing::trial::scenes`: nothing is listed here. `make faults` tries everything. Without `FAULTS=all` a
//! part is tried that takes seconds.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests panic on errors, and these say what they tried"
)]

mod attempt;
mod denied;
mod lags;
mod modes;
mod orders;
mod pairs;
mod recall;
mod singles;
mod taken;
mod together;

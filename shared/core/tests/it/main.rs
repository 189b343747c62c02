//! Tests of the core through its public face: samples, the decision table, laws, notices, bad input.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_methods,
    reason = "a test reads files and fails by panicking"
)]

mod bad_input;
mod decision_table;
mod given;
mod laws;
mod model;
mod notices;
mod recorded_events;
mod samples;
mod settings;
mod special_cases;

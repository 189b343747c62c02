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
mod census_cases;
mod census_given;
mod census_report;
mod census_root;
mod containment_cases;
mod contract;
mod decision_table;
mod digest_cases;
mod digest_due;
mod digest_figures;
mod digest_given;
mod digest_laws;
mod enrolment;
mod given;
mod laws;
mod lifecycle_cases;
mod model;
mod notices;
mod posture_cases;
mod recorded_events;
mod root_cases;
mod samples;
mod settings;
mod sweep_cases;

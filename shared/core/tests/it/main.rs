//! Tests of the core through its public face: samples, the decision table, laws, notices, bad input.

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

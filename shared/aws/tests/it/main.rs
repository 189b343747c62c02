//! Tests of the shell: adapters against mocked AWS, and whole events and sweeps against a fake that can fail.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests panic on errors"
)]

mod adapters_bulk;
mod adapters_census;
mod adapters_events;
mod adapters_history;
mod adapters_iam;
mod adapters_quarantine;
mod adapters_s3;
mod adapters_ses;
mod adapters_sns;
mod adapters_stack;
mod adapters_topics;
mod alert_scenarios;
mod alias_scenarios;
mod brake_runs;
mod bus_runs;
mod digest_mail;
mod envelope_parity;
mod error_types;
mod event_scenarios;
mod evidence_runs;
mod forecasts;
mod guard_scenarios;
mod key_scenarios;
mod metric_lines;
mod metrics;
mod month_of_sweeps;
mod pace;
mod quarantine_scenarios;
mod replays;
mod rights_scenarios;
mod self_defence;
mod sweep_failures;
mod sweep_fixtures;
mod sweep_history;
mod sweep_scenarios;
mod sweep_slots;
mod trail_checks;
mod wire;

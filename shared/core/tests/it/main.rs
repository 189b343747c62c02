//! Tests of the core's public interface: samples, the decision table, laws, notices, bad input.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    clippy::disallowed_methods,
    reason = "tests read files and panic on errors"
)]

mod admin_message_cases;
mod approval_cases;
mod approval_fixtures;
mod approval_history;
mod approval_laws;
mod approval_notices;
mod approval_release_cases;
mod approval_taken_back;
mod archived_cases;
mod bad_input;
mod boundary_cases;
mod brake_cases;
mod bus_cases;
mod bus_findings;
mod by_hand_cases;
mod checkup_cases;
mod checkup_fixtures;
mod checkup_forwarding_cases;
mod checkup_live_cases;
mod checkup_people_cases;
mod containment_cases;
mod contract;
mod contract_pages;
mod credential_report_cases;
mod decision_laws;
mod decision_table;
mod delivery_laws;
mod digest_cases;
mod digest_due;
mod digest_figures;
mod digest_laws;
mod digest_mail_cases;
mod enforcer_notices;
mod enrolment_cases;
mod episode_laws;
mod evidence_acts;
mod evidence_fixtures;
mod evidence_page;
mod evidence_records;
mod evidence_review;
mod evidence_verify;
mod exemption_cases;
mod exemption_fixtures;
mod exemption_laws;
mod exemption_sweeps;
mod forecast_cases;
mod guard_cases;
mod guard_fixtures;
mod guard_history_cases;
mod guard_laws;
mod guard_record_cases;
mod history_cases;
mod hourly_sweeps;
mod inspection_cases;
mod key_cases;
mod law_settings;
mod letterhead_cases;
mod lifecycle_cases;
mod lookup_table;
mod mail_bounces;
mod mail_cases;
mod messages_page;
mod notice_fixtures;
mod notice_limits;
mod notices;
mod operator_cases;
mod overview_cases;
mod parameter_cases;
mod partition_cases;
mod policy_text_cases;
mod posture_cases;
mod progress_cases;
mod progress_fixtures;
mod progress_laws;
mod prospect_cases;
mod quarantine_check_cases;
mod quarantine_check_fixtures;
mod quarantine_group_cases;
mod recorded_events;
mod redrive_cases;
mod redriven_cases;
mod release_cases;
mod replay_cases;
mod rights_cases;
mod root_alert_cases;
mod root_status_cases;
mod samples;
mod second_look_cases;
mod self_defence_cases;
mod settings_cases;
mod snapshot_cases;
mod snapshot_fixtures;
mod stack_cases;
mod state_laws;
mod strict_cases;
mod sweep_cases;
mod test_mail_cases;
mod trail_cases;

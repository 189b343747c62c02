//! On which days a sweep looks for the topics of users who no longer exist.

use crate::snapshot_fixtures::at;
use mfa_enforcer_core::digest::Memory;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::sweep::is_day_of_stale_topics;
use mfa_enforcer_testing::evidence::request_at;
use mfa_enforcer_testing::fixtures::{settings, settings_with};
use rstest::rstest;

const SUNDAY: &str = "2026-11-22T06:00:00Z";
const TUESDAY: &str = "2026-11-24T06:00:00Z";

/// Whether a sweep of this kind looks for them, if the last one was at `before`.
fn looks(kind: SweepKind, time: &str, before: Option<&str>, settings: &Settings) -> bool {
    let before = before.map(|swept| Memory::after_sweep(at(swept), None));
    is_day_of_stale_topics(&request_at(at(time)).as_kind(kind), before.as_ref(), settings)
}

#[rstest]
#[case::first_sweep_on_a_sunday(SUNDAY, None, true)]
#[case::sunday(SUNDAY, Some("2026-11-21T06:00:00Z"), true)]
#[case::sunday_again(SUNDAY, Some("2026-11-22T01:00:00Z"), true)]
#[case::first_sweep_on_another_day(TUESDAY, None, false)]
#[case::nothing_swept_since_saturday(TUESDAY, Some("2026-11-21T23:59:59Z"), true)]
#[case::swept_on_sunday(TUESDAY, Some("2026-11-22T00:00:00Z"), false)]
#[case::swept_on_monday(TUESDAY, Some("2026-11-23T06:00:00Z"), false)]
fn stale_topics_are_looked_for_once_a_week(
    #[case] time: &str,
    #[case] before: Option<&str>,
    #[case] expected: bool,
) {
    assert_eq!(looks(SweepKind::Daily, time, before, &settings()), expected);
}

#[test]
fn stale_topics_can_wait_for_a_daily_sweep() {
    assert!(!looks(SweepKind::Hourly, SUNDAY, None, &settings()));
}

#[rstest]
#[case("observe", false)]
#[case("notify", true)]
#[case("enforce", true)]
fn no_topic_is_deleted_in_mode_observe(#[case] mode: &str, #[case] expected: bool) {
    let settings = settings_with(&[("MODE", mode)]);
    assert_eq!(looks(SweepKind::Daily, SUNDAY, None, &settings), expected);
}

#[test]
fn account_of_a_hub_knows_too_little_to_delete_topics() {
    let mut settings = settings();
    settings.deployment.hub = Some("444455556666".to_owned());
    assert!(!looks(SweepKind::Daily, SUNDAY, None, &settings));
}

//! When sweeps are due, and how a forecast says what it expects.

use crate::snapshot_fixtures::alice_with;
use jiff::Timestamp;
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::forecast::{Schedule, forecast};
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_testing::fixtures::{now, overdue, settings_with};

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn daily_sweeps_keep_to_local_time() {
    let schedule = Schedule::new("08:00", "Europe/Berlin").unwrap();
    let sweeps = schedule.sweeps(time("2026-10-24T05:30:00Z"), 2);
    let daily = sweeps.iter().filter(|sweep| sweep.kind == SweepKind::Daily).map(|sweep| sweep.time);
    let expected = ["2026-10-24T05:30:00Z", "2026-10-24T06:00:00Z", "2026-10-25T07:00:00Z"].map(time);
    assert_eq!(daily.collect::<Vec<_>>(), expected);
    let hourly = sweeps.iter().filter(|sweep| sweep.is_hourly()).map(|sweep| sweep.time);
    let hourly: Vec<Timestamp> = hourly.collect();
    assert_eq!((hourly.len(), hourly[0]), (48, time("2026-10-24T06:07:00Z")));
    assert!(sweeps.is_sorted_by_key(|sweep| sweep.time));
}

#[test]
fn schedule_needs_a_time_and_a_zone() {
    assert_eq!(Schedule::new("8 o'clock", "UTC"), None);
    assert_eq!(Schedule::new("08:00", "Europe/Nowhere"), None);
}

#[test]
fn what_the_mode_withholds_is_said_once() {
    let user = UserSnapshot { user: overdue(), ..alice_with(&[]) };
    let sweeps = Schedule::new("06:00", "UTC").unwrap().sweeps(now(), 5);
    let [outlook] = forecast(&[user], &sweeps, &settings_with(&[("MODE", "observe")])).try_into().unwrap();
    let withheld: Vec<ChangeKind> = outlook.expected.iter().map(|one| one.what).collect();
    assert_eq!(withheld, [ChangeKind::Withheld], "{:?}", outlook.expected);
    assert_eq!(outlook.user, overdue());
}

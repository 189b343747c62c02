//! When sweeps are due, and how a forecast says what it expects.

use crate::snapshot_fixtures::alice_with;
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::forecast::{Schedule, forecast};
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_core::sweep::is_in_doubt;
use mfa_enforcer_testing::fixtures::{STRICT, STRICT_GROUP, now, overdue, settings_with};
use rstest::rstest;

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

/// A user whose password was made at some time between these ages, in days.
fn of_age(oldest: i64, youngest: i64) -> UserSnapshot {
    let ago = |days: i64| Some(now() - SignedDuration::from_hours(24 * days));
    let user = UserFacts { login_profile_created: ago(oldest), ..overdue() };
    UserSnapshot { user, password_latest: ago(youngest), ..alice_with(&[]) }
}

#[rstest]
#[case(400, 400, false)]
#[case(400, 30, false)]
#[case(400, 2, true)]
#[case(3, 2, true)]
fn age_of_a_password_matters_before_the_deadline(
    #[case] oldest: i64,
    #[case] youngest: i64,
    #[case] matters: bool,
) {
    assert_eq!(is_in_doubt(&of_age(oldest, youngest), &settings_with(&[]), now()), matters);
}

#[rstest]
#[case(&[])]
#[case(&[("MODE", "notify")])]
#[case(&[("MODE", "observe")])]
#[case(&[("MAX_QUARANTINES", "1")])]
#[case(&[("QUARANTINE_SCOPE", "everything"), ("GRACE_PERIOD", "6h")])]
#[case(&[("RELEASE", "approval"), ("STRICT_POLICY_ARN", STRICT), ("STRICT_GROUP_NAME", STRICT_GROUP)])]
fn age_of_an_overdue_password_changes_nothing(#[case] changes: &[(&'static str, &str)]) {
    let (settings, old) = (settings_with(changes), of_age(400, 30));
    let young = UserSnapshot { user: old.with_the_latest_password().unwrap(), ..old.clone() };
    let sweeps = Schedule::new("06:00", "UTC").unwrap().sweeps(now(), 40);
    let [old] = forecast(&[old], &sweeps, &settings).try_into().unwrap();
    let [young] = forecast(&[young], &sweeps, &settings).try_into().unwrap();
    assert!(!old.expected.is_empty());
    assert_eq!(old.expected, young.expected);
    // The episodes that the tags name are not the same: they begin with the password. Nobody is told of them yet.
    assert_eq!(old.user.attached_policies, young.user.attached_policies);
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

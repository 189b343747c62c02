//! When sweeps are due, and how a forecast says what it expects.

use crate::snapshot_fixtures::{alice_with, not_reported, snapshot_of, with_removal};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::event::{SweepKind, SweepRequest};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::forecast::{Schedule, forecast};
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_core::sweep::is_in_doubt;
use mfa_enforcer_core::tags::{UserTag, second};
use mfa_enforcer_testing::fixtures::{
    STRICT, STRICT_GROUP, compliant, contained, in_grace, now, overdue, settings, settings_with, with_tag,
};
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

#[rstest]
#[case::early_in_the_hour("2026-10-24T05:10:00Z", "2026-10-24T06:00:00Z")]
#[case::at_the_daily_sweep("2026-10-24T06:00:00Z", "2026-10-24T06:07:00Z")]
#[case::at_an_hourly_sweep("2026-10-24T06:07:00Z", "2026-10-24T07:07:00Z")]
#[case::late_in_the_hour("2026-10-24T06:50:00Z", "2026-10-24T07:07:00Z")]
fn next_sweep_is_the_first_one_after_a_time(#[case] after: &str, #[case] next: &str) {
    let schedule = Schedule::new("08:00", "Europe/Berlin").unwrap();
    let due = schedule.due(time(after), time(after) + SignedDuration::from_hours(2));
    assert_eq!(due[0].time, time(next));
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

#[test]
fn what_else_the_mode_withholds_is_said_as_well() {
    let sweeps = Schedule::new("06:00", "UTC").unwrap().sweeps(now(), 10);
    let settings = settings_with(&[("MODE", "observe")]);
    let [outlook] = forecast(&[snapshot_of(in_grace())], &sweeps, &settings).try_into().unwrap();
    let said: Vec<Vec<&str>> =
        outlook.expected.iter().map(|one| one.messages.iter().map(|kind| kind.code()).collect()).collect();
    // The last one for another reason: the deadline has passed.
    assert_eq!(said, [["welcome"], ["final-notice"], ["final-notice"]]);
}

#[rstest]
#[case::nothing_is_open(snapshot_of(compliant()), false)]
#[case::not_in_the_report(not_reported(), true)]
#[case::removed_a_device(snapshot_of(with_removal(compliant(), 3)), true)]
#[case::contained(snapshot_of(contained(compliant())), true)]
fn one_open_question_is_a_doubt(#[case] user: UserSnapshot, #[case] expected: bool) {
    assert_eq!(is_in_doubt(&user, &settings(), now()), expected);
}

/// Whoever had MFA, or was under a quarantine, has no grace period again.
#[rstest]
#[case::of_whom_an_event_was_lost(with_removal(in_grace(), 3))]
#[case::whose_quarantine_ended_with_the_password(with_tag(
    in_grace(),
    UserTag::Notified.key(),
    "password-removed 2026-11-21T09:00:00Z event=earlier"
))]
fn hourly_sweep_will_contain_a_user_in_grace(#[case] user: UserFacts) {
    let sweeps = Schedule::new("06:00", "UTC").unwrap().due(now(), now() + SignedDuration::from_hours(2));
    assert!(sweeps.iter().all(SweepRequest::is_hourly));
    let [outlook] = forecast(&[snapshot_of(user)], &sweeps, &settings()).try_into().unwrap();
    let expected: Vec<_> = outlook.expected.iter().map(|one| (one.at, one.what)).collect();
    assert_eq!(expected, [(sweeps[0].time, ChangeKind::Contained)]);
}

/// No address is tried more than once a day. After that the next sweep tries again, and most sweeps are hourly.
#[test]
fn what_did_not_arrive_will_be_said_again() {
    let settings = settings_with(&[("MAIL_FROM", "mfa@example.com")]);
    let said = now() - SignedDuration::from_hours(10);
    let value = format!("quarantined {} event=earlier unreached", second(said));
    let user = with_tag(contained(overdue()), UserTag::Notified.key(), &value);
    let sweeps = Schedule::new("06:00", "UTC").unwrap().sweeps(now(), 1);
    let [outlook] = forecast(&[snapshot_of(user)], &sweeps, &settings).try_into().unwrap();
    let expected: Vec<_> = outlook.expected.iter().map(|one| (one.at, one.what)).collect();
    assert_eq!(expected, [(time("2026-11-24T19:07:00Z"), ChangeKind::Told)]);
}

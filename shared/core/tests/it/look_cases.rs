//! How far a look at the event history goes back, and what is asked next.

use crate::history_cases::{ago, looked, looked_at, noted, removal};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::digest::Memory;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::history::{LAST_LOOK_KEY, Look, Lookup, Records, removals, renames_to_look_up};
use mfa_enforcer_core::tags::second;
use mfa_enforcer_testing::fixtures::{days_ago, now, overdue, settings};
use rstest::rstest;
use std::collections::BTreeMap;

/// The tags of a topic whose last look was taken by a clock that was this many seconds ahead.
fn ahead(seconds: i64) -> BTreeMap<String, String> {
    looked_at(now() + SignedDuration::from_secs(seconds), days_ago(60))
}

#[rstest]
#[case::hourly(SweepKind::Hourly, looked(1, 60), ago(3))]
#[case::hourly_after_failed_looks(SweepKind::Hourly, looked(30, 60), ago(32))]
#[case::daily_since_the_last_digest(SweepKind::Daily, looked(1, 60), ago(26))]
#[case::never_looked(SweepKind::Hourly, BTreeMap::new(), days_ago(90))]
#[case::longer_ago_than_the_history(SweepKind::Hourly, looked(24 * 100, 200), days_ago(90))]
#[case::unreadable(
    SweepKind::Hourly,
    BTreeMap::from([(LAST_LOOK_KEY.to_owned(), "yesterday".to_owned())]),
    days_ago(90)
)]
#[case::clock_a_little_ahead(SweepKind::Hourly, ahead(300), ago(2) + SignedDuration::from_mins(5))]
#[case::clock_too_far_ahead(SweepKind::Hourly, ahead(301), days_ago(90))]
#[case::in_the_future(SweepKind::Hourly, looked(-1, 60), days_ago(90))]
fn look_begins_before_the_last_one(
    #[case] kind: SweepKind,
    #[case] topic: BTreeMap<String, String>,
    #[case] from: Timestamp,
) {
    let memory = Memory::parse(&format!("{0} digest={0}", second(ago(24)))).unwrap();
    let look = Look::of(kind, &topic, Some(&memory), now());
    assert_eq!((look.lookup().name, look.lookup().from), ("DeactivateMFADevice", from));
    let (key, value) = look.note(Some(&topic)).unwrap();
    assert!(value.starts_with("2026-11-24T09:05:00Z first=") && value.len() < 256, "{value}");
    assert_eq!(look.note(Some(&BTreeMap::from([(key.to_owned(), value)]))), None, "written once");
}

#[rstest]
#[case::first_sweep(None)]
#[case::no_digest_yet(Some(Memory::after_sweep(ago(24), None)))]
fn daily_look_before_the_first_digest_goes_back_all_the_way(#[case] memory: Option<Memory>) {
    let look = Look::of(SweepKind::Daily, &looked(1, 60), memory.as_ref(), now());
    assert_eq!(look.lookup().from, days_ago(90));
}

#[test]
fn renames_are_asked_since_the_earliest_removal() {
    let records = [3, 5, 4].map(|hours| removal(hours, "alice").to_string()).to_vec();
    let removals = removals(&Records { records, is_complete: true }, &settings());
    assert_eq!(renames_to_look_up(&removals), Some(Lookup { name: "UpdateUser", from: ago(5) }));
}

#[test]
fn removal_at_the_first_look_is_after_the_deployment() {
    for (hours, is_before) in [(3, false), (4, true)] {
        let topic = looked_at(ago(1), ago(3));
        let found = noted(&[removal(hours, "alice")], &[overdue()], &topic).remove(0).unwrap();
        assert_eq!(found.before_deployment, is_before, "{hours}");
    }
}

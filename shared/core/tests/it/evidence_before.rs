//! What a sweep takes over from the record before, and what is remembered of it outside the bucket.

use crate::evidence_fixtures::{ROOT, month, record, records, written_after};
use mfa_enforcer_core::digest::SweepResult;
use mfa_enforcer_core::evidence::{Link, Object, Run, look_after, sha256};
use mfa_enforcer_testing::evidence::{ACCOUNT, BUCKET, Evidence, at, people, settings_of_the_month};
use rstest::rstest;

/// The record that is about to be written.
fn next() -> Link {
    Link { key: String::new(), sha256: "0".repeat(64) }
}

#[rstest]
#[case::now("20T06:00", true)]
#[case::third_day("17T00:00", true)]
#[case::fourth_day("16T23:59", false)]
fn record_is_looked_for_among_the_objects_of_three_days(#[case] written: &str, #[case] is_seen: bool) {
    let key = Run::new(ACCOUNT, at(written), "run").folder();
    assert_eq!(key > look_after(ACCOUNT, at("20T06:00")), is_seen);
}

#[test]
fn acts_of_the_sweep_are_in_its_own_record() {
    let month = month();
    let key = Run::new(ACCOUNT, at("30T07:00"), "run").act(0, &sha256(b"{}"));
    let before = month.before().and_acts(&[Object::of(&key, b"{}".to_vec())]);
    let record = written_after(&before, &[], &ROOT, &SweepResult::default(), at("30T07:00")).record;
    assert!(record.acts.contains(&Link { key, sha256: sha256(b"{}") }));
    assert_eq!(record.chain.before, month.head);
}

/// The run that wrote the record ended before it noted that.
#[test]
fn record_that_was_announced_and_written_is_the_last_one() {
    let mut month = month();
    let head = month.head.clone().unwrap();
    let earlier = record(&month.bucket, &head.key).chain.before.unwrap();
    month.remembered = Some(format!("{} {} {BUCKET}", earlier.sha256, head.sha256));
    let announced = month.before().announce(&next(), BUCKET).to_string();
    assert_eq!(announced, format!("{} {} {BUCKET}", head.sha256, next().sha256));
}

/// The run that was to write the first record ended before it could.
#[test]
fn chain_starts_as_usual_where_nothing_was_written_so_far() {
    let mut account = Evidence::of(settings_of_the_month(&[]), people());
    account.remembered = Some(format!("- {} {BUCKET}", next().sha256));
    account.sweep(at("01T06:00"));
    let chain = record(&account.bucket, &records(&account.bucket)[0]).chain;
    assert_eq!((chain.before, chain.start.as_deref(), chain.remembered), (None, Some("first"), None));
}

#[rstest]
#[case::whole(false, false, "")]
#[case::whole_and_digest_sent(false, true, "")]
#[case::changed(true, false, " told=no")]
#[case::changed_and_digest_sent(true, true, "")]
fn change_is_remembered_until_a_digest_told_of_it(
    #[case] is_changed: bool,
    #[case] is_told: bool,
    #[case] end: &str,
) {
    let mut month = month();
    if is_changed {
        let last = records(&month.bucket).pop().unwrap();
        month.bucket.get_mut(&last).unwrap().push(b' ');
    }
    let note = month.before().announce(&next(), BUCKET).written(is_told).to_string();
    assert_eq!(note, format!("{} {BUCKET}{end}", next().sha256));
}

#[test]
fn change_that_no_digest_told_of_is_told_by_the_next_one() {
    let mut month = month();
    assert!(!month.before().is_to_be_told());
    month.remembered = month.remembered.map(|note| format!("{note} told=no"));
    let before = month.before();
    assert!(before.is_to_be_told() && !before.is_not_ours());
}

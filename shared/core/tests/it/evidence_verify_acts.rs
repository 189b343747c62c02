//! Which acts no record lists, which are gone, and which of that is a fault.

use crate::evidence_fixtures::{Bucket, acts, month};
use mfa_enforcer_core::evidence::{Fault, Run, sha256, verify};
use mfa_enforcer_testing::evidence::{ACCOUNT, at};
use rstest::rstest;

/// The month from its 20th day, as if all before had expired.
fn since_the_20th() -> Bucket {
    month().bucket.split_off(&format!("evidence/{ACCOUNT}/2026/11/20"))
}

/// Adds an act that no record lists.
fn add_act(bucket: &mut Bucket, time: &str) -> String {
    let bytes = serde_json::to_vec(&acts(bucket)[0]).unwrap();
    let key = Run::new(ACCOUNT, at(time), "another").act(0, &sha256(&bytes));
    bucket.insert(key.clone(), bytes);
    key
}

#[test]
fn act_after_the_last_record_waits_for_the_next_one() {
    let mut bucket = month().bucket;
    // What is done on this day after the sweep is in the next record.
    drop(bucket.split_off(&format!("evidence/{ACCOUNT}/2026/11/24")));
    let found = verify(&bucket, None);
    assert_eq!((found.acts_to_come, found.faults), (1, Vec::new()));
    add_act(&mut bucket, "23T05:00");
    assert_eq!(verify(&bucket, None).acts_to_come, 2, "it may have been written after its name says");
}

#[rstest]
#[case::older_than_the_first_record("20T05:00", false)]
#[case::between_records("25T12:00", true)]
fn act_in_no_record_is_a_fault_unless_its_record_expired(#[case] time: &str, #[case] is_fault: bool) {
    let mut bucket = since_the_20th();
    let key = add_act(&mut bucket, time);
    let found = verify(&bucket, None);
    assert!(found.begins_after.is_some());
    assert_eq!(found.faults, if is_fault { vec![Fault::ActUnlisted(key)] } else { Vec::new() });
}

/// Only the first record of those that are left may list acts that have expired.
#[test]
fn act_of_a_later_record_has_not_expired() {
    let mut bucket = since_the_20th();
    let act = bucket.keys().find(|key| key.contains("/23/acts/20261123T10")).unwrap().clone();
    bucket.remove(&act);
    let found = verify(&bucket, None);
    assert_eq!(found.acts_expired, 0);
    assert!(
        matches!(&found.faults[..], [Fault::ActMissing { act: gone, .. }] if *gone == act),
        "{:?}",
        found.faults
    );
}

//! What holds for every import: of any part of a chain, cut off anywhere, or with anything changed.

use crate::evidence_fixtures::{Bucket, month};
use crate::evidence_import_fixtures::{after, imported, in_order, planned, since, write};
use crate::law_settings::cases;
use mfa_enforcer_core::evidence::{Refusal, verify};
use mfa_enforcer_testing::evidence::{Evidence, at};
use proptest::prelude::*;
use proptest::sample::Index;

/// An account of other people, whose chain goes on from some day of the month in another way.
fn parted(day: u32) -> Evidence {
    let mut other = month();
    other.bucket = before(&other, day);
    other.remembered = None;
    for day in day..=30 {
        other.sweep(at(&format!("{day:02}T05:59")));
    }
    other
}

fn before(evidence: &Evidence, day: u32) -> Bucket {
    let mut bucket = evidence.bucket.clone();
    drop(bucket.split_off(&format!("evidence/123456789012/2026/11/{day:02}")));
    bucket
}

proptest! {
    #![proptest_config(cases(10))]

    #[test]
    fn part_and_then_whole_is_as_whole(cut: Index) {
        let whole = month().bucket;
        // From the first record on.
        let part = after(&whole, 12 + cut.index(whole.len() - 12));
        let at_once = imported(&whole, Bucket::new());
        prop_assert_eq!(imported(&whole, imported(&part, Bucket::new())), at_once.clone());
        // A copy that is older than the bucket adds nothing.
        prop_assert_eq!(imported(&part, at_once.clone()), at_once);
    }

    #[test]
    fn import_that_was_cut_off_is_no_fault_and_is_finished_by_the_next(cut: Index) {
        let copy = month().bucket;
        let plan = planned(&copy, &Bucket::new(), None).unwrap();
        let mut bucket = Bucket::new();
        write(&plan, &copy, &mut bucket, cut.index(plan.missing().count()));
        prop_assert_eq!(verify(&bucket, None).faults, vec![]);
        prop_assert_eq!(imported(&copy, bucket), imported(&copy, Bucket::new()));
    }

    #[test]
    fn changed_byte_is_refused(object: Index, byte: Index, bit in 0_u8..8) {
        let month = month();
        let mut copy = month.bucket.clone();
        let key = in_order(&copy)[object.index(copy.len())].clone();
        let bytes = copy.get_mut(&key).unwrap();
        let at = byte.index(bytes.len());
        bytes[at] ^= 1 << bit;
        let head = &month.head.as_ref().unwrap().sha256;
        prop_assert!(planned(&copy, &Bucket::new(), Some(head)).is_err(), "{key}");
        // Without the hash, what is there already tells.
        prop_assert!(planned(&copy, &month.bucket, None).is_err(), "{key}");
    }

    #[test]
    fn chain_that_parted_is_refused(day in 2_u32..=30, is_longer: bool) {
        let (own, other) = (month().bucket, parted(day).bucket);
        let first = imported(if is_longer { &own } else { &other }, Bucket::new());
        let refusals = planned(if is_longer { &other } else { &own }, &first, None).unwrap_err();
        prop_assert!(refusals.iter().all(|refusal| matches!(refusal, Refusal::Fork(_))), "{refusals:?}");
    }

    #[test]
    fn copy_without_expired_days_goes_on_without_a_gap(kept in 3_usize..=28, ends in 1_u32..=30) {
        let month = month();
        let copy = since(&month, kept);
        let bucket = imported(&before(&month, ends + 1), Bucket::new());
        let plan = planned(&copy, &bucket, None);
        // The day before the first one that is kept has to be there.
        prop_assert_eq!(plan.is_ok(), usize::try_from(ends).unwrap() + 1 >= kept, "{:?}", plan.err());
    }

    #[test]
    fn what_was_imported_is_whole(cut: Index) {
        let whole = month().bucket;
        let bucket = imported(&after(&whole, 12 + cut.index(whole.len() - 12)), Bucket::new());
        let found = verify(&bucket, None);
        prop_assert_eq!((found.faults, found.acts_to_come, found.unfinished), (vec![], 0, vec![]));
    }
}

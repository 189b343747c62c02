//! Imports of copies into a bucket in memory.

use crate::evidence_fixtures::Bucket;
use mfa_enforcer_core::evidence::{Copied, ImportPlan, Place, Refusal, written};
use mfa_enforcer_testing::evidence::{ACCOUNT, Evidence};

/// The plan of an import.
pub(crate) fn planned(
    copy: &Bucket,
    bucket: &Bucket,
    head: Option<&str>,
) -> Result<ImportPlan, Vec<Refusal>> {
    ImportPlan::of(Copied::of(ACCOUNT, copy, head, false)?, copy, bucket)
}

/// Writes the first so many objects of an import.
pub(crate) fn write(plan: &ImportPlan, copy: &Bucket, bucket: &mut Bucket, at_most: usize) {
    for object in plan.missing().take(at_most) {
        let was_there = bucket.insert(object.key.clone(), copy[&object.key].clone());
        assert!(was_there.is_none(), "{} is written twice", object.key);
    }
}

/// The bucket after an import.
pub(crate) fn imported(copy: &Bucket, mut bucket: Bucket) -> Bucket {
    let plan = planned(copy, &bucket, None).unwrap();
    write(&plan, copy, &mut bucket, usize::MAX);
    bucket
}

/// The keys of a bucket in the order in which they were written, each record after its files.
pub(crate) fn in_order(bucket: &Bucket) -> Vec<&String> {
    let is_record = |key: &str| matches!(Place::of(key), Some(Place::Record { .. }));
    let mut keys: Vec<&String> = bucket.keys().collect();
    keys.sort_by_key(|key| (written(key), is_record(key), key.as_str()));
    keys
}

/// The bucket when so many of its objects were there.
pub(crate) fn after(bucket: &Bucket, objects: usize) -> Bucket {
    in_order(bucket).into_iter().take(objects).map(|key| (key.clone(), bucket[key].clone())).collect()
}

/// The bucket without what is older than this day of the month.
pub(crate) fn since(evidence: &Evidence, day: usize) -> Bucket {
    let first = format!("evidence/{ACCOUNT}/2026/11/{day:02}");
    evidence.bucket.clone().split_off(&first)
}

//! What an import writes, given what the bucket has.

use super::copied::{Copied, ImportObject, ImportRun};
use super::refusal::Refusal;
use crate::evidence::place::sha256;
use crate::evidence::verify::{Objects, verify};
use crate::organization::Tree;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What is to be written of an account: run by run, and the sign-offs last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPlan {
    /// The copy, in which each object says whether it is there.
    pub copied: Copied,
}

/// Why an account is left to the hub: the organization in which it acts has it. Nobody else may write records of it.
#[must_use]
pub fn covered(account: &str, tree: &Tree) -> Option<Refusal> {
    let refusal = || Refusal::Covered { organization: tree.organization.clone() };
    tree.accounts.iter().any(|tagged| tagged.account.id == account).then(refusal)
}

impl ImportPlan {
    /// The import of a copy into a bucket, which may have some of it, or more of the same chain.
    ///
    /// # Errors
    /// All for which nothing may be imported.
    pub fn of(mut copied: Copied, copy: &impl Objects, bucket: &impl Objects) -> Result<Self, Vec<Refusal>> {
        let there: BTreeSet<&str> = bucket.keys().into_iter().collect();
        let mut conflicts = Vec::new();
        for object in copied.objects_mut().filter(|object| there.contains(object.key.as_str())) {
            let is_same = bucket.read(&object.key).is_some_and(|bytes| sha256(&bytes) == object.sha256);
            object.is_there = is_same;
            if !is_same {
                conflicts.push(Refusal::Conflict(object.key.clone()));
            }
        }
        if !conflicts.is_empty() {
            return Err(conflicts);
        }
        let plan = Self { copied };
        let faults = verify(&After { plan: &plan, copy, bucket }, None).faults;
        if faults.is_empty() {
            return Ok(plan);
        }
        let before = verify(bucket, None).faults;
        let refusal = |fault| {
            if before.contains(&fault) { Refusal::FaultyBucket(fault) } else { Refusal::Fork(fault) }
        };
        Err(faults.into_iter().map(refusal).collect())
    }

    /// The runs of which something is to be written, oldest first.
    pub fn runs(&self) -> impl Iterator<Item = &ImportRun> {
        self.copied.runs.iter().filter(|run| run.missing().next().is_some())
    }

    /// The sign-offs that are to be written.
    pub fn reviews(&self) -> impl Iterator<Item = &ImportObject> {
        self.copied.reviews.iter().filter(|review| !review.is_there)
    }

    /// All that is to be written, in an order that may be cut off anywhere.
    pub fn missing(&self) -> impl Iterator<Item = &ImportObject> {
        self.copied.runs.iter().flat_map(ImportRun::missing).chain(self.reviews())
    }
}

impl ImportRun {
    /// What of it is to be written: its record last.
    pub fn missing(&self) -> impl Iterator<Item = &ImportObject> {
        self.parts.iter().chain([&self.record]).filter(|object| !object.is_there)
    }
}

impl Copied {
    /// All that may be imported.
    pub fn objects(&self) -> impl Iterator<Item = &ImportObject> {
        let of_runs = self.runs.iter().flat_map(|run| run.parts.iter().chain([&run.record]));
        of_runs.chain(&self.reviews)
    }

    fn objects_mut(&mut self) -> impl Iterator<Item = &mut ImportObject> {
        let of_runs = self.runs.iter_mut().flat_map(|run| run.parts.iter_mut().chain([&mut run.record]));
        of_runs.chain(&mut self.reviews)
    }
}

/// The bucket as it is once all is written.
struct After<'a, Copy, Bucket> {
    plan: &'a ImportPlan,
    copy: &'a Copy,
    bucket: &'a Bucket,
}

impl<Copy: Objects, Bucket: Objects> Objects for After<'_, Copy, Bucket> {
    fn keys(&self) -> Vec<&str> {
        let mut keys = self.bucket.keys();
        keys.extend(self.plan.missing().map(|object| object.key.as_str()));
        keys.sort_unstable();
        keys
    }

    fn read(&self, key: &str) -> Option<Cow<'_, [u8]>> {
        self.bucket.read(key).or_else(|| self.copy.read(key))
    }
}

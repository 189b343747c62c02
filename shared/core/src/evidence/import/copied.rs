//! A copy of the evidence of one account, and what of it may be put elsewhere.

use super::refusal::Refusal;
use crate::evidence::place::{Place, from, sha256, written};
use crate::evidence::record::{File, Record};
use crate::evidence::verify::{Objects, Verification, verify};
use crate::evidence::{Act, Link, Listing, SignOff, account_prefix, read_json_lines};
use serde::Serialize;
use std::collections::BTreeSet;

/// An object of a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportObject {
    /// Its key, here and there.
    pub key: String,
    /// Its hash, which its bytes still have to have when they are written.
    pub sha256: String,
    /// Its size.
    pub bytes: usize,
    /// Whether the bucket has it.
    pub is_there: bool,
}

/// A record, and all that it has the hashes of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRun {
    /// Its acts and files, which may be written in any order.
    pub parts: Vec<ImportObject>,
    /// The record itself, which is written when all of them are there.
    pub record: ImportObject,
}

/// What of a copy is not imported, and is no fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LeftOut {
    /// Acts that no record in the copy has the hash of. Most come with the next record.
    pub acts: usize,
    /// Folders of sweeps that were not finished.
    pub unfinished: usize,
    /// Sign-offs that were not asked for, or whose record has expired.
    pub reviews: usize,
}

/// A copy that is as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The account.
    pub account: String,
    /// What was found in it.
    pub verification: Verification,
    /// Its runs, oldest first.
    pub runs: Vec<ImportRun>,
    /// Its sign-offs, if they were asked for.
    pub reviews: Vec<ImportObject>,
    /// What is left out.
    pub left_out: LeftOut,
}

impl ImportObject {
    fn of(key: &str, bytes: &[u8]) -> Self {
        Self { key: key.to_owned(), sha256: sha256(bytes), bytes: bytes.len(), is_there: false }
    }
}

impl Copied {
    /// Looks at a copy of what a bucket has of an account. `head` is the hash of the last record, as for [`verify`].
    ///
    /// # Errors
    /// All for which nothing of it may be imported.
    pub fn of(
        account: &str,
        copy: &impl Objects,
        head: Option<&str>,
        with_reviews: bool,
    ) -> Result<Self, Vec<Refusal>> {
        let verification = verify(copy, head);
        if !verification.is_whole() {
            return Err(verification.faults.into_iter().map(Refusal::Faulty).collect());
        }
        let keys = copy.keys();
        let of_no_enforcer = |key: &&str| !is_written_by_enforcers(account, key);
        let foreign = keys.iter().copied().filter(of_no_enforcer).map(str::to_owned);
        let mut refusals: Vec<Refusal> = foreign.map(Refusal::ForeignKey).collect();
        if verification.records == 0 {
            refusals.push(Refusal::NoRecord);
        }
        let mut copied = Self {
            account: account.to_owned(),
            left_out: LeftOut { unfinished: verification.unfinished.len(), ..LeftOut::default() },
            verification,
            runs: Vec::new(),
            reviews: Vec::new(),
        };
        copied.take_runs(copy, &keys, &mut refusals);
        copied.take_reviews(copy, &keys, with_reviews, &mut refusals);
        if refusals.is_empty() { Ok(copied) } else { Err(refusals) }
    }

    fn take_runs(&mut self, copy: &impl Objects, keys: &[&str], refusals: &mut Vec<Refusal>) {
        let mut taken = BTreeSet::new();
        for key in keys {
            let Some(Place::Record { folder }) = Place::of(key) else { continue };
            let bytes = copy.read(key).unwrap_or_default();
            let Ok(record) = serde_json::from_slice::<Record>(&bytes) else { continue };
            refusals.extend(self.other(key, &record.account.id));
            let files = record.files.iter().map(|File { name, sha256, bytes }| ImportObject {
                key: format!("{folder}{name}"),
                sha256: sha256.clone(),
                bytes: *bytes,
                is_there: false,
            });
            let mut parts: Vec<ImportObject> = files.collect();
            // An act may have expired before the first record that lists it.
            let acts = record.acts.iter().filter_map(|Link { key, .. }| Some((key, copy.read(key)?)));
            for (act, bytes) in acts.filter(|(act, _)| taken.insert((*act).clone())) {
                let of = serde_json::from_slice::<Act>(&bytes).map(|act| act.account);
                refusals.extend(self.other(act, &of.unwrap_or_default()));
                parts.push(ImportObject::of(act, &bytes));
            }
            self.runs.push(ImportRun { parts, record: ImportObject::of(key, &bytes) });
        }
        self.runs.sort_by(|one, other| {
            (written(&one.record.key), &one.record.key).cmp(&(written(&other.record.key), &other.record.key))
        });
        let is_act = |key: &&&str| matches!(Place::of(key), Some(Place::Act { .. }));
        self.left_out.acts = keys.iter().filter(is_act).count() - taken.len();
    }

    fn take_reviews(
        &mut self,
        copy: &impl Objects,
        keys: &[&str],
        are_taken: bool,
        refusals: &mut Vec<Refusal>,
    ) {
        for key in keys.iter().filter(|key| matches!(Place::of(key), Some(Place::Review { .. }))) {
            let bytes = copy.read(key).unwrap_or_default();
            match are_taken.then(|| checked(copy, key, &bytes)) {
                Some(Ok(true)) => self.reviews.push(ImportObject::of(key, &bytes)),
                Some(Ok(false)) | None => self.left_out.reviews += 1,
                Some(Err(problem)) => refusals.push(Refusal::BadSignOff { key: (*key).to_owned(), problem }),
            }
        }
    }

    /// Whether an object is about another account.
    fn other(&self, key: &str, account: &str) -> Option<Refusal> {
        let refusal = || Refusal::OtherAccount { key: key.to_owned(), account: account.to_owned() };
        (account != self.account).then(refusal)
    }
}

/// Whether the key is one that an enforcer gives an object of this account, whatever is in it.
fn is_written_by_enforcers(account: &str, key: &str) -> bool {
    match Place::of(key) {
        Some(Place::Record { .. } | Place::File { .. } | Place::Act { .. }) => {
            written(key).is_some_and(|at| key.starts_with(&from(account, at)))
        }
        Some(Place::Review { .. }) => key.starts_with(&account_prefix(account)),
        // A folder, as consoles make them; anything else that is none of ours is a fault already.
        None => key.ends_with('/'),
    }
}

/// Whether a sign-off is a good one; `Ok(false)` if the record that was reviewed is not there to tell.
fn checked(copy: &impl Objects, key: &str, bytes: &[u8]) -> Result<bool, String> {
    let reviewed = serde_json::from_slice::<SignOff>(bytes).map(|sign_off| sign_off.record.key);
    let reviewed = reviewed.unwrap_or_default();
    let record = copy.read(&reviewed);
    if !reviewed.is_empty() && record.is_none() {
        return Ok(false);
    }
    let rows = copy.read(&Listing::rows_of(&reviewed)).and_then(|rows| read_json_lines(&rows));
    let checked = SignOff::check(key, bytes, &record.unwrap_or_default(), &rows.unwrap_or_default());
    let words = |problems: Vec<_>| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    checked.map(|_| true).map_err(words)
}

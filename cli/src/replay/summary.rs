//! What was read, and what became of it.

use crate::archive::{Source, Trouble};
use anyhow::anyhow;
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::event::Ignored;
use mfa_enforcer_core::replay::{Entry, Tally};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// So many things that could not be read are named. The others are counted.
const NAMED: usize = 20;

/// The figures of a replay.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// Files, with those that could not be read in full.
    pub(crate) files: u64,
    /// Bytes, decompressed.
    pub(crate) bytes: u64,
    /// Records.
    pub(crate) records: u64,
    /// Records that a function acts on, or looks into.
    pub(crate) relevant: u64,
    /// Records that are ignored, by reason.
    pub(crate) ignored: BTreeMap<&'static str, u64>,
    /// Records that were there before.
    pub(crate) doubles: u64,
    /// Records that matter, of accounts that were not asked for.
    pub(crate) of_other_accounts: u64,
    /// Records that matter, from before the plan with which the replay begins.
    pub(crate) before_snapshot: u64,
    /// Accounts.
    pub(crate) accounts: Vec<String>,
    /// Users whom any record is about.
    pub(crate) users: usize,
    /// Those of whom too little is known for a sweep.
    pub(crate) users_in_doubt: usize,
    /// Whom something would have been done to, by what; each user once.
    pub(crate) done: BTreeMap<&'static str, usize>,
    /// Messages, by kind.
    pub(crate) messages: BTreeMap<&'static str, u64>,
    /// Events after which nothing would have been done, by reason.
    pub(crate) nothing: BTreeMap<&'static str, u64>,
    /// Changes of the policies and groups of the quarantine, which a replay cannot judge.
    pub(crate) of_quarantine: u64,
    /// Times of more than 100 days without a record.
    pub(crate) holes: u64,
    /// Files that could not be read, or not in full.
    pub(crate) unreadable_files: u64,
    /// Records that could not be read.
    pub(crate) unreadable_records: u64,
    /// What could not be read, and why: the first of them.
    pub(crate) unreadable: Vec<String>,
    #[serde(skip)]
    whom: BTreeSet<(&'static str, String)>,
    #[serde(skip)]
    entries: u64,
}

/// The last line of the JSON output.
#[derive(Debug, Serialize)]
pub(crate) struct Line<'a> {
    summary: &'a Summary,
}

impl Summary {
    pub(crate) fn line(&self) -> Line<'_> {
        Line { summary: self }
    }

    /// Adds what was found in a part of a file.
    pub(crate) fn add(&mut self, bytes: u64, records: u64, ignored: &BTreeMap<Ignored, u64>, is_whole: bool) {
        self.files += u64::from(is_whole);
        self.bytes += bytes;
        self.records += records;
        for (reason, count) in ignored {
            *self.ignored.entry(reason.code()).or_default() += count;
        }
    }

    pub(crate) fn ignore(&mut self, reason: Ignored) {
        *self.ignored.entry(reason.code()).or_default() += 1;
    }

    pub(crate) fn note(&mut self, trouble: &Trouble) {
        let count = if trouble.is_file { &mut self.unreadable_files } else { &mut self.unreadable_records };
        *count += 1;
        if self.unreadable.len() < NAMED {
            self.unreadable.push(trouble.to_string());
        }
    }

    /// Counts what would have happened.
    pub(crate) fn count(&mut self, entry: &Entry) {
        self.entries += 1;
        for kind in &entry.messages {
            *self.messages.entry(kind.code()).or_default() += 1;
        }
        if let Some(what) = entry.what
            && self.whom.insert((what.code(), entry.subject.clone()))
        {
            *self.done.entry(what.code()).or_default() += 1;
        }
    }

    /// Adds the figures of an account.
    pub(crate) fn end(&mut self, account: &str, tally: &Tally) {
        self.accounts.push(account.to_owned());
        self.users += tally.users;
        self.users_in_doubt += tally.users_in_doubt;
        self.of_quarantine += tally.of_quarantine;
        self.holes += tally.holes;
        for (reason, count) in &tally.nothing {
            *self.nothing.entry(reason).or_default() += count;
        }
        self.whom.clear();
    }

    /// Whether only one entry was counted so far.
    pub(crate) fn is_first(&self) -> bool {
        self.entries == 1
    }

    pub(crate) fn has_troubles(&self) -> bool {
        self.unreadable_files + self.unreadable_records > 0
    }

    /// Whether there was nothing that is a record, besides those that matter.
    pub(crate) fn is_nothing(&self) -> bool {
        self.ignored.is_empty() && self.of_other_accounts == 0
    }

    /// Why there is nothing to say.
    pub(crate) fn nothing_there(&self, sources: &[Source]) -> anyhow::Error {
        let why = match self.unreadable.as_slice() {
            [] if sources.is_empty() => "there are no files".to_owned(),
            [] => format!("there are no records in {}", counted(self.files, "file")),
            unreadable => unreadable.join("\n       "),
        };
        anyhow!("nothing to replay: {why}")
    }
}

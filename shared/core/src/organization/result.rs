//! The result of the sweep of one account, as an object in the hub's bucket: what the organization's digest needs of it.

use super::person::Person;
use super::run::SweepRun;
use crate::digest::{
    AccountFinding, ChangeKind, Digest, ERROR_LIMIT, FINDING_LIMIT, Figures, Memory, RootNote, SweepResult,
    is_news_of_root, plain,
};
use crate::event::SweepKind;
use crate::evidence::{Link, json_line};
use crate::snapshot::{LastUse, RootMfa, RootStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";
/// What versions that can be read begin with.
const READABLE: &str = "1.";
/// So many people are in a result by name, the most urgent first.
const PEOPLE: usize = 100;
/// So many findings and failures are in a result.
const TEXTS: usize = 50;

/// How the sweep of one account ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountResult {
    /// Version of the form.
    pub schema_version: String,
    /// Name of the run.
    pub run: String,
    /// Number of the account.
    pub account: String,
    /// When the sweep ended.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of the sweep of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The account was read.
    Swept(Box<Swept>),
    /// The account was not read. Why, in words.
    NotCovered(String),
}

/// What a sweep found in an account, and did there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Swept {
    /// Id of the sweep, as in the log.
    pub sweep: String,
    /// `MODE` in this account.
    pub mode: String,
    /// How many users there are of each kind.
    pub figures: Figures,
    /// The root user.
    pub root: RootResult,
    /// To how many users what was done.
    pub did: BTreeMap<ChangeKind, usize>,
    /// How many of those released are exempt.
    pub released_by_exemption: usize,
    /// For how many users no time was left.
    pub remaining: usize,
    /// Whom the digest may name.
    pub people: Counted<Person>,
    /// What an administrator should fix.
    pub findings: Counted<Found>,
    /// Error texts of failures that concern no single user.
    pub failures: Counted<String>,
    /// Whether something was done that no digest has told.
    pub changed_something: bool,
    /// Whether something could not be done.
    pub left_something: bool,
    /// The record of the sweep in the evidence bucket.
    pub evidence: Option<Link>,
}

/// The root user of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RootResult {
    /// What is known about its MFA.
    pub mfa: RootMfa,
    /// Whether it has access keys.
    pub access_keys: bool,
    /// When it was last used; `None` if that is not known, or never.
    pub last_used: Option<Timestamp>,
}

/// Something that an administrator should fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// Stable name for programs.
    pub finding: String,
    /// What is wrong.
    pub text: String,
    /// Whether somebody may be free who should not be.
    pub critical: bool,
}

/// How many there are, and the first of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted<T> {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub listed: Vec<T>,
}

impl AccountResult {
    /// The result of a sweep that ended. `digest` has what earlier sweeps did and no digest told, as a digest of this
    /// account alone would have.
    #[must_use]
    pub fn swept(run: &SweepRun, digest: &Digest) -> Self {
        let outcome = Outcome::Swept(Box::new(Swept::of(digest)));
        Self::of(run, &digest.account, digest.at, outcome)
    }

    /// The result for an account that was not read, with the reason in words.
    #[must_use]
    pub fn not_covered(run: &SweepRun, account: &str, why: &str, at: Timestamp) -> Self {
        Self::of(run, account, at, Outcome::NotCovered(plain(why, FINDING_LIMIT)))
    }

    fn of(run: &SweepRun, account: &str, at: Timestamp, outcome: Outcome) -> Self {
        let schema_version = SCHEMA_VERSION.to_owned();
        Self { schema_version, run: run.to_string(), account: account.to_owned(), at, outcome }
    }

    /// Reads the object that is kept for this account of this run.
    ///
    /// # Errors
    /// Why it cannot be read, in words. It is a failure of this account alone.
    pub fn read(bytes: &[u8], run: &SweepRun, account: &str) -> Result<Self, String> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let result: Self = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| format!("its result cannot be read: {error}"))?;
        if !result.schema_version.starts_with(READABLE) {
            let version = plain(&result.schema_version, ERROR_LIMIT);
            return Err(format!(
                "its result has the form {version}, and this version reads {SCHEMA_VERSION}"
            ));
        }
        if result.account != account || result.run != run.to_string() {
            let (run, account) = (plain(&result.run, ERROR_LIMIT), plain(&result.account, ERROR_LIMIT));
            return Err(format!("its result is that of account {account} in the run {run}"));
        }
        Ok(result)
    }

    /// As one line of JSON: there are a thousand of them to read.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        json_line(self)
    }

    /// Why the account was not read; `None` if it was.
    #[must_use]
    pub fn not_swept(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Swept(_) => None,
            Outcome::NotCovered(why) => Some(why),
        }
    }

    /// What was found; `None` if the account was not read.
    #[must_use]
    pub fn found(&self) -> Option<&Swept> {
        match &self.outcome {
            Outcome::Swept(swept) => Some(swept),
            Outcome::NotCovered(_) => None,
        }
    }
}

impl Swept {
    fn of(digest: &Digest) -> Self {
        let result = &digest.result;
        let people = Person::of(digest);
        let found = |finding: &AccountFinding| Found {
            finding: finding.code().to_owned(),
            text: plain(&finding.to_string(), FINDING_LIMIT),
            critical: finding.is_critical(),
        };
        let mut findings: Vec<Found> = result.findings.iter().map(found).collect();
        findings.sort_by_key(|found| !found.critical);
        Self {
            sweep: digest.sweep.as_str().to_owned(),
            mode: digest.mode.name().to_owned(),
            figures: Figures::of(&digest.statuses, digest.at),
            root: RootResult::of(digest.root),
            did: did(result),
            released_by_exemption: people.iter().filter(|person| person.is_released_by_exemption()).count(),
            remaining: result.remaining.len(),
            people: Counted::of(people, PEOPLE),
            findings: Counted::of(findings, TEXTS),
            failures: Counted::of(result.failures.iter().map(|text| plain(text, ERROR_LIMIT)), TEXTS),
            changed_something: result.changed_something(),
            left_something: result.left_something(),
            evidence: digest.evidence.clone(),
        }
    }

    /// To how many users this was done.
    #[must_use]
    pub fn count(&self, what: ChangeKind) -> usize {
        self.did.get(&what).copied().unwrap_or_default()
    }

    /// For how many users a step failed or was refused.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.count(ChangeKind::Failed).saturating_add(self.count(ChangeKind::Refused))
    }

    /// Whether something is wrong with the account that may leave somebody free who should not be.
    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.root.mfa == RootMfa::Missing || self.findings.listed.iter().any(|found| found.critical)
    }
}

impl RootResult {
    fn of(root: RootStatus) -> Self {
        let last_used = match root.last_used {
            LastUse::At(time) => Some(time),
            LastUse::Never | LastUse::Unknown => None,
        };
        Self { mfa: root.mfa, access_keys: root.access_keys, last_used }
    }

    /// What to remember about it; `None` if its MFA is not known.
    pub(super) fn note(&self) -> Option<String> {
        let last_used = LastUse::Unknown;
        let root = RootStatus { mfa: self.mfa, access_keys: self.access_keys, last_used, devices: None };
        RootNote::of(root).map(|note| note.to_string())
    }

    /// Whether it was used, and the last digest may not have known.
    pub(super) fn is_news(&self, last: Timestamp, at: Timestamp) -> bool {
        self.last_used.is_some_and(|used| is_news_of_root(LastUse::At(used), last, at))
    }
}

impl<T> Counted<T> {
    fn of(all: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>, limit: usize) -> Self {
        let all = all.into_iter();
        Self { count: all.len(), listed: all.take(limit).collect() }
    }
}

/// To how many users what was done, those included whose names are not known.
fn did(result: &SweepResult) -> BTreeMap<ChangeKind, usize> {
    let mut did: BTreeMap<ChangeKind, usize> = BTreeMap::new();
    for change in &result.users {
        *did.entry(change.what).or_default() += 1;
    }
    if result.released_unnamed > 0 {
        *did.entry(ChangeKind::Released).or_default() += result.released_unnamed;
    }
    did
}

/// What becomes of an account that a sweep could not cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// That is the result of the run, and its digest names the account.
    Report,
    /// It is tried again. The digest names the account if nothing else comes of it.
    LeaveAttempt,
    /// It is tried again, and after the last try the order is a dead letter.
    TryAgain,
    /// Nothing. The next sweep asks the account again, and the digest of the daily one names it.
    LeaveToNext,
}

impl AfterFailure {
    /// What becomes of the account after a failure of this sweep, which a retry can help or not. What an hourly sweep cannot
    /// do and no retry can help would else be a dead letter in each hour, until somebody fixes it.
    #[must_use]
    pub fn of(kind: SweepKind, is_transient: bool) -> Self {
        match (kind, is_transient) {
            (SweepKind::Daily, false) => Self::Report,
            (SweepKind::Daily, true) => Self::LeaveAttempt,
            (SweepKind::Hourly, true) => Self::TryAgain,
            (SweepKind::Hourly, false) => Self::LeaveToNext,
        }
    }
}

/// Whether a sweep with this digest is over. Where something failed or is left, it is tried again.
#[must_use]
pub fn is_final(digest: &Digest) -> bool {
    let SweepResult { users, failures, remaining, .. } = &digest.result;
    failures.is_empty()
        && remaining.is_empty()
        && users.iter().all(|change| change.what != ChangeKind::Failed)
}

/// What an account remembers once its result is written. If it is told, the organization's digest tells what its own
/// would, and the next one need not. It is not told for certain, and the next digest tells it again, if it is not final,
/// or if the run's `told.json` exists once it is written.
#[must_use]
pub fn memory_after_result(digest: &Digest, before: Option<&Memory>, is_told: bool) -> Memory {
    if is_told { Memory::after_digest(digest, before) } else { Memory::digest_owed(digest.at, before) }
}

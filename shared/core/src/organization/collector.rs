//! When the collector of a run tells the administrators, and that no two of them do.
//!
//! A collector first claims the run with an object that it writes only if there is none ([`Claim::first`]). Only then
//! does it read the results, so that an account which found no claim after it had written its result is in the digest.
//! One that finds a claim is late, and keeps what it has to tell for the next digest: [`super::memory_after_result`]. A
//! collector that ended before its time is followed by the next once its claim has expired.

use super::run::SweepPlan;
use crate::evidence::json;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Version of the form.
const SCHEMA_VERSION: &str = "1.0";
/// No function runs for longer than 15 minutes, and clocks differ.
const EXPIRES: SignedDuration = SignedDuration::from_mins(20);

/// What a collector does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collecting<'a> {
    /// Nothing yet: so many accounts have not reported, and the time is up then.
    Wait {
        /// How many accounts have not reported.
        missing: usize,
        /// One of them, the last that was ordered. While it has not reported, there is no need to look at the others.
        last: &'a str,
        /// When the time is up.
        until: Timestamp,
    },
    /// Claim the run, and report.
    Report {
        /// How many accounts have not reported.
        missing: usize,
    },
}

/// Whether to report, given the accounts that have a result so far, and how long the others are waited for.
#[must_use]
pub fn collect<'a, 'b>(
    plan: &'a SweepPlan,
    reported: impl IntoIterator<Item = &'b str>,
    now: Timestamp,
    limit: SignedDuration,
) -> Collecting<'a> {
    let reported: BTreeSet<&str> = reported.into_iter().collect();
    let missing: Vec<&str> = plan
        .asked_accounts()
        .map(|account| account.id.as_str())
        .filter(|account| !reported.contains(account))
        .collect();
    let until = plan.asked.checked_add(limit).unwrap_or(Timestamp::MAX);
    match missing.last() {
        Some(last) if now < until => Collecting::Wait { missing: missing.len(), last, until },
        Some(_) | None => Collecting::Report { missing: missing.len() },
    }
}

/// Who tells the administrators of a run, and how far they are: `told.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Version of the form.
    pub schema_version: String,
    /// Id of the invocation that claims the run.
    pub by: String,
    /// When it did.
    pub at: Timestamp,
    /// How many collectors have tried.
    pub attempt: u32,
    /// How far it is.
    pub state: ClaimState,
    /// Whether the digest was mailed already, and only the alerts topic waits for it.
    #[serde(default)]
    pub mailed: bool,
    /// Whether the alerts topic has it as well, and only the memory of it waits.
    #[serde(default)]
    pub published: bool,
}

/// How far a collector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimState {
    /// It is at work.
    Telling,
    /// It failed, so the next one may try at once.
    Failed,
    /// It has told, or there was nothing to tell.
    Told,
}

/// What to do where `told.json` exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The run is told. Nothing is left to do.
    Told,
    /// Another collector is at work until then. If it is not told by then, the run can be claimed.
    ByAnother(Timestamp),
    /// Write this claim, on condition that the object is still the one that was read. Whoever loses does nothing.
    TakeOver(Claim),
}

impl Claim {
    /// The claim to write on condition that there is none.
    #[must_use]
    pub fn first(by: &str, now: Timestamp) -> Self {
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            by: by.to_owned(),
            at: now,
            attempt: 1,
            state: ClaimState::Telling,
            mailed: false,
            published: false,
        }
    }

    /// What to do, given the object that is there. One that cannot be read is replaced: a digest that comes twice is
    /// better than none.
    #[must_use]
    pub fn after(found: &[u8], by: &str, now: Timestamp) -> Claimed {
        let first = Self::first(by, now);
        let Ok(found) = serde_json::from_slice::<Self>(found) else { return Claimed::TakeOver(first) };
        let expires = found.at.checked_add(EXPIRES).unwrap_or(Timestamp::MAX);
        // A time in the future comes from no collector.
        let is_at_work = now < expires && found.at <= now.checked_add(EXPIRES).unwrap_or(Timestamp::MAX);
        let Self { mailed, published, .. } = found;
        let take_over = Self { attempt: found.attempt.saturating_add(1), mailed, published, ..first };
        match found.state {
            ClaimState::Told => Claimed::Told,
            // A write of its own, whose answer was lost.
            ClaimState::Telling if is_at_work && found.by != by => Claimed::ByAnother(expires),
            ClaimState::Telling | ClaimState::Failed => Claimed::TakeOver(take_over),
        }
    }

    /// What to write once the digest was mailed, before the alerts topic gets it.
    #[must_use]
    pub fn mailed(&self) -> Self {
        Self { mailed: true, ..self.clone() }
    }

    /// What to write once the alerts topic has it, before it is remembered.
    #[must_use]
    pub fn published(&self) -> Self {
        Self { published: true, ..self.clone() }
    }

    /// What to write at the end.
    #[must_use]
    pub fn ended(&self, told: bool, now: Timestamp) -> Self {
        let state = if told { ClaimState::Told } else { ClaimState::Failed };
        Self { state, at: now, ..self.clone() }
    }

    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        json(self)
    }
}

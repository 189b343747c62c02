//! What one digest of an organization leaves for the next, and whether there is one.

use super::{OrganizationDigest, Standing};
use crate::digest::{AccountFinding, Figures, News, Remembered};
use crate::evidence::json;
use crate::settings::DigestWhen;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Key of the object with it in the hub's bucket.
pub const ORGANIZATION_MEMORY_KEY: &str = "organization/last-digest.json";
/// Version of the form.
const SCHEMA_VERSION: &str = "1.0";
/// For so long an account counts as one that is no longer covered. Whoever took it out on purpose is not told of it for
/// ever, and it does not hide the next one.
const NO_LONGER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How far the clocks of two runs may differ.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The last digest that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationMemory {
    /// Version of the form.
    pub schema_version: String,
    /// Its run.
    pub run: String,
    /// When it was made.
    pub at: Timestamp,
    /// Its figures.
    pub figures: Figures,
    /// What was known of root, by account.
    pub roots: BTreeMap<String, String>,
    /// The accounts that were covered, and since when each is not; `None` while it is.
    #[serde(default)]
    pub covered: BTreeMap<String, Option<Timestamp>>,
}

impl OrganizationMemory {
    /// What to remember of a digest that was sent. Of an account that was not covered, what was known of root is kept.
    #[must_use]
    pub fn of(digest: &OrganizationDigest, before: Option<&Self>) -> Self {
        let mut roots = BTreeMap::new();
        for account in &digest.accounts {
            let id = &account.account.id;
            let now = account.swept().and_then(|swept| swept.root.note());
            let note = now.or_else(|| before?.roots.get(id).cloned());
            roots.extend(note.map(|note| (id.clone(), note)));
        }
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            run: digest.run.clone(),
            at: digest.at,
            figures: digest.figures(),
            roots,
            covered: covered(digest, before),
        }
    }

    /// Reads the object; `None` if it cannot be read. Then a digest is due, and is compared with none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        json(self)
    }

    /// `None` if it is from the future.
    pub(super) fn believed(&self, now: Timestamp) -> Option<&Self> {
        (self.at.duration_since(now) <= CLOCK_TOLERANCE).then_some(self)
    }
}

/// Whether the digest should be sent, given the last one, by the same rules as that of an account. An account that was
/// not covered counts as something that could not be done.
///
/// The memory is written after the digest is sent. So a collector that follows one which ended in between finds the
/// digest of its own run there, and sends none.
#[must_use]
pub fn is_organization_digest_due(
    before: Option<&OrganizationMemory>,
    when: DigestWhen,
    digest: &OrganizationDigest,
) -> bool {
    let before = before.and_then(|before| before.believed(digest.at));
    if before.is_some_and(|before| before.run == digest.run) {
        return false;
    }
    let news = News {
        at: digest.at,
        must_be_told: digest.covered().any(|(_, swept)| swept.changed_something),
        left_something: digest.left_something(),
        has_changed: before.is_some_and(|before| has_changed(digest, before)),
    };
    news.are_due(before.map(|before| before.at), when)
}

/// The accounts that were covered, now or not long ago, and since when each is not. One in which nobody can work any more is
/// not among them, and neither is one that never was covered.
fn covered(
    digest: &OrganizationDigest,
    before: Option<&OrganizationMemory>,
) -> BTreeMap<String, Option<Timestamp>> {
    let before = before.and_then(|before| before.believed(digest.at));
    let since = |id: &String| {
        let since = before?.covered.get(id)?.unwrap_or(digest.at);
        (digest.at.duration_since(since) < NO_LONGER).then_some(since)
    };
    let mut covered = BTreeMap::new();
    for account in &digest.accounts {
        let id = &account.account.id;
        let state = match account.standing {
            Standing::Covered(_) => Some(None),
            Standing::NotCovered(_) => since(id).map(Some),
            Standing::NotInUse(_) | Standing::Management => None,
        };
        covered.extend(state.map(|state| (id.clone(), state)));
    }
    covered
}

impl OrganizationDigest {
    /// How many accounts are not covered which the last digest had as covered, or had as no longer covered for less than a
    /// week.
    pub(super) fn no_longer_covered(&self, before: Option<&OrganizationMemory>) -> usize {
        covered(self, before).values().flatten().count()
    }

    /// Whether something could not be done, or was not even tried.
    pub(super) fn left_something(&self) -> bool {
        self.not_covered().next().is_some()
            || !self.unasked.is_empty()
            || self.findings.iter().any(AccountFinding::is_failure)
            || self.covered().any(|(_, swept)| swept.left_something)
    }
}

/// Whether a figure, or something about root, differs from the last digest.
fn has_changed(digest: &OrganizationDigest, before: &OrganizationMemory) -> bool {
    let root_changed = |(account, swept): (&super::PlannedAccount, &super::Swept)| {
        let now = swept.root.note();
        (now.is_some() && now.as_ref() != before.roots.get(&account.id))
            || swept.root.is_news(before.at, digest.at)
    };
    Remembered::exactly(&before.figures) != Remembered::exactly(&digest.figures())
        || digest.covered().any(root_changed)
}

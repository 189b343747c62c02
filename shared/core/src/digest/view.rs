//! What all texts of a digest are made from, counted and compared once.

use super::lists::Lists;
use super::{AccountFinding, AlertsSubscribers, Digest, Figures, Memory, Remembered};
use crate::notice::Severity;
use crate::snapshot::{LastUse, RootMfa};
use jiff::{SignedDuration, Timestamp};

/// Maximum age of the credential report: AWS generates a new one at most every 4 hours.
const REPORT_AGE: SignedDuration = SignedDuration::from_hours(4);

pub(super) struct View<'a> {
    pub(super) digest: &'a Digest,
    pub(super) figures: Figures,
    pub(super) lists: Lists<'a>,
    /// What the last digest recorded, without anything that cannot be true.
    pub(super) before: Option<Memory>,
    pub(super) severity: Severity,
    /// Whether root was used too recently for the last digest to know; `None` if that is unknown.
    pub(super) root_used: Option<bool>,
}

impl<'a> View<'a> {
    pub(super) fn of(digest: &'a Digest, previous: Option<&Memory>) -> Self {
        let figures = Figures::of(&digest.statuses, digest.at);
        let lists = Lists::of(&digest.statuses, &digest.result, digest.at);
        let before = previous.and_then(|memory| memory.believed(digest.at));
        Self {
            severity: severity(digest, &figures, &lists),
            root_used: root_used(
                digest.root.last_used,
                before.as_ref().map(|memory| memory.digest.unwrap_or(memory.swept)),
            ),
            digest,
            figures,
            lists,
            before,
        }
    }

    /// When the last digest was sent, and its figures.
    pub(super) fn last(&self) -> Option<(Timestamp, &Remembered)> {
        let before = self.before.as_ref()?;
        Some((before.digest?, &before.figures))
    }
}

fn severity(digest: &Digest, figures: &Figures, lists: &Lists) -> Severity {
    if digest.result.findings.iter().any(AccountFinding::is_critical) {
        return Severity::Critical;
    }
    if digest.root.mfa == RootMfa::Missing || digest.alerts_subscribers == AlertsSubscribers::Counted(0) {
        return Severity::Critical;
    }
    let needs_attention = figures.overdue_and_free > 0
        || digest.result.left_something()
        || digest.root.access_keys
        || digest.alerts_subscribers == AlertsSubscribers::Unknown
        || lists.someone_contained_is_missed()
        || !lists.released_by_exemption().is_empty();
    if needs_attention { Severity::Warning } else { Severity::Info }
}

/// Whether root was used after the report behind the last digest may have been written, up to four hours before it.
/// A use in those hours may be reported twice, which is better than not at all.
pub(super) fn root_used(used: LastUse, told: Option<Timestamp>) -> Option<bool> {
    let known_until = told.map(|told| told.checked_sub(REPORT_AGE).unwrap_or(Timestamp::MIN));
    match (used, known_until) {
        (LastUse::At(time), Some(known_until)) => Some(time > known_until),
        (LastUse::Never, _) => Some(false),
        (LastUse::At(_), None) | (LastUse::Unknown, _) => None,
    }
}

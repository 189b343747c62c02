//! What every text of one digest is made from, counted and compared once.

use super::lists::Lists;
use super::{Digest, Figures, Memory};
use crate::notice::Severity;
use crate::snapshot::{LastUse, RootMfa};
use jiff::{SignedDuration, Timestamp};

/// The credential report can be this old: AWS makes a new one every 4 hours at most.
const REPORT_AGE: SignedDuration = SignedDuration::from_hours(4);

pub(super) struct View<'a> {
    pub(super) digest: &'a Digest,
    pub(super) figures: Figures,
    pub(super) lists: Lists<'a>,
    /// What is believed of the memory.
    pub(super) before: Option<Memory>,
    pub(super) severity: Severity,
    /// Whether root was used after what the last digest could know; `None` where that cannot be told.
    pub(super) root_used: Option<bool>,
}

impl<'a> View<'a> {
    pub(super) fn of(digest: &'a Digest, previous: Option<&Memory>) -> Self {
        let figures = Figures::of(&digest.statuses, digest.at);
        let lists = Lists::of(&digest.statuses, &digest.result, digest.at);
        let before = previous.and_then(|memory| memory.believed(digest.at));
        Self {
            severity: severity(digest, &figures, &lists),
            root_used: root_used(digest.root.last_used, before.as_ref()),
            digest,
            figures,
            lists,
            before,
        }
    }
}

fn severity(digest: &Digest, figures: &Figures, lists: &Lists) -> Severity {
    if digest.root.mfa == RootMfa::Missing {
        return Severity::Critical;
    }
    let to_look_at = figures.overdue_and_free > 0
        || digest.result.left_something()
        || digest.root.access_keys
        || lists.someone_contained_is_missed()
        || !lists.released_by_exemption().is_empty();
    if to_look_at { Severity::Warning } else { Severity::Info }
}

/// The sweep of the last digest may have read a report of four hours before. A use in these hours may be said twice; not to
/// say it would be worse.
pub(super) fn root_used(last: LastUse, before: Option<&Memory>) -> Option<bool> {
    let seen = before.map(|memory| {
        memory.digest.unwrap_or(memory.swept).checked_sub(REPORT_AGE).unwrap_or(Timestamp::MIN)
    });
    match (last, seen) {
        (LastUse::At(time), Some(seen)) => Some(time > seen),
        (LastUse::Never, _) => Some(false),
        (LastUse::At(_), None) | (LastUse::Unknown, _) => None,
    }
}

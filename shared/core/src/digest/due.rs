//! Whether a sweep sends a digest.

use super::view::root_used;
use super::{
    AccountFinding, ChangeKind, Digest, Figures, Memory, Remembered, RootNote, SweepResult, UserChange,
};
use crate::reason::Reason;
use crate::settings::DigestWhen;
use crate::snapshot::LastUse;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Digests are a day apart if they are at least this far apart: where the clocks change, two daily sweeps can be on one
/// day of UTC, or none.
pub(super) const DAILY: SignedDuration = SignedDuration::from_hours(20);

/// Whether `digest` should be sent, given what was recorded of the last one.
///
/// - Changes made by the sweep are always reported: the administrators get no other message about them. The same goes
///   for a quarantine by an earlier sweep that ended before its digest, and for a digest that could not be sent.
/// - What a sweep could not do is reported at most once a day.
/// - Everything else is reported as `when` says. What `MODE` withheld makes no difference.
#[must_use]
pub fn is_due(before: Option<&Memory>, when: DigestWhen, digest: &Digest) -> bool {
    let before = before.and_then(|before| before.believed(digest.at));
    let last = before.and_then(|before| before.digest.map(|last| (before, last)));
    let news = News {
        at: digest.at,
        must_be_told: digest.result.changed_something()
            || last
                .as_ref()
                .is_some_and(|(before, last)| before.owed || has_unreported_containment(digest, *last)),
        left_something: digest.result.left_something(),
        has_changed: last.as_ref().is_some_and(|(before, last)| has_changed(digest, before, *last)),
    };
    news.are_due(last.map(|(_, last)| last), when)
}

/// What decides whether a digest is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct News {
    /// The time of the digest.
    pub(crate) at: Timestamp,
    /// Whether something was done that nobody was told, or a digest is owed.
    pub(crate) must_be_told: bool,
    /// Whether something could not be done.
    pub(crate) left_something: bool,
    /// Whether a figure, or something about root, differs from the last digest.
    pub(crate) has_changed: bool,
}

impl News {
    /// Whether they are sent, given when the last digest was.
    pub(crate) fn are_due(self, last: Option<Timestamp>, when: DigestWhen) -> bool {
        let Some(last) = last.filter(|_| !self.must_be_told) else { return true };
        let is_another_day = self.at.duration_since(last) >= DAILY;
        if self.left_something && is_another_day {
            return true;
        }
        match when {
            DigestWhen::Daily => is_another_day,
            DigestWhen::Weekly(weekday) => day(last) < latest(weekday, day(self.at)),
            DigestWhen::OnChange => self.has_changed,
        }
    }
}

/// Whether a sweep contained somebody after the last digest (to the second), but ended before its own digest.
///
/// A time in the future does not count. If it comes from a clock that was ahead, it counts once it has passed.
fn has_unreported_containment(digest: &Digest, last: Timestamp) -> bool {
    let since = digest.statuses.iter().filter_map(|status| status.contained_by_sweep);
    since.filter(|since| *since <= digest.at).any(|since| since.as_second() > last.as_second())
}

/// Whether anything differs from the last digest. If root could not be looked up, its MFA does not count as changed.
fn has_changed(digest: &Digest, before: &Memory, last: Timestamp) -> bool {
    let root = RootNote::of(digest.root);
    before.figures != Remembered::of(&Figures::of(&digest.statuses, digest.at))
        || (root.is_some() && root != before.root)
        || is_news_of_root(digest.root.last_used, last, digest.at)
}

/// Whether root was used since the last digest, or in the hours before it that its report may not have covered. The
/// last digest may have mentioned a use in those hours, so it counts only once, on the next day.
pub(crate) fn is_news_of_root(used: LastUse, last: Timestamp, at: Timestamp) -> bool {
    let after_the_last = matches!(used, LastUse::At(time) if time > last);
    let perhaps_told = root_used(used, Some(last)) == Some(true);
    after_the_last || (perhaps_told && day(last) < day(at))
}

impl SweepResult {
    /// Whether somebody was contained or released, or a quarantine was repaired.
    #[must_use]
    pub fn changed_something(&self) -> bool {
        self.released_unnamed > 0
            || self.users.iter().any(|change| match change.what {
                ChangeKind::Contained | ChangeKind::Waiting | ChangeKind::Repaired | ChangeKind::Released => {
                    true
                }
                ChangeKind::Failed
                | ChangeKind::Refused
                | ChangeKind::Told
                | ChangeKind::StaysContained
                | ChangeKind::Withheld => false,
            })
    }

    /// Names of the users who wait for their quarantine, most urgent first.
    #[must_use]
    pub fn waiting(&self) -> Vec<String> {
        let waiting = self.users.iter().filter(|change| change.what == ChangeKind::Waiting);
        waiting.map(|change| change.name.clone()).collect()
    }

    /// The names of those of them who wait because sweeps have contained as many within a day as they may. Whoever waits
    /// for the next hour is told of by an alert of its own.
    #[must_use]
    pub fn waiting_for_day(&self) -> Vec<String> {
        let waiting = self.users.iter().filter(|change| change.what == ChangeKind::Waiting);
        let for_day = waiting.filter(|change| change.reason == Some(Reason::LimitReached));
        for_day.map(|change| change.name.clone()).collect()
    }

    /// Whether something failed, has to be fixed, or there was no time left for some users.
    #[must_use]
    pub fn left_something(&self) -> bool {
        let failed = |change: &UserChange| matches!(change.what, ChangeKind::Failed | ChangeKind::Refused);
        self.users.iter().any(failed)
            || self.findings.iter().any(AccountFinding::is_failure)
            || !self.failures.is_empty()
            || !self.remaining.is_empty()
    }
}

pub(crate) fn day(time: Timestamp) -> Date {
    time.to_zoned_datetime(TimeZone::UTC).date()
}

/// The most recent such day of the week, today included.
pub(crate) fn latest(weekday: Weekday, today: Date) -> Date {
    let back = i64::from(today.weekday().since(weekday));
    today.checked_sub(SignedDuration::from_hours(24 * back)).unwrap_or(today)
}

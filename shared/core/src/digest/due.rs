//! Whether a sweep sends a digest.

use super::view::root_used;
use super::{ChangeKind, Digest, Figures, Memory, Remembered, RootNote, SweepResult};
use crate::settings::DigestWhen;
use crate::snapshot::LastUse;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

/// Whether `digest` is due, after what is remembered of the last one.
///
/// What a sweep changes is reported in any case: the administrators get no other message about it. So is what
/// an earlier sweep changed that did not get as far as its digest, and a digest that could not be sent. What a
/// sweep could not do is reported once a day (UTC), and the rest when `when` says so. Whether `MODE` withheld
/// something makes no difference.
#[must_use]
pub fn is_due(before: Option<&Memory>, when: DigestWhen, digest: &Digest) -> bool {
    if digest.result.changed_something() {
        return true;
    }
    let before = before.and_then(|before| before.believed(digest.at));
    let Some((before, last)) = before.and_then(|before| before.digest.map(|last| (before, last))) else {
        return true;
    };
    if before.owed || has_unreported_containment(digest, last) {
        return true;
    }
    let (today, last_day) = (day(digest.at), day(last));
    if digest.result.left_something() && last_day < today {
        return true;
    }
    match when {
        DigestWhen::Daily => last_day < today,
        DigestWhen::Weekly(weekday) => last_day < latest(weekday, today),
        DigestWhen::OnChange => has_changed(digest, &before, last),
    }
}

/// A sweep contained somebody after the last digest, to the second: it ended before its own.
///
/// A time to come is not ours and does not count; of a clock that is ahead, it counts once it is past.
fn has_unreported_containment(digest: &Digest, last: Timestamp) -> bool {
    let since = digest.statuses.iter().filter_map(|status| status.contained_by_sweep);
    since.filter(|since| *since <= digest.at).any(|since| since.as_second() > last.as_second())
}

/// Something differs from the last digest. Of a root that could not be looked up nothing does.
fn has_changed(digest: &Digest, before: &Memory, last: Timestamp) -> bool {
    let root = RootNote::of(digest.root);
    before.figures != Remembered::of(&Figures::of(&digest.statuses, digest.at))
        || (root.is_some() && root != before.root)
        || has_news_of_root(digest, before, last)
}

/// Root was used since the last digest, or in the hours that its report may have lacked. Of these it is not known
/// whether that digest told them, so they are news only once, on the next day.
fn has_news_of_root(digest: &Digest, before: &Memory, last: Timestamp) -> bool {
    let after_the_last = matches!(digest.root.last_used, LastUse::At(time) if time > last);
    let perhaps_told = root_used(digest.root.last_used, Some(before)) == Some(true);
    after_the_last || (perhaps_told && day(last) < day(digest.at))
}

impl SweepResult {
    /// Somebody was contained or released, or a containment was made whole.
    #[must_use]
    pub fn changed_something(&self) -> bool {
        self.users.iter().any(|change| match change.what {
            ChangeKind::Contained | ChangeKind::Repaired | ChangeKind::Released => true,
            ChangeKind::Failed | ChangeKind::Told | ChangeKind::Withheld => false,
        })
    }

    /// Something failed, or no time was left for somebody.
    #[must_use]
    pub fn left_something(&self) -> bool {
        let failed = self.users.iter().any(|change| change.what == ChangeKind::Failed);
        failed || !self.failures.is_empty() || !self.remaining.is_empty()
    }
}

fn day(time: Timestamp) -> Date {
    time.to_zoned_datetime(TimeZone::UTC).date()
}

/// The latest such day of the week, today included.
fn latest(weekday: Weekday, today: Date) -> Date {
    let back = i64::from(today.weekday().since(weekday));
    today.checked_sub(jiff::SignedDuration::from_hours(24 * back)).unwrap_or(today)
}

//! What a run did to a user's access: contained them, put them back, or released them. What counts is what is in force: a
//! tag that was written before an attachment that IAM refused is no act of access. And a retry that finds what its own
//! event attached says so, because the run that attached it may have ended before it could.

use super::act::Deed;
use crate::change::Change;
use crate::effect::Effect;
use crate::facts::UserFacts;
use crate::notice::{Notice, UserMessage};
use crate::plan::Step;
use crate::reason::Reason;
use crate::tags::{NoticeKind, UserTag};
use jiff::Timestamp;

/// A turn in a user's access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The user was put under quarantine.
    Contained,
    /// The user had been put under quarantine, by an earlier try of the event.
    FoundContained,
    /// The quarantine, or a record of it, was put back.
    PutBack,
    /// The quarantine had been put back, by an earlier try of the event.
    FoundPutBack,
    /// The quarantine was ended or narrowed.
    Released,
}

impl Turn {
    /// The kind of the act.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Contained | Self::FoundContained => "containment",
            Self::PutBack | Self::FoundPutBack => "put-back",
            Self::Released => "release",
        }
    }

    /// Whether the run found it done.
    pub(super) fn is_found(self) -> bool {
        matches!(self, Self::FoundContained | Self::FoundPutBack)
    }
}

/// The turn in the user's access; `None` if there was none.
pub(super) fn turn(deed: Deed<'_>) -> Option<Turn> {
    let did = |is: fn(Effect) -> bool| changes(deed.done).any(|change| is(change.effect()));
    let attaches = |steps| changes(steps).any(|change| change.effect() == Effect::Contain);
    let is_first = deed.reason != Reason::PutBack && !deed.before.is_some_and(knew_of_quarantine);
    if attaches(deed.done) {
        return Some(if is_first { Turn::Contained } else { Turn::PutBack });
    }
    // What was to be attached is not in force, as far as anybody knows.
    if attaches(deed.planned) {
        return None;
    }
    if finishes(deed) {
        return Some(Turn::FoundContained);
    }
    if deed.reason == Reason::PutBack && was_put_back_by_this_event(deed) {
        Some(Turn::FoundPutBack)
    } else if did(Effect::contains) {
        // Nothing has to be attached to whoever was about to be released and is not any more.
        let is_new = matches!(deed.reason, Reason::Contain(_));
        Some(if is_new { Turn::Contained } else { Turn::PutBack })
    } else {
        did(Effect::releases).then_some(Turn::Released)
    }
}

/// The changes among these steps.
pub(super) fn changes(steps: &[Step]) -> impl Iterator<Item = &Change> {
    steps.iter().filter_map(|step| if let Step::Change { change, .. } = step { Some(change) } else { None })
}

/// Whether the user was in quarantine and knew it. The record alone does not say so: it is written before the attachment.
pub(crate) fn knew_of_quarantine(user: &UserFacts) -> bool {
    user.quarantine_record().is_some_and(|record| {
        record.release.is_none() && was_told(user, record.since.unwrap_or(Timestamp::MIN))
    })
}

/// Whether the user was told of a quarantine at or after `since`.
fn was_told(user: &UserFacts, since: Timestamp) -> bool {
    const CONTAINED: [NoticeKind; 2] = [NoticeKind::Quarantined, NoticeKind::QuarantineReminder];
    user.last_notice().is_some_and(|last| !last.claimed && CONTAINED.contains(&last.kind) && last.at >= since)
}

/// Whether the run went on with a containment that had got no further than the attachment: the user is told only now, or
/// the record names this very event.
fn finishes(deed: Deed<'_>) -> bool {
    let says_so = deed.done.iter().any(|step| match step {
        Step::Notify(notice) => {
            matches!(notice.as_ref(), Notice::User(notice) if matches!(notice.message, UserMessage::Quarantined { .. }))
        }
        Step::Change { .. } | Step::Repair(_) | Step::RecordRootAlert(_) | Step::OrderSweep { .. } => false,
    });
    let record = deed.before.and_then(UserFacts::quarantine_record);
    let is_of_this_event = record.is_some_and(|record| record.event.as_ref() == Some(deed.occasion.id()));
    matches!(deed.reason, Reason::FinishContainment(_))
        && !deed.before.is_some_and(knew_of_quarantine)
        && (says_so || is_of_this_event)
}

/// Whether an earlier try of this event put the quarantine back. It counts that before it tells.
fn was_put_back_by_this_event(deed: Deed<'_>) -> bool {
    let count = deed.before.and_then(|user| user.tag(UserTag::Undone)).unwrap_or_default();
    let own = format!("event={}", deed.occasion.id());
    count.split(' ').any(|word| word == own)
}

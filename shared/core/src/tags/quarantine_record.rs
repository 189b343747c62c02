//! The record of a quarantine on its user.

use super::{Cause, TAG_VALUE_LIMIT, second};
use crate::episode::{self, Episode};
use crate::event::EventId;
use jiff::Timestamp;
use strum::IntoEnumIterator;

/// Begins the word of [`super::UserTag::Quarantined`] that says when the rest of the quarantine ends.
const RELEASE: &str = "release=";
/// Begins the word of [`super::UserTag::Quarantined`] that says when somebody approved the release.
const APPROVED: &str = "approved=";
/// Stands in [`super::UserTag::Quarantined`] for a cause that is not known.
const UNKNOWN_CAUSE: &str = "unknown";

/// Value of [`super::UserTag::Quarantined`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineRecord {
    /// When the user was contained; `None` if the tag does not hold a valid time.
    pub since: Option<Timestamp>,
    /// Why the user was contained; `None` if the tag does not hold a valid cause.
    pub cause: Option<Cause>,
    /// Event that led to it; `None` if the tag does not hold a valid id.
    pub event: Option<EventId>,
    /// The episode; `None` if the tag does not hold a valid id, as one that an earlier version wrote.
    pub episode: Option<Episode>,
    /// When the rest of the quarantine ends, once the user has enrolled MFA or lost the password; `None` before.
    pub release: Option<Timestamp>,
    /// When somebody else approved the release, if that was needed.
    pub approved: Option<Timestamp>,
}

impl QuarantineRecord {
    /// Formats the tag value of a new quarantine. Pass `None` for a cause that is not known.
    #[must_use]
    pub fn value(
        since: Timestamp,
        cause: impl Into<Option<Cause>>,
        event: &EventId,
        episode: &Episode,
    ) -> String {
        let cause = cause.into().map_or(UNKNOWN_CAUSE, Cause::code);
        format!("{} reason={cause} event={event} {}{episode}", second(since), episode::WORD)
    }

    /// The tag value with the episode, the time at which the rest of the quarantine ends, and when somebody approved
    /// that.
    #[must_use]
    pub fn with_release(
        value: &str,
        episode: &Episode,
        release: Timestamp,
        approved: Option<Timestamp>,
    ) -> String {
        let approved = approved.map(|at| format!(" {APPROVED}{}", second(at))).unwrap_or_default();
        let end = format!("{}{episode} {RELEASE}{}{approved}", episode::WORD, second(release));
        Self::ending_in(&Self::without_release(value), end)
    }

    /// The tag value with the episode, where an earlier version wrote none.
    #[must_use]
    pub fn with_episode(value: &str, episode: &Episode) -> String {
        if Self::parse(value).episode.is_some() {
            return value.to_owned();
        }
        Self::ending_in(value, format!("{}{episode}", episode::WORD))
    }

    /// The value with this end in place of its episode.
    fn ending_in(value: &str, end: String) -> String {
        let rest: Vec<&str> = value.split(' ').filter(|word| !word.starts_with(episode::WORD)).collect();
        let text = format!("{} {end}", rest.join(" "));
        // An administrator may have written anything. What does not fit is replaced, so that the end is kept.
        if text.len() <= TAG_VALUE_LIMIT { text.trim_start().to_owned() } else { end }
    }

    /// The tag value of the same quarantine, with no end in sight.
    #[must_use]
    pub fn without_release(value: &str) -> String {
        let is_end = |word: &str| word.starts_with(RELEASE) || word.starts_with(APPROVED);
        let words: Vec<&str> = value.split(' ').filter(|word| !word.is_empty() && !is_end(word)).collect();
        words.join(" ")
    }

    /// Parses the tag value. Never fails: the presence of the tag counts, whatever its value.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        let field = |name: &str| value.split(' ').find_map(|word| word.strip_prefix(name));
        let code = field("reason=");
        Self {
            since: value.split(' ').next().and_then(|time| time.parse().ok()),
            cause: code.and_then(|code| Cause::iter().find(|cause| cause.code() == code)),
            event: field("event=").and_then(EventId::new),
            episode: episode::in_value(value),
            release: field(RELEASE).and_then(|time| time.parse().ok()),
            approved: field(APPROVED).and_then(|time| time.parse().ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::QuarantineRecord;
    use crate::episode::Episode;
    use crate::event::EventId;
    use crate::tags::Cause;

    fn id(text: &str) -> EventId {
        EventId::new(text).unwrap()
    }

    fn episode() -> Episode {
        Episode::parse("0123456789ab").unwrap()
    }

    #[test]
    fn quarantine_value_is_valid_for_iam() {
        let since = "2026-11-24T09:00:00Z".parse().unwrap();
        let value = QuarantineRecord::value(since, Cause::MfaRemoved, &id(&"e".repeat(64)), &episode());
        assert!(value.len() <= 256);
        assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c)));
        let event = EventId::new(&"e".repeat(64));
        let read = QuarantineRecord {
            since: Some(since),
            cause: Some(Cause::MfaRemoved),
            event,
            episode: Some(episode()),
            release: None,
            approved: None,
        };
        assert_eq!(QuarantineRecord::parse(&value), read);
        let unknown = QuarantineRecord::value(since, None, &id("e"), &episode());
        assert_eq!(QuarantineRecord::parse(&unknown).cause, None, "{unknown}");
    }

    #[test]
    fn release_is_added_to_any_quarantine_value() {
        let release = "2026-11-24T21:00:00Z".parse().unwrap();
        let later = "2026-11-25T09:00:00Z".parse().unwrap();
        let long = "w".repeat(256);
        for value in ["2026-11-24T09:00:00Z reason=sign-in event=e episode=junk", "by hand", "", &long] {
            let scheduled = QuarantineRecord::with_release(value, &episode(), release, Some(release));
            let read = QuarantineRecord::parse(&scheduled);
            assert_eq!((read.release, read.approved), (Some(release), Some(release)), "{scheduled}");
            assert_eq!(read.episode, Some(episode()), "{scheduled}");
            let moved = QuarantineRecord::with_release(&scheduled, &episode(), later, None);
            let read = QuarantineRecord::parse(&moved);
            assert_eq!((read.release, read.approved), (Some(later), None), "{moved}");
            let again = QuarantineRecord::parse(&QuarantineRecord::without_release(&scheduled));
            assert_eq!((again.release, again.approved), (None, None));
            assert_eq!(QuarantineRecord::parse(&moved).since, QuarantineRecord::parse(value).since);
            assert!(moved.len() <= 256);
        }
    }

    #[test]
    fn unreadable_quarantine_tag_still_counts() {
        assert_eq!(
            QuarantineRecord::parse("by hand"),
            QuarantineRecord {
                since: None,
                cause: None,
                event: None,
                episode: None,
                release: None,
                approved: None
            }
        );
    }
}

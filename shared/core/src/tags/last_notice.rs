//! The note of what a user was last told.

use super::{NoticeKind, second};
use crate::episode::{self, Episode};
use crate::event::EventId;
use jiff::Timestamp;
use std::fmt;
use strum::IntoEnumIterator;

/// Begins the word of [`super::UserTag::Notified`] that says when the first notice of the episode was sent.
const FIRST: &str = "first=";
/// Word of [`super::UserTag::Notified`] for a message that SNS took as a text message, and not as a mail.
const BY_TEXT: &str = "by=text";
/// Last word of [`super::UserTag::Notified`] until the message is sent.
const CLAIMED: &str = "claimed";
/// Last word of [`super::UserTag::Notified`] if the message is still owed: none was sent, or the mail waits for the
/// address to be confirmed.
const UNREACHED: &str = "unreached";

/// Value of [`super::UserTag::Notified`]: the last notice, when it was sent, and the event that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastNotice {
    /// Kind of notice.
    pub kind: NoticeKind,
    /// When it was sent.
    pub at: Timestamp,
    /// Event that led to it.
    pub event: EventId,
    /// When the first notice of this episode was sent, if this one is not the first. An episode begins with a user
    /// who has to set up MFA, and ends with their release.
    pub first: Option<Timestamp>,
    /// The episode; `None` if the value does not hold a valid id, as those that earlier versions wrote.
    pub episode: Option<Episode>,
    /// Whether SNS took it as a text message only.
    pub by_text: bool,
    /// Whether the message reached the user, as far as SNS tells. If not, it is worth sending again.
    pub reached: bool,
    /// Whether this was only written to see whether it can be. If it stays, the message was not sent.
    pub claimed: bool,
}

impl LastNotice {
    /// Parses the tag value; `None` if it is invalid.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut words = value.split(' ');
        let (kind, at, event) = (words.next()?, words.next()?, words.next()?);
        let rest: Vec<&str> = words.collect();
        let first = rest.iter().find_map(|word| word.strip_prefix(FIRST));
        Some(Self {
            kind: NoticeKind::iter().find(|known| known.code() == kind)?,
            at: at.parse().ok()?,
            event: EventId::new(event.strip_prefix("event=")?)?,
            first: first.and_then(|time| time.parse().ok()),
            episode: episode::in_value(value),
            by_text: rest.contains(&BY_TEXT),
            reached: !rest.contains(&UNREACHED),
            claimed: rest.contains(&CLAIMED),
        })
    }
}

/// The value of [`super::UserTag::Notified`] for a message that did not reach the user.
#[must_use]
pub fn unreached(value: &str) -> String {
    format!("{value} {UNREACHED}")
}

/// The value of [`super::UserTag::Notified`] for a message that SNS took as a text message only.
#[must_use]
pub fn by_text(value: &str) -> String {
    format!("{value} {BY_TEXT}")
}

/// The value of [`super::UserTag::Notified`] for a message that is about to be sent.
#[must_use]
pub fn claimed(value: &str) -> String {
    format!("{value} {CLAIMED}")
}

impl fmt::Display for LastNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} event={}", self.kind.code(), second(self.at), self.event)?;
        if let Some(first) = self.first {
            write!(f, " {FIRST}{}", second(first))?;
        }
        if let Some(episode) = &self.episode {
            write!(f, " {}{episode}", episode::WORD)?;
        }
        if self.by_text {
            write!(f, " {BY_TEXT}")?;
        }
        if self.claimed {
            write!(f, " {CLAIMED}")?;
        }
        if self.reached { Ok(()) } else { write!(f, " {UNREACHED}") }
    }
}

#[cfg(test)]
mod tests {
    use super::{LastNotice, by_text, claimed, unreached};
    use crate::episode::Episode;
    use crate::event::EventId;
    use crate::tags::NoticeKind;
    use strum::IntoEnumIterator;

    fn id(text: &str) -> EventId {
        EventId::new(text).unwrap()
    }

    #[test]
    fn last_notice_round_trips() {
        for kind in NoticeKind::iter() {
            let mut notice = LastNotice {
                kind,
                at: "2026-11-24T09:00:00Z".parse().unwrap(),
                event: id("b3c1a1de-0000-4000-8000-000000000001"),
                first: None,
                episode: None,
                by_text: false,
                reached: true,
                claimed: false,
            };
            assert_eq!(LastNotice::parse(&notice.to_string()).as_ref(), Some(&notice));
            notice.first = Some("2026-11-20T09:00:00Z".parse().unwrap());
            assert_eq!(LastNotice::parse(&notice.to_string()).as_ref(), Some(&notice));
            notice.episode = Episode::parse("0123456789ab");
            assert_eq!(LastNotice::parse(&notice.to_string()).as_ref(), Some(&notice));
            let value = by_text(&notice.to_string());
            notice.by_text = true;
            assert_eq!(LastNotice::parse(&value).as_ref(), Some(&notice));
            assert_eq!(notice.to_string(), value);
            let value = unreached(&notice.to_string());
            notice.reached = false;
            assert_eq!(LastNotice::parse(&value).as_ref(), Some(&notice));
            assert_eq!(notice.to_string(), value);
            notice.reached = true;
            let value = claimed(&notice.to_string());
            notice.claimed = true;
            assert_eq!(LastNotice::parse(&value).as_ref(), Some(&notice));
        }
    }

    #[test]
    fn unreadable_last_notice_is_none() {
        for value in ["", "hello", "welcome", "welcome now event=1", "gone 2026-11-24T09:00:00Z event=1"] {
            assert_eq!(LastNotice::parse(value), None, "{value}");
        }
    }
}

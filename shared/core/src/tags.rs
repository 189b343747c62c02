//! The state that lasts: tags on the IAM user, where an administrator sees them.
//!
//! Tag values hold at most 256 letters, digits, spaces and `_ . : / = + - @`. Anything that cannot be read
//! (an administrator may write what he likes) counts as saying nothing, which at worst repeats a notice.

use crate::event::EventId;
use jiff::Timestamp;
use std::fmt;

/// Tag that says a user is contained: since when, why, and after which event.
pub const QUARANTINED_KEY: &str = "mfa-enforcer:quarantined";
/// Tag that says what the user was last told.
pub const NOTIFIED_KEY: &str = "mfa-enforcer:notified";
/// Tag that says of which event the administrators were alerted without the user being told.
pub const ALERTED_KEY: &str = "mfa-enforcer:alerted";
/// Tag that a person sets to exempt a user until the end of a day (UTC): `2026-12-31`.
pub const EXEMPT_UNTIL_KEY: &str = "mfa-enforcer:exempt-until";
/// Tag of the alerts topic: ids of the last events about root that were reported.
pub const ROOT_NOTIFIED_KEY: &str = "mfa-enforcer:root-notified";
/// Tag with the user's phone number, for text messages.
pub const PHONE_KEY: &str = "phone";

/// How many ids fit into the tag of the alerts topic: 6 UUIDs of 36 characters, and the spaces.
const ROOT_EVENTS_KEPT: usize = 6;
/// Last word of [`NOTIFIED_KEY`] where the message did not reach the user.
const UNREACHED: &str = "unreached";
/// How many alerts are remembered on a user.
const ALERTS_KEPT: usize = 4;
/// IAM and SNS allow 256 characters in a tag's value.
const TAG_VALUE_LIMIT: usize = 256;

/// Why a user is contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Signed in without MFA after the deadline.
    SignIn,
    /// Got a password when the deadline was already past.
    PasswordCreated,
    /// The last MFA device was removed.
    MfaRemoved,
    /// The deadline passed, as a sweep found.
    DeadlinePassed,
}

/// Value of [`QUARANTINED_KEY`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Containment {
    /// Since when; `None` where the tag does not say so readably.
    pub since: Option<Timestamp>,
    /// Why; `None` where the tag does not say so readably.
    pub cause: Option<Cause>,
}

/// Value of [`NOTIFIED_KEY`]: what was last said, when, after which event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastNotice {
    /// What was said.
    pub kind: NoticeKind,
    /// When.
    pub at: Timestamp,
    /// After which event.
    pub event: EventId,
    /// The message reached the user, as far as SNS tells; if not, it is worth saying again.
    pub reached: bool,
}

/// What was said to a user, as far as later decisions depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Welcome with the deadline.
    Welcome,
    /// Reminder before containment.
    Reminder,
    /// The last reminder before containment.
    FinalNotice,
    /// Contained, and how to get back.
    Quarantined,
    /// A reminder while contained.
    QuarantineReminder,
    /// Released, or thanked for enrolling.
    Released,
    /// Released because the password was removed. The next password gets no grace: else whoever can remove
    /// and create passwords could have grace without end.
    PasswordRemoved,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::SignIn, Self::PasswordCreated, Self::MfaRemoved, Self::DeadlinePassed];

    /// Stable name for tags, logs and messages for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::PasswordCreated => "password-created",
            Self::MfaRemoved => "mfa-removed",
            Self::DeadlinePassed => "deadline-passed",
        }
    }
}

impl NoticeKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Welcome,
        Self::Reminder,
        Self::FinalNotice,
        Self::Quarantined,
        Self::QuarantineReminder,
        Self::Released,
        Self::PasswordRemoved,
    ];

    /// Stable name for tags.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Reminder => "reminder",
            Self::FinalNotice => "final-notice",
            Self::Quarantined => "quarantined",
            Self::QuarantineReminder => "quarantine-reminder",
            Self::Released => "released",
            Self::PasswordRemoved => "password-removed",
        }
    }
}

impl Containment {
    /// Writes the tag's value.
    #[must_use]
    pub fn value(since: Timestamp, cause: Cause, event: &EventId) -> String {
        let text = format!("{} reason={} event={event}", second(since), cause.code());
        text.chars().take(TAG_VALUE_LIMIT).collect()
    }

    /// Reads the tag's value. A tag that is there counts, readable or not: its presence is the state.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        let code = value.split(' ').find_map(|word| word.strip_prefix("reason="));
        Self {
            since: value.split(' ').next().and_then(|time| time.parse().ok()),
            cause: code.and_then(|code| Cause::ALL.into_iter().find(|cause| cause.code() == code)),
        }
    }
}

impl LastNotice {
    /// Reads the tag's value; `None` where it cannot be read.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut words = value.split(' ');
        let (kind, at, event) = (words.next()?, words.next()?, words.next()?);
        Some(Self {
            kind: NoticeKind::ALL.into_iter().find(|known| known.code() == kind)?,
            at: at.parse().ok()?,
            event: EventId::new(event.strip_prefix("event=")?)?,
            reached: words.next() != Some(UNREACHED),
        })
    }
}

/// The value of [`NOTIFIED_KEY`] for a message that did not reach the user.
#[must_use]
pub fn unreached(value: &str) -> String {
    format!("{value} {UNREACHED}")
}

/// Value of [`ALERTED_KEY`] after one more alert: the time, and the last events. Events can come in turns, so
/// one id would not be enough.
#[must_use]
pub fn alerted_value(before: Option<&str>, at: Timestamp, event: &EventId) -> String {
    let told = before.unwrap_or_default().split(' ').filter_map(|word| word.strip_prefix("event="));
    let mut ids: Vec<String> = told.map(|id| format!(" event={id}")).collect();
    ids.push(format!(" event={event}"));
    let mut value = second(at) + &ids.concat();
    while ids.len() > ALERTS_KEPT || value.len() > TAG_VALUE_LIMIT {
        ids.remove(0);
        value = second(at) + &ids.concat();
    }
    value
}

/// Whether [`ALERTED_KEY`] names this event.
#[must_use]
pub fn has_alerted(value: &str, event: &EventId) -> bool {
    value.split(' ').filter_map(|word| word.strip_prefix("event=")).any(|id| id == event.as_str())
}

impl fmt::Display for LastNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} event={}", self.kind.code(), second(self.at), self.event)?;
        if self.reached { Ok(()) } else { write!(f, " {UNREACHED}") }
    }
}

/// Reads the ids in the tag of the alerts topic.
#[must_use]
pub fn parse_root_events(value: &str) -> Vec<EventId> {
    value.split(' ').filter_map(EventId::new).collect()
}

/// The tag of the alerts topic after one more event.
#[must_use]
pub fn root_events_value(told: &[EventId], event: &EventId) -> String {
    let mut ids: Vec<&str> = told.iter().map(EventId::as_str).collect();
    ids.push(event.as_str());
    let mut kept = ids.split_off(ids.len().saturating_sub(ROOT_EVENTS_KEPT));
    // Ids can be up to 64 characters long, of which fewer fit.
    while kept.join(" ").len() > TAG_VALUE_LIMIT {
        kept.remove(0);
    }
    kept.join(" ")
}

/// A time to the second, which is as exact as any of this needs to be.
#[must_use]
pub fn second(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::{
        Cause, Containment, LastNotice, NoticeKind, alerted_value, has_alerted, parse_root_events,
        root_events_value, unreached,
    };
    use crate::event::EventId;

    fn id(text: &str) -> EventId {
        EventId::new(text).unwrap()
    }

    #[test]
    fn what_was_said_can_be_read_back() {
        for kind in NoticeKind::ALL {
            let mut notice = LastNotice {
                kind,
                at: "2026-11-24T09:00:00Z".parse().unwrap(),
                event: id("b3c1a1de-0000-4000-8000-000000000001"),
                reached: true,
            };
            assert_eq!(LastNotice::parse(&notice.to_string()).as_ref(), Some(&notice));
            let value = unreached(&notice.to_string());
            notice.reached = false;
            assert_eq!(LastNotice::parse(&value).as_ref(), Some(&notice));
            assert_eq!(notice.to_string(), value);
        }
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for value in ["", "hello", "welcome", "welcome now event=1", "gone 2026-11-24T09:00:00Z event=1"] {
            assert_eq!(LastNotice::parse(value), None, "{value}");
        }
    }

    #[test]
    fn values_keep_to_what_iam_allows() {
        let since = "2026-11-24T09:00:00Z".parse().unwrap();
        let value = Containment::value(since, Cause::MfaRemoved, &id(&"e".repeat(64)));
        assert!(value.len() <= 256);
        assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c)));
        let read = Containment { since: Some(since), cause: Some(Cause::MfaRemoved) };
        assert_eq!(Containment::parse(&value), read);
    }

    #[test]
    fn a_containment_that_cannot_be_read_is_still_one() {
        assert_eq!(Containment::parse("by hand"), Containment { since: None, cause: None });
    }

    #[test]
    fn the_last_alerts_are_remembered() {
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        let mut value: Option<String> = None;
        for n in 0..9 {
            let event = id(&format!("b3c1a1de-0000-4000-8000-{n:012}"));
            value = Some(alerted_value(value.as_deref(), at, &event));
        }
        let value = value.unwrap();
        let remembered = |n: u8| has_alerted(&value, &id(&format!("b3c1a1de-0000-4000-8000-{n:012}")));
        assert!(remembered(8) && remembered(5) && !remembered(4), "{value}");
        let long = alerted_value(Some(&value), at, &id(&"e".repeat(64)));
        assert!(long.len() <= 256 && long.ends_with('e'));
    }

    #[test]
    fn the_ledger_keeps_the_newest_that_fit() {
        let mut told = Vec::new();
        for n in 0..20 {
            let value = root_events_value(&told, &id(&format!("b3c1a1de-0000-4000-8000-{n:012}")));
            assert!(value.len() <= 256);
            told = parse_root_events(&value);
        }
        assert_eq!(told.len(), 6);
        assert!(told.last().unwrap().as_str().ends_with("19"));
        let long = root_events_value(
            &[id(&"a".repeat(64)), id(&"b".repeat(64)), id(&"c".repeat(64))],
            &id(&"d".repeat(64)),
        );
        assert!(long.len() <= 256 && long.ends_with('d'));
    }
}

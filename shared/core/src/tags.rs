//! The state that is kept: tags on IAM users and on the alerts topic, where an administrator can see them.
//!
//! Tag values hold at most 256 letters, digits, spaces and `_ . : / = + - @`. An administrator may write anything into
//! a tag. A value that cannot be parsed is ignored, which at worst repeats a notice.

use crate::event::EventId;
use jiff::Timestamp;
use std::fmt;
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// The user tags that the enforcer writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter)]
pub enum UserTag {
    /// The quarantine: since when, why, and after which event. See [`QuarantineRecord`].
    Quarantined,
    /// The last message to the user. See [`LastNotice`].
    Notified,
    /// The last events that the administrators were alerted about.
    Alerted,
    /// How often somebody undid the quarantine within an hour.
    Undone,
    /// Who exempted the user, and when. See [`crate::exemption::ExemptBy`].
    ExemptBy,
}

impl UserTag {
    /// The tag's key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Quarantined => "mfa-enforcer:quarantined",
            Self::Notified => "mfa-enforcer:notified",
            Self::Alerted => "mfa-enforcer:alerted",
            Self::Undone => "mfa-enforcer:undone",
            Self::ExemptBy => "mfa-enforcer:exempt-by",
        }
    }
}

/// Key of the tag that exempts a user until the end of a day (UTC), set by an administrator: `2026-12-31 TICKET-123`.
pub const EXEMPT_UNTIL_KEY: &str = "mfa-enforcer:exempt-until";
/// Key of the tag by which a person who is not the user approves the release: any value.
pub const APPROVED_KEY: &str = "mfa-enforcer:approved";
/// What the keys of the enforcer's tags begin with, in any case.
pub const PREFIX: &str = "mfa-enforcer:";
/// Key of the alerts topic's tag that holds the ids of the last reported events about root.
pub const ROOT_NOTIFIED_KEY: &str = "mfa-enforcer:root-notified";
/// Key of the tag that holds a user's phone number, for text messages.
pub const PHONE_KEY: &str = "phone";

/// How many ids fit into the tag of the alerts topic: 6 UUIDs of 36 characters, and the spaces.
const ROOT_EVENTS_KEPT: usize = 6;
/// Begins the word of [`UserTag::Quarantined`] that says when the rest of the quarantine ends.
const RELEASE: &str = "release=";
/// Begins the word of [`UserTag::Quarantined`] that says when somebody approved the release.
const APPROVED: &str = "approved=";
/// Stands in [`UserTag::Quarantined`] for a cause that is not known.
const UNKNOWN_CAUSE: &str = "unknown";
/// Begins the word of [`UserTag::Notified`] that says when the first notice of the episode was sent.
const FIRST: &str = "first=";
/// Last word of [`UserTag::Notified`] until the message is sent.
const CLAIMED: &str = "claimed";
/// Last word of [`UserTag::Notified`] if the message is still owed: none was sent, or the mail waits for the address to
/// be confirmed.
const UNREACHED: &str = "unreached";
/// Begins the words of [`UserTag::Alerted`] that name an alert.
const EVENT: &str = "event=";
/// How many alerts are recorded on a user.
const ALERTS_KEPT: usize = 4;
/// IAM and SNS allow 256 characters in a tag value.
const TAG_VALUE_LIMIT: usize = 256;

/// Why a user is contained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Cause {
    /// Signed in without MFA after the deadline.
    SignIn,
    /// Got a password when the deadline had already passed.
    PasswordCreated,
    /// The last MFA device was removed.
    MfaRemoved,
    /// A sweep found that the deadline had passed.
    DeadlinePassed,
}

/// Value of [`UserTag::Quarantined`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantineRecord {
    /// When the user was contained; `None` if the tag does not hold a valid time.
    pub since: Option<Timestamp>,
    /// Why the user was contained; `None` if the tag does not hold a valid cause.
    pub cause: Option<Cause>,
    /// Event that led to it; `None` if the tag does not hold a valid id.
    pub event: Option<EventId>,
    /// When the rest of the quarantine ends, once the user has enrolled MFA or lost the password; `None` before.
    pub release: Option<Timestamp>,
    /// When somebody else approved the release, if that was needed.
    pub approved: Option<Timestamp>,
}

/// Value of [`UserTag::Notified`]: the last notice, when it was sent, and the event that led to it.
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
    /// Whether the message reached the user, as far as SNS tells. If not, it is worth sending again.
    pub reached: bool,
    /// Whether this was only written to see whether it can be. If it stays, the message was not sent.
    pub claimed: bool,
}

/// Value of [`UserTag::Undone`]: how often somebody undid the quarantine within this hour, and it was put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// How often. One more than [`Undone::LIMIT`] if it is not put back any more.
    pub times: usize,
    /// The event that led to the last one.
    pub event: Option<EventId>,
}

/// Kind of notice, as far as later decisions depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum NoticeKind {
    /// A welcome that names the deadline.
    Welcome,
    /// A reminder before the user is contained.
    Reminder,
    /// The last reminder before the user is contained.
    FinalNotice,
    /// The user has been contained, and how to get access back.
    Quarantined,
    /// A reminder while the user is contained.
    QuarantineReminder,
    /// The user has enrolled MFA, and somebody else has to approve the release.
    AwaitingApproval,
    /// The user's exemption ends within a week.
    ExemptionEnding,
    /// The user has been released, or is thanked for enrolling in time.
    Released,
    /// The user has been released because the password was removed. The next password gets no grace period: otherwise
    /// anyone who can remove and create passwords could have grace without end.
    PasswordRemoved,
}

impl Cause {
    /// Whether whoever has the password may be a thief: then, with `RELEASE=approval`, somebody else approves the release.
    #[must_use]
    pub fn may_be_a_takeover(self) -> bool {
        match self {
            Self::SignIn | Self::MfaRemoved => true,
            Self::PasswordCreated | Self::DeadlinePassed => false,
        }
    }

    /// Stable name for tags, logs and messages to programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl NoticeKind {
    /// Whether the notice asks the user to set up MFA.
    #[must_use]
    pub fn asks_for_mfa(self) -> bool {
        match self {
            Self::Welcome
            | Self::Reminder
            | Self::FinalNotice
            | Self::Quarantined
            | Self::QuarantineReminder
            | Self::ExemptionEnding => true,
            Self::AwaitingApproval | Self::Released | Self::PasswordRemoved => false,
        }
    }

    /// Stable name for tags.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl QuarantineRecord {
    /// Formats the tag value of a new quarantine. Pass `None` for a cause that is not known.
    #[must_use]
    pub fn value(since: Timestamp, cause: impl Into<Option<Cause>>, event: &EventId) -> String {
        let cause = cause.into().map_or(UNKNOWN_CAUSE, Cause::code);
        format!("{} reason={cause} event={event}", second(since))
    }

    /// The tag value with the time at which the rest of the quarantine ends, and when somebody approved that.
    #[must_use]
    pub fn with_release(value: &str, release: Timestamp, approved: Option<Timestamp>) -> String {
        let approved = approved.map(|at| format!(" {APPROVED}{}", second(at))).unwrap_or_default();
        let end = format!("{RELEASE}{}{approved}", second(release));
        let text = format!("{} {end}", Self::without_release(value));
        // An administrator may have written anything. What does not fit is replaced, so that the time is kept.
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
            release: field(RELEASE).and_then(|time| time.parse().ok()),
            approved: field(APPROVED).and_then(|time| time.parse().ok()),
        }
    }
}

impl Undone {
    /// Parses the tag value; `None` if the enforcer cannot have written it at `now`, or wrote it in another hour.
    #[must_use]
    pub fn parse(value: &str, now: Timestamp) -> Option<Self> {
        let mut words = value.split(' ');
        if words.next()? != hour(now) {
            return None;
        }
        let times = words.next()?.parse().ok()?;
        let event = words.next().and_then(|word| word.strip_prefix("event=")).and_then(EventId::new);
        (times <= Self::GIVEN_UP).then_some(Self { times, event })
    }

    /// Formats the tag value: `2026-11-24T09 3 event=ID`.
    #[must_use]
    pub fn value(now: Timestamp, times: usize, event: &EventId) -> String {
        format!("{} {times} event={event}", hour(now))
    }

    /// How often in an hour events put a quarantine back.
    pub const LIMIT: usize = 3;
    /// Stands for: the administrators were told that events do not put the quarantine back any more in this hour.
    pub const GIVEN_UP: usize = Self::LIMIT + 1;
}

/// An hour (UTC), such as `2026-11-24T09`.
#[must_use]
pub(crate) fn hour(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H").to_string()
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
            reached: !rest.contains(&UNREACHED),
            claimed: rest.contains(&CLAIMED),
        })
    }
}

/// The value of [`UserTag::Notified`] for a message that did not reach the user.
#[must_use]
pub fn unreached(value: &str) -> String {
    format!("{value} {UNREACHED}")
}

/// The value of [`UserTag::Notified`] for a message that is about to be sent.
#[must_use]
pub fn claimed(value: &str) -> String {
    format!("{value} {CLAIMED}")
}

/// Value of [`UserTag::Alerted`] after more alerts of these kinds about an event: the time, and the last alerts. Retries
/// of different events can alternate, so one would not be enough; and one event can lead to alerts of several kinds, each
/// of which may fail.
#[must_use]
pub fn alerted_value(before: Option<&str>, at: Timestamp, event: &EventId, kinds: &[&str]) -> String {
    let told = before.unwrap_or_default().split(' ').filter_map(|word| word.strip_prefix(EVENT));
    let told = told.map(|alert| format!(" {EVENT}{alert}"));
    let new = kinds.iter().map(|kind| format!(" {EVENT}{event}/{kind}"));
    let mut alerts: Vec<String> = told.chain(new).collect();
    let mut value = second(at) + &alerts.concat();
    while alerts.len() > ALERTS_KEPT || value.len() > TAG_VALUE_LIMIT {
        alerts.remove(0);
        value = second(at) + &alerts.concat();
    }
    value
}

/// Whether [`UserTag::Alerted`] names an alert of this kind about this event. An event without a kind, as earlier versions
/// wrote it, stands for all of its alerts.
#[must_use]
pub fn has_alerted(value: &str, event: &EventId, kind: &str) -> bool {
    value.split(' ').filter_map(|word| word.strip_prefix(EVENT)).any(|alert| match alert.split_once('/') {
        Some((id, told)) => id == event.as_str() && told == kind,
        None => alert == event.as_str(),
    })
}

impl fmt::Display for LastNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} event={}", self.kind.code(), second(self.at), self.event)?;
        if let Some(first) = self.first {
            write!(f, " {FIRST}{}", second(first))?;
        }
        if self.claimed {
            write!(f, " {CLAIMED}")?;
        }
        if self.reached { Ok(()) } else { write!(f, " {UNREACHED}") }
    }
}

/// Parses the ids in the tag of the alerts topic, [`ROOT_NOTIFIED_KEY`].
#[must_use]
pub fn parse_root_events(value: &str) -> Vec<EventId> {
    value.split(' ').filter_map(EventId::new).collect()
}

/// Value of the tag of the alerts topic, [`ROOT_NOTIFIED_KEY`], after these events as well.
#[must_use]
pub fn root_events_value(told: &[EventId], events: &[EventId]) -> String {
    let mut ids: Vec<&str> = told.iter().chain(events).map(EventId::as_str).collect();
    let mut kept = ids.split_off(ids.len().saturating_sub(ROOT_EVENTS_KEPT));
    // Ids can be up to 64 characters long, and then fewer of them fit.
    while kept.join(" ").len() > TAG_VALUE_LIMIT {
        kept.remove(0);
    }
    kept.join(" ")
}

/// A time in RFC 3339 format, to the second, which is precise enough for tags and messages.
#[must_use]
pub fn second(time: Timestamp) -> String {
    // With a sign and six digits where a year has not four, so that it can be read again.
    format!("{time:.0}")
}

#[cfg(test)]
mod tests {
    use super::{
        Cause, LastNotice, NoticeKind, QuarantineRecord, alerted_value, claimed, has_alerted,
        parse_root_events, root_events_value, second, unreached,
    };
    use crate::event::EventId;
    use jiff::Timestamp;
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
                reached: true,
                claimed: false,
            };
            assert_eq!(LastNotice::parse(&notice.to_string()).as_ref(), Some(&notice));
            notice.first = Some("2026-11-20T09:00:00Z".parse().unwrap());
            assert_eq!(LastNotice::parse(&notice.to_string()).as_ref(), Some(&notice));
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

    #[test]
    fn quarantine_value_is_valid_for_iam() {
        let since = "2026-11-24T09:00:00Z".parse().unwrap();
        let value = QuarantineRecord::value(since, Cause::MfaRemoved, &id(&"e".repeat(64)));
        assert!(value.len() <= 256);
        assert!(value.chars().all(|c| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c)));
        let event = EventId::new(&"e".repeat(64));
        let read = QuarantineRecord {
            since: Some(since),
            cause: Some(Cause::MfaRemoved),
            event,
            release: None,
            approved: None,
        };
        assert_eq!(QuarantineRecord::parse(&value), read);
        let unknown = QuarantineRecord::value(since, None, &id("e"));
        assert_eq!(QuarantineRecord::parse(&unknown).cause, None, "{unknown}");
    }

    #[test]
    fn release_is_added_to_any_quarantine_value() {
        let release = "2026-11-24T21:00:00Z".parse().unwrap();
        let later = "2026-11-25T09:00:00Z".parse().unwrap();
        let long = "w".repeat(256);
        for value in ["2026-11-24T09:00:00Z reason=sign-in event=e", "by hand", "", &long] {
            let scheduled = QuarantineRecord::with_release(value, release, Some(release));
            let read = QuarantineRecord::parse(&scheduled);
            assert_eq!((read.release, read.approved), (Some(release), Some(release)), "{scheduled}");
            let moved = QuarantineRecord::with_release(&scheduled, later, None);
            let read = QuarantineRecord::parse(&moved);
            assert_eq!((read.release, read.approved), (Some(later), None), "{moved}");
            let again = QuarantineRecord::parse(&QuarantineRecord::without_release(&scheduled));
            assert_eq!((again.release, again.approved), (None, None));
            assert_eq!(QuarantineRecord::parse(&moved).since, QuarantineRecord::parse(value).since);
            assert!(moved.len() <= 256);
        }
    }

    #[test]
    fn any_time_can_be_read_again() {
        for time in ["2026-11-24T09:00:00Z", "-002026-11-13T06:00:00Z", "0001-01-01T00:00:00Z"] {
            assert_eq!(second(time.parse().unwrap()), time);
        }
        for time in [Timestamp::MIN, Timestamp::MAX, "2026-11-24T09:00:00.999Z".parse().unwrap()] {
            let again: Timestamp = second(time).parse().unwrap();
            assert_eq!(again.as_second(), time.as_second());
        }
    }

    #[test]
    fn unreadable_quarantine_tag_still_counts() {
        assert_eq!(
            QuarantineRecord::parse("by hand"),
            QuarantineRecord { since: None, cause: None, event: None, release: None, approved: None }
        );
    }

    #[test]
    fn last_alerts_are_remembered() {
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        let mut value: Option<String> = None;
        for n in 0..9 {
            let event = id(&format!("b3c1a1de-0000-4000-8000-{n:012}"));
            value = Some(alerted_value(value.as_deref(), at, &event, &["held-by-hand"]));
        }
        let value = value.unwrap();
        let remembered =
            |n: u8| has_alerted(&value, &id(&format!("b3c1a1de-0000-4000-8000-{n:012}")), "held-by-hand");
        assert!(remembered(8) && remembered(5) && !remembered(4), "{value}");
        let long = alerted_value(Some(&value), at, &id(&"e".repeat(64)), &["kind"]);
        assert!(long.len() <= 256 && long.ends_with("e/kind"));
    }

    #[test]
    fn each_kind_of_alert_is_remembered_apart() {
        let event = id("b3c1a1de-0000-4000-8000-000000000001");
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        let value = alerted_value(None, at, &event, &["held-by-hand", "release-failed"]);
        assert!(has_alerted(&value, &event, "release-failed") && has_alerted(&value, &event, "held-by-hand"));
        assert!(!has_alerted(&value, &event, "enrolment-alert"));
        // As an earlier version wrote it.
        let value = format!("2026-11-24T09:00:00Z event={event}");
        assert!(has_alerted(&value, &event, "enrolment-alert"));
    }

    #[test]
    fn ledger_keeps_the_newest_that_fit() {
        let mut told = Vec::new();
        for n in 0..20 {
            let value = root_events_value(&told, &[id(&format!("b3c1a1de-0000-4000-8000-{n:012}"))]);
            assert!(value.len() <= 256);
            told = parse_root_events(&value);
        }
        assert_eq!(told.len(), 6);
        assert!(told.last().unwrap().as_str().ends_with("19"));
        let long = root_events_value(
            &[id(&"a".repeat(64)), id(&"b".repeat(64)), id(&"c".repeat(64))],
            &[id(&"d".repeat(64))],
        );
        assert!(long.len() <= 256 && long.ends_with('d'));
    }
}

//! An event as it was read: its record, whom it is about, and what happened.

use super::{Actor, Origin, Trigger, UserName};
use jiff::{SignedDuration, Timestamp};
use std::fmt;

/// How long after an event IAM's answers may still be out of date.
///
/// AWS speaks of seconds. Lambda retries a failed event after one minute and again after two more. With a value
/// below three minutes, the last retry decides on what it finds instead of failing again.
pub const VISIBILITY_LAG: SignedDuration = SignedDuration::from_secs(100);

/// How far apart two sources may give the same moment.
const ROUNDING: SignedDuration = SignedDuration::from_secs(1);

/// A `CloudTrail` event that may require action.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The record the event came from.
    pub source: Source,
    /// Who made the call.
    pub actor: Actor,
    /// The user the call was about.
    pub subject: Subject,
    /// What happened.
    pub trigger: Trigger,
}

impl Event {
    /// Whether IAM's answers may still be older than the event. Small clock differences do not matter.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.source.time).abs() < VISIBILITY_LAG
    }

    /// Whether the event is about an earlier user of the same name, given the id of the user who has the name now and
    /// when they were created. Names can be used again, ids cannot.
    ///
    /// `CloudTrail` and IAM both give times to the second, and may round the same moment differently, so an event in the
    /// second before the creation is about this user.
    #[must_use]
    pub fn is_about_an_earlier_user(&self, id: &str, created: Timestamp) -> bool {
        let by_owner = matches!((&self.subject, &self.actor.user), (Subject::User(subject), Some(actor)) if subject == actor);
        let other_id = by_owner && self.actor.user_id.as_deref().is_some_and(|recorded| recorded != id);
        other_id || created.duration_since(self.source.time) > ROUNDING
    }
}

/// The record of an event: its identity, place and time.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// `eventID` of the record, or the envelope's id for records that have none.
    pub id: EventId,
    /// Account in which it happened.
    pub account: String,
    /// Region that recorded it, which may be `global`; empty if the envelope does not say.
    pub region: String,
    /// When it happened.
    pub time: Timestamp,
    /// Address and client of the call.
    pub origin: Origin,
}

/// The user an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An IAM user.
    User(UserName),
    /// The account's root user. It is not an IAM user and is never looked up as one.
    Root,
    /// The policies and groups of the quarantine.
    Quarantine,
    /// The enforcer itself, or what it depends on.
    Enforcer,
}

impl Subject {
    /// The user.
    ///
    /// # Errors
    /// What it is instead, in words.
    pub fn user(&self) -> Result<&UserName, &'static str> {
        match self {
            Self::User(name) => Ok(name),
            Self::Root => Err("root"),
            Self::Quarantine => Err("the quarantine"),
            Self::Enforcer => Err("the enforcer"),
        }
    }
}

/// Id of an event or a sweep. A second delivery of the same event has the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventId(String);

impl EventId {
    /// `None` unless the id has 1 to 64 letters, digits, `-`, `_` or `.`. Real ids are UUIDs, and the id goes into
    /// tag values and messages.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        ((1..=64).contains(&id.len()) && id.chars().all(allowed)).then(|| Self(id.to_owned()))
    }

    /// Whether this is the id of a sweep rather than of a record.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        self.0.starts_with("sweep-")
    }

    /// The id as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

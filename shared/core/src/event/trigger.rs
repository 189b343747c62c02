//! What an event is, once it has been read.

use super::{Actor, Origin, UserName};
use crate::device::Serial;
use jiff::Timestamp;
use std::fmt;

/// A `CloudTrail` event that may call for something.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Which record it is.
    pub source: Source,
    /// Who did it.
    pub actor: Actor,
    /// To whom it was done.
    pub subject: Subject,
    /// What was done.
    pub trigger: Trigger,
}

/// Which record an event is, and from where.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Identity of the record.
    pub id: EventId,
    /// Account in which it happened.
    pub account: String,
    /// Region that recorded it; `global` exists.
    pub region: String,
    /// When it happened.
    pub time: Timestamp,
    /// Address and client.
    pub origin: Origin,
}

/// The user whom an event is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An IAM user.
    User(UserName),
    /// The account's root user, which is not an IAM user and is never looked up as one.
    Root,
}

/// The risky moments, and those that end the risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A successful console sign-in without MFA.
    SignIn,
    /// A user was created.
    UserCreated,
    /// A user got a console password.
    LoginProfileCreated,
    /// A user lost the console password.
    LoginProfileDeleted,
    /// A user was deleted.
    UserDeleted,
    /// An MFA device was taken from a user.
    MfaDeactivated(Serial),
    /// An MFA device was given to a user; which, where the record says so.
    MfaEnabled(Option<Serial>),
    /// The daily look at every user.
    Sweep,
}

impl Trigger {
    /// The event's name in `CloudTrail`, or `Sweep`.
    #[must_use]
    pub fn event_name(&self) -> &'static str {
        match self {
            Self::SignIn => "ConsoleLogin",
            Self::UserCreated => "CreateUser",
            Self::LoginProfileCreated => "CreateLoginProfile",
            Self::LoginProfileDeleted => "DeleteLoginProfile",
            Self::UserDeleted => "DeleteUser",
            Self::MfaDeactivated(_) => "DeactivateMFADevice",
            Self::MfaEnabled(_) => "EnableMFADevice",
            Self::Sweep => "Sweep",
        }
    }
}

/// `eventID` of a record: the same record delivered twice has it twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventId(String);

impl EventId {
    /// `None` unless it is 1 to 64 of letters, digits, `-`, `_`, `.`: real ones are UUIDs, and the id is
    /// written into tag values and messages.
    #[must_use]
    pub fn new(id: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        ((1..=64).contains(&id.len()) && id.chars().all(allowed)).then(|| Self(id.to_owned()))
    }

    /// The id as it was written.
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

//! What an event is, once it has been read.

use super::detail::RequestParameters;
use super::{Actor, Function, Malformed, Origin, UserName};
use crate::device::Serial;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use strum::{EnumDiscriminants, EnumIter, IntoEnumIterator};

/// How long after an event IAM's answers may still be behind it.
///
/// AWS speaks of seconds. Lambda runs a failed event again after one minute and after two more, so with less than
/// three minutes the last run decides on what it finds instead of giving up.
pub const VISIBILITY_LAG: SignedDuration = SignedDuration::from_secs(100);

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

impl Event {
    /// Whether IAM's answers may still be behind the event. Clocks that differ a little make no difference.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        now.duration_since(self.source.time).abs() < VISIBILITY_LAG
    }
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
#[derive(Debug, Clone, PartialEq, Eq, EnumDiscriminants)]
#[strum_discriminants(name(TriggerKind), derive(EnumIter), doc = "A trigger without what it is about.")]
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
}

/// What a trigger is, in `CloudTrail` and in words. What it means for a user is in [`crate::decide`].
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// `eventName` of its records.
    pub event_name: &'static str,
    /// `eventSource` of its records.
    pub service: Service,
    /// The function that handles it.
    pub function: Function,
    /// What happened, in a message to the user.
    pub says: &'static str,
    /// Makes the trigger of a record's parameters.
    pub(super) read: Read,
}

type Read = fn(&RequestParameters) -> Result<Trigger, Malformed>;

impl Spec {
    const fn sign_in(event_name: &'static str, function: Function, says: &'static str, read: Read) -> Self {
        Self { event_name, service: Service::SignIn, function, says, read }
    }

    const fn iam(event_name: &'static str, function: Function, says: &'static str, read: Read) -> Self {
        Self { event_name, service: Service::Iam, function, says, read }
    }
}

/// The services whose records are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `signin.amazonaws.com`
    SignIn,
    /// `iam.amazonaws.com`
    Iam,
}

impl TriggerKind {
    /// All that a trigger is. A new trigger is a variant above and a row here.
    #[must_use]
    pub fn spec(self) -> Spec {
        use Function::{MfaDevice, SignIn, UserLifecycle};
        match self {
            Self::SignIn => Spec::sign_in("ConsoleLogin", SignIn, "sign-in with the password alone", |_| {
                Ok(Trigger::SignIn)
            }),
            Self::UserCreated => {
                Spec::iam("CreateUser", UserLifecycle, "password created", |_| Ok(Trigger::UserCreated))
            }
            Self::LoginProfileCreated => {
                Spec::iam("CreateLoginProfile", UserLifecycle, "password created", |_| {
                    Ok(Trigger::LoginProfileCreated)
                })
            }
            Self::LoginProfileDeleted => {
                Spec::iam("DeleteLoginProfile", UserLifecycle, "password removed", |_| {
                    Ok(Trigger::LoginProfileDeleted)
                })
            }
            Self::UserDeleted => {
                Spec::iam("DeleteUser", UserLifecycle, "user deleted", |_| Ok(Trigger::UserDeleted))
            }
            // Which device was removed decides whether one is left.
            Self::MfaDeactivated => {
                Spec::iam("DeactivateMFADevice", MfaDevice, "MFA device removed", |parameters| {
                    parameters.required_serial().map(Trigger::MfaDeactivated)
                })
            }
            Self::MfaEnabled => Spec::iam("EnableMFADevice", MfaDevice, "MFA device added", |parameters| {
                parameters.serial().map(Trigger::MfaEnabled)
            }),
        }
    }

    /// The trigger of a service's records of this name, if they are one.
    pub(super) fn named(service: Service, event_name: &str) -> Option<Self> {
        Self::iter().find(|kind| {
            let spec = kind.spec();
            spec.service == service && spec.event_name == event_name
        })
    }
}

impl Trigger {
    /// What the trigger is.
    #[must_use]
    pub fn spec(&self) -> Spec {
        TriggerKind::from(self).spec()
    }

    /// The device that it is about, where it is about one.
    #[must_use]
    pub fn device(&self) -> Option<&Serial> {
        if let Self::MfaDeactivated(serial) | Self::MfaEnabled(Some(serial)) = self {
            Some(serial)
        } else {
            None
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

    /// Whether it is the id of a sweep, not of a record.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        self.0.starts_with("sweep-")
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

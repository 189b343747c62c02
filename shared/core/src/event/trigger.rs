//! A parsed event and its trigger.

use super::detail::RequestParameters;
use super::{Actor, Function, Malformed, Origin, UserName};
use crate::device::Serial;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use strum::{EnumDiscriminants, EnumIter, IntoEnumIterator};

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
}

/// The moments at which a user becomes a risk, or stops being one.
#[derive(Debug, Clone, PartialEq, Eq, EnumDiscriminants)]
#[strum_discriminants(name(TriggerKind), derive(EnumIter), doc = "A trigger without its device.")]
pub enum Trigger {
    /// A successful console sign-in without MFA.
    SignIn,
    /// A user was created.
    UserCreated,
    /// A user got a console password.
    LoginProfileCreated,
    /// A user's console password was removed.
    LoginProfileDeleted,
    /// A user was deleted.
    UserDeleted,
    /// An MFA device of a user was removed.
    MfaDeactivated(Serial),
    /// An MFA device was added to a user; `None` if the record does not say which.
    MfaEnabled(Option<Serial>),
}

/// How a trigger appears in `CloudTrail` and in messages. What it means for a user is in [`crate::decide`].
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
    /// Whether IAM takes the caller where the request names no user.
    pub(super) caller_may_be_subject: bool,
    /// Builds the trigger from a record's parameters.
    pub(super) read: Read,
}

type Read = fn(&RequestParameters) -> Result<Trigger, Malformed>;

impl Spec {
    const fn sign_in(event_name: &'static str, function: Function, says: &'static str, read: Read) -> Self {
        Self { event_name, service: Service::SignIn, function, says, caller_may_be_subject: true, read }
    }

    const fn iam(event_name: &'static str, function: Function, says: &'static str, read: Read) -> Self {
        Self { event_name, service: Service::Iam, function, says, caller_may_be_subject: true, read }
    }
}

/// The AWS services whose records are parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `signin.amazonaws.com`
    SignIn,
    /// `iam.amazonaws.com`
    Iam,
}

impl TriggerKind {
    /// The definition of a trigger. To add one, add a variant above and a row here.
    #[must_use]
    pub fn spec(self) -> Spec {
        use Function::{MfaDevice, SignIn, UserLifecycle};
        match self {
            Self::SignIn => Spec::sign_in("ConsoleLogin", SignIn, "sign-in with the password alone", |_| {
                Ok(Trigger::SignIn)
            }),
            Self::UserCreated => {
                let spec =
                    Spec::iam("CreateUser", UserLifecycle, "password created", |_| Ok(Trigger::UserCreated));
                // A user cannot create themselves.
                Spec { caller_may_be_subject: false, ..spec }
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
            // The serial number is required: whether another device is left depends on which one was removed.
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

    /// The trigger for a service's `eventName`; `None` if the event is not a trigger.
    pub(super) fn named(service: Service, event_name: &str) -> Option<Self> {
        Self::iter().find(|kind| {
            let spec = kind.spec();
            spec.service == service && spec.event_name == event_name
        })
    }
}

impl Trigger {
    /// The definition of this trigger.
    #[must_use]
    pub fn spec(&self) -> Spec {
        TriggerKind::from(self).spec()
    }

    /// The MFA device the trigger is about; `None` if there is none, or the record does not say which.
    #[must_use]
    pub fn device(&self) -> Option<&Serial> {
        if let Self::MfaDeactivated(serial) | Self::MfaEnabled(Some(serial)) = self {
            Some(serial)
        } else {
            None
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

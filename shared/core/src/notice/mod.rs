//! Notices: what is said, to whom, and how it reads in every protocol.
//!
//! A [`Notice`] is data that the decision made: to a user, or an alert to the administrators. [`for_user`],
//! [`for_admins`] and [`for_alert`] make texts of it. Whether the user was reached ([`Reach`]) is the only thing that is
//! added in between, for the administrators.

mod admin_mail;
mod alert;
mod enrolment_steps;
mod notice_chat;
mod notice_json;
mod notice_message;
mod phrases;
mod shown;
mod sms;
mod user_mail;
mod user_notice;

pub use alert::{Alert, AlertSubject, Enrolment, RootAlert, UserAlert};
pub use notice_message::{Rendered, for_admins, for_alert, for_user};
pub use user_notice::{Done, ReleasedBy, UserMessage, UserNotice};

use crate::effect::Effect;
use crate::event::Occasion;
use crate::partition::Partition;
use crate::posture::Finding;
use crate::settings::{Mode, Scope};
use strum::{EnumIter, IntoStaticStr};

/// Something to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// To a user, with or without a copy to the administrators.
    User(UserNotice),
    /// To the administrators.
    Alert(Alert),
}

impl Notice {
    /// What is said, without what it is about.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::User(notice) => notice.message.kind(),
            Self::Alert(alert) => alert.subject.kind(),
        }
    }

    /// What it is for, as a step of a plan.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::Alert(Alert { subject: AlertSubject::User(..), .. }) => Effect::Alert,
            // About root there is nothing to be done besides.
            Self::User(_) | Self::Alert(Alert { subject: AlertSubject::Root(_), .. }) => Effect::Notify,
        }
    }
}

/// What every message says, whatever it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Background {
    /// What brought it about.
    pub occasion: Occasion,
    /// Id of the account.
    pub account: String,
    /// The account's partition, which decides the links.
    pub partition: Partition,
    /// Mode in which it was decided.
    pub mode: Mode,
    /// What a quarantine stops.
    pub scope: Scope,
    /// What an administrator should fix.
    pub findings: Vec<Finding>,
}

/// A user whom a message is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Unique id (`AIDA...`).
    pub id: String,
}

/// The stable name of what is said, for logs, machines and filters of subscribers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum MessageKind {
    /// Set up MFA by the deadline: a new password.
    Welcome,
    /// Signed in without MFA.
    SignInReminder,
    /// No MFA yet, and the deadline is near.
    Reminder,
    /// The last message before the deadline.
    FinalNotice,
    /// Contained.
    Quarantined,
    /// Still contained.
    QuarantineReminder,
    /// Released, or thanked for enrolling in time.
    Released,
    /// Somebody else, or an access key, enrolled a device.
    EnrolmentAlert,
    /// A user could not be contained.
    ContainmentFailed,
    /// A user could not be released.
    ReleaseFailed,
    /// Something happened to root.
    RootAlert,
    /// A message that nobody could be told, for the administrators to pass on.
    ContactMissing,
    /// The review of the account.
    Digest,
}

impl MessageKind {
    /// Stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// A way to reach the user.
#[derive(Clone, PartialEq, Eq)]
pub enum Channel {
    /// The user's own topic, with a subscription of this e-mail address.
    Topic {
        /// Name of the topic.
        name: String,
        /// Address to subscribe if it is not yet.
        email: String,
    },
    /// A text message, which needs no subscription.
    Sms {
        /// Number in E.164 form.
        phone: String,
    },
}

impl std::fmt::Debug for Channel {
    /// Without the address.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Topic { name, .. } => f.debug_struct("Topic").field("name", name).finish_non_exhaustive(),
            Self::Sms { .. } => f.debug_struct("Sms").finish_non_exhaustive(),
        }
    }
}

/// How it went to tell the user on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Delivery {
    /// AWS refuses the address for good.
    Refused,
    /// AWS did not take it; the event is run again.
    Failed,
    /// The owner of the address has not confirmed the subscription.
    Unconfirmed,
    /// Handed over.
    Sent,
}

/// Whether the user has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// No address of the user is known.
    NobodyToTell,
    /// The best that any channel could do.
    Tried(Delivery),
}

impl Reach {
    /// Sums up the deliveries of a notice to a user.
    #[must_use]
    pub fn of(deliveries: &[Delivery]) -> Self {
        deliveries.iter().max().map_or(Self::NobodyToTell, |best| Self::Tried(*best))
    }

    /// Whether somebody else has to pass the message on.
    #[must_use]
    pub fn is_missed(self) -> bool {
        self != Self::Tried(Delivery::Sent)
    }

    /// Whether nobody can be told before the user's contact is corrected.
    #[must_use]
    pub fn needs_a_contact(self) -> bool {
        matches!(self, Self::NobodyToTell | Self::Tried(Delivery::Refused))
    }
}

/// How much a notice matters to an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Severity {
    /// To know.
    Info,
    /// Look at it today.
    Warning,
    /// Look at it now.
    Critical,
}

impl Severity {
    /// Stable name for messages to machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

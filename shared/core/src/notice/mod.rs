//! Notices: what is said, to whom, and how it reads in every protocol.
//!
//! A [`Notice`] is data that the decision made; [`for_user`] and [`for_admins`] make texts of it. What the
//! shell found out when it told the user ([`Reach`]) is the only thing that is added in between, for the
//! administrators.

mod admin;
mod enrolment_steps;
mod notice_chat;
mod notice_json;
mod notice_message;
mod phrases;
mod sms;
mod user;

pub use notice_message::{Rendered, for_admins, for_user};

use crate::event::Event;
use crate::partition::Partition;
use crate::posture::Finding;
use crate::settings::{Mode, Scope};
use crate::tags::Cause;
use jiff::Timestamp;
use strum::{EnumIter, IntoStaticStr};

/// Something to say.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// What it is.
    pub kind: Kind,
    /// The event behind it.
    pub event: Event,
    /// Name and unique id of the user; `None` for root.
    pub user: Option<Person>,
    /// Account's partition, which decides the links.
    pub partition: Partition,
    /// Mode in which it was decided.
    pub mode: Mode,
    /// What a quarantine stops.
    pub scope: Scope,
    /// What was done before this is said.
    pub done: Vec<Done>,
    /// What an administrator should mend.
    pub findings: Vec<Finding>,
    /// Ways to the user, the one that tells the most first; empty where nobody can be told, or where it is not
    /// for the user.
    pub channels: Vec<Channel>,
    /// For whom it is.
    pub audience: Audience,
}

/// The user whom a notice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Unique id (`AIDA...`).
    pub id: String,
}

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A new password: set up MFA by the deadline.
    Welcome {
        /// When grace ends.
        deadline: Timestamp,
    },
    /// Signed in without MFA (or lost it, in mode `notify`): set it up by the deadline.
    Reminder {
        /// What happened.
        cause: Cause,
        /// When grace ends, or ended.
        deadline: Timestamp,
    },
    /// No MFA yet, and a deadline: said by a sweep.
    Deadline {
        /// When grace ends.
        deadline: Timestamp,
        /// There is no other sweep before it.
        last: bool,
    },
    /// Contained.
    Quarantined {
        /// What happened.
        cause: Cause,
    },
    /// Contained before, and signed in without MFA once more.
    QuarantineReminder,
    /// Access is back, or was never limited because MFA came in time.
    Released {
        /// What ended it.
        by: ReleasedBy,
        /// Whether access was limited.
        was_contained: bool,
    },
    /// Somebody else, or an access key, enrolled the device.
    ForeignEnrolment(Enrolment),
    /// The user could not be contained.
    ContainmentFailed {
        /// Why containment was due.
        cause: Cause,
    },
    /// The user could not be released.
    ReleaseFailed {
        /// Why release was due.
        by: ReleasedBy,
    },
    /// Something happened to root.
    Root(RootAlert),
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

/// What ended a quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleasedBy {
    /// An MFA device.
    Mfa,
    /// The password's removal.
    PasswordRemoval,
    /// An exemption.
    Exemption,
}

/// Why an enrolment is suspicious.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolment {
    /// Done with the user's long-term access key, which a thief may hold.
    ByAccessKey,
    /// Done by somebody else.
    BySomeoneElse,
}

/// What happened to root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootAlert {
    /// Signed in without MFA.
    SignInWithoutMfa,
    /// An MFA device was removed.
    MfaRemoved,
    /// An MFA device was added.
    MfaEnrolled,
    /// Root got a password, or leave to set one.
    PasswordCreated,
    /// Root's password was removed.
    PasswordRemoved,
    /// A sweep found that root has no MFA.
    MfaMissing,
}

/// What was done before a notice is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The quarantine policy was attached.
    PolicyAttached,
    /// The user was put into the quarantine group.
    GroupJoined,
    /// The user had been contained already.
    WasContained,
    /// The quarantine policy was detached.
    PolicyDetached,
    /// The user was taken out of the quarantine group.
    GroupLeft,
    /// Containment is due, but `MODE` keeps it from being done.
    WithheldByMode,
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

/// For whom a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The user, with a copy to the administrators.
    UserAndAdmins,
    /// The user alone.
    User,
    /// The user; the administrators read of it in the digest.
    UserThenDigest,
    /// The administrators alone.
    Admins,
}

/// How it went to tell the user on one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// It was not for the user.
    NotForUser,
    /// No address of the user is known.
    NobodyToTell,
    /// The best that any channel could do.
    Tried(Delivery),
}

impl Reach {
    /// Whether somebody else has to pass the message on.
    #[must_use]
    pub fn is_missed(self) -> bool {
        match self {
            Self::NobodyToTell
            | Self::Tried(Delivery::Refused | Delivery::Failed | Delivery::Unconfirmed) => true,
            Self::NotForUser | Self::Tried(Delivery::Sent) => false,
        }
    }

    /// Sums up the deliveries of a notice.
    #[must_use]
    pub fn of(notice: &Notice, deliveries: &[Delivery]) -> Self {
        match (notice.audience, deliveries.iter().max()) {
            (Audience::Admins, _) => Self::NotForUser,
            (Audience::User | Audience::UserAndAdmins | Audience::UserThenDigest, None) => Self::NobodyToTell,
            (Audience::User | Audience::UserAndAdmins | Audience::UserThenDigest, Some(best)) => {
                Self::Tried(*best)
            }
        }
    }
}

/// How much a notice matters to an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl Kind {
    /// Stable name for logs and messages to machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.message_kind().code()
    }

    /// What is said, without what it is about.
    #[must_use]
    pub fn message_kind(&self) -> MessageKind {
        match self {
            Self::Welcome { .. } => MessageKind::Welcome,
            Self::Reminder { cause: Cause::SignIn, .. } => MessageKind::SignInReminder,
            Self::Reminder {
                cause: Cause::PasswordCreated | Cause::MfaRemoved | Cause::DeadlinePassed,
                ..
            }
            | Self::Deadline { last: false, .. } => MessageKind::Reminder,
            Self::Deadline { last: true, .. } => MessageKind::FinalNotice,
            Self::Quarantined { .. } => MessageKind::Quarantined,
            Self::QuarantineReminder => MessageKind::QuarantineReminder,
            Self::Released { .. } => MessageKind::Released,
            Self::ForeignEnrolment(_) => MessageKind::EnrolmentAlert,
            Self::ContainmentFailed { .. } => MessageKind::ContainmentFailed,
            Self::ReleaseFailed { .. } => MessageKind::ReleaseFailed,
            Self::Root(_) => MessageKind::RootAlert,
        }
    }

    /// Whether the administrators must hear it whatever becomes of the rest of the plan.
    #[must_use]
    pub fn is_alert(&self) -> bool {
        match self {
            Self::ForeignEnrolment(_) | Self::ContainmentFailed { .. } | Self::ReleaseFailed { .. } => true,
            Self::Welcome { .. }
            | Self::Reminder { .. }
            | Self::Deadline { .. }
            | Self::Quarantined { .. }
            | Self::QuarantineReminder
            | Self::Released { .. }
            | Self::Root(_) => false,
        }
    }

    /// How much it matters to an administrator.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Welcome { .. }
            | Self::Reminder {
                cause: Cause::SignIn | Cause::PasswordCreated | Cause::DeadlinePassed, ..
            }
            | Self::Deadline { .. }
            | Self::QuarantineReminder
            | Self::Released { .. }
            | Self::Root(RootAlert::MfaEnrolled | RootAlert::PasswordRemoved) => Severity::Info,
            Self::Reminder { cause: Cause::MfaRemoved, .. }
            | Self::Quarantined { .. }
            | Self::ForeignEnrolment(Enrolment::BySomeoneElse)
            | Self::ReleaseFailed { .. }
            | Self::Root(RootAlert::PasswordCreated) => Severity::Warning,
            Self::ForeignEnrolment(Enrolment::ByAccessKey)
            | Self::ContainmentFailed { .. }
            | Self::Root(RootAlert::SignInWithoutMfa | RootAlert::MfaRemoved | RootAlert::MfaMissing) => {
                Severity::Critical
            }
        }
    }
}

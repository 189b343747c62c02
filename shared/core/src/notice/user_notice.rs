//! What is said to a user.

use super::{Background, Channel, MessageKind, Person, Severity};
use crate::tags::Cause;
use jiff::Timestamp;
use strum::IntoStaticStr;

/// A message to a user.
#[derive(Debug, Clone, PartialEq)]
pub struct UserNotice {
    /// What is said.
    pub message: UserMessage,
    /// To whom.
    pub person: Person,
    /// Ways to the user, the one that tells the most first; empty where nobody can be told.
    pub channels: Vec<Channel>,
    /// Whether the administrators get a copy. They do not where the digest tells them, or of a thank-you.
    pub copy_to_admins: bool,
    /// What was done before this is said.
    pub done: Vec<Done>,
    /// Where and why.
    pub background: Background,
}

/// What is said to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserMessage {
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
    /// Contained before, and still without MFA.
    QuarantineReminder,
    /// Access is back, or was never limited because MFA came in time.
    Released {
        /// What ended it.
        by: ReleasedBy,
        /// Whether access was limited.
        was_contained: bool,
    },
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

/// What was done before a notice is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
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

impl UserMessage {
    /// The stable name of what is said.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Welcome { .. } => MessageKind::Welcome,
            Self::Reminder { cause: Cause::SignIn, .. } => MessageKind::SignInReminder,
            Self::Reminder { .. } | Self::Deadline { last: false, .. } => MessageKind::Reminder,
            Self::Deadline { last: true, .. } => MessageKind::FinalNotice,
            Self::Quarantined { .. } => MessageKind::Quarantined,
            Self::QuarantineReminder => MessageKind::QuarantineReminder,
            Self::Released { .. } => MessageKind::Released,
        }
    }

    /// How much it matters to an administrator.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Reminder { cause: Cause::MfaRemoved, .. } | Self::Quarantined { .. } => Severity::Warning,
            Self::Welcome { .. }
            | Self::Reminder { .. }
            | Self::Deadline { .. }
            | Self::QuarantineReminder
            | Self::Released { .. } => Severity::Info,
        }
    }

    /// The deadline that it names.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Welcome { deadline }
            | Self::Reminder { deadline, .. }
            | Self::Deadline { deadline, .. } => Some(*deadline),
            Self::Quarantined { .. } | Self::QuarantineReminder | Self::Released { .. } => None,
        }
    }

    /// The stable name of what is behind it, for machines.
    pub(super) fn reason(&self, by_sweep: bool) -> &'static str {
        match self {
            Self::Welcome { .. } => "new-password",
            Self::Reminder { cause, .. } | Self::Quarantined { cause } => cause.code(),
            // A sweep reminds because the deadline is near or over.
            Self::Deadline { .. } => "deadline-near",
            Self::QuarantineReminder if by_sweep => Cause::DeadlinePassed.code(),
            Self::QuarantineReminder => Cause::SignIn.code(),
            Self::Released { by, .. } => by.code(),
        }
    }

    /// Whether the user is to set up MFA.
    pub(super) fn asks_for_mfa(&self) -> bool {
        !matches!(self, Self::Released { .. })
    }
}

impl ReleasedBy {
    /// The stable name, for machines.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Mfa => "mfa-enrolled",
            Self::PasswordRemoval => "password-removed",
            Self::Exemption => "exempt",
        }
    }
}

impl Done {
    /// The stable name, for machines.
    pub(super) fn code(self) -> &'static str {
        self.into()
    }
}

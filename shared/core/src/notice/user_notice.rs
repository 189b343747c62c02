//! Messages to a user.

use super::{Background, Channel, MessageKind, Person, Severity, phrases};
use crate::device::MfaDevice;
use crate::tags::Cause;
use jiff::Timestamp;
use jiff::civil::Date;
use strum::IntoStaticStr;

/// Stable name, for programs, of a quarantine that a person attached.
pub(super) const BY_HAND: &str = "quarantined-by-hand";

/// A message to a user.
#[derive(Debug, Clone, PartialEq)]
pub struct UserNotice {
    /// What the message says.
    pub message: UserMessage,
    /// The user it goes to.
    pub person: Person,
    /// Ways to reach the user, the one with the fullest text first; empty if no address is known.
    pub channels: Vec<Channel>,
    /// Whether the administrators get a copy.
    pub copy: AdminCopy,
    /// What was done before the message goes out.
    pub done: Vec<Done>,
    /// The devices that have to be approved, newest first; or the one that released the user.
    pub devices: Vec<MfaDevice>,
    /// The last day of the user's exemption (UTC); `None` if there is none, or if it has no end.
    pub exempt_until: Option<Date>,
    /// Details that every message contains.
    pub background: Background,
}

/// Whether the administrators get a copy of a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdminCopy {
    /// None: the digest reports it, or it is a thank-you.
    Never,
    /// Only if the message is still owed to the user: a routine notice, where `ADMIN_COPIES` is `important`.
    IfMissed,
    /// In any case.
    Always,
}

/// What a message to a user says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserMessage {
    /// The user has a new password and is asked to set up MFA by the deadline.
    Welcome {
        /// When the grace period ends.
        deadline: Timestamp,
    },
    /// The user signed in without MFA, or mode `notify` warns instead of containing.
    Reminder {
        /// What happened.
        cause: Cause,
        /// When the grace period ends, or ended.
        deadline: Timestamp,
    },
    /// A sweep reminds a user without MFA of the deadline.
    Deadline {
        /// When the grace period ends.
        deadline: Timestamp,
        /// Whether this is the last reminder before the deadline.
        last: bool,
    },
    /// The user has been quarantined.
    Quarantined {
        /// Why the user was contained.
        cause: Cause,
    },
    /// The user is still quarantined and has no MFA.
    QuarantineReminder,
    /// A person attached the quarantine by hand, and the user has no MFA. Enrolling is right, but does not lift it.
    QuarantinedByHand,
    /// The user has enrolled a device, and somebody else has to approve it before access comes back.
    AwaitingApproval,
    /// The user is exempt and has no MFA, and the exemption ends within a week.
    ExemptionEnding {
        /// The last day of the exemption (UTC).
        until: Date,
        /// When the user is contained without MFA: the end of that day, or of the grace period if that is later.
        deadline: Timestamp,
    },
    /// Access has been restored, or was never limited because the user set up MFA in time.
    Released {
        /// What ended the quarantine, or the need for one.
        by: ReleasedBy,
        /// Whether access was limited.
        was_contained: bool,
        /// When the rest of the quarantine ends by itself; `None` if nothing is left of it. Until then, sessions that
        /// began without MFA stay limited.
        rest_until: Option<Timestamp>,
    },
}

/// What ended a quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleasedBy {
    /// The user enrolled an MFA device.
    Mfa,
    /// The user enrolled an MFA device, and somebody else approved it.
    Approval,
    /// The console password was removed.
    PasswordRemoval,
    /// An administrator exempted the user.
    Exemption,
}

/// What was done before a notice goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Done {
    /// The quarantine policy was attached.
    PolicyAttached,
    /// The user was added to the quarantine group.
    GroupJoined,
    /// The user was already contained.
    WasContained,
    /// The quarantine policy was detached.
    PolicyDetached,
    /// The user was removed from the quarantine group.
    GroupLeft,
    /// Containment is due, but `MODE` withholds it.
    WithheldByMode,
}

impl UserNotice {
    /// What happened, in one line for the administrators.
    pub(crate) fn headline(&self) -> String {
        phrases::headline(self)
    }

    /// Whether the administrators' copy names the user's access keys: after every containment, because a quarantine may
    /// leave them working, or stop programs that use them.
    #[must_use]
    pub fn names_access_keys(&self) -> bool {
        matches!(self.message, UserMessage::Quarantined { .. }) && self.copy != AdminCopy::Never
    }

    /// Whether somebody else may have the user's password.
    pub(super) fn may_be_taken_over(&self) -> bool {
        matches!(self.message, UserMessage::Quarantined { cause } if cause.may_be_a_takeover())
    }

    /// The same notice after the user was put into the other place: the group instead of the policy, or the other way
    /// round.
    pub(crate) fn elsewhere(&self) -> Self {
        let done = self.done.iter().map(|done| match done {
            Done::PolicyAttached => Done::GroupJoined,
            Done::GroupJoined => Done::PolicyAttached,
            Done::WasContained | Done::PolicyDetached | Done::GroupLeft | Done::WithheldByMode => *done,
        });
        Self { done: done.collect(), ..self.clone() }
    }
}

impl UserMessage {
    /// Kind of message.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Welcome { .. } => MessageKind::Welcome,
            Self::Reminder { cause: Cause::SignIn, .. } => MessageKind::SignInReminder,
            Self::Reminder { .. } | Self::Deadline { last: false, .. } => MessageKind::Reminder,
            Self::Deadline { last: true, .. } => MessageKind::FinalNotice,
            Self::Quarantined { .. } => MessageKind::Quarantined,
            Self::QuarantineReminder => MessageKind::QuarantineReminder,
            Self::QuarantinedByHand => MessageKind::QuarantinedByHand,
            Self::AwaitingApproval => MessageKind::AwaitingApproval,
            Self::ExemptionEnding { .. } => MessageKind::ExemptionEnding,
            Self::Released { .. } => MessageKind::Released,
        }
    }

    /// How urgent the administrators' copy is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Reminder { cause: Cause::MfaRemoved, .. }
            | Self::Quarantined { .. }
            | Self::AwaitingApproval => Severity::Warning,
            Self::Welcome { .. }
            | Self::Reminder { .. }
            | Self::Deadline { .. }
            | Self::QuarantineReminder
            | Self::QuarantinedByHand
            | Self::ExemptionEnding { .. }
            | Self::Released { .. } => Severity::Info,
        }
    }

    /// Whether the administrators get a copy even where `ADMIN_COPIES` is `important`: it says that access was limited or
    /// restored.
    pub(crate) fn is_important(&self) -> bool {
        match self {
            Self::Quarantined { .. } | Self::AwaitingApproval => true,
            Self::Released { was_contained, .. } => *was_contained,
            Self::Welcome { .. }
            | Self::Reminder { .. }
            | Self::Deadline { .. }
            | Self::QuarantineReminder
            | Self::QuarantinedByHand
            | Self::ExemptionEnding { .. } => false,
        }
    }

    /// The deadline the message names; `None` if it names none.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        match self {
            Self::Welcome { deadline }
            | Self::Reminder { deadline, .. }
            | Self::Deadline { deadline, .. }
            | Self::ExemptionEnding { deadline, .. } => Some(*deadline),
            Self::Quarantined { .. }
            | Self::QuarantineReminder
            | Self::QuarantinedByHand
            | Self::AwaitingApproval
            | Self::Released { .. } => None,
        }
    }

    /// When the rest of the quarantine ends by itself; `None` if nothing is left of it.
    pub(super) fn rest_until(&self) -> Option<Timestamp> {
        match self {
            Self::Released { rest_until, .. } => *rest_until,
            Self::Welcome { .. }
            | Self::Reminder { .. }
            | Self::Deadline { .. }
            | Self::Quarantined { .. }
            | Self::QuarantineReminder
            | Self::QuarantinedByHand
            | Self::AwaitingApproval
            | Self::ExemptionEnding { .. } => None,
        }
    }

    /// Stable name of the cause, for programs.
    pub(super) fn reason(&self, by_sweep: bool) -> &'static str {
        match self {
            Self::Welcome { .. } => "new-password",
            Self::Reminder { cause, .. } | Self::Quarantined { cause } => cause.code(),
            // A sweep reminds because the deadline is near or has passed.
            Self::Deadline { .. } => "deadline-near",
            Self::QuarantineReminder if by_sweep => Cause::DeadlinePassed.code(),
            Self::QuarantineReminder => Cause::SignIn.code(),
            Self::QuarantinedByHand => BY_HAND,
            Self::AwaitingApproval => ReleasedBy::Mfa.code(),
            Self::ExemptionEnding { .. } => "exemption-ending",
            Self::Released { by, .. } => by.code(),
        }
    }

    /// Whether the message asks the user to set up MFA.
    pub(super) fn asks_for_mfa(&self) -> bool {
        !matches!(self, Self::AwaitingApproval | Self::Released { .. })
    }
}

impl ReleasedBy {
    /// Whether the user has MFA, so that sessions without it are all that the quarantine is still for.
    pub(crate) fn has_mfa(self) -> bool {
        match self {
            Self::Mfa | Self::Approval => true,
            Self::PasswordRemoval | Self::Exemption => false,
        }
    }

    /// Stable name for programs.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Mfa => "mfa-enrolled",
            Self::Approval => "approved",
            Self::PasswordRemoval => "password-removed",
            Self::Exemption => "exempt",
        }
    }
}

impl Done {
    /// Stable name for programs.
    pub(super) fn code(self) -> &'static str {
        self.into()
    }
}

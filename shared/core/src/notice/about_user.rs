//! Alerts about a user: what happened, and what programs are told of it.

use super::about_exemption::{Exempted, NotExempt};
use super::user_notice::BY_HAND;
use super::{MessageKind, ReleasedBy, Severity};
use crate::exemption::Exemption;
use crate::tags::Cause;

/// What happened to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserAlert {
    /// An MFA device was enrolled by someone else, with an access key, or through an agent.
    ForeignEnrolment(Enrolment),
    /// The user could not be contained.
    ContainmentFailed {
        /// Why the user was to be contained.
        cause: Cause,
    },
    /// The user could not be contained, because IAM has room for neither another policy nor another group.
    NoRoom {
        /// Why the user was to be contained.
        cause: Cause,
    },
    /// The user could not be released.
    ReleaseFailed {
        /// Why the user was to be released.
        by: ReleasedBy,
    },
    /// The user has MFA, but a person attached the quarantine, so this enforcer does not lift it.
    HeldByHand,
    /// The password was removed, but the quarantine stays: it also stops access keys, which would work again.
    KeysWouldRevive,
    /// The quarantine that stops everything was lifted, and the one for the console could not be attached.
    FallbackFailed,
    /// A break-glass user signed in without MFA.
    BreakGlassSignIn,
    /// The user tried to approve their own release.
    OwnApproval,
    /// Somebody undid the quarantine.
    QuarantineUndone {
        /// Whether it is in force again. In mode `notify` it is not.
        put_back: bool,
    },
    /// Somebody undid the quarantine so often that events do not put it back any more in this hour.
    KeepsBeingUndone {
        /// Whether the quarantine is in force, and only its record is removed again and again.
        contained: bool,
    },
    /// Somebody removed or rewrote the record of the quarantine.
    RecordRestored,
    /// Somebody wrote how often the quarantine was put back, so as to keep it from being put back again.
    CountForged,
    /// The user has to enrol a device, and got a permissions boundary that does not let them, or may not.
    EnrolmentBlocked(Blocked),
    /// Somebody exempted the user.
    Exempted(Exempted),
    /// The user granted this exemption to themselves, and it does not count.
    SelfExempted(Exemption),
    /// Somebody ended the user's exemption, or wrote one that exempts nobody.
    NotExempt(NotExempt),
}

/// What is known of a permissions boundary that may keep a user from enrolling a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// It does not let them.
    Surely,
    /// It depends on something that cannot be told in advance.
    Perhaps,
    /// It could not be read.
    Unread,
}

/// Why an enrolment is suspicious.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enrolment {
    /// Enrolled with the user's long-term access key, which may be stolen.
    ByAccessKey,
    /// Enrolled through an AI agent, which has seen the secret.
    ByAgent,
    /// Enrolled by someone else.
    BySomeoneElse,
}

impl UserAlert {
    /// Kind of message.
    pub(crate) fn kind(&self) -> MessageKind {
        match self {
            Self::ForeignEnrolment(_) => MessageKind::EnrolmentAlert,
            Self::ContainmentFailed { .. } | Self::NoRoom { .. } => MessageKind::ContainmentFailed,
            Self::ReleaseFailed { .. } => MessageKind::ReleaseFailed,
            Self::HeldByHand => MessageKind::HeldByHand,
            Self::KeysWouldRevive => MessageKind::KeysWouldRevive,
            Self::FallbackFailed => MessageKind::FallbackFailed,
            Self::BreakGlassSignIn => MessageKind::BreakGlassSignIn,
            Self::OwnApproval => MessageKind::OwnApproval,
            Self::QuarantineUndone { .. } => MessageKind::QuarantineUndone,
            Self::KeepsBeingUndone { .. } => MessageKind::KeepsBeingUndone,
            Self::RecordRestored | Self::CountForged => MessageKind::RecordsChanged,
            Self::EnrolmentBlocked(_) => MessageKind::EnrolmentBlocked,
            Self::Exempted(_) => MessageKind::Exempted,
            Self::SelfExempted(_) => MessageKind::SelfExempted,
            Self::NotExempt(_) => MessageKind::NotExempt,
        }
    }

    /// Whether it tells what somebody did and what was done about it, so that it comes after that. An alert about a
    /// refusal comes at once.
    pub(super) fn is_a_report(&self) -> bool {
        !matches!(
            self,
            Self::ContainmentFailed { .. }
                | Self::NoRoom { .. }
                | Self::ReleaseFailed { .. }
                | Self::FallbackFailed
        )
    }

    /// How urgent it is.
    pub(crate) fn severity(&self) -> Severity {
        match self {
            Self::ForeignEnrolment(Enrolment::ByAccessKey | Enrolment::ByAgent)
            | Self::ContainmentFailed { .. }
            | Self::NoRoom { .. }
            | Self::FallbackFailed
            | Self::BreakGlassSignIn
            | Self::OwnApproval
            | Self::QuarantineUndone { .. }
            | Self::KeepsBeingUndone { contained: false }
            | Self::CountForged
            | Self::Exempted(Exempted { exemption: Exemption::BreakGlass, .. })
            | Self::SelfExempted(_) => Severity::Critical,
            Self::ForeignEnrolment(Enrolment::BySomeoneElse)
            | Self::ReleaseFailed { .. }
            | Self::HeldByHand
            | Self::KeysWouldRevive
            | Self::KeepsBeingUndone { contained: true }
            | Self::RecordRestored
            | Self::EnrolmentBlocked(_)
            | Self::Exempted(Exempted { released: true, .. })
            | Self::NotExempt(NotExempt::Unreadable) => Severity::Warning,
            Self::Exempted(Exempted { released: false, .. })
            | Self::NotExempt(NotExempt::Removed | NotExempt::Past | NotExempt::Renamed) => Severity::Info,
        }
    }

    /// Stable name of the cause, for programs.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::ForeignEnrolment(Enrolment::ByAccessKey) => "enrolled-by-access-key",
            Self::ForeignEnrolment(Enrolment::ByAgent) => "enrolled-by-agent",
            Self::ForeignEnrolment(Enrolment::BySomeoneElse) => "enrolled-by-someone-else",
            Self::ContainmentFailed { cause } => cause.code(),
            Self::NoRoom { .. } => "no-room",
            Self::ReleaseFailed { by } => by.code(),
            Self::HeldByHand => BY_HAND,
            Self::KeysWouldRevive => "access-keys-active",
            Self::FallbackFailed => ReleasedBy::Mfa.code(),
            Self::BreakGlassSignIn => Cause::SignIn.code(),
            Self::OwnApproval => "approved-by-the-user",
            Self::QuarantineUndone { put_back: true } => "put-back",
            Self::QuarantineUndone { put_back: false } => "withheld-by-mode",
            Self::KeepsBeingUndone { .. } => "left-to-the-sweep",
            Self::RecordRestored => "record-restored",
            Self::CountForged => "count-forged",
            Self::EnrolmentBlocked(Blocked::Surely) => "boundary-forbids-enrolment",
            Self::EnrolmentBlocked(Blocked::Perhaps) => "boundary-unclear",
            Self::EnrolmentBlocked(Blocked::Unread) => "boundary-unreadable",
            Self::Exempted(exempted) => exempted.reason(),
            Self::SelfExempted(_) => "self-exempted",
            Self::NotExempt(how) => how.reason(),
        }
    }
}

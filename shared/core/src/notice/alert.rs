//! What only the administrators are told.

use super::phrases::{because, release_cause};
use super::{Background, MessageKind, Person, ReleasedBy, Severity};
use crate::tags::Cause;

/// An alert to the administrators.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// About whom, and what.
    pub subject: AlertSubject,
    /// Where and why.
    pub background: Background,
}

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertSubject {
    /// A user.
    User(Person, UserAlert),
    /// The root user.
    Root(RootAlert),
}

/// Something about a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserAlert {
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

impl AlertSubject {
    /// The user; `None` for root.
    #[must_use]
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::User(person, _) => Some(person),
            Self::Root(_) => None,
        }
    }

    /// The stable name of what is said.
    #[must_use]
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::User(_, alert) => alert.kind(),
            Self::Root(_) => MessageKind::RootAlert,
        }
    }

    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::User(_, alert) => alert.severity(),
            Self::Root(alert) => alert.severity(),
        }
    }

    /// What happened, in one line.
    pub(super) fn headline(&self) -> String {
        match self {
            Self::User(person, alert) => alert.headline(&person.name),
            Self::Root(alert) => alert.headline().to_owned(),
        }
    }

    /// What to do now.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::User(_, alert) => alert.advice(),
            Self::Root(alert) => alert.advice(),
        }
    }

    /// The stable name of what is behind it, for machines.
    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::User(_, alert) => alert.reason(),
            Self::Root(alert) => alert.reason(),
        }
    }
}

impl UserAlert {
    fn kind(self) -> MessageKind {
        match self {
            Self::ForeignEnrolment(_) => MessageKind::EnrolmentAlert,
            Self::ContainmentFailed { .. } => MessageKind::ContainmentFailed,
            Self::ReleaseFailed { .. } => MessageKind::ReleaseFailed,
        }
    }

    fn severity(self) -> Severity {
        match self {
            Self::ForeignEnrolment(Enrolment::ByAccessKey) | Self::ContainmentFailed { .. } => {
                Severity::Critical
            }
            Self::ForeignEnrolment(Enrolment::BySomeoneElse) | Self::ReleaseFailed { .. } => {
                Severity::Warning
            }
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::ForeignEnrolment(Enrolment::ByAccessKey) => "enrolled-by-access-key",
            Self::ForeignEnrolment(Enrolment::BySomeoneElse) => "enrolled-by-someone-else",
            Self::ContainmentFailed { cause } => cause.code(),
            Self::ReleaseFailed { by } => by.code(),
        }
    }

    fn headline(self, who: &str) -> String {
        match self {
            Self::ForeignEnrolment(Enrolment::ByAccessKey) => {
                format!("an access key of {who} enrolled an MFA device for {who}, which a thief would do")
            }
            Self::ForeignEnrolment(Enrolment::BySomeoneElse) => {
                format!("somebody else enrolled an MFA device for {who}")
            }
            Self::ContainmentFailed { cause } => {
                format!("{who} could NOT be quarantined: IAM refused ({})", because(cause))
            }
            Self::ReleaseFailed { by } => {
                format!("{who} could NOT be released: IAM refused ({})", release_cause(by))
            }
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::ForeignEnrolment(Enrolment::ByAccessKey) => {
                "Ask the user now whether this was done on purpose, with a program. If not: deactivate the device, \
                 deactivate the access key, and reset the password."
            }
            Self::ForeignEnrolment(Enrolment::BySomeoneElse) => {
                "Ask the user and the person named above whether this was agreed. If not: deactivate the device \
                 and reset the password."
            }
            Self::ContainmentFailed { .. } => {
                "Contain the user by hand now (attach the quarantine policy). IAM refuses where the user has no \
                 room for another policy or group, where the policy or group is gone, or where this enforcer lacks \
                 a permission; its log names the call. The event will be run again and then kept in the \
                 dead-letter queue."
            }
            Self::ReleaseFailed { .. } => {
                "Release the user by hand (detach the quarantine policy or leave the quarantine group, then remove \
                 the tag `mfa-enforcer:quarantined`). With MFA the policy stops nothing, so there is no hurry. \
                 The log of this enforcer names the call that was refused."
            }
        }
    }
}

impl RootAlert {
    fn severity(self) -> Severity {
        match self {
            Self::MfaEnrolled | Self::PasswordRemoved => Severity::Info,
            Self::PasswordCreated => Severity::Warning,
            Self::SignInWithoutMfa | Self::MfaRemoved | Self::MfaMissing => Severity::Critical,
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::SignInWithoutMfa => "root-sign-in-without-mfa",
            Self::MfaRemoved => "root-mfa-removed",
            Self::MfaEnrolled => "root-mfa-enrolled",
            Self::PasswordCreated => "root-password-created",
            Self::PasswordRemoved => "root-password-removed",
            Self::MfaMissing => "root-mfa-missing",
        }
    }

    fn headline(self) -> &'static str {
        match self {
            Self::SignInWithoutMfa => "the root user signed in without MFA",
            Self::MfaRemoved => "an MFA device of the root user was removed",
            Self::MfaEnrolled => "the root user has a new MFA device",
            Self::PasswordCreated => "the root user was given a console password, or permission to set one",
            Self::PasswordRemoved => "the root user's console password was removed",
            Self::MfaMissing => "the root user has no MFA",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::SignInWithoutMfa => {
                "Find out now who signed in. Then enrol a hardware security key or passkey for root, and a second \
                 one as a spare: sign in as root, choose the account's name at the top right, Security \
                 credentials, Assign MFA device."
            }
            Self::MfaRemoved => {
                "Find out now who removed it and why. Root should have two hardware security keys or passkeys: \
                 sign in as root, choose the account's name at the top right, Security credentials, Assign MFA \
                 device."
            }
            Self::MfaEnrolled => {
                "Nothing to do if you expected this. Root is best protected by two hardware security keys or \
                 passkeys, kept in different places."
            }
            Self::PasswordCreated => {
                "If nobody planned to recover root's password, find out who did this, and remove it again."
            }
            Self::PasswordRemoved => "Nothing to do if you expected this.",
            Self::MfaMissing => {
                "Enrol a hardware security key or passkey for root today, and a second one as a spare, kept in \
                 another place: sign in as root, choose the account's name at the top right, Security credentials, \
                 Assign MFA device."
            }
        }
    }
}

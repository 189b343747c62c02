//! Alerts about root: what they say, and what an administrator can do about it.

use super::Severity;
use crate::partition::RootUser;
use crate::snapshot::RootCredentials;

/// What happened to root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootAlert {
    /// Root signed in without MFA.
    SignInWithoutMfa,
    /// An MFA device was removed; what is left to protect.
    MfaRemoved(RootCredentials),
    /// An MFA device was added.
    MfaEnrolled {
        /// Through an AI agent, which has seen the secret.
        by_agent: bool,
    },
    /// Root got a console password, or permission to set one.
    PasswordCreated {
        /// An administrator of the organization did it (`AssumeRoot`).
        by_organization: bool,
    },
    /// Root's password was removed; what is left to protect.
    PasswordRemoved(RootCredentials),
    /// A sweep found that root has no MFA.
    MfaMissing,
}

impl RootAlert {
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::MfaEnrolled { by_agent: false }
            | Self::PasswordRemoved(_)
            | Self::MfaRemoved(RootCredentials::Gone) => Severity::Info,
            // A password for root can be set by whoever reads the mail of the account's address.
            Self::PasswordCreated { .. }
            | Self::MfaEnrolled { by_agent: true }
            | Self::SignInWithoutMfa
            | Self::MfaRemoved(RootCredentials::Present | RootCredentials::Unknown)
            | Self::MfaMissing => Severity::Critical,
        }
    }

    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::SignInWithoutMfa => "root-sign-in-without-mfa",
            Self::MfaRemoved(RootCredentials::Gone) | Self::PasswordRemoved(RootCredentials::Gone) => {
                "root-credentials-removed"
            }
            Self::MfaRemoved(_) => "root-mfa-removed",
            Self::MfaEnrolled { by_agent: false } => "root-mfa-enrolled",
            Self::MfaEnrolled { by_agent: true } => "root-mfa-enrolled-by-agent",
            Self::PasswordCreated { .. } => "root-password-created",
            Self::PasswordRemoved(_) => "root-password-removed",
            Self::MfaMissing => "root-mfa-missing",
        }
    }

    pub(super) fn headline(self) -> &'static str {
        match self {
            Self::SignInWithoutMfa => "the root user signed in without MFA",
            Self::MfaRemoved(RootCredentials::Present) => "an MFA device of the root user was removed",
            Self::MfaRemoved(RootCredentials::Gone) => {
                "root's credentials were removed, as AWS recommends: an MFA device was removed, and root has neither a \
                 password nor access keys"
            }
            Self::MfaRemoved(RootCredentials::Unknown) => {
                "an MFA device of the root user was removed; it is unknown whether root still has a password or access \
                 keys"
            }
            Self::MfaEnrolled { by_agent: false } => "the root user has a new MFA device",
            Self::MfaEnrolled { by_agent: true } => {
                "an AI agent enrolled an MFA device for the root user, so the agent has seen its secret"
            }
            Self::PasswordCreated { by_organization: false } => {
                "the root user was given a console password, or permission to set one"
            }
            Self::PasswordCreated { by_organization: true } => {
                "an administrator of the organization allowed password recovery for the root user again"
            }
            Self::PasswordRemoved(RootCredentials::Gone) => {
                "root's credentials were removed, as AWS recommends: root has neither a password nor access keys"
            }
            Self::PasswordRemoved(_) => "the root user's console password was removed",
            Self::MfaMissing => "the root user has no MFA",
        }
    }

    /// What the administrators should do, as far as it is possible in the partition.
    pub(super) fn advice(self, root: RootUser) -> &'static str {
        match (self, root) {
            (Self::MfaRemoved(RootCredentials::Gone) | Self::PasswordRemoved(_), _) => {
                "Nothing to do if you expected this: administrators of an organization can remove root's credentials \
                 from its accounts (AssumeRoot). The runbook says how to find out who did it."
            }
            (Self::PasswordCreated { .. }, _) => {
                "Whoever reads the mail of the account's address can now set a password for root. If nobody planned to \
                 recover it, find out who did this (the runbook says how), and remove the login profile of root again."
            }
            // Nobody can sign in as root or enrol a device for it there, so the event itself is odd.
            (_, RootUser::NoConsole | RootUser::NotThere) => {
                "Find out now who did this. In this partition root can neither sign in to the console nor have MFA, so \
                 tell AWS Support as well."
            }
            (Self::SignInWithoutMfa, RootUser::Full) => {
                "Find out now who signed in. Then enrol a hardware security key or passkey for root, and a second \
                 one as a spare: sign in as root, choose the account's name at the top right, Security \
                 credentials, Assign MFA device."
            }
            (Self::MfaRemoved(RootCredentials::Present), RootUser::Full) => {
                "Find out now who removed it and why. Root should have two hardware security keys or passkeys: \
                 sign in as root, choose the account's name at the top right, Security credentials, Assign MFA \
                 device."
            }
            (Self::MfaRemoved(RootCredentials::Unknown), RootUser::Full) => {
                "Find out now who removed it and why. If root still has a password, enrol two hardware security keys \
                 or passkeys for it. The log of this enforcer says why iam:GetAccountSummary gave no answer."
            }
            (Self::MfaEnrolled { by_agent: false }, RootUser::Full) => {
                "Nothing to do if you expected this. Root is best protected by two hardware security keys or \
                 passkeys, kept in different places."
            }
            (Self::MfaEnrolled { by_agent: true }, RootUser::Full) => {
                "Find out now who told an agent to do this. In either case sign in as root, remove the device, and \
                 enrol a hardware security key or passkey in the console: a secret that an agent has seen proves \
                 nothing."
            }
            (Self::MfaMissing, RootUser::Full) => {
                "Enrol a hardware security key or passkey for root today, and a second one as a spare, kept in \
                 another place: sign in as root, choose the account's name at the top right, Security credentials, \
                 Assign MFA device."
            }
        }
    }
}

//! Whether an alert tells of a state or of an event. A state is told once a day until it is no longer so; an event once.
//!
//! Every alert is one or the other, and the compiler asks for a new one. `state_laws.rs` in the tests tries each.

use super::{AccountAlert, AlertSubject, QuarantineAlert, RootAlert, UserAlert};

/// What an alert tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Something happened: told once.
    Event,
    /// Something is so: told once a day until it is no longer.
    State,
}

impl AlertSubject {
    /// What the alert tells of.
    #[must_use]
    pub fn nature(&self) -> Nature {
        match self {
            Self::User(_, alert) => alert.nature(),
            Self::Root(alert) => alert.nature(),
            Self::Account(alert) => alert.nature(),
        }
    }
}

impl UserAlert {
    fn nature(&self) -> Nature {
        match self {
            // Hourly sweeps try again, and say so once a day.
            Self::ContainmentFailed { .. }
            | Self::NoRoom { .. }
            | Self::ReleaseFailed { .. }
            | Self::FallbackFailed => Nature::State,
            // What stays of the first three is a finding about the user, in each digest.
            Self::HeldByHand
            | Self::KeysWouldRevive
            | Self::EnrolmentBlocked(_)
            | Self::ForeignEnrolment(_)
            | Self::BreakGlassSignIn
            | Self::OwnApproval
            | Self::QuarantineUndone { .. }
            | Self::KeepsBeingUndone { .. }
            | Self::RecordRestored
            | Self::CountForged
            | Self::Exempted(_)
            | Self::SelfExempted(_)
            | Self::NotExempt(_) => Nature::Event,
        }
    }
}

impl RootAlert {
    fn nature(self) -> Nature {
        match self {
            Self::MfaMissing => Nature::State,
            // If root has no MFA after it, that is a state of its own.
            Self::SignInWithoutMfa
            | Self::MfaRemoved(_)
            | Self::MfaEnrolled { .. }
            | Self::PasswordCreated { .. }
            | Self::PasswordRemoved(_) => Nature::Event,
        }
    }
}

impl AccountAlert {
    fn nature(&self) -> Nature {
        match self {
            Self::QuarantinesHeld { .. }
            | Self::NoTrail
            | Self::NoDigest { .. }
            | Self::Quarantine(
                QuarantineAlert::PolicyLost { .. }
                | QuarantineAlert::GroupLost { .. }
                | QuarantineAlert::GroupGone { .. },
            ) => Nature::State,
            Self::Quarantine(
                QuarantineAlert::PolicyRestored { .. } | QuarantineAlert::GroupRestored { .. },
            )
            // Of the next hour it is told anew.
            | Self::HourUsedUp { .. }
            | Self::EnforcerTouched { .. } => Nature::Event,
        }
    }
}

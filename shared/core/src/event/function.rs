//! The Lambda functions.

use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// A Lambda function. Each has its own role, and each trigger belongs to exactly one function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Function {
    /// Handles console sign-ins (`ConsoleLogin`).
    SignIn,
    /// Handles users and passwords being created and deleted.
    UserLifecycle,
    /// Handles MFA devices being added and removed.
    MfaDevice,
    /// Handles what others do to quarantines, exemptions and the enforcer itself.
    Guard,
    /// Checks every user once a day.
    Sweep,
}

impl Function {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        Self::iter()
    }

    /// How the template calls it.
    #[must_use]
    pub fn logical(self) -> &'static str {
        match self {
            Self::SignIn => "SignInFunction",
            Self::UserLifecycle => "UserLifecycleFunction",
            Self::MfaDevice => "MfaDeviceFunction",
            Self::Guard => "GuardFunction",
            Self::Sweep => "SweepFunction",
        }
    }

    /// Name of the binary and of its folder below `functions/`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

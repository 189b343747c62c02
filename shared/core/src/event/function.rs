//! The Lambda functions.

use strum::{EnumIter, IntoStaticStr};

/// The functions, and with them the roles. Each has its own role, so a trigger has exactly one place to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Function {
    /// `ConsoleLogin`.
    SignIn,
    /// Users and their passwords come and go.
    UserLifecycle,
    /// MFA devices come and go.
    MfaDevice,
    /// The daily look at every user.
    Sweep,
}

impl Function {
    /// Name of the binary, and of the folder below `functions/`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

//! Which Lambda function owns which trigger.

use super::trigger::Trigger;

/// The functions that events invoke. Each has its own role, so a trigger has exactly one place to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `ConsoleLogin`.
    SignIn,
    /// Users and their passwords come and go.
    UserLifecycle,
    /// MFA devices come and go.
    MfaDevice,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SignIn, Self::UserLifecycle, Self::MfaDevice];

    /// Name of the binary, and of the folder below `functions/`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::UserLifecycle => "user-lifecycle",
            Self::MfaDevice => "mfa-device",
        }
    }

    /// The function that owns a trigger.
    #[must_use]
    pub fn of(trigger: &Trigger) -> Self {
        match trigger {
            Trigger::SignIn => Self::SignIn,
            Trigger::UserCreated
            | Trigger::LoginProfileCreated
            | Trigger::LoginProfileDeleted
            | Trigger::UserDeleted => Self::UserLifecycle,
            Trigger::MfaDeactivated(_) | Trigger::MfaEnabled(_) => Self::MfaDevice,
        }
    }
}

//! Why an event asks for nothing.

use std::fmt;
use strum::{EnumIter, IntoStaticStr};

/// Why an event is not acted on. Each is counted by its code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Ignored {
    /// Not a `CloudTrail` record of IAM or of the sign-in service.
    OtherService,
    /// An IAM call that changes nothing which matters here.
    OtherIamCall,
    /// The prompt for a code (`CheckMfa`), before the sign-in.
    CheckMfa,
    /// A change of role inside the console (`SwitchRole`).
    SwitchRole,
    /// Something else that the sign-in service records, such as `PasswordUpdated`.
    OtherSignInEvent,
    /// `errorCode` is set: the call was refused and changed nothing.
    FailedCall,
    /// The sign-in did not succeed.
    FailedSignIn,
    /// MFA was used.
    MfaUsed,
    /// An assumed role signed in: whoever let it assume the role is responsible for MFA.
    AssumedRole,
    /// A federated identity signed in: its identity provider is responsible for MFA.
    FederatedIdentity,
    /// The identity is of no kind that can have MFA in IAM (a service, another account, unknown).
    OtherIdentity,
    /// A mistyped user name, which AWS hides because it may be a password.
    HiddenUserName,
    /// AWS did it, not a person (`AwsServiceEvent` or `invokedBy`).
    AwsServiceEvent,
    /// The enforcer did it.
    OwnCall,
    /// It happened in another account than the enforcer's.
    OtherAccount,
    /// The event belongs to another function, so a rule sends it to the wrong one.
    OtherFunction,
}

impl Ignored {
    /// Stable name for logs and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

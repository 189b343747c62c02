//! Why an event is ignored.

use std::fmt;
use strum::{EnumIter, IntoStaticStr};

/// Why an event is ignored. The metric `Ignored` counts events by this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Ignored {
    /// Not a `CloudTrail` record from IAM or the sign-in service.
    OtherService,
    /// An IAM call that does not affect passwords, MFA or users.
    OtherIamCall,
    /// The prompt for an MFA code (`CheckMfa`), before the sign-in completes.
    CheckMfa,
    /// A role switch inside the console (`SwitchRole`).
    SwitchRole,
    /// Another event of the sign-in service, such as `PasswordUpdated`.
    OtherSignInEvent,
    /// `errorCode` is set: the call failed and changed nothing.
    FailedCall,
    /// The sign-in failed.
    FailedSignIn,
    /// The sign-in used MFA.
    MfaUsed,
    /// An assumed role signed in: MFA is up to whoever granted the role.
    AssumedRole,
    /// A federated identity signed in: MFA is up to its identity provider.
    FederatedIdentity,
    /// An identity that cannot have MFA in IAM (a service, another account, an unknown type).
    OtherIdentity,
    /// A mistyped user name, which AWS redacts because it may be a password.
    HiddenUserName,
    /// The call came from AWS, not from a person (`AwsServiceEvent`, or `invokedBy` names a service).
    AwsServiceEvent,
    /// The enforcer made the call itself.
    OwnCall,
    /// The call is about a policy or a group that is not the quarantine's.
    NotOfTheQuarantine,
    /// The call touches neither the enforcer nor a trail, or changes nothing of them that matters.
    Harmless,
    /// The call is about tags that are not the enforcer's.
    OtherTags,
    /// A mail that is about no user did not arrive: a digest that may still do so, or that went to a former address.
    MailAboutNobody,
    /// An event with which somebody tries the way to a function (`doctor --live`).
    Test,
    /// The event happened in an account other than the enforcer's.
    OtherAccount,
    /// The event belongs to another function: an EventBridge rule sends it to the wrong one.
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

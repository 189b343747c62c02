//! How each trigger appears in `CloudTrail` and in messages, and which function handles it.

use super::detail::RequestParameters;
use super::{Function, GroupUpdate, Malformed, NewVersion, Trigger, TriggerKind, UserName, VersionSet};
use strum::IntoEnumIterator;

/// How a trigger appears in `CloudTrail` and in messages. What it means for a user is in [`crate::decide`].
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// `eventName` of its records.
    pub event_name: &'static str,
    /// `eventSource` of its records.
    pub service: Service,
    /// The function that handles it.
    pub function: Function,
    /// What happened, in a message to the user.
    pub says: &'static str,
    /// Whose event it is.
    pub(super) about: About,
    /// Builds the trigger from a record's parameters.
    pub(super) read: Read,
}

type Read = fn(&RequestParameters) -> Result<Trigger, Malformed>;

/// Whose event a record tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The user whom the request names. IAM takes the caller where it names none.
    UserOrCaller,
    /// The user whom the request names.
    User,
    /// A policy or a group of the quarantine.
    Quarantine,
    /// The enforcer itself. Such records are read elsewhere.
    Enforcer,
}

impl Spec {
    const fn sign_in(event_name: &'static str, function: Function, says: &'static str, read: Read) -> Self {
        Self { event_name, service: Service::SignIn, function, says, about: About::UserOrCaller, read }
    }

    const fn iam(event_name: &'static str, function: Function, says: &'static str, read: Read) -> Self {
        Self { event_name, service: Service::Iam, function, says, about: About::UserOrCaller, read }
    }

    /// A change to a user by somebody. It always names the user.
    const fn tampering(event_name: &'static str, says: &'static str, read: Read) -> Self {
        let function = Function::Guard;
        Self { event_name, service: Service::Iam, function, says, about: About::User, read }
    }

    /// A change to the enforcer itself, by any of many calls, which are read elsewhere.
    const fn of_enforcer() -> Self {
        Self {
            event_name: "EnforcerTouched",
            service: Service::Several,
            function: Function::Guard,
            says: "the enforcer touched",
            about: About::Enforcer,
            read: |_| Err(Malformed::missing("detail.requestParameters")),
        }
    }

    /// A change to a policy or a group of the quarantine.
    const fn of_quarantine(event_name: &'static str, says: &'static str, read: Read) -> Self {
        Self { about: About::Quarantine, ..Self::tampering(event_name, says, read) }
    }
}

/// The AWS services whose records are parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// `signin.amazonaws.com`
    SignIn,
    /// `iam.amazonaws.com`
    Iam,
    /// The service of each of [`OWN_CALLS`](super::OWN_CALLS).
    Several,
}

impl TriggerKind {
    /// The definition of a trigger. To add one, add a variant above and a row here.
    #[must_use]
    pub fn spec(self) -> Spec {
        use Function::{MfaDevice, SignIn, UserLifecycle};
        match self {
            Self::SignIn => Spec::sign_in("ConsoleLogin", SignIn, "sign-in with the password alone", |_| {
                Ok(Trigger::SignIn)
            }),
            Self::UserCreated => {
                let spec = Spec::iam("CreateUser", UserLifecycle, "password created", |parameters| {
                    Ok(Trigger::UserCreated(parameters.own_tags()))
                });
                // A user cannot create themselves.
                Spec { about: About::User, ..spec }
            }
            Self::LoginProfileCreated => {
                Spec::iam("CreateLoginProfile", UserLifecycle, "password created", |_| {
                    Ok(Trigger::LoginProfileCreated)
                })
            }
            Self::LoginProfileDeleted => {
                Spec::iam("DeleteLoginProfile", UserLifecycle, "password removed", |_| {
                    Ok(Trigger::LoginProfileDeleted)
                })
            }
            Self::UserDeleted => {
                Spec::iam("DeleteUser", UserLifecycle, "user deleted", |_| Ok(Trigger::UserDeleted))
            }
            // The serial number is required: whether another device is left depends on which one was removed.
            Self::MfaDeactivated => {
                Spec::iam("DeactivateMFADevice", MfaDevice, "MFA device removed", |parameters| {
                    parameters.required_serial().map(Trigger::MfaDeactivated)
                })
            }
            Self::MfaEnabled => Spec::iam("EnableMFADevice", MfaDevice, "MFA device added", |parameters| {
                parameters.serial().map(Trigger::MfaEnabled)
            }),
            Self::PolicyDetached => {
                Spec::tampering("DetachUserPolicy", "quarantine policy detached", |parameters| {
                    parameters.required_policy().map(Trigger::PolicyDetached)
                })
            }
            Self::GroupLeft => {
                Spec::tampering("RemoveUserFromGroup", "removed from the quarantine group", |parameters| {
                    parameters.required_group().map(Trigger::GroupLeft)
                })
            }
            Self::UserTagged => Spec::tampering("TagUser", "tags of mfa-enforcer set", |parameters| {
                Ok(Trigger::UserTagged(parameters.own_tags()))
            }),
            Self::UserUntagged => {
                Spec::tampering("UntagUser", "tags of mfa-enforcer removed", |parameters| {
                    Ok(Trigger::UserUntagged(parameters.own_tag_keys()))
                })
            }
            Self::UserUpdated => {
                Spec::tampering("UpdateUser", "user renamed or moved", RequestParameters::update)
            }
            Self::BoundarySet => Spec::tampering(
                "PutUserPermissionsBoundary",
                "permissions boundary set",
                RequestParameters::boundary,
            ),
            Self::GroupPolicyDetached => {
                Spec::of_quarantine("DetachGroupPolicy", "policy detached from a group", |parameters| {
                    let (group, policy) = (parameters.required_group()?, parameters.required_policy()?);
                    Ok(Trigger::GroupPolicyDetached { group, policy })
                })
            }
            Self::GroupDeleted => Spec::of_quarantine("DeleteGroup", "group deleted", |parameters| {
                parameters.required_group().map(Trigger::GroupDeleted)
            }),
            Self::GroupUpdated => {
                Spec::of_quarantine("UpdateGroup", "group renamed or moved", |parameters| {
                    // It goes into a command for the administrators.
                    let is_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
                    let to = parameters.new_group_name.get().filter(|name| name.chars().all(is_name));
                    let to = to.map(str::to_owned);
                    parameters.required_group().map(|group| Trigger::GroupUpdated(GroupUpdate { group, to }))
                })
            }
            Self::PolicyDeleted => Spec::of_quarantine("DeletePolicy", "policy deleted", |parameters| {
                parameters.required_policy().map(Trigger::PolicyDeleted)
            }),
            Self::PolicyVersionDeleted => {
                Spec::of_quarantine("DeletePolicyVersion", "version of a policy deleted", |parameters| {
                    parameters.required_policy().map(Trigger::PolicyVersionDeleted)
                })
            }
            Self::PolicyVersionCreated => {
                Spec::of_quarantine("CreatePolicyVersion", "version of a policy created", |parameters| {
                    let policy = parameters.required_policy()?;
                    let document = parameters.policy_document.get().map(str::to_owned);
                    let in_force = parameters.set_as_default.0;
                    Ok(Trigger::PolicyVersionCreated(NewVersion { policy, in_force, document }))
                })
            }
            Self::DefaultVersionSet => {
                Spec::of_quarantine("SetDefaultPolicyVersion", "another version put in force", |parameters| {
                    let (policy, version) = (parameters.required_policy()?, parameters.version_id.get());
                    let version = version.map(str::to_owned);
                    Ok(Trigger::DefaultVersionSet(VersionSet { policy, version }))
                })
            }
            Self::EnforcerTouched => Spec::of_enforcer(),
        }
    }

    /// Whether its events are about users.
    #[must_use]
    pub fn is_about_users(self) -> bool {
        matches!(self.spec().about, About::UserOrCaller | About::User)
    }

    /// The trigger for a service's `eventName`; `None` if the event is not a trigger.
    pub(crate) fn named(service: Service, event_name: &str) -> Option<Self> {
        Self::iter().find(|kind| {
            let spec = kind.spec();
            spec.service == service && spec.event_name == event_name
        })
    }
}

impl RequestParameters {
    /// `UpdateUser`, which names the user as they were called before.
    fn update(&self) -> Result<Trigger, Malformed> {
        const PATH: &str = "detail.requestParameters.userName";
        let from = self.user_name.get().ok_or_else(|| Malformed::missing(PATH))?;
        let from = UserName::new(from).ok_or_else(|| Malformed::new(PATH, "is not a valid IAM user name"))?;
        Ok(Trigger::UserUpdated { from, path: self.new_path.get().map(str::to_owned) })
    }

    /// `PutUserPermissionsBoundary`.
    fn boundary(&self) -> Result<Trigger, Malformed> {
        const PATH: &str = "detail.requestParameters.permissionsBoundary";
        let arn = self.permissions_boundary.get().ok_or_else(|| Malformed::missing(PATH))?;
        Ok(Trigger::BoundarySet(arn.to_owned()))
    }
}

//! What happened.

use super::trigger_spec::Spec;
use super::{Deployment, Ignored, Touched, UserName};
use crate::device::Serial;
use strum::{EnumDiscriminants, EnumIter};

/// The moments at which a user becomes a risk, or stops being one.
#[derive(Debug, Clone, PartialEq, Eq, EnumDiscriminants)]
#[strum_discriminants(name(TriggerKind), derive(EnumIter), doc = "A trigger without its device.")]
pub enum Trigger {
    /// A successful console sign-in without MFA.
    SignIn,
    /// A user was created, with these tags of the enforcer: keys, in lower case, and values.
    UserCreated(Vec<(String, String)>),
    /// A user got a console password.
    LoginProfileCreated,
    /// A user's console password was removed.
    LoginProfileDeleted,
    /// A user was deleted.
    UserDeleted,
    /// An MFA device of a user was removed.
    MfaDeactivated(Serial),
    /// An MFA device was added to a user; `None` if the record does not say which.
    MfaEnabled(Option<Serial>),
    /// The quarantine policy with this ARN was detached from a user.
    PolicyDetached(String),
    /// A user was removed from the quarantine group of this name.
    GroupLeft(String),
    /// Tags of the enforcer were set on a user: keys, in lower case, and values.
    UserTagged(Vec<(String, String)>),
    /// The tags of the enforcer with these keys, in lower case, were removed from a user.
    UserUntagged(Vec<String>),
    /// A user got another name or path. The subject has the name that the user has since.
    UserUpdated {
        /// The name before.
        from: UserName,
        /// The new path; `None` if the call did not change it.
        path: Option<String>,
    },
    /// A user got the permissions boundary with this ARN.
    BoundarySet(String),
    /// The policy with this ARN was detached from the quarantine group of this name.
    GroupPolicyDetached {
        /// Name of the group.
        group: String,
        /// ARN of the policy.
        policy: String,
    },
    /// The quarantine group of this name was deleted.
    GroupDeleted(String),
    /// The quarantine group of this name got another name or path.
    GroupUpdated(GroupUpdate),
    /// The quarantine policy with this ARN was deleted.
    PolicyDeleted(String),
    /// A version of the quarantine policy with this ARN was deleted.
    PolicyVersionDeleted(String),
    /// The quarantine policy with this ARN got a new version.
    PolicyVersionCreated(NewVersion),
    /// Another version of the quarantine policy with this ARN became the one in force.
    DefaultVersionSet(VersionSet),
    /// A call touched the enforcer itself, or a trail. It is one of many calls of several services.
    EnforcerTouched(Touched),
}

/// Another name or path of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupUpdate {
    /// Name of the group before.
    pub group: String,
    /// Its new name; `None` if it kept its name.
    pub to: Option<String>,
}

/// A new version of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// ARN of the policy.
    pub policy: String,
    /// Whether the version was put in force at once.
    pub in_force: bool,
    /// Its document, if the record has it.
    pub document: Option<String>,
}

/// A version of a policy that was put in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSet {
    /// ARN of the policy.
    pub policy: String,
    /// Id of the version, if the record has it.
    pub version: Option<String>,
}

impl Trigger {
    /// The definition of this trigger.
    #[must_use]
    pub fn spec(&self) -> Spec {
        TriggerKind::from(self).spec()
    }

    /// `eventName` of the record, without the date that Lambda adds.
    #[must_use]
    pub fn event_name(&self) -> &'static str {
        if let Self::EnforcerTouched(touched) = self { touched.call.name } else { self.spec().event_name }
    }

    /// The MFA device the trigger is about; `None` if there is none, or the record does not say which.
    #[must_use]
    pub fn device(&self) -> Option<&Serial> {
        if let Self::MfaDeactivated(serial) | Self::MfaEnabled(Some(serial)) = self {
            Some(serial)
        } else {
            None
        }
    }

    /// What the call changed, in words that are safe to put into a mail; `None` if the event's name says it all.
    #[must_use]
    pub fn about(&self) -> Option<String> {
        let name = |arn: &str| safe(arn.rsplit('/').next().unwrap_or_default());
        match self.policy_and_group() {
            (Some(policy), Some(group)) => {
                return Some(format!("policy {} of group {}", name(policy), safe(group)));
            }
            (Some(policy), None) => return Some(format!("policy {}", name(policy))),
            (None, Some(group)) => return Some(format!("group {}", safe(group))),
            (None, None) => {}
        }
        let keys: Vec<&str> = self.keys().collect();
        if !keys.is_empty() {
            return Some(tags_in_words(&keys));
        }
        if let Self::UserUpdated { from, .. } = self {
            return Some(format!("the user who was called {from}"));
        }
        let Self::BoundarySet(arn) = self else { return None };
        Some(format!("permissions boundary {}", name(arn)))
    }

    /// The keys of the tags of the enforcer that somebody set or removed on a user, in lower case.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let set = if let Self::UserTagged(tags) = self { tags.as_slice() } else { &[] };
        let removed = if let Self::UserUntagged(keys) = self { keys.as_slice() } else { &[] };
        set.iter().map(|(key, _)| key).chain(removed).map(String::as_str)
    }

    /// The value that the event gives this tag of the enforcer; `None` if it does not set it.
    #[must_use]
    pub fn sets_tag(&self, key: &str) -> Option<&str> {
        let (Self::UserTagged(tags) | Self::UserCreated(tags)) = self else { return None };
        tags.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }

    /// Whether the event removes this tag of the enforcer.
    #[must_use]
    pub fn removes_tag(&self, key: &str) -> bool {
        matches!(self, Self::UserUntagged(keys) if keys.iter().any(|own| own == key))
    }

    /// The policy and the group the trigger is about.
    pub(crate) fn policy_and_group(&self) -> (Option<&str>, Option<&str>) {
        if let Self::PolicyDetached(policy)
        | Self::PolicyDeleted(policy)
        | Self::PolicyVersionDeleted(policy)
        | Self::PolicyVersionCreated(NewVersion { policy, .. })
        | Self::DefaultVersionSet(VersionSet { policy, .. }) = self
        {
            (Some(policy), None)
        } else if let Self::GroupLeft(group)
        | Self::GroupDeleted(group)
        | Self::GroupUpdated(GroupUpdate { group, .. }) = self
        {
            (None, Some(group))
        } else if let Self::GroupPolicyDetached { group, policy } = self {
            (Some(policy), Some(group))
        } else {
            (None, None)
        }
    }

    /// Whether the trigger concerns this deployment: its policies and groups, and the tags of the enforcer.
    pub(super) fn concern(&self, deployment: &Deployment) -> Result<(), Ignored> {
        let (policy, group) = self.policy_and_group();
        let is_policy = policy.is_none_or(|policy| deployment.policies.iter().any(|own| own == policy));
        let is_group =
            group.is_none_or(|group| deployment.groups.iter().any(|own| own.eq_ignore_ascii_case(group)));
        let has_no_tags = matches!(self, Self::UserTagged(tags) if tags.is_empty())
            || matches!(self, Self::UserUntagged(keys) if keys.is_empty());
        if !(is_policy && is_group) {
            Err(Ignored::NotOfTheQuarantine)
        } else if has_no_tags {
            Err(Ignored::OtherTags)
        } else {
            Ok(())
        }
    }
}

/// Keeps only what IAM allows in the names of policies and groups and in our tags' keys, up to IAM's longest name.
fn safe(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || "_+=,.@:-".contains(*c)).take(128).collect()
}

fn tags_in_words(keys: &[&str]) -> String {
    /// The enforcer has seven tags. Anything else is made up.
    const NAMED: usize = 7;
    let keys: Vec<String> = keys.iter().take(NAMED).map(|key| safe(key)).collect();
    format!("{} {}", if keys.len() == 1 { "tag" } else { "tags" }, keys.join(", "))
}

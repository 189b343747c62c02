//! What contains a user in this deployment.

use crate::facts::UserFacts;

/// The managed policies and the group that contain users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// ARN of the policy to attach.
    pub policy: String,
    /// ARNs of earlier quarantine policies, for example of another scope. They still count as a quarantine, and a
    /// release detaches them.
    pub former: Vec<String>,
    /// Name of a group with the same policy, for users who cannot have another policy attached.
    pub group: Option<String>,
}

impl Quarantine {
    /// Whether the user is contained, by any quarantine policy or by the group.
    #[must_use]
    pub fn holds(&self, user: &UserFacts) -> bool {
        self.policies_of(user).next().is_some() || self.group_of(user).is_some()
    }

    /// Whether the user is contained as the current settings require: by the current policy or by the group.
    #[must_use]
    pub fn holds_as_set(&self, user: &UserFacts) -> bool {
        self.group_of(user).is_some() || user.attached_policies.contains(&self.policy)
    }

    /// ARNs of the quarantine policies attached to the user, including former ones.
    pub fn policies_of<'u>(&self, user: &'u UserFacts) -> impl Iterator<Item = &'u String> {
        user.attached_policies.iter().filter(|arn| **arn == self.policy || self.former.contains(arn))
    }

    /// The quarantine group, if the user is in it. IAM keeps group names unique regardless of case.
    #[must_use]
    pub fn group_of(&self, user: &UserFacts) -> Option<&String> {
        let group = self.group.as_ref()?;
        user.groups.iter().any(|own| own.eq_ignore_ascii_case(group)).then_some(group)
    }
}

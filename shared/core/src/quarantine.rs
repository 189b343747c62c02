//! The quarantine of this deployment: what contains a user.

use crate::facts::UserFacts;

/// The managed policy and the group that contain users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// ARN of the policy that is attached.
    pub policy: String,
    /// ARNs of policies that contained users before, under another scope, say. They still count as a quarantine,
    /// and are lifted as one.
    pub former: Vec<String>,
    /// A group with the same policy, for users who have no room for another one.
    pub group: Option<String>,
}

impl Quarantine {
    /// The user is contained, by a policy or by the group.
    #[must_use]
    pub fn holds(&self, user: &UserFacts) -> bool {
        self.policies_of(user).next().is_some() || self.group_of(user).is_some()
    }

    /// The user is contained as the present settings want it.
    #[must_use]
    pub fn holds_as_set(&self, user: &UserFacts) -> bool {
        self.group_of(user).is_some() || user.attached_policies.contains(&self.policy)
    }

    /// The quarantine policies that are attached to the user, former ones included.
    pub fn policies_of<'u>(&self, user: &'u UserFacts) -> impl Iterator<Item = &'u String> {
        user.attached_policies.iter().filter(|arn| **arn == self.policy || self.former.contains(arn))
    }

    /// The quarantine group, if the user is in it. Names of groups are unique without regard to case.
    #[must_use]
    pub fn group_of(&self, user: &UserFacts) -> Option<&String> {
        let group = self.group.as_ref()?;
        user.groups.iter().any(|own| own.eq_ignore_ascii_case(group)).then_some(group)
    }
}

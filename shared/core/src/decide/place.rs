//! Where a user can be put under a quarantine: IAM limits how many policies and groups they have.

use crate::change::Change;
use crate::quarantine::Restriction;

/// IAM allows 10 attached managed policies per user unless the quota was raised.
const ATTACHED_POLICIES: usize = 10;
/// IAM allows a user to be a member of 10 groups.
const GROUPS: usize = 10;

/// What puts a user under a restriction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The policy with this ARN.
    Policy(String),
    /// The group with this name.
    Group(String),
}

impl Place {
    /// The policy or, for a user who has ten already, the group; `None` if there seems to be room for neither.
    ///
    /// If the quota was raised, the group works just as well.
    pub(super) fn of(restriction: &Restriction, policies: usize, groups: usize) -> Option<Self> {
        if policies < ATTACHED_POLICIES {
            return Some(Self::Policy(restriction.policy.clone()));
        }
        restriction.group.clone().filter(|_| groups < GROUPS).map(Self::Group)
    }

    /// The other place, for the case that a quota stops the first. A group has no room if the user seems to be in ten:
    /// that quota cannot be raised.
    pub(super) fn other(&self, restriction: &Restriction, groups: usize) -> Option<Self> {
        match self {
            Self::Policy(_) => restriction.group.clone().filter(|_| groups < GROUPS).map(Self::Group),
            Self::Group(_) => Some(Self::Policy(restriction.policy.clone())),
        }
    }

    /// The change that contains a user.
    pub(super) fn attach(self) -> Change {
        match self {
            Self::Policy(arn) => Change::AttachPolicy(arn),
            Self::Group(group) => Change::JoinGroup(group),
        }
    }

    /// The change that replaces a wider quarantine.
    pub(super) fn narrow(self) -> Change {
        match self {
            Self::Policy(arn) => Change::NarrowToPolicy(arn),
            Self::Group(group) => Change::NarrowToGroup(group),
        }
    }
}

//! Where a user can be put under a quarantine: IAM limits how many policies and groups they have.

use crate::change::Change;
use crate::facts::UserFacts;
use crate::quarantine::{Quarantine, Restriction};
use crate::quotas::UserQuotas;

/// What puts a user under a restriction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The policy with this ARN.
    Policy(String),
    /// The group with this name.
    Group(String),
}

/// Which of the two places take a user who is under nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// The user can have one more policy.
    pub policy: bool,
    /// There is a group, and the user can be in one more.
    pub group: bool,
}

impl Room {
    /// Where whatever contains users at once can hold this one: the quarantine, and the strict one if there is one.
    #[must_use]
    pub fn of(quarantine: &Quarantine, user: &UserFacts, quotas: UserQuotas) -> Self {
        let (policies, groups) = (user.attached_policies.len(), user.groups.len());
        let each = [&quarantine.full].into_iter().chain(&quarantine.strict);
        let rooms = each.map(|restriction| Self::under(restriction, policies, groups, quotas));
        rooms.fold(Self { policy: true, group: true }, |all, one| Self {
            policy: all.policy && one.policy,
            group: all.group && one.group,
        })
    }

    /// Whether there is room in neither place.
    #[must_use]
    pub fn is_none(self) -> bool {
        !self.policy && !self.group
    }

    fn under(restriction: &Restriction, policies: usize, groups: usize, quotas: UserQuotas) -> Self {
        Self {
            policy: policies < quotas.policies,
            group: restriction.group.is_some() && groups < quotas.groups,
        }
    }
}

impl Place {
    /// The policy or, for a user who has ten already, the group; `None` if there seems to be room for neither.
    ///
    /// Events do not ask for the account's own quotas. If they were raised, the group works just as well.
    pub(super) fn of(restriction: &Restriction, policies: usize, groups: usize) -> Option<Self> {
        let room = Room::under(restriction, policies, groups, UserQuotas::default());
        if room.policy {
            return Some(Self::Policy(restriction.policy.clone()));
        }
        restriction.group.clone().filter(|_| room.group).map(Self::Group)
    }

    /// The other place, for the case that a quota stops the first. A group has no room if the user seems to be in ten:
    /// that quota cannot be raised.
    pub(super) fn other(&self, restriction: &Restriction, groups: usize) -> Option<Self> {
        let room = Room::under(restriction, 0, groups, UserQuotas::default());
        match self {
            Self::Policy(_) => restriction.group.clone().filter(|_| room.group).map(Self::Group),
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

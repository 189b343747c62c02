//! What the groups and policies of an account grant: what is left of their documents once they were read.

use super::{Grants, Rights};
use crate::snapshot::UserDetail;
use std::collections::BTreeMap;

/// What groups and policies of the account grant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permissions {
    /// Groups, by their names in lower case: IAM keeps the names unique regardless of case.
    pub groups: BTreeMap<String, GroupPermissions>,
    /// What the policies of the account grant, by ARN.
    pub policies: BTreeMap<String, Grants>,
}

/// What a group grants to its members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupPermissions {
    /// What its own documents grant.
    pub inline: Grants,
    /// ARNs of the attached managed policies.
    pub attached_policies: Vec<String>,
}

impl Permissions {
    /// The rights of a user. A group or a policy of the account that is not here could not be read.
    #[must_use]
    pub fn of_user(&self, user: &UserDetail) -> Rights {
        let attached =
            |arns: &[String]| arns.iter().map(|arn| self.of_policy(arn)).fold(Grants::default(), Grants::and);
        let of_group = |name: &String| match self.groups.get(&name.to_lowercase()) {
            Some(group) => group.inline.and(attached(&group.attached_policies)),
            None => Grants::UNREAD,
        };
        let own = user.inline.and(attached(&user.attached_policies));
        let all = user.groups.iter().map(of_group).fold(own, Grants::and);
        Rights {
            power: all.power(),
            is_partly_unread: all.is_partly_unread,
            has_boundary: user.boundary.is_some(),
        }
    }

    fn of_policy(&self, arn: &str) -> Grants {
        let is_of_aws = || arn.contains(":iam::aws:policy/");
        match self.policies.get(arn) {
            Some(grants) => *grants,
            None if is_of_aws() => Grants::of_aws(arn),
            None => Grants::UNREAD,
        }
    }
}

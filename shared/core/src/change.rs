//! Changes of a user in IAM.

use crate::effect::Effect;
use crate::facts::UserFacts;
use crate::operation::Operation;
use crate::tags::UserTag;
use std::fmt;

/// One change of a user. Each can be made twice without harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Attach the managed policy of this ARN.
    AttachPolicy(String),
    /// Detach the managed policy of this ARN.
    DetachPolicy(String),
    /// Put the user into the group of this name.
    JoinGroup(String),
    /// Take the user out of the group of this name.
    LeaveGroup(String),
    /// Set a tag to this value.
    SetTag(UserTag, String),
    /// Remove the record of a quarantine.
    RemoveQuarantineTag,
}

impl Change {
    /// What it is for.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::AttachPolicy(_) | Self::JoinGroup(_) => Effect::Contain,
            Self::DetachPolicy(_) | Self::LeaveGroup(_) => Effect::Release,
            Self::SetTag(UserTag::Quarantined, _) => Effect::RecordQuarantine,
            Self::SetTag(UserTag::Notified, _) => Effect::RecordNotice,
            Self::SetTag(UserTag::Alerted, _) => Effect::RecordAlert,
            Self::RemoveQuarantineTag => Effect::EndQuarantine,
        }
    }

    /// The call to AWS that makes it.
    #[must_use]
    pub fn operations(&self) -> &'static [Operation] {
        match self {
            Self::AttachPolicy(_) => &[Operation::AttachUserPolicy],
            Self::DetachPolicy(_) => &[Operation::DetachUserPolicy],
            Self::JoinGroup(_) => &[Operation::AddUserToGroup],
            Self::LeaveGroup(_) => &[Operation::RemoveUserFromGroup],
            Self::SetTag(..) => &[Operation::TagUser],
            Self::RemoveQuarantineTag => &[Operation::UntagUser],
        }
    }

    /// Changes `user` as IAM would.
    pub fn apply_to(&self, user: &mut UserFacts) {
        match self {
            Self::AttachPolicy(arn) => {
                if !user.attached_policies.contains(arn) {
                    user.attached_policies.push(arn.clone());
                }
            }
            Self::DetachPolicy(arn) => user.attached_policies.retain(|attached| attached != arn),
            Self::JoinGroup(group) => {
                if !user.groups.contains(group) {
                    user.groups.push(group.clone());
                }
            }
            // Names of groups are unique without regard to case.
            Self::LeaveGroup(group) => user.groups.retain(|own| !own.eq_ignore_ascii_case(group)),
            Self::SetTag(tag, value) => {
                user.tags.insert(tag.key().to_owned(), value.clone());
            }
            Self::RemoveQuarantineTag => {
                user.tags.remove(UserTag::Quarantined.key());
            }
        }
    }
}

impl fmt::Display for Change {
    /// For logs: what, without ARNs and values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AttachPolicy(_) => f.write_str("attach-policy"),
            Self::DetachPolicy(_) => f.write_str("detach-policy"),
            Self::JoinGroup(_) => f.write_str("join-group"),
            Self::LeaveGroup(_) => f.write_str("leave-group"),
            Self::SetTag(tag, _) => write!(f, "set-tag {}", tag.key()),
            Self::RemoveQuarantineTag => write!(f, "remove-tag {}", UserTag::Quarantined.key()),
        }
    }
}

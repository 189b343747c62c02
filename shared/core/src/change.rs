//! Changes to a user in IAM.

use crate::effect::Effect;
use crate::facts::UserFacts;
use crate::operation::Operation;
use crate::tags::UserTag;
use std::fmt;

/// One change to a user. Repeating a change does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Attach the managed policy with this ARN.
    AttachPolicy(String),
    /// Detach the managed policy with this ARN.
    DetachPolicy(String),
    /// Add the user to the group with this name.
    JoinGroup(String),
    /// Remove the user from the group with this name.
    LeaveGroup(String),
    /// Set a tag to this value.
    SetTag(UserTag, String),
    /// Remove the tag that records a quarantine.
    RemoveQuarantineTag,
}

impl Change {
    /// What the change is for.
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

    /// The AWS call that makes the change.
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

    /// Makes the same change to `user` that IAM would make.
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
            // IAM keeps group names unique regardless of case.
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
    /// For logs: what is changed, without ARNs and values.
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

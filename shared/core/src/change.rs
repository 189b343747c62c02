//! Changes to a user in IAM.

use crate::effect::Effect;
use crate::facts::UserFacts;
use crate::operation::Operation;
use crate::settings::Mode;
use crate::tags::{self, UserTag};
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
    /// Attach the managed policy with this ARN in place of a wider one.
    NarrowToPolicy(String),
    /// Add the user to the group with this name in place of a wider quarantine.
    NarrowToGroup(String),
    /// Set the quarantine tag to this value, which says when the rest of the quarantine ends.
    ScheduleRelease(String),
    /// Set the quarantine tag to this value, after it was lost.
    RestoreRecord(String),
    /// Set the tag of the last notice to this value before the notice goes out. Shows whether it can be recorded at all.
    ClaimNotice(String),
    /// Set the tag that counts how often the quarantine was put back to this value.
    CountPutBack(String),
    /// Set a tag to this value, which says that the administrators were told what somebody did.
    RecordReport(UserTag, String),
    /// Set a tag to this value.
    SetTag(UserTag, String),
    /// Set the tag by which an operator exempts the user to this value.
    Exempt(String),
    /// Set the tag by which an operator approves the release to this value.
    Approve(String),
    /// Remove the tag that records a quarantine.
    RemoveQuarantineTag,
    /// Remove the tag by which somebody approved the release.
    RemoveApproval,
}

impl Change {
    /// What the change is for.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::AttachPolicy(_) | Self::JoinGroup(_) => Effect::Contain,
            Self::DetachPolicy(_)
            | Self::LeaveGroup(_)
            | Self::NarrowToPolicy(_)
            | Self::NarrowToGroup(_) => Effect::Release,
            Self::ScheduleRelease(_) => Effect::ScheduleRelease,
            Self::RestoreRecord(_) => Effect::RestoreRecord,
            Self::ClaimNotice(_) => Effect::ClaimNotice,
            Self::CountPutBack(_) => Effect::CountPutBack,
            Self::RecordReport(..) => Effect::RecordReport,
            Self::SetTag(UserTag::Quarantined, _) => Effect::RecordQuarantine,
            Self::SetTag(UserTag::Notified, _) => Effect::RecordNotice,
            Self::SetTag(UserTag::Alerted | UserTag::Undone | UserTag::Mail, _) => Effect::RecordAlert,
            Self::SetTag(UserTag::ExemptBy, _) | Self::Exempt(_) | Self::Approve(_) => {
                Effect::RecordExemption
            }
            Self::RemoveQuarantineTag | Self::RemoveApproval => Effect::EndQuarantine,
        }
    }

    /// The AWS call that makes the change.
    #[must_use]
    pub fn operations(&self) -> &'static [Operation] {
        match self {
            Self::AttachPolicy(_) | Self::NarrowToPolicy(_) => &[Operation::AttachUserPolicy],
            Self::DetachPolicy(_) => &[Operation::DetachUserPolicy],
            Self::JoinGroup(_) | Self::NarrowToGroup(_) => &[Operation::AddUserToGroup],
            Self::LeaveGroup(_) => &[Operation::RemoveUserFromGroup],
            Self::SetTag(..)
            | Self::ScheduleRelease(_)
            | Self::RestoreRecord(_)
            | Self::ClaimNotice(_)
            | Self::CountPutBack(_)
            | Self::RecordReport(..)
            | Self::Exempt(_)
            | Self::Approve(_) => &[Operation::TagUser],
            Self::RemoveQuarantineTag | Self::RemoveApproval => &[Operation::UntagUser],
        }
    }

    /// Whether it can be made in this mode. A quarantine is narrowed in `notify` as well, and mail is noted in every mode.
    #[must_use]
    pub fn is_possible_in(&self, mode: Mode) -> bool {
        mode.allows(self.effect()) || matches!(self, Self::SetTag(UserTag::Mail, _))
    }

    /// Whether the change is in force for `user`.
    #[must_use]
    pub fn is_seen_in(&self, user: &UserFacts) -> bool {
        let has_tag = |tag: UserTag, value: &String| user.tag(tag) == Some(value.as_str());
        match self {
            Self::AttachPolicy(arn) | Self::NarrowToPolicy(arn) => user.attached_policies.contains(arn),
            Self::DetachPolicy(arn) => !user.attached_policies.contains(arn),
            Self::JoinGroup(group) | Self::NarrowToGroup(group) => user.is_in(group),
            Self::LeaveGroup(group) => !user.is_in(group),
            Self::ScheduleRelease(value) | Self::RestoreRecord(value) => has_tag(UserTag::Quarantined, value),
            Self::ClaimNotice(value) => has_tag(UserTag::Notified, value),
            Self::CountPutBack(value) => has_tag(UserTag::Undone, value),
            Self::SetTag(tag, value) | Self::RecordReport(tag, value) => has_tag(*tag, value),
            Self::Exempt(value) => user.tags.get(tags::EXEMPT_UNTIL_KEY) == Some(value.as_str()),
            Self::Approve(value) => user.tags.get(tags::APPROVED_KEY) == Some(value.as_str()),
            Self::RemoveQuarantineTag => user.tag(UserTag::Quarantined).is_none(),
            Self::RemoveApproval => user.tags.get(tags::APPROVED_KEY).is_none(),
        }
    }

    /// Makes the same change to `user` that IAM would make.
    pub fn apply_to(&self, user: &mut UserFacts) {
        match self {
            Self::AttachPolicy(arn) | Self::NarrowToPolicy(arn) => {
                if !user.attached_policies.contains(arn) {
                    user.attached_policies.push(arn.clone());
                }
            }
            Self::DetachPolicy(arn) => user.attached_policies.retain(|attached| attached != arn),
            Self::JoinGroup(group) | Self::NarrowToGroup(group) => {
                if !user.is_in(group) {
                    user.groups.push(group.clone());
                }
            }
            // IAM keeps group names unique regardless of case.
            Self::LeaveGroup(group) => user.groups.retain(|own| !own.eq_ignore_ascii_case(group)),
            Self::ScheduleRelease(value) | Self::RestoreRecord(value) => {
                user.tags.insert(UserTag::Quarantined.key().to_owned(), value.clone());
            }
            Self::ClaimNotice(value) => {
                user.tags.insert(UserTag::Notified.key().to_owned(), value.clone());
            }
            Self::CountPutBack(value) => {
                user.tags.insert(UserTag::Undone.key().to_owned(), value.clone());
            }
            Self::SetTag(tag, value) | Self::RecordReport(tag, value) => {
                user.tags.insert(tag.key().to_owned(), value.clone());
            }
            Self::Exempt(value) => user.tags.insert(tags::EXEMPT_UNTIL_KEY.to_owned(), value.clone()),
            Self::Approve(value) => user.tags.insert(tags::APPROVED_KEY.to_owned(), value.clone()),
            Self::RemoveQuarantineTag => {
                user.tags.remove(UserTag::Quarantined.key());
            }
            Self::RemoveApproval => user.tags.remove(tags::APPROVED_KEY),
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
            Self::NarrowToPolicy(_) => f.write_str("narrow-to-policy"),
            Self::NarrowToGroup(_) => f.write_str("narrow-to-group"),
            Self::ScheduleRelease(_) => f.write_str("schedule-release"),
            Self::RestoreRecord(_) => f.write_str("restore-record"),
            Self::ClaimNotice(_) => f.write_str("claim-notice"),
            Self::CountPutBack(_) => f.write_str("count-put-back"),
            Self::RecordReport(tag, _) => write!(f, "record-report {}", tag.key()),
            Self::SetTag(tag, _) => write!(f, "set-tag {}", tag.key()),
            Self::Exempt(_) => write!(f, "set-tag {}", tags::EXEMPT_UNTIL_KEY),
            Self::Approve(_) => write!(f, "set-tag {}", tags::APPROVED_KEY),
            Self::RemoveQuarantineTag => write!(f, "remove-tag {}", UserTag::Quarantined.key()),
            Self::RemoveApproval => write!(f, "remove-tag {}", tags::APPROVED_KEY),
        }
    }
}

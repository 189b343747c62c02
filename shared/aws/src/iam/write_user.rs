//! Changes a user.

use crate::error::{AwsError, ErrorKind};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::tags::{self, UserTag};

/// Makes one change. Undoing what is already undone succeeds.
pub(super) async fn change(client: &Client, user: &UserName, change: &Change) -> Result<(), AwsError> {
    let user = user.as_str();
    match change {
        Change::AttachPolicy(arn) | Change::NarrowToPolicy(arn) => {
            let call = client.attach_user_policy().user_name(user).policy_arn(arn);
            call.send().await.map(drop).map_err(|error| AwsError::new(Operation::AttachUserPolicy, error))
        }
        Change::DetachPolicy(arn) => {
            let call = client.detach_user_policy().user_name(user).policy_arn(arn);
            let result = call.send().await.map(drop);
            ignore_not_found(result.map_err(|error| AwsError::new(Operation::DetachUserPolicy, error)))
        }
        Change::JoinGroup(group) | Change::NarrowToGroup(group) => {
            let call = client.add_user_to_group().user_name(user).group_name(group);
            call.send().await.map(drop).map_err(|error| AwsError::new(Operation::AddUserToGroup, error))
        }
        Change::LeaveGroup(group) => {
            let call = client.remove_user_from_group().user_name(user).group_name(group);
            let result = call.send().await.map(drop);
            ignore_not_found(result.map_err(|error| AwsError::new(Operation::RemoveUserFromGroup, error)))
        }
        Change::SetTag(tag, value) | Change::RecordReport(tag, value) => {
            set_tag(client, user, tag.key(), value).await
        }
        Change::ScheduleRelease(value) | Change::RestoreRecord(value) => {
            set_tag(client, user, UserTag::Quarantined.key(), value).await
        }
        Change::CountPutBack(value) => set_tag(client, user, UserTag::Undone.key(), value).await,
        Change::ClaimNotice(value) => set_tag(client, user, UserTag::Notified.key(), value).await,
        Change::Exempt(value) => set_tag(client, user, tags::EXEMPT_UNTIL_KEY, value).await,
        Change::Approve(value) => set_tag(client, user, tags::APPROVED_KEY, value).await,
        Change::RemoveQuarantineTag => remove_tag(client, user, UserTag::Quarantined.key()).await,
        Change::RemoveApproval => remove_tag(client, user, tags::APPROVED_KEY).await,
    }
}

async fn remove_tag(client: &Client, user: &str, key: &str) -> Result<(), AwsError> {
    let result = client.untag_user().user_name(user).tag_keys(key).send().await.map(drop);
    ignore_not_found(result.map_err(|error| AwsError::new(Operation::UntagUser, error)))
}

async fn set_tag(client: &Client, user: &str, key: &str, value: &str) -> Result<(), AwsError> {
    let incomplete = |_| AwsError::incomplete(Operation::TagUser, "a key or value");
    let tag = Tag::builder().key(key).value(value).build().map_err(incomplete)?;
    let call = client.tag_user().user_name(user).tags(tag);
    call.send().await.map(drop).map_err(|error| AwsError::new(Operation::TagUser, error))
}

fn ignore_not_found(result: Result<(), AwsError>) -> Result<(), AwsError> {
    result.or_else(|error| if error.kind == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

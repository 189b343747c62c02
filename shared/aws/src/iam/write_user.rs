//! Changes a user. The functions that undo something take "it is not there" for success.

use crate::error::{AwsError, ErrorKind};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::Tag;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::operation::Operation;

pub(super) async fn attach_policy(client: &Client, user: &UserName, arn: &str) -> Result<(), AwsError> {
    let call = client.attach_user_policy().user_name(user.as_str()).policy_arn(arn);
    call.send().await.map(drop).map_err(|error| AwsError::new(Operation::AttachUserPolicy, error))
}

pub(super) async fn detach_policy(client: &Client, user: &UserName, arn: &str) -> Result<(), AwsError> {
    let call = client.detach_user_policy().user_name(user.as_str()).policy_arn(arn);
    ignore_not_found(
        call.send().await.map(drop).map_err(|error| AwsError::new(Operation::DetachUserPolicy, error)),
    )
}

pub(super) async fn join_group(client: &Client, user: &UserName, group: &str) -> Result<(), AwsError> {
    let call = client.add_user_to_group().user_name(user.as_str()).group_name(group);
    call.send().await.map(drop).map_err(|error| AwsError::new(Operation::AddUserToGroup, error))
}

pub(super) async fn leave_group(client: &Client, user: &UserName, group: &str) -> Result<(), AwsError> {
    let call = client.remove_user_from_group().user_name(user.as_str()).group_name(group);
    ignore_not_found(
        call.send().await.map(drop).map_err(|error| AwsError::new(Operation::RemoveUserFromGroup, error)),
    )
}

pub(super) async fn set_tag(
    client: &Client,
    user: &UserName,
    key: &str,
    value: &str,
) -> Result<(), AwsError> {
    const OPERATION: Operation = Operation::TagUser;
    let tag = Tag::builder()
        .key(key)
        .value(value)
        .build()
        .map_err(|_| AwsError::incomplete(OPERATION, "a key or value"))?;
    let call = client.tag_user().user_name(user.as_str()).tags(tag);
    call.send().await.map(drop).map_err(|error| AwsError::new(OPERATION, error))
}

pub(super) async fn remove_tag(client: &Client, user: &UserName, key: &str) -> Result<(), AwsError> {
    let call = client.untag_user().user_name(user.as_str()).tag_keys(key);
    ignore_not_found(call.send().await.map(drop).map_err(|error| AwsError::new(Operation::UntagUser, error)))
}

fn ignore_not_found(result: Result<(), AwsError>) -> Result<(), AwsError> {
    result.or_else(|error| if error.kind == ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

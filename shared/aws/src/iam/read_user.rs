//! Reads a user: five calls at once, all pages of each.

use crate::error::{AwsError, ErrorKind};
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AttachedPolicy, Group, MfaDevice as ListedDevice, User};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::operation::Operation;

/// Everything about a user, or `None` if the user does not exist.
///
/// Only `GetUser` decides that: `NoSuchEntity` from any other call means that IAM's answers disagree, and is an
/// error. The one exception is `GetLoginProfile`, where it means that the user has no password.
pub(super) async fn user(client: &Client, name: &UserName) -> Result<Option<UserFacts>, AwsError> {
    let (user, created, devices, policies, groups) = tokio::join!(
        get_user(client, name),
        login_profile_created(client, name),
        devices(client, name),
        attached_policies(client, name),
        groups(client, name),
    );
    let Some(user) = user? else { return Ok(None) };
    let (name, id) = (UserName::listed(user.user_name()), user.user_id().to_owned());
    let since = timestamp(Operation::GetUser, user.create_date())?;
    Ok(Some(UserFacts {
        path: user.path().to_owned(),
        tags: user.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect(),
        login_profile_created: created?,
        password_used: user
            .password_last_used()
            .map(|used| timestamp(Operation::GetUser, used))
            .transpose()?,
        devices: devices?,
        attached_policies: policies?,
        groups: groups?,
        ..UserFacts::bare(name, id, since)
    }))
}

/// The name of a user as IAM spells it; `None` if there is no such user.
pub(super) async fn spelling(client: &Client, name: &UserName) -> Result<Option<UserName>, AwsError> {
    Ok(get_user(client, name).await?.map(|user| UserName::listed(user.user_name())))
}

async fn get_user(client: &Client, name: &UserName) -> Result<Option<User>, AwsError> {
    const OPERATION: Operation = Operation::GetUser;
    match client.get_user().user_name(name.as_str()).send().await {
        Ok(answer) => answer.user.map(Some).ok_or_else(|| AwsError::incomplete(OPERATION, "a user")),
        Err(error) => not_found_is_none(AwsError::new(OPERATION, error)),
    }
}

async fn login_profile_created(client: &Client, name: &UserName) -> Result<Option<Timestamp>, AwsError> {
    const OPERATION: Operation = Operation::GetLoginProfile;
    match client.get_login_profile().user_name(name.as_str()).send().await {
        Ok(answer) => {
            let profile = answer.login_profile.ok_or_else(|| AwsError::incomplete(OPERATION, "a profile"))?;
            timestamp(OPERATION, profile.create_date()).map(Some)
        }
        Err(error) => not_found_is_none(AwsError::new(OPERATION, error)),
    }
}

pub(super) async fn devices(client: &Client, name: &UserName) -> Result<Vec<MfaDevice>, AwsError> {
    const OPERATION: Operation = Operation::ListMfaDevices;
    let pages = client.list_mfa_devices().user_name(name.as_str()).into_paginator().items().send();
    let listed: Vec<ListedDevice> =
        pages.collect::<Result<_, _>>().await.map_err(|error| AwsError::new(OPERATION, error))?;
    let device = |device: &ListedDevice| {
        Ok(MfaDevice {
            serial: Serial::listed(device.serial_number()),
            enabled: timestamp(OPERATION, device.enable_date())?,
        })
    };
    listed.iter().map(device).collect()
}

async fn attached_policies(client: &Client, name: &UserName) -> Result<Vec<String>, AwsError> {
    const OPERATION: Operation = Operation::ListAttachedUserPolicies;
    let pages = client.list_attached_user_policies().user_name(name.as_str()).into_paginator().items().send();
    let policies: Vec<AttachedPolicy> =
        pages.collect::<Result<_, _>>().await.map_err(|error| AwsError::new(OPERATION, error))?;
    let arn = |policy: AttachedPolicy| {
        policy.policy_arn.ok_or_else(|| AwsError::incomplete(OPERATION, "the ARN of a policy"))
    };
    policies.into_iter().map(arn).collect()
}

async fn groups(client: &Client, name: &UserName) -> Result<Vec<String>, AwsError> {
    const OPERATION: Operation = Operation::ListGroupsForUser;
    let pages = client.list_groups_for_user().user_name(name.as_str()).into_paginator().items().send();
    let groups: Vec<Group> =
        pages.collect::<Result<_, _>>().await.map_err(|error| AwsError::new(OPERATION, error))?;
    Ok(groups.into_iter().map(|group| group.group_name).collect())
}

fn not_found_is_none<T>(error: AwsError) -> Result<Option<T>, AwsError> {
    if error.kind == ErrorKind::NotFound { Ok(None) } else { Err(error) }
}

pub(super) fn timestamp(operation: Operation, time: &DateTime) -> Result<Timestamp, AwsError> {
    Timestamp::from_second(time.secs()).map_err(|_| AwsError::incomplete(operation, "a usable date"))
}

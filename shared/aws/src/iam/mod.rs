//! IAM as a [`Directory`].

mod bulk;
mod read_user;
mod write_user;

use crate::directory::{AccountDirectory, Directory};
use crate::error::AwsError;
use aws_sdk_iam::Client;
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::snapshot::BulkAnswers;

/// The account's IAM.
#[derive(Debug, Clone)]
pub struct IamDirectory {
    client: Client,
}

impl IamDirectory {
    /// IAM behind this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Directory for IamDirectory {
    async fn user(&self, name: &UserName) -> Result<Option<UserFacts>, AwsError> {
        read_user::user(&self.client, name).await
    }

    async fn attach_policy(&self, user: &UserName, arn: &str) -> Result<(), AwsError> {
        write_user::attach_policy(&self.client, user, arn).await
    }

    async fn detach_policy(&self, user: &UserName, arn: &str) -> Result<(), AwsError> {
        write_user::detach_policy(&self.client, user, arn).await
    }

    async fn join_group(&self, user: &UserName, group: &str) -> Result<(), AwsError> {
        write_user::join_group(&self.client, user, group).await
    }

    async fn leave_group(&self, user: &UserName, group: &str) -> Result<(), AwsError> {
        write_user::leave_group(&self.client, user, group).await
    }

    async fn set_tag(&self, user: &UserName, key: &str, value: &str) -> Result<(), AwsError> {
        write_user::set_tag(&self.client, user, key, value).await
    }

    async fn remove_tag(&self, user: &UserName, key: &str) -> Result<(), AwsError> {
        write_user::remove_tag(&self.client, user, key).await
    }
}

impl AccountDirectory for IamDirectory {
    async fn bulk_answers(&self) -> Result<BulkAnswers, AwsError> {
        bulk::bulk_answers(&self.client).await
    }

    async fn devices(&self, name: &UserName) -> Result<Vec<MfaDevice>, AwsError> {
        read_user::devices(&self.client, name).await
    }
}

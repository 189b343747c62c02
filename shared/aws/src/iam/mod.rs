//! The [`Directory`] that calls IAM.

mod bulk;
mod read_user;
mod write_user;

use crate::directory::{AccountDirectory, Directory};
use crate::error::AwsError;
use aws_sdk_iam::Client;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::event::{SweepKind, UserName};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::snapshot::BulkAnswers;

/// IAM, through the SDK's client.
#[derive(Debug, Clone)]
pub struct IamDirectory {
    client: Client,
}

impl IamDirectory {
    /// A directory that uses this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

impl Directory for IamDirectory {
    async fn user(&self, name: &UserName) -> Result<Option<UserFacts>, AwsError> {
        read_user::user(&self.client, name).await
    }

    async fn change(&self, user: &UserName, change: &Change) -> Result<(), AwsError> {
        write_user::change(&self.client, user, change).await
    }
}

impl AccountDirectory for IamDirectory {
    async fn bulk_answers(&self, kind: SweepKind) -> Result<BulkAnswers, AwsError> {
        bulk::bulk_answers(&self.client, kind).await
    }

    async fn devices(&self, name: &UserName) -> Result<Vec<MfaDevice>, AwsError> {
        read_user::devices(&self.client, name).await
    }
}

//! The [`Directory`] that calls IAM, and `CloudTrail` and `CloudFormation` for what IAM does not know.

mod alias;
mod bulk;
mod census;
mod parts;
mod policies;
mod read_keys;
mod read_user;
mod write_user;

use crate::directory::{AccountDirectory, Directory, History};
use crate::error::AwsError;
use crate::history::CloudTrail;
use crate::lazy::Lazy;
use crate::stack::CloudFormation;
use alias::Alias;
use aws_sdk_iam::Client;
use jiff::Timestamp;
use mfa_enforcer_core::access_keys::ActiveKey;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::event::{SweepKind, UserName};
use mfa_enforcer_core::facts::{AccessKeys, Approval, AttachedBy, Traces, UserFacts};
use mfa_enforcer_core::history::{
    Lookup, Records, approval, approvals_to_look_up, attached_by, attachments_to_look_up, traces,
    traces_to_look_up,
};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::Parts;
use mfa_enforcer_core::organization::{Holder, Slot};
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::quotas::AccountQuotas;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::{AccountSummary, BulkAnswers, ReportFile, UserDetail};
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_core::trail::Trail;

/// IAM, through the SDK's client.
#[derive(Debug, Clone)]
pub struct IamDirectory {
    client: Lazy<Client>,
    history: Option<CloudTrail>,
    stacks: Option<CloudFormation>,
    alias: Alias,
}

impl IamDirectory {
    /// A directory that uses this client.
    #[must_use]
    pub fn new(client: impl Into<Lazy<Client>>) -> Self {
        Self { client: client.into(), history: None, stacks: None, alias: Alias::default() }
    }

    /// The same directory, with the event history.
    #[must_use]
    pub fn with_history(self, history: CloudTrail) -> Self {
        Self { history: Some(history), ..self }
    }

    /// The same directory, with the stacks.
    #[must_use]
    pub fn with_stacks(self, stacks: CloudFormation) -> Self {
        Self { stacks: Some(stacks), ..self }
    }
}

impl IamDirectory {
    /// The policies and groups of the quarantine, by their paths.
    ///
    /// # Errors
    /// If they cannot be listed in full.
    pub async fn parts(&self) -> Result<Parts, AwsError> {
        parts::parts(&self.client).await
    }

    /// The name of a user as IAM spells it; `None` if there is no such user.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn spelling(&self, name: &UserName) -> Result<Option<UserName>, AwsError> {
        read_user::spelling(&self.client, name).await
    }

    /// How much the account and its users may have.
    ///
    /// # Errors
    /// If it cannot be read, or lacks a part.
    pub async fn quotas(&self) -> Result<AccountQuotas, AwsError> {
        bulk::quotas(&self.client).await
    }

    /// All users with their policies and groups, and nothing else.
    ///
    /// # Errors
    /// If a page cannot be read.
    pub async fn listed_users(&self) -> Result<Vec<UserDetail>, AwsError> {
        Ok(bulk::census(&self.client, SweepKind::Hourly).await?.0)
    }

    /// What the event history answers to all of these; `None` if one of them cannot be answered.
    async fn all_of(&self, lookups: Vec<Lookup>) -> Option<Vec<Records>> {
        let history = self.history.as_ref()?;
        let mut answers = Vec::new();
        for lookup in lookups {
            match history.look_up_once(lookup).await {
                Ok(records) => answers.push(records),
                Err(error) => {
                    tracing::warn!(%error, "nobody knows who contained or approved a user");
                    return None;
                }
            }
        }
        Some(answers)
    }
}

impl Directory for IamDirectory {
    async fn user(&self, name: &UserName) -> Result<Option<UserFacts>, AwsError> {
        read_user::user(&self.client, name).await
    }

    async fn attached_by(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> AttachedBy {
        let answers = self.all_of(attachments_to_look_up(user, settings, now)).await;
        answers.map_or_else(AttachedBy::default, |answers| attached_by(&answers, user, settings, now))
    }

    async fn traces(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Traces> {
        let answers = self.all_of(traces_to_look_up(now)).await?;
        Some(traces(&answers, user, settings, now))
    }

    async fn policy_document(&self, arn: &str) -> Result<String, AwsError> {
        policies::document(&self.client, arn).await
    }

    async fn approval(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Approval {
        let answers = self.all_of(approvals_to_look_up(user, now)).await;
        answers.map_or_else(Approval::default, |answers| approval(&answers, user, settings, now))
    }

    async fn access_keys(&self, name: &UserName) -> Result<AccessKeys, AwsError> {
        read_keys::access_keys(&self.client, name).await
    }

    async fn active_keys(&self, name: &UserName) -> Result<Vec<ActiveKey>, AwsError> {
        read_keys::active_keys(&self.client, name).await
    }

    async fn account_alias(&self) -> Option<String> {
        self.alias.of_account(&self.client).await
    }

    async fn account_summary(&self) -> Result<AccountSummary, AwsError> {
        bulk::summary(&self.client).await
    }

    async fn stack(&self, arn: &str) -> Result<StackState, AwsError> {
        match &self.stacks {
            Some(stacks) => stacks.stack(arn).await,
            None => Err(AwsError::not_asked(Operation::DescribeStacks)),
        }
    }

    async fn policy_in_force(&self, arn: &str) -> Result<Option<PolicyVersion>, AwsError> {
        policies::in_force(&self.client, arn).await
    }

    async fn policy_versions(&self, arn: &str) -> Result<Vec<PolicyVersion>, AwsError> {
        policies::versions(&self.client, arn).await
    }

    async fn group_policies(&self, group: &str) -> Result<Option<Vec<String>>, AwsError> {
        policies::of_group(&self.client, group).await
    }

    async fn repair(&self, repair: &Repair) -> Result<(), AwsError> {
        policies::repair(&self.client, repair).await
    }

    async fn stack_ended(&self, arn: &str) -> Result<Option<Timestamp>, AwsError> {
        match &self.stacks {
            Some(stacks) => stacks.ended(arn).await,
            None => Err(AwsError::not_asked(Operation::DescribeStackEvents)),
        }
    }

    async fn take_slot(&self, _: &Slot) -> Result<Holder, AwsError> {
        Err(AwsError::not_asked(Operation::PutObject))
    }

    async fn change(&self, user: &UserName, change: &Change) -> Result<(), AwsError> {
        write_user::change(&self.client, user, change).await
    }
}

impl History for IamDirectory {
    async fn look_up(&self, lookup: Lookup) -> Result<Records, AwsError> {
        match &self.history {
            Some(history) => history.look_up(lookup).await,
            None => Err(AwsError::not_asked(Operation::LookupEvents)),
        }
    }
}

impl AccountDirectory for IamDirectory {
    async fn bulk_answers(&self, kind: SweepKind) -> Result<BulkAnswers, AwsError> {
        bulk::bulk_answers(&self.client, kind).await
    }

    async fn credential_report(&self) -> Result<ReportFile, AwsError> {
        bulk::report(&self.client).await
    }

    async fn trails(&self) -> Result<Vec<Trail>, AwsError> {
        match &self.history {
            Some(history) => history.trails().await,
            None => Err(AwsError::not_asked(Operation::DescribeTrails)),
        }
    }

    async fn devices(&self, name: &UserName) -> Result<Vec<MfaDevice>, AwsError> {
        read_user::devices(&self.client, name).await
    }
}

//! What the shell needs from IAM.

use crate::error::AwsError;
use jiff::Timestamp;
use mfa_enforcer_core::access_keys::ActiveKey;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::event::{SweepKind, UserName};
use mfa_enforcer_core::facts::{AccessKeys, Approval, AttachedBy, Traces, UserFacts};
use mfa_enforcer_core::history::{Lookup, Records};
use mfa_enforcer_core::organization::{Holder, Slot};
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::{AccountSummary, BulkAnswers, ReportFile};
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_core::trail::Trail;
use std::future::Future;

/// The users of an account, and what is known of root. Every write is idempotent.
pub trait Directory {
    /// Everything that a decision depends on; `None` if the user does not exist.
    ///
    /// # Errors
    /// If any part of it cannot be read: an unreadable list is never taken for an empty one.
    fn user(&self, name: &UserName) -> impl Future<Output = Result<Option<UserFacts>, AwsError>> + Send;

    /// What `GetAccountSummary` says about root.
    ///
    /// # Errors
    /// If it cannot be read, or lacks a part.
    fn account_summary(&self) -> impl Future<Output = Result<AccountSummary, AwsError>> + Send;

    /// Who attached the user's quarantine, according to the event history. A history that cannot be read is not an
    /// error: then nobody knows.
    fn attached_by(
        &self,
        user: &UserFacts,
        settings: &Settings,
        now: Timestamp,
    ) -> impl Future<Output = AttachedBy> + Send;

    /// Who approved the user's release, according to the event history. One that cannot be read is not an error: then
    /// nobody did.
    fn approval(
        &self,
        user: &UserFacts,
        settings: &Settings,
        now: Timestamp,
    ) -> impl Future<Output = Approval> + Send;

    /// What the event history tells of the user's quarantine; `None` if it cannot be read, which is not an error either.
    fn traces(
        &self,
        user: &UserFacts,
        settings: &Settings,
        now: Timestamp,
    ) -> impl Future<Output = Option<Traces>> + Send;

    /// The document of a managed policy, as it is in force: JSON, with percent signs as IAM writes it.
    ///
    /// # Errors
    /// If the policy cannot be read.
    fn policy_document(&self, arn: &str) -> impl Future<Output = Result<String, AwsError>> + Send;

    /// Whether the user has active access keys.
    ///
    /// # Errors
    /// If the list cannot be read in full.
    fn access_keys(&self, name: &UserName) -> impl Future<Output = Result<AccessKeys, AwsError>> + Send;

    /// The `CloudFormation` stack with this ARN.
    ///
    /// # Errors
    /// If `CloudFormation` refuses or does not answer.
    fn stack(&self, arn: &str) -> impl Future<Output = Result<StackState, AwsError>> + Send;

    /// The active access keys of the user, with the last use of each.
    ///
    /// # Errors
    /// If the list cannot be read in full. A last use that cannot be read is unknown.
    fn active_keys(&self, name: &UserName) -> impl Future<Output = Result<Vec<ActiveKey>, AwsError>> + Send;

    /// The account's alias; `None` if it has none, and if it cannot be read, which is not an error: messages give the
    /// account's number. However often this is called, it asks once.
    fn account_alias(&self) -> impl Future<Output = Option<String>> + Send;

    /// The version of a managed policy that is in force; `None` if there is no such policy.
    ///
    /// # Errors
    /// If IAM refuses or does not answer.
    fn policy_in_force(
        &self,
        arn: &str,
    ) -> impl Future<Output = Result<Option<PolicyVersion>, AwsError>> + Send;

    /// All versions of a managed policy.
    ///
    /// # Errors
    /// If they cannot be read in full.
    fn policy_versions(&self, arn: &str)
    -> impl Future<Output = Result<Vec<PolicyVersion>, AwsError>> + Send;

    /// ARNs of the managed policies of a group; `None` if there is no such group.
    ///
    /// # Errors
    /// If the list cannot be read in full.
    fn group_policies(
        &self,
        group: &str,
    ) -> impl Future<Output = Result<Option<Vec<String>>, AwsError>> + Send;

    /// Repairs a policy or a group of the quarantine.
    ///
    /// # Errors
    /// If IAM refuses or does not answer.
    fn repair(&self, repair: &Repair) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// When the last change of this stack ended; `None` if it has not.
    ///
    /// # Errors
    /// If `CloudFormation` refuses or does not answer.
    fn stack_ended(&self, arn: &str) -> impl Future<Output = Result<Option<Timestamp>, AwsError>> + Send;

    /// Takes a slot of the hour, or says who has it. Only called where there is a limit.
    ///
    /// # Errors
    /// If S3 refuses or does not answer.
    fn take_slot(&self, slot: &Slot) -> impl Future<Output = Result<Holder, AwsError>> + Send;

    /// Changes a user. Undoing what is already undone succeeds.
    ///
    /// # Errors
    /// If IAM refuses or does not answer.
    fn change(&self, user: &UserName, change: &Change) -> impl Future<Output = Result<(), AwsError>> + Send;
}

/// What was done in the account, according to `CloudTrail`.
pub trait History {
    /// All calls of a name since a time, the newest first.
    ///
    /// # Errors
    /// If `CloudTrail` refuses or does not answer.
    fn look_up(&self, lookup: Lookup) -> impl Future<Output = Result<Records, AwsError>> + Send;
}

/// The whole account, which only a sweep reads.
pub trait AccountDirectory: Directory + History {
    /// What the bulk calls answer about all users, as far as a sweep of this kind needs it. The report is left empty.
    ///
    /// # Errors
    /// If any part of it cannot be read.
    fn bulk_answers(&self, kind: SweepKind) -> impl Future<Output = Result<BulkAnswers, AwsError>> + Send;

    /// The credential report.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    fn credential_report(&self) -> impl Future<Output = Result<ReportFile, AwsError>> + Send;

    /// The trails that this region knows.
    ///
    /// # Errors
    /// If they cannot be listed. What cannot be read of one of them is a part of the answer.
    fn trails(&self) -> impl Future<Output = Result<Vec<Trail>, AwsError>> + Send;

    /// The MFA devices of one user.
    ///
    /// # Errors
    /// If the list cannot be read in full.
    fn devices(&self, name: &UserName) -> impl Future<Output = Result<Vec<MfaDevice>, AwsError>> + Send;
}

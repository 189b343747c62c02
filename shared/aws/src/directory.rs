//! What the shell needs of IAM.

use crate::error::AwsError;
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::snapshot::BulkAnswers;
use std::future::Future;

/// The users of an account. Every write can be repeated without harm.
pub trait Directory {
    /// Everything that a decision looks at; `None` if there is no such user.
    ///
    /// # Errors
    /// Where any part of it could not be read: half a picture is none.
    fn user(&self, name: &UserName) -> impl Future<Output = Result<Option<UserFacts>, AwsError>> + Send;

    /// Attaches a managed policy.
    ///
    /// # Errors
    /// Where IAM refuses or does not answer; the same goes for all writes.
    fn attach_policy(&self, user: &UserName, arn: &str) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Detaches a managed policy; one that is not attached is no error.
    ///
    /// # Errors
    /// As [`Directory::attach_policy`].
    fn detach_policy(&self, user: &UserName, arn: &str) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Puts a user into a group.
    ///
    /// # Errors
    /// As [`Directory::attach_policy`].
    fn join_group(&self, user: &UserName, group: &str) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Takes a user out of a group; a user who is not in it is no error.
    ///
    /// # Errors
    /// As [`Directory::attach_policy`].
    fn leave_group(&self, user: &UserName, group: &str) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Sets a tag.
    ///
    /// # Errors
    /// As [`Directory::attach_policy`].
    fn set_tag(
        &self,
        user: &UserName,
        key: &str,
        value: &str,
    ) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Removes a tag; one that is not there is no error.
    ///
    /// # Errors
    /// As [`Directory::attach_policy`].
    fn remove_tag(&self, user: &UserName, key: &str) -> impl Future<Output = Result<(), AwsError>> + Send;
}

/// The whole account, which only a sweep reads.
pub trait AccountDirectory: Directory {
    /// What the bulk calls answer about everybody.
    ///
    /// # Errors
    /// Where any part of it could not be read.
    fn bulk_answers(&self) -> impl Future<Output = Result<BulkAnswers, AwsError>> + Send;

    /// The MFA devices of one user.
    ///
    /// # Errors
    /// Where they could not be read in full.
    fn devices(&self, name: &UserName) -> impl Future<Output = Result<Vec<MfaDevice>, AwsError>> + Send;
}

//! What the shell needs of IAM.

use crate::error::AwsError;
use mfa_enforcer_core::change::Change;
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
    /// Where any part of it could not be read: a list that could not be read is not an empty list.
    fn user(&self, name: &UserName) -> impl Future<Output = Result<Option<UserFacts>, AwsError>> + Send;

    /// Changes a user. To undo what is undone already is no error.
    ///
    /// # Errors
    /// Where IAM refuses or does not answer.
    fn change(&self, user: &UserName, change: &Change) -> impl Future<Output = Result<(), AwsError>> + Send;
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

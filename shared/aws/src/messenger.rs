//! What the shell needs of SNS.

use crate::error::AwsError;
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};
use std::future::Future;

/// The ways to people, and the note of what the administrators were told about root.
pub trait Messenger {
    /// Tells a user, after making sure that the address is subscribed.
    ///
    /// # Errors
    /// Where SNS refuses or does not answer; the same goes for all calls.
    fn tell_user(
        &self,
        channel: &Channel,
        message: &Rendered,
    ) -> impl Future<Output = Result<Delivery, AwsError>> + Send;

    /// Tells the administrators.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn tell_admins(&self, message: &Rendered) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Value of the tag on the alerts topic that lists the reported root events; `None` without the tag.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn root_ledger(&self) -> impl Future<Output = Result<Option<String>, AwsError>> + Send;

    /// Writes that tag.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn write_root_ledger(
        &self,
        topic_arn: &str,
        value: &str,
    ) -> impl Future<Output = Result<(), AwsError>> + Send;
}

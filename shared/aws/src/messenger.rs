//! What the shell needs of SNS.

use crate::error::AwsError;
use mfa_enforcer_core::facts::Mailbox;
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};
use std::collections::BTreeMap;
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

    /// The tags of the alerts topic, which remember what was said about root and in the last digest.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn alerts_tags(&self) -> impl Future<Output = Result<BTreeMap<String, String>, AwsError>> + Send;

    /// Sets a tag of the alerts topic.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn set_alerts_tag(
        &self,
        key: &'static str,
        value: &str,
    ) -> impl Future<Output = Result<(), AwsError>> + Send;
}

/// The users' own topics, which only a sweep looks through.
pub trait TopicKeeper: Messenger {
    /// The names of all topics that begin like a user's own topic.
    ///
    /// # Errors
    /// Where the list could not be read in full.
    fn user_topics(&self, prefix: &str) -> impl Future<Output = Result<Vec<String>, AwsError>> + Send;

    /// Whether messages to the user's address arrive.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn mailbox(&self, channel: &Channel) -> impl Future<Output = Result<Mailbox, AwsError>> + Send;

    /// Deletes a topic with its subscriptions; one that is not there is no error.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn delete_topic(&self, name: &str) -> impl Future<Output = Result<(), AwsError>> + Send;
}

//! What the shell needs from SNS.

use crate::error::AwsError;
use crate::events::EventBus;
use crate::evidence::EvidenceStore;
use jiff::Timestamp;
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::facts::Mailbox;
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};
use mfa_enforcer_core::sender::SenderSeen;
use mfa_enforcer_core::settings::Sender;
use mfa_enforcer_core::subscription::Subscription;
use std::collections::BTreeMap;
use std::future::Future;

/// The topic of a user, once it is there, and who is subscribed to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Its ARN.
    pub topic_arn: String,
    /// Its subscriptions.
    pub subscriptions: Vec<Subscription>,
}

/// Sends messages to people and to machines, keeps notes in the tags of the alerts topic, and evidence in a bucket, if there
/// is one.
pub trait Messenger: EvidenceStore + EventBus {
    /// Finds the topic of a user, so that a message need not wait for that. If there is none, makes it, but not before
    /// `wanted` is ready. Tells nobody anything.
    ///
    /// # Errors
    /// If SNS refuses or does not answer, and if the channel is no topic.
    fn prepare(
        &self,
        channel: &Channel,
        wanted: impl Future<Output = ()> + Send,
    ) -> impl Future<Output = Result<Prepared, AwsError>> + Send;

    /// Sends a message to a user, and subscribes the address first if it is not. `prepared` is what
    /// [`Messenger::prepare`] found of the channel; without it, that is done first.
    ///
    /// # Errors
    /// If SNS refuses or does not answer.
    fn tell_user(
        &self,
        channel: &Channel,
        prepared: Option<Prepared>,
        message: &Rendered,
    ) -> impl Future<Output = Result<Delivery, AwsError>> + Send;

    /// Sends a message to the administrators.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn tell_admins(&self, message: &Rendered) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// Orders an hourly sweep that is due at this time, through the queue with this URL. The same event orders one sweep.
    ///
    /// # Errors
    /// If the order is not taken.
    fn order_sweep(
        &self,
        queue: &str,
        id: &EventId,
        time: Timestamp,
    ) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// The tags of the alerts topic, which record the alerts about root and the last digest.
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

/// The topics that only a sweep looks at: the users' own, and who gets the alerts.
pub trait TopicKeeper: Messenger {
    /// The subscriptions of the alerts topic.
    ///
    /// # Errors
    /// If the list cannot be read in full.
    fn alerts_subscriptions(&self) -> impl Future<Output = Result<Vec<Subscription>, AwsError>> + Send;

    /// The names of all topics with this prefix.
    ///
    /// # Errors
    /// If the list cannot be read in full.
    fn user_topics(&self, prefix: &str) -> impl Future<Output = Result<Vec<String>, AwsError>> + Send;

    /// Whether messages reach the user's address.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn mailbox(&self, channel: &Channel) -> impl Future<Output = Result<Mailbox, AwsError>> + Send;

    /// What SES says about the account and the company's address.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn sender(&self, sender: &Sender) -> impl Future<Output = Result<SenderSeen, AwsError>> + Send;

    /// Deletes a topic with its subscriptions. A missing topic is not an error.
    ///
    /// # Errors
    /// As [`Messenger::tell_user`].
    fn delete_topic(&self, name: &str) -> impl Future<Output = Result<(), AwsError>> + Send;
}

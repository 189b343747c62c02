//! The [`Messenger`] that calls SNS, and SES for mail from the company's own address.

use crate::error::{AwsError, ErrorKind};
use crate::events::{Bus, EventBus, NotTaken};
use crate::evidence::EvidenceStore;
use crate::hub::Ledger;
use crate::lazy::Lazy;
use crate::messenger::{Messenger, Prepared, TopicKeeper};
use crate::s3::Bucket;
use crate::ses;
use crate::sweep_queue::order_sweep;
use aws_sdk_sns::Client;
use aws_sdk_sns::types::{MessageAttributeValue, Tag, Topic};
use jiff::Timestamp;
use mfa_enforcer_core::bus::BusEvent;
use mfa_enforcer_core::event::{EventId, SweepKind};
use mfa_enforcer_core::evidence::Object;
use mfa_enforcer_core::facts::Mailbox;
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::sender::SenderSeen;
use mfa_enforcer_core::settings::Sender;
use mfa_enforcer_core::subscription::{Mailing, Subscription};
use std::collections::BTreeMap;
use std::future::ready;

/// The sender's name in mails. Without it, SNS shows the topic's ARN.
const DISPLAY_NAME: &str = "MFA for your AWS user";

/// SNS, through the SDK's client, with the administrators' topic.
#[derive(Debug, Clone)]
pub struct SnsMessenger {
    client: Lazy<Client>,
    alerts_topic_arn: String,
    sqs: Option<Lazy<aws_sdk_sqs::Client>>,
    ses: Option<Lazy<aws_sdk_sesv2::Client>>,
    evidence: Option<Bucket>,
    bus: Option<Bus>,
    ledger: Option<Ledger>,
}

impl SnsMessenger {
    /// A messenger that uses this client and this topic of the administrators.
    #[must_use]
    pub fn new(client: impl Into<Lazy<Client>>, alerts_topic_arn: &str) -> Self {
        Self {
            client: client.into(),
            alerts_topic_arn: alerts_topic_arn.to_owned(),
            sqs: None,
            ses: None,
            evidence: None,
            bus: None,
            ledger: None,
        }
    }

    /// The same messenger, which can order sweeps.
    #[must_use]
    pub fn with_sweeps(self, sqs: impl Into<Lazy<aws_sdk_sqs::Client>>) -> Self {
        Self { sqs: Some(sqs.into()), ..self }
    }

    /// The same messenger, which can send mail from the company's own address.
    #[must_use]
    pub fn with_mail(self, ses: Option<Lazy<aws_sdk_sesv2::Client>>) -> Self {
        Self { ses, ..self }
    }

    /// The same messenger, which keeps evidence in this bucket.
    #[must_use]
    pub fn with_evidence(self, evidence: Option<Bucket>) -> Self {
        Self { evidence, ..self }
    }

    /// The same messenger, which puts acts and findings on this bus.
    #[must_use]
    pub fn with_bus(self, bus: Option<Bus>) -> Self {
        Self { bus, ..self }
    }

    /// The same messenger, which keeps its notes there instead of in the tags of the alerts topic.
    #[must_use]
    pub(crate) fn with_ledger(self, ledger: Ledger) -> Self {
        Self { ledger: Some(ledger), ..self }
    }

    async fn publish(&self, topic_arn: &str, message: &Rendered) -> Result<(), AwsError> {
        let mut call = self
            .client
            .publish()
            .topic_arn(topic_arn)
            .subject(&message.subject)
            .message_structure("json")
            .message(&message.message);
        for (name, value) in &message.attributes {
            call = call.message_attributes(*name, string(value)?);
        }
        call.send().await.map(drop).map_err(|error| AwsError::new(Operation::Publish, error))
    }

    /// The topic of this name with its subscriptions. Makes it if it is not there, once it is wanted.
    async fn topic(&self, name: &str, wanted: impl Future<Output = ()> + Send) -> Result<Prepared, AwsError> {
        const CREATE: Operation = Operation::CreateTopic;
        let topic_arn = self.topic_arn(name);
        match self.subscriptions(&topic_arn).await {
            Err(error) if error.kind == ErrorKind::NotFound => {}
            other => return other.map(|subscriptions| Prepared { topic_arn, subscriptions }),
        }
        wanted.await;
        let call = self.client.create_topic().name(name).attributes("DisplayName", DISPLAY_NAME);
        let answer = call.send().await.map_err(|error| AwsError::new(CREATE, error))?;
        let topic_arn = answer.topic_arn.ok_or_else(|| AwsError::incomplete(CREATE, "the topic's ARN"))?;
        Ok(Prepared { topic_arn, subscriptions: Vec::new() })
    }

    /// Makes sure that the address is subscribed to the topic, and nobody who had it before.
    async fn subscribed(&self, topic: &Prepared, email: &str) -> Result<Delivery, AwsError> {
        let mailing = Mailing::of(&topic.subscriptions, email);
        // Before anything is published: whoever reads there now is not this user.
        for former in &mailing.former {
            self.unsubscribe(former).await?;
        }
        match mailing.mailbox {
            Mailbox::Confirmed => Ok(Delivery::Sent),
            Mailbox::Unconfirmed => Ok(Delivery::Unconfirmed),
            Mailbox::NotSubscribed | Mailbox::NotLooked => self.subscribe(&topic.topic_arn, email).await,
        }
    }

    /// The ARN of a topic in the same account and region as the alerts topic.
    fn topic_arn(&self, name: &str) -> String {
        let (place, _) = self.alerts_topic_arn.rsplit_once(':').unwrap_or_default();
        format!("{place}:{name}")
    }

    /// All subscriptions of a topic.
    async fn subscriptions(&self, topic_arn: &str) -> Result<Vec<Subscription>, AwsError> {
        let pages = self.client.list_subscriptions_by_topic().topic_arn(topic_arn).into_paginator().items();
        let listed: Vec<aws_sdk_sns::types::Subscription> = pages
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(|error| AwsError::new(Operation::ListSubscriptionsByTopic, error))?;
        let plain = |listed: aws_sdk_sns::types::Subscription| Subscription {
            protocol: listed.protocol.unwrap_or_default(),
            endpoint: listed.endpoint.unwrap_or_default(),
            arn: listed.subscription_arn.unwrap_or_default(),
        };
        Ok(listed.into_iter().map(plain).collect())
    }

    /// Ends a subscription. One that has ended already is not an error.
    async fn unsubscribe(&self, subscription_arn: &str) -> Result<(), AwsError> {
        let call = self.client.unsubscribe().subscription_arn(subscription_arn);
        match call.send().await.map(drop).map_err(|error| AwsError::new(Operation::Unsubscribe, error)) {
            Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    async fn subscribe(&self, topic_arn: &str, email: &str) -> Result<Delivery, AwsError> {
        let call = self.client.subscribe().topic_arn(topic_arn).protocol("email").endpoint(email);
        let answer = call
            .send()
            .await
            .map_err(|error| AwsError::new(Operation::Subscribe, error).about_an_address())?;
        // SNS answers `pending confirmation`; an emulator may confirm at once.
        let confirmed = answer.subscription_arn().is_some_and(|arn| arn.starts_with("arn:"));
        Ok(if confirmed { Delivery::Sent } else { Delivery::Unconfirmed })
    }
}

impl Messenger for SnsMessenger {
    async fn prepare(
        &self,
        channel: &Channel,
        wanted: impl Future<Output = ()> + Send,
    ) -> Result<Prepared, AwsError> {
        match channel {
            Channel::Topic { name, .. } => self.topic(name, wanted).await,
            Channel::Mail { .. } | Channel::Sms { .. } => Err(AwsError::not_asked(Operation::CreateTopic)),
        }
    }

    async fn tell_user(
        &self,
        channel: &Channel,
        prepared: Option<Prepared>,
        message: &Rendered,
    ) -> Result<Delivery, AwsError> {
        match channel {
            Channel::Topic { name, email } => {
                let topic = match prepared {
                    Some(topic) => topic,
                    None => self.topic(name, ready(())).await?,
                };
                let delivery = self.subscribed(&topic, email).await?;
                self.publish(&topic.topic_arn, message).await?;
                Ok(delivery)
            }
            Channel::Mail { email } => match (&self.ses, &message.mail) {
                (Some(client), Some(mail)) => ses::send(client, email, mail).await.map(|()| Delivery::Sent),
                (None, _) | (_, None) => Err(AwsError::not_asked(Operation::SendEmail)),
            },
            Channel::Sms { phone } => {
                let call = self
                    .client
                    .publish()
                    .phone_number(phone)
                    .message(&message.sms)
                    .message_attributes("AWS.SNS.SMS.SMSType", string("Transactional")?);
                call.send()
                    .await
                    .map_err(|error| AwsError::new(Operation::Publish, error).about_an_address())?;
                Ok(Delivery::HandedOver)
            }
        }
    }

    async fn tell_admins(&self, message: &Rendered) -> Result<(), AwsError> {
        self.publish(&self.alerts_topic_arn, message).await
    }

    async fn order_sweep(&self, queue: &str, id: &EventId, time: Timestamp) -> Result<(), AwsError> {
        match &self.sqs {
            Some(client) => order_sweep(client, queue, SweepKind::Hourly, id.as_str(), time).await,
            None => Err(AwsError::not_asked(Operation::SendMessage)),
        }
    }

    async fn alerts_tags(&self) -> Result<BTreeMap<String, String>, AwsError> {
        if let Some(ledger) = &self.ledger {
            return ledger.notes().await;
        }
        let call = self.client.list_tags_for_resource().resource_arn(&self.alerts_topic_arn);
        let answer =
            call.send().await.map_err(|error| AwsError::new(Operation::ListTagsForResource, error))?;
        Ok(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn set_alerts_tag(&self, key: &'static str, value: &str) -> Result<(), AwsError> {
        const OPERATION: Operation = Operation::TagResource;
        if let Some(ledger) = &self.ledger {
            return ledger.set(key, value).await;
        }
        let tag = Tag::builder()
            .key(key)
            .value(value)
            .build()
            .map_err(|_| AwsError::incomplete(OPERATION, "a key or value"))?;
        let call = self.client.tag_resource().resource_arn(&self.alerts_topic_arn).tags(tag);
        call.send().await.map(drop).map_err(|error| AwsError::new(OPERATION, error))
    }
}

impl EventBus for SnsMessenger {
    async fn put_events(&self, batch: &[BusEvent]) -> Result<Vec<NotTaken>, AwsError> {
        let bus = self.bus.as_ref().ok_or_else(|| AwsError::not_asked(Operation::PutEvents))?;
        bus.put_events(batch).await
    }
}

impl EvidenceStore for SnsMessenger {
    async fn put_object(&self, object: &Object) -> Result<(), AwsError> {
        match &self.evidence {
            Some(bucket) => bucket.put_object(object).await,
            None => Err(AwsError::not_asked(Operation::PutObject)),
        }
    }

    async fn list_objects(&self, prefix: &str, after: &str) -> Result<Vec<String>, AwsError> {
        match &self.evidence {
            Some(bucket) => bucket.list_objects(prefix, after).await,
            None => Err(AwsError::not_asked(Operation::ListObjectsV2)),
        }
    }

    async fn get_object(&self, key: &str) -> Result<Vec<u8>, AwsError> {
        match &self.evidence {
            Some(bucket) => bucket.get_object(key).await,
            None => Err(AwsError::not_asked(Operation::GetObject)),
        }
    }
}

impl TopicKeeper for SnsMessenger {
    async fn alerts_subscriptions(&self) -> Result<Vec<Subscription>, AwsError> {
        self.subscriptions(&self.alerts_topic_arn).await
    }

    async fn user_topics(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        let pages = self.client.list_topics().into_paginator().items().send();
        let topics: Vec<Topic> = pages
            .collect::<Result<_, _>>()
            .await
            .map_err(|error| AwsError::new(Operation::ListTopics, error))?;
        let name = |topic: Topic| topic.topic_arn?.rsplit(':').next().map(str::to_owned);
        Ok(topics.into_iter().filter_map(name).filter(|name| name.starts_with(prefix)).collect())
    }

    async fn mailbox(&self, channel: &Channel) -> Result<Mailbox, AwsError> {
        let Channel::Topic { name, email } = channel else { return Ok(Mailbox::NotLooked) };
        match self.subscriptions(&self.topic_arn(name)).await {
            Ok(subscriptions) => Ok(Mailing::of(&subscriptions, email).mailbox),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(Mailbox::NotSubscribed),
            Err(error) => Err(error),
        }
    }

    async fn sender(&self, sender: &Sender) -> Result<SenderSeen, AwsError> {
        match &self.ses {
            Some(client) => ses::look(client, sender).await,
            None => Err(AwsError::not_asked(Operation::GetAccount)),
        }
    }

    async fn delete_topic(&self, name: &str) -> Result<(), AwsError> {
        let call = self.client.delete_topic().topic_arn(self.topic_arn(name));
        match call.send().await.map(drop).map_err(|error| AwsError::new(Operation::DeleteTopic, error)) {
            Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }
}

fn string(value: &str) -> Result<MessageAttributeValue, AwsError> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .map_err(|_| AwsError::incomplete(Operation::Publish, "an attribute's value"))
}

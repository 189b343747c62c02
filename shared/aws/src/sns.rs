//! SNS as a [`Messenger`].

use crate::error::AwsError;
use crate::messenger::Messenger;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::ProvideErrorMetadata;
use aws_sdk_sns::types::{MessageAttributeValue, Subscription, Tag};
use mfa_enforcer_core::mark;
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};

/// What SNS shows instead of the ARN of a subscription that its owner has not confirmed.
const PENDING: &str = "PendingConfirmation";
/// From whom the mail seems to be; without it SNS shows the topic's ARN.
const DISPLAY_NAME: &str = "MFA for your AWS user";

/// The account's SNS, with the administrators' topic.
#[derive(Debug, Clone)]
pub struct SnsMessenger {
    client: Client,
    alerts_topic_arn: String,
}

impl SnsMessenger {
    /// SNS behind this client.
    #[must_use]
    pub fn new(client: Client, alerts_topic_arn: &str) -> Self {
        Self { client, alerts_topic_arn: alerts_topic_arn.to_owned() }
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
        call.send().await.map(drop).map_err(|error| AwsError::new("sns:Publish", error))
    }

    /// Creates the topic if it is not there (SNS answers with the present one if it is) and subscribes the
    /// address if it is not.
    async fn prepare(&self, name: &str, email: &str) -> Result<(String, Delivery), AwsError> {
        const CREATE: &str = "sns:CreateTopic";
        let call = self.client.create_topic().name(name);
        let mut answer = call.clone().attributes("DisplayName", DISPLAY_NAME).send().await;
        if answer.as_ref().is_err_and(|error| error.code() == Some("InvalidParameter")) {
            // The topic is there with another name, which somebody gave it.
            answer = call.send().await;
        }
        let answer = answer.map_err(|error| AwsError::new(CREATE, error))?;
        let arn = answer.topic_arn.ok_or_else(|| AwsError::incomplete(CREATE, "the topic's ARN"))?;
        let states = self.subscriptions(&arn, email).await?;
        // A subscription that was ended may still be listed, as `Deleted`.
        let delivery = if states.iter().any(|state| state.starts_with("arn:")) {
            Delivery::Sent
        } else if states.iter().any(|state| state == PENDING) {
            Delivery::Unconfirmed
        } else {
            self.subscribe(&arn, email).await?
        };
        Ok((arn, delivery))
    }

    /// What SNS shows as ARN of each subscription of the address.
    async fn subscriptions(&self, topic_arn: &str, email: &str) -> Result<Vec<String>, AwsError> {
        let pages = self.client.list_subscriptions_by_topic().topic_arn(topic_arn).into_paginator().items();
        let subscriptions: Vec<Subscription> = pages
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(|error| AwsError::new("sns:ListSubscriptionsByTopic", error))?;
        let ours = |subscription: &Subscription| {
            subscription.protocol() == Some("email")
                && subscription.endpoint().is_some_and(|endpoint| endpoint.eq_ignore_ascii_case(email))
        };
        Ok(subscriptions.into_iter().filter(ours).filter_map(|ours| ours.subscription_arn).collect())
    }

    async fn subscribe(&self, topic_arn: &str, email: &str) -> Result<Delivery, AwsError> {
        let call = self.client.subscribe().topic_arn(topic_arn).protocol("email").endpoint(email);
        let answer =
            call.send().await.map_err(|error| AwsError::new("sns:Subscribe", error).about_an_address())?;
        // Real SNS answers `pending confirmation`; an emulator may confirm at once.
        let confirmed = answer.subscription_arn().is_some_and(|arn| arn.starts_with("arn:"));
        Ok(if confirmed { Delivery::Sent } else { Delivery::Unconfirmed })
    }
}

impl Messenger for SnsMessenger {
    async fn tell_user(&self, channel: &Channel, message: &Rendered) -> Result<Delivery, AwsError> {
        match channel {
            Channel::Topic { name, email } => {
                let (arn, delivery) = self.prepare(name, email).await?;
                self.publish(&arn, message).await?;
                Ok(delivery)
            }
            Channel::Sms { phone } => {
                let call = self
                    .client
                    .publish()
                    .phone_number(phone)
                    .message(&message.sms)
                    .message_attributes("AWS.SNS.SMS.SMSType", string("Transactional")?);
                call.send().await.map_err(|error| AwsError::new("sns:Publish", error).about_an_address())?;
                Ok(Delivery::Sent)
            }
        }
    }

    async fn tell_admins(&self, message: &Rendered) -> Result<(), AwsError> {
        self.publish(&self.alerts_topic_arn, message).await
    }

    async fn root_ledger(&self) -> Result<Option<String>, AwsError> {
        let call = self.client.list_tags_for_resource().resource_arn(&self.alerts_topic_arn);
        let answer = call.send().await.map_err(|error| AwsError::new("sns:ListTagsForResource", error))?;
        let tag = answer.tags().iter().find(|tag| tag.key() == mark::ROOT_NOTIFIED_KEY);
        Ok(tag.map(|tag| tag.value().to_owned()))
    }

    async fn write_root_ledger(&self, topic_arn: &str, value: &str) -> Result<(), AwsError> {
        const OPERATION: &str = "sns:TagResource";
        let tag = Tag::builder()
            .key(mark::ROOT_NOTIFIED_KEY)
            .value(value)
            .build()
            .map_err(|_| AwsError::incomplete(OPERATION, "a key or value"))?;
        let call = self.client.tag_resource().resource_arn(topic_arn).tags(tag);
        call.send().await.map(drop).map_err(|error| AwsError::new(OPERATION, error))
    }
}

fn string(value: &str) -> Result<MessageAttributeValue, AwsError> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .map_err(|_| AwsError::incomplete("sns:Publish", "an attribute's value"))
}

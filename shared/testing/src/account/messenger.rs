//! What becomes of messages, and of the topics that they go to.

use super::Account;
use crate::event_schema::body;
use jiff::Timestamp;
use mfa_enforcer_aws::{AwsError, ErrorKind, EventBus, Messenger, NotTaken, Prepared, TopicKeeper};
use mfa_enforcer_core::bus::BusEvent;
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::facts::Mailbox;
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::sender::SenderSeen;
use mfa_enforcer_core::settings::Sender;
use mfa_enforcer_core::subscription::Subscription;
use serde_json::Value;
use std::collections::BTreeMap;

impl Messenger for Account {
    async fn prepare(
        &self,
        channel: &Channel,
        wanted: impl Future<Output = ()> + Send,
    ) -> Result<Prepared, AwsError> {
        self.calls.lock().unwrap().push("prepare");
        let name = match channel {
            Channel::Topic { name, .. } => name.clone(),
            Channel::Mail { .. } | Channel::Sms { .. } => String::new(),
        };
        let is_there = self.topics.lock().unwrap().contains_key(&name);
        if !is_there {
            wanted.await;
        }
        Ok(Prepared { topic_arn: name, subscriptions: Vec::new() })
    }

    async fn tell_user(
        &self,
        channel: &Channel,
        _: Option<Prepared>,
        message: &Rendered,
    ) -> Result<Delivery, AwsError> {
        self.calls.lock().unwrap().push("tell_user");
        if let Some(kind) = self.refuses_mail {
            let code = "InvalidParameter".to_owned();
            return Err(AwsError { operation: Operation::Subscribe, kind, code, source: None });
        }
        self.to_users.lock().unwrap().push(kind(message));
        let to = match channel {
            Channel::Topic { name, .. } => name,
            Channel::Mail { email } => email,
            Channel::Sms { phone } => phone,
        };
        let what = message.attributes[0].1.clone();
        self.mail.lock().unwrap().push((to.clone(), what));
        let name = match channel {
            Channel::Topic { name, .. } => name,
            Channel::Mail { .. } => return Ok(Delivery::Sent),
            Channel::Sms { .. } => return Ok(Delivery::HandedOver),
        };
        let first = if self.unconfirmed { Mailbox::Unconfirmed } else { Mailbox::Confirmed };
        let mut topics = self.topics.lock().unwrap();
        let mailbox = topics.entry(name.clone()).or_insert(first);
        if *mailbox == Mailbox::NotSubscribed {
            *mailbox = first;
        }
        Ok(if *mailbox == Mailbox::Confirmed { Delivery::Sent } else { Delivery::Unconfirmed })
    }

    async fn tell_admins(&self, message: &Rendered) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("tell_admins");
        self.to_admins.lock().unwrap().push(kind(message));
        self.admin_mail.lock().unwrap().push(machine(message));
        self.subjects.lock().unwrap().push(message.subject.clone());
        if message.attributes[0].1 == "digest" {
            self.digests.lock().unwrap().push(machine(message));
        }
        Ok(())
    }

    async fn order_sweep(&self, _: &str, id: &EventId, _: Timestamp) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("order_sweep");
        self.orders.lock().unwrap().insert(id.to_string());
        Ok(())
    }

    async fn alerts_tags(&self) -> Result<BTreeMap<String, String>, AwsError> {
        self.calls.lock().unwrap().push("alerts_tags");
        Ok(self.alerts_tags.lock().unwrap().clone())
    }

    async fn set_alerts_tag(&self, key: &'static str, value: &str) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("set_alerts_tag");
        self.alerts_tags.lock().unwrap().insert(key.to_owned(), value.to_owned());
        Ok(())
    }
}

impl EventBus for Account {
    async fn put_events(&self, batch: &[BusEvent]) -> Result<Vec<NotTaken>, AwsError> {
        self.calls.lock().unwrap().push("put_events");
        let (mut bus, mut busy) = (self.bus.lock().unwrap(), self.busy.lock().unwrap());
        let mut not_taken = Vec::new();
        for (index, event) in batch.iter().enumerate() {
            // Whatever a test does, the body fits its schema.
            body(event);
            if *busy > 0 {
                *busy -= 1;
                not_taken.push(NotTaken { index, code: "ThrottlingException".to_owned() });
            } else {
                bus.push(event.clone());
            }
        }
        Ok(not_taken)
    }
}

impl TopicKeeper for Account {
    async fn alerts_subscriptions(&self) -> Result<Vec<Subscription>, AwsError> {
        self.calls.lock().unwrap().push("alerts_subscriptions");
        let denied = || AwsError {
            operation: Operation::ListSubscriptionsByTopic,
            kind: ErrorKind::Denied,
            code: "AuthorizationError".to_owned(),
            source: None,
        };
        self.alerts_subscriptions.clone().ok_or_else(denied)
    }

    async fn user_topics(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        self.calls.lock().unwrap().push("user_topics");
        let topics = self.topics.lock().unwrap();
        Ok(topics.keys().filter(|name| name.starts_with(prefix)).cloned().collect())
    }

    async fn mailbox(&self, channel: &Channel) -> Result<Mailbox, AwsError> {
        self.calls.lock().unwrap().push("mailbox");
        let Channel::Topic { name, .. } = channel else { return Ok(Mailbox::NotLooked) };
        Ok(self.topics.lock().unwrap().get(name).copied().unwrap_or(Mailbox::NotSubscribed))
    }

    async fn sender(&self, _: &Sender) -> Result<SenderSeen, AwsError> {
        self.calls.lock().unwrap().push("sender");
        let all_is_well = SenderSeen { has_production_access: true, is_sending: true, is_verified: true };
        Ok(self.sender.unwrap_or(all_is_well))
    }

    async fn delete_topic(&self, name: &str) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("delete_topic");
        self.topics.lock().unwrap().remove(name);
        Ok(())
    }
}

fn machine(message: &Rendered) -> Value {
    let texts: Value = serde_json::from_str(&message.message).unwrap();
    serde_json::from_str(texts["sqs"].as_str().unwrap()).unwrap()
}

fn kind(message: &Rendered) -> String {
    let machine = machine(message);
    // A digest is about no single user, so it has no reach.
    let reach = machine["reach"].as_str().map(|reach| format!(" reach={reach}"));
    machine["kind"].as_str().unwrap().to_owned() + &reach.unwrap_or_default()
}

//! SNS: the administrators' topic, with one subscriber, and the topics of users, with nobody yet.

use super::answer::{Answer, list, tag};
use super::call::Call;
use crate::fixtures::ALERTS;
use std::collections::BTreeMap;

/// What was published.
#[derive(Default)]
pub(super) struct Topics {
    pub(super) told_admins: Vec<(String, String)>,
    pub(super) told_users: BTreeMap<String, usize>,
}

impl Topics {
    pub(super) fn answer(&mut self, call: &Call) -> Answer {
        let operation = call.operation.as_str();
        let topic = call.parameter("TopicArn");
        let content = match operation {
            "Publish" => {
                if topic == ALERTS {
                    let told = (call.parameter("Subject").to_owned(), call.parameter("Message").to_owned());
                    self.told_admins.push(told);
                } else {
                    *self.told_users.entry(topic.to_owned()).or_default() += 1;
                }
                tag("MessageId", "message")
            }
            "CreateTopic" => {
                let (place, _) = ALERTS.rsplit_once(':').unwrap();
                tag("TopicArn", &format!("{place}:{}", call.parameter("Name")))
            }
            "ListSubscriptionsByTopic" => {
                let admin =
                    [("Protocol", "email"), ("Endpoint", "admins@example.com"), ("SubscriptionArn", ALERTS)];
                let subscription = admin.map(|(name, value)| tag(name, value)).concat();
                list("Subscriptions", (topic == ALERTS).then_some(subscription))
            }
            "Subscribe" => tag("SubscriptionArn", "pending confirmation"),
            "ListTagsForResource" => list("Tags", []),
            "ListTopics" => list("Topics", []),
            other => panic!("SNS does not play {other}"),
        };
        Answer::result(operation, &content)
    }
}

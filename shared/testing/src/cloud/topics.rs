//! SNS: the administrators' topic, with one subscriber, and the topics of users.

use super::answer::{Answer, list, tag};
use super::call::Call;
use crate::fixtures::ALERTS;
use std::collections::BTreeMap;

/// What was published.
#[derive(Default)]
pub(super) struct Topics {
    pub(super) told_admins: Vec<(String, String)>,
    pub(super) told_users: BTreeMap<String, usize>,
    /// The topics of users, and which addresses are subscribed to each. All have confirmed that.
    subscribed: BTreeMap<String, Vec<String>>,
}

impl Topics {
    pub(super) fn subscribe(&mut self, topic: &str, email: &str) {
        self.subscribed.entry(arn(topic)).or_default().push(email.to_owned());
    }

    pub(super) fn answer(&mut self, call: &Call) -> Answer {
        let operation = call.operation.as_str();
        let topic = call.parameter("TopicArn");
        let content = match operation {
            "Publish" => {
                if topic == ALERTS {
                    let told = (call.parameter("Subject").to_owned(), call.parameter("Message").to_owned());
                    self.told_admins.push(told);
                } else if call.parameter("PhoneNumber").is_empty() {
                    assert!(self.subscribed.contains_key(topic), "nobody made {topic}");
                    *self.told_users.entry(topic.to_owned()).or_default() += 1;
                }
                tag("MessageId", "message")
            }
            "CreateTopic" => {
                let arn = arn(call.parameter("Name"));
                self.subscribed.entry(arn.clone()).or_default();
                tag("TopicArn", &arn)
            }
            "ListSubscriptionsByTopic" if topic == ALERTS => {
                list("Subscriptions", [subscription("admins@example.com")])
            }
            "ListSubscriptionsByTopic" => match self.subscribed.get(topic) {
                Some(addresses) => list("Subscriptions", addresses.iter().map(|email| subscription(email))),
                None => return Answer::error(404, "NotFound"),
            },
            "Subscribe" => {
                self.subscribed.get_mut(topic).unwrap().push(call.parameter("Endpoint").to_owned());
                tag("SubscriptionArn", "pending confirmation")
            }
            "ListTagsForResource" => list("Tags", []),
            "TagResource" => String::new(),
            "ListTopics" => list("Topics", []),
            other => panic!("SNS does not play {other}"),
        };
        Answer::result(operation, &content)
    }
}

fn arn(topic: &str) -> String {
    let (place, _) = ALERTS.rsplit_once(':').unwrap();
    format!("{place}:{topic}")
}

fn subscription(email: &str) -> String {
    let fields = [("Protocol", "email"), ("Endpoint", email), ("SubscriptionArn", ALERTS)];
    fields.map(|(name, value)| tag(name, value)).concat()
}

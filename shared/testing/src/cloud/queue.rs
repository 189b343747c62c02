//! SQS: a FIFO queue. One message of a group at a time, a message that was not removed comes again, and the third time
//! was the last.

use super::answer::Answer;
use super::call::Call;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// As in template.yaml: how long a message that was received is hidden, and how often it is received.
const HIDDEN: SignedDuration = SignedDuration::from_mins(18);
const RECEIVED: usize = 3;
/// Within this time, a message with the same id is taken for the same.
const SAME: SignedDuration = SignedDuration::from_mins(5);

/// A FIFO queue.
#[derive(Default)]
pub(super) struct Queue {
    messages: Vec<Message>,
    /// Ids of deduplication, and when each was sent.
    sent: Vec<(String, Timestamp)>,
    pub(super) dead_letters: Vec<String>,
    pub(super) lost_removals: Vec<String>,
    /// The accounts whose orders are not taken, once for each time that they are listed.
    pub(super) lost_orders: Vec<String>,
    count: usize,
}

/// A message.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) group: String,
    pub(super) body: String,
    visible: Timestamp,
    received: usize,
}

/// What the queue has for a consumer.
pub(super) enum Next {
    Message(Message),
    Later,
    Nothing,
}

impl Queue {
    pub(super) fn answer(&mut self, call: &Call, now: Timestamp) -> Answer {
        assert_eq!(call.operation, "SendMessageBatch", "SQS plays nothing else");
        let entries: Vec<Value> = serde_json::from_str(call.parameter("Entries")).unwrap();
        assert!((1..=10).contains(&entries.len()), "SQS takes ten messages in one call");
        self.sent.retain(|(_, at)| now.duration_since(*at) < SAME);
        let (mut taken, mut failed) = (Vec::new(), Vec::new());
        for entry in entries {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            if let Some(lost) = self.lost_orders.iter().position(|group| *group == text("MessageGroupId")) {
                self.lost_orders.remove(lost);
                failed.push(json!({"Id": text("Id"), "SenderFault": false, "Code": "InternalError"}));
                continue;
            }
            let id = text("MessageDeduplicationId");
            if !self.sent.iter().any(|(sent, _)| *sent == id) {
                self.sent.push((id, now));
                self.add(&text("MessageGroupId"), &text("MessageBody"), now);
            }
            let id = format!("message-{}", self.count);
            taken.push(json!({"Id": text("Id"), "MessageId": id, "MD5OfMessageBody": ""}));
        }
        Answer::json(&json!({"Successful": taken, "Failed": failed}))
    }

    pub(super) fn add(&mut self, group: &str, body: &str, now: Timestamp) {
        self.count += 1;
        self.messages.push(Message {
            id: format!("message-{}", self.count),
            group: group.to_owned(),
            body: body.to_owned(),
            visible: now,
            received: 0,
        });
    }

    /// The group and the body of each message.
    pub(super) fn orders(&self) -> Vec<(String, String)> {
        self.messages.iter().map(|message| (message.group.clone(), message.body.clone())).collect()
    }

    /// The first message of a group of which none is being handled.
    pub(super) fn receive(&mut self, now: Timestamp) -> Next {
        let Self { messages, dead_letters, .. } = self;
        messages.retain(|message| {
            let is_dead = message.received == RECEIVED && message.visible <= now;
            dead_letters.extend(is_dead.then(|| message.group.clone()));
            !is_dead
        });
        let mut groups = Vec::new();
        let next = messages.iter().position(|message| {
            let is_first = !groups.contains(&message.group.as_str());
            groups.push(message.group.as_str());
            is_first && message.visible <= now
        });
        match next {
            Some(next) => {
                let message = &mut messages[next];
                message.received += 1;
                message.visible = now + HIDDEN;
                Next::Message(message.clone())
            }
            None if messages.is_empty() => Next::Nothing,
            None => Next::Later,
        }
    }

    /// Removes a message that was handled.
    pub(super) fn remove(&mut self, handled: &Message) {
        let lost = self.lost_removals.iter().position(|account| *account == handled.group);
        match lost {
            Some(lost) => drop(self.lost_removals.remove(lost)),
            None => self.messages.retain(|message| message.id != handled.id),
        }
    }
}

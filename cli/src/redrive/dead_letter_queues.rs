//! The dead-letter queues of a stack: takes messages out for a while, gives them back, and removes them.

use crate::output::note;
use crate::stack_resources::Resource;
use anyhow::Context;
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message as Received, MessageSystemAttributeName};
use jiff::Timestamp;
use mfa_enforcer_aws::{AwsError, order_account, order_list, order_sweep};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::AccountOrder;
use mfa_enforcer_core::redrive::{Message, NewOrder, Ordered, Queue};

/// How long nobody else sees a message that was taken out, in seconds. A function has a minute and a half for an event.
pub(super) const HOLD: i32 = 600;
/// With a wait, SQS asks all of its servers, and not only some.
const WAIT: i32 = 1;
/// SQS gives out ten messages at once.
const BATCH: usize = 10;
const SENT: MessageSystemAttributeName = MessageSystemAttributeName::SentTimestamp;

/// The queues, by their addresses.
#[derive(Debug)]
pub(super) struct Queues {
    client: Client,
    dead_letters: Vec<(Queue, String)>,
    /// Of the orders for sweeps.
    orders: String,
    /// Of the orders to sweep single accounts; `None` unless it is a hub.
    accounts: Option<String>,
}

/// A message that nobody else sees for a while.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) message: Message,
    url: String,
    receipt: String,
}

/// What was taken out.
#[derive(Debug)]
pub(super) struct Taking {
    pub(super) held: Vec<Held>,
    /// Whether it stopped before a queue was empty.
    pub(super) may_be_more: bool,
}

impl Queues {
    /// The queues that the stack lists.
    pub(super) fn of(config: &SdkConfig, listed: &[Resource], stack: &str) -> anyhow::Result<Self> {
        let url = |logical: &str| {
            let found =
                listed.iter().find(|found| found.kind == "AWS::SQS::Queue" && found.logical == logical);
            let found = found.with_context(|| {
                format!("the stack {stack} has no queue {logical}: is it that of mfa-enforcer?")
            });
            found.map(|found| found.name.clone())
        };
        let is_hub = listed.iter().any(|found| found.logical == Queue::Accounts.logical());
        let accounts = if is_hub { Some(url("AccountQueue")?) } else { None };
        let dead_letters = [Queue::Events, Queue::Sweeps]
            .into_iter()
            .chain(is_hub.then_some(Queue::Accounts))
            .map(|queue| Ok((queue, url(queue.logical())?)))
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { client: Client::new(config), dead_letters, orders: url("SweepQueue")?, accounts })
    }

    /// Whether they are those of the hub of an organization.
    pub(super) fn are_of_hub(&self) -> bool {
        self.accounts.is_some()
    }

    /// Takes out up to so many messages, each once.
    pub(super) async fn receive(&self, max: usize) -> Result<Taking, AwsError> {
        let mut taking = Taking { held: Vec::new(), may_be_more: false };
        for (queue, url) in &self.dead_letters {
            if let Err(error) = self.receive_from(*queue, url, max, &mut taking).await {
                self.release(taking.held.iter()).await;
                return Err(error);
            }
        }
        Ok(taking)
    }

    async fn receive_from(
        &self,
        queue: Queue,
        url: &str,
        max: usize,
        taking: &mut Taking,
    ) -> Result<(), AwsError> {
        let before = taking.held.len();
        loop {
            let room = max.saturating_sub(taking.held.len());
            if room == 0 {
                taking.may_be_more = true;
                return Ok(());
            }
            let batch = self.batch(url, room.min(BATCH)).await?;
            let is_empty = batch.is_empty();
            for received in batch {
                let Some(held) = held(received, queue, url) else { continue };
                // A queue may give out a message twice. The later receipt is the one that counts.
                match taking.held.iter_mut().find(|known| known.message.id == held.message.id) {
                    Some(known) => known.receipt = held.receipt,
                    None => taking.held.push(held),
                }
            }
            if is_empty {
                // While messages of a group are out, a queue that keeps order gives out no other of it.
                taking.may_be_more |= queue.keeps_order() && taking.held.len() - before >= BATCH;
                return Ok(());
            }
        }
    }

    async fn batch(&self, url: &str, count: usize) -> Result<Vec<Received>, AwsError> {
        let call = self
            .client
            .receive_message()
            .queue_url(url)
            .max_number_of_messages(i32::try_from(count).unwrap_or(1))
            .visibility_timeout(HOLD)
            .wait_time_seconds(WAIT)
            .message_system_attribute_names(SENT)
            .message_attribute_names("All");
        let answer = call.send().await.map_err(|error| AwsError::new(Operation::ReceiveMessage, error))?;
        Ok(answer.messages.unwrap_or_default())
    }

    /// Holds a message for as long again, if it is not somebody else's by now.
    pub(super) async fn hold(&self, held: &Held) -> Result<(), AwsError> {
        self.hide(held, HOLD).await
    }

    /// Holds messages for as long again. One that is somebody else's by now is not run, as it is held once more before that.
    pub(super) async fn hold_all<'a>(&self, all: impl Iterator<Item = &'a Held>) {
        for held in all {
            drop(self.hold(held).await);
        }
    }

    /// Gives messages back. One that SQS does not take back now comes back by itself.
    pub(super) async fn release<'a>(&self, all: impl Iterator<Item = &'a Held>) {
        for held in all {
            if let Err(error) = self.hide(held, 0).await {
                note(&format!("A message is not given back at once ({error}): it is in ten minutes."));
            }
        }
    }

    async fn hide(&self, held: &Held, seconds: i32) -> Result<(), AwsError> {
        let call = self.client.change_message_visibility().queue_url(&held.url);
        let call = call.receipt_handle(&held.receipt).visibility_timeout(seconds);
        let answer = call.send().await;
        answer.map(drop).map_err(|error| AwsError::new(Operation::ChangeMessageVisibility, error))
    }

    /// Removes a message for good.
    pub(super) async fn remove(&self, held: &Held) -> Result<(), AwsError> {
        let call = self.client.delete_message().queue_url(&held.url).receipt_handle(&held.receipt);
        call.send().await.map(drop).map_err(|error| AwsError::new(Operation::DeleteMessage, error))
    }

    /// Orders a sweep, or a list.
    pub(super) async fn order(&self, order: &NewOrder) -> Result<(), AwsError> {
        match &order.ordered {
            Ordered::Sweep(request) => {
                order_sweep(&self.client, &self.orders, request.kind, &order.message, request.time).await
            }
            Ordered::List => order_list(&self.client, &self.orders).await,
        }
    }

    /// Orders a sweep of one account.
    pub(super) async fn order_account(&self, order: &AccountOrder) -> Result<(), AwsError> {
        match &self.accounts {
            Some(queue) => order_account(&self.client, queue, order).await,
            None => Err(AwsError::incomplete(Operation::SendMessage, "a queue of accounts")),
        }
    }
}

fn held(received: Received, queue: Queue, url: &str) -> Option<Held> {
    let sent = received.attributes.as_ref().and_then(|attributes| attributes.get(&SENT));
    let sent = sent.and_then(|sent| Timestamp::from_millisecond(sent.parse().ok()?).ok());
    let attributes = received.message_attributes.unwrap_or_default().into_iter();
    let message = Message {
        queue,
        id: received.message_id?,
        sent,
        body: received.body.unwrap_or_default(),
        attributes: attributes.filter_map(|(name, value)| Some((name, value.string_value?))).collect(),
    };
    Some(Held { message, url: url.to_owned(), receipt: received.receipt_handle? })
}

//! The queue of the orders for sweeps.

use crate::error::{AwsError, ErrorKind};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{BatchResultErrorEntry, SendMessageBatchRequestEntry};
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{AccountOrder, list_order};
use mfa_enforcer_core::tags::second;
use serde_json::json;

const OPERATION: Operation = Operation::SendMessage;
/// SQS takes ten messages in one call.
const BATCH: usize = 10;
/// Calls made at once.
const AT_ONCE: usize = 8;
/// How often a message is sent that SQS could not take.
const TRIES: usize = 3;
/// The group of all orders, so that no two sweeps run at once. The schedules use the same.
const GROUP: &str = "sweep";
/// The id of every order of a list.
const LIST: &str = "list-of-the-organization";

/// Orders a sweep that is due at this time. The same id orders no second one within five minutes.
///
/// # Errors
/// If SQS does not take the order.
pub async fn order_sweep(
    client: &Client,
    queue: &str,
    kind: SweepKind,
    id: &str,
    time: Timestamp,
) -> Result<(), AwsError> {
    let body = json!({"sweep": kind.name(), "scheduledTime": second(time)}).to_string();
    send(client, queue, body, GROUP, id).await
}

/// Orders a list of the organization. A second order within five minutes is none, whoever sends it.
///
/// # Errors
/// If SQS does not take the order.
pub async fn order_list(client: &Client, queue: &str) -> Result<(), AwsError> {
    send(client, queue, list_order(), GROUP, LIST).await
}

/// Orders a sweep of each of these accounts, ten in one call. A call that fails says nothing of the others.
///
/// # Errors
/// The first error, if SQS did not take all of them. Whatever it took is not ordered again within five minutes.
pub(crate) async fn order_accounts(
    client: &Client,
    queue: &str,
    orders: &[AccountOrder],
) -> Result<(), AwsError> {
    let calls = orders.chunks(BATCH).map(|orders| order_batch(client, queue, orders));
    let answers: Vec<_> = stream::iter(calls).buffer_unordered(AT_ONCE).collect().await;
    answers.into_iter().collect()
}

/// Tries again what SQS did not take, unless that cannot help.
async fn order_batch(client: &Client, queue: &str, orders: &[AccountOrder]) -> Result<(), AwsError> {
    let mut left: Vec<&AccountOrder> = orders.iter().collect();
    let mut tries = TRIES;
    loop {
        let failed = send_batch(client, queue, &left).await?;
        let Some(first) = failed.first() else { return Ok(()) };
        tries -= 1;
        if tries == 0 || failed.iter().any(BatchResultErrorEntry::sender_fault) {
            let code = first.code().to_owned();
            return Err(AwsError { operation: OPERATION, kind: ErrorKind::Unavailable, code, source: None });
        }
        let is_left = |order: &&AccountOrder| failed.iter().any(|entry| entry.id() == order.account);
        left.retain(is_left);
    }
}

/// What SQS did not take of ten orders at most. The ids of a batch are the accounts.
async fn send_batch(
    client: &Client,
    queue: &str,
    orders: &[&AccountOrder],
) -> Result<Vec<BatchResultErrorEntry>, AwsError> {
    let mut call = client.send_message_batch().queue_url(queue);
    for order in orders {
        let entry = SendMessageBatchRequestEntry::builder()
            .id(&order.account)
            .message_body(order.body())
            .message_group_id(&order.account)
            .message_deduplication_id(order.id());
        let entry = entry.build().map_err(|_| AwsError::incomplete(OPERATION, "an order"))?;
        call = call.entries(entry);
    }
    let answer = call.send().await.map_err(|error| AwsError::new(OPERATION, error))?;
    Ok(answer.failed)
}

/// Orders a sweep of one account, in the queue of accounts. Each account is a group of its own.
///
/// # Errors
/// If SQS does not take the order.
pub async fn order_account(client: &Client, queue: &str, order: &AccountOrder) -> Result<(), AwsError> {
    send(client, queue, order.body(), &order.account, &order.id()).await
}

async fn send(client: &Client, queue: &str, body: String, group: &str, id: &str) -> Result<(), AwsError> {
    let call = client
        .send_message()
        .queue_url(queue)
        .message_body(body)
        .message_group_id(group)
        .message_deduplication_id(id);
    call.send().await.map(drop).map_err(|error| AwsError::new(OPERATION, error))
}

//! The queue of the orders for sweeps.

use crate::error::AwsError;
use aws_sdk_sqs::Client;
use jiff::Timestamp;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{AccountOrder, list_order};
use mfa_enforcer_core::tags::second;
use serde_json::json;

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
    call.send().await.map(drop).map_err(|error| AwsError::new(Operation::SendMessage, error))
}

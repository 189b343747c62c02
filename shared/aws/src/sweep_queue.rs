//! The queue of the orders for sweeps.

use crate::error::AwsError;
use aws_sdk_sqs::Client;
use jiff::Timestamp;
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::tags::second;
use serde_json::json;

/// The group of all orders, so that no two sweeps run at once. The schedules use the same.
const GROUP: &str = "sweep";

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
    let call = client
        .send_message()
        .queue_url(queue)
        .message_body(body)
        .message_group_id(GROUP)
        .message_deduplication_id(id);
    call.send().await.map(drop).map_err(|error| AwsError::new(Operation::SendMessage, error))
}

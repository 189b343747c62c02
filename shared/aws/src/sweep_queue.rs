//! The queue of the orders for sweeps.

use crate::error::AwsError;
use aws_sdk_sqs::Client;
use jiff::Timestamp;
use mfa_enforcer_core::event::{EventId, SweepKind};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::tags::second;
use serde_json::json;

/// The group of all orders, so that no two sweeps run at once. The schedules use the same.
const GROUP: &str = "sweep";

/// Orders an hourly sweep. The same event orders no second one within five minutes.
pub(crate) async fn order(
    client: &Client,
    queue: &str,
    id: &EventId,
    time: Timestamp,
) -> Result<(), AwsError> {
    let body = json!({"sweep": SweepKind::Hourly.name(), "scheduledTime": second(time)}).to_string();
    let call = client
        .send_message()
        .queue_url(queue)
        .message_body(body)
        .message_group_id(GROUP)
        .message_deduplication_id(id.as_str());
    call.send().await.map(drop).map_err(|error| AwsError::new(Operation::SendMessage, error))
}

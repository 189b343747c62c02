//! The trails that the enforcer's region knows: its own, and the shadows of those that log every region.

use crate::error::AwsError;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::trail::{Trail, logs_writes};
use serde_json::{Value, json};

/// All trails. What cannot be read of one of them is unknown, and no error.
pub(crate) async fn trails(client: &Client) -> Result<Vec<Trail>, AwsError> {
    const OPERATION: Operation = Operation::DescribeTrails;
    let answer = client.describe_trails().include_shadow_trails(true).send().await;
    let listed = answer.map_err(|error| AwsError::new(OPERATION, error))?.trail_list.unwrap_or_default();
    let mut trails = Vec::new();
    for trail in listed {
        // A shadow is known by its ARN only.
        let id = trail.trail_arn.or(trail.name);
        let id = id.ok_or_else(|| AwsError::incomplete(OPERATION, "the ARN of a trail"))?;
        let is_logging = is_logging(client, &id).await.map_err(|error| error.to_string());
        // Without selectors of its own a trail logs all management events.
        let logs_writes = if trail.has_custom_event_selectors == Some(false) {
            Ok(true)
        } else {
            selectors_log_writes(client, &id).await.map_err(|error| error.to_string())
        };
        trails.push(Trail {
            is_in_every_region: trail.is_multi_region_trail.unwrap_or_default(),
            has_global_services: trail.include_global_service_events.unwrap_or_default(),
            is_logging,
            logs_writes,
        });
    }
    Ok(trails)
}

async fn is_logging(client: &Client, trail: &str) -> Result<bool, AwsError> {
    const OPERATION: Operation = Operation::GetTrailStatus;
    let answer = client.get_trail_status().name(trail).send().await;
    let status = answer.map_err(|error| AwsError::new(OPERATION, error))?;
    status.is_logging.ok_or_else(|| AwsError::incomplete(OPERATION, "IsLogging"))
}

async fn selectors_log_writes(client: &Client, trail: &str) -> Result<bool, AwsError> {
    let answer = client.get_event_selectors().trail_name(trail).send().await;
    let selectors = answer.map_err(|error| AwsError::new(Operation::GetEventSelectors, error))?;
    let basic: Vec<Value> = selectors.event_selectors().iter().map(basic).collect();
    let advanced: Vec<Value> = selectors.advanced_event_selectors().iter().map(advanced).collect();
    Ok(logs_writes(&json!(basic), &json!(advanced)))
}

/// The form in which `CloudTrail` records selectors.
fn basic(selector: &EventSelector) -> Value {
    json!({
        "readWriteType": selector.read_write_type().map(ReadWriteType::as_str),
        "includeManagementEvents": selector.include_management_events(),
        "excludeManagementEventSources": selector.exclude_management_event_sources(),
    })
}

fn advanced(selector: &AdvancedEventSelector) -> Value {
    let conditions: Vec<Value> = selector.field_selectors().iter().map(condition).collect();
    json!({"fieldSelectors": conditions})
}

fn condition(condition: &AdvancedFieldSelector) -> Value {
    json!({
        "field": condition.field(),
        "equals": condition.equals(),
        "startsWith": condition.starts_with(),
        "endsWith": condition.ends_with(),
        "notEquals": condition.not_equals(),
        "notStartsWith": condition.not_starts_with(),
        "notEndsWith": condition.not_ends_with(),
    })
}

//! Whether a call changes anything that matters, where that depends on its parameters.

use super::own_resources::strings;
use crate::trail::logs_writes_and_keys;
use serde_json::Value;

/// Whether `UpdateTrail` makes a trail log less: in one region only, or without IAM's events. Parameters that are not in
/// the request stay as they were.
pub(super) fn narrows_trail(parameters: &Value) -> bool {
    let is_off = |name: &str| match parameters.get(name) {
        None | Some(Value::Null) => false,
        Some(Value::Bool(on)) => !on,
        Some(Value::String(on)) => on != "true",
        // Not understood, so somebody has to look.
        Some(_) => true,
    };
    is_off("isMultiRegionTrail") || is_off("includeGlobalServiceEvents")
}

/// Whether `PutEventSelectors` leaves a trail that does not log all management events that write.
pub(super) fn cuts_selectors(parameters: &Value) -> bool {
    let part = |name: &str| parameters.get(name).unwrap_or(&Value::Null);
    !logs_writes_and_keys(part("eventSelectors"), part("advancedEventSelectors"))
}

/// Whether a call about tags names one that the enforcer writes.
pub(super) fn names_own_tag(parameters: &Value) -> bool {
    strings(parameters).iter().any(|text| text.starts_with("mfa-enforcer:"))
}

//! The request to run a sweep, from the schedule or sent by hand.

use super::ignored::Ignored;
use super::malformed::Malformed;
use super::trigger::{EventId, VISIBILITY_LAG};
use jiff::Timestamp;
use serde_json::Value;

/// Identifies a sweep. A request that is delivered twice is the same sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepRequest {
    /// Derived from the time: `sweep-20261124T060000Z`.
    pub id: EventId,
    /// When the sweep was due.
    pub time: Timestamp,
}

/// The result of parsing a payload sent to the sweep function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepReading {
    /// A sweep to run.
    Sweep(SweepRequest),
    /// An event to ignore, and why.
    Ignored(Ignored),
}

/// Parses a payload sent to the sweep function: `{}` if sent by hand, a scheduled EventBridge event (its `time`), or
/// `{"scheduledTime": ...}` as filled in by EventBridge Scheduler. Without a time, the sweep is due `now`.
///
/// # Errors
/// [`Malformed`], naming the field, if the payload is none of these or its time cannot be parsed.
pub fn read_request(payload: &str, now: Timestamp) -> Result<SweepReading, Malformed> {
    let value: Value = serde_json::from_str(payload)
        .map_err(|error| Malformed::new("(payload)", &format!("is not valid JSON: {error}")))?;
    let Some(fields) = value.as_object() else {
        return Err(Malformed::new("(payload)", "is not an object, expected `{}` or a scheduled event"));
    };
    if fields.is_empty() {
        return request(now, "(payload)");
    }
    // An EventBridge rule that sends other events here is misconfigured, but harmless.
    if fields.get("detail-type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("via CloudTrail"))
    {
        return Ok(SweepReading::Ignored(Ignored::OtherFunction));
    }
    let scheduled = fields.get("detail-type").and_then(Value::as_str) == Some("Scheduled Event");
    let path = if fields.contains_key("scheduledTime") { "scheduledTime" } else { "time" };
    match fields.get(path) {
        Some(Value::String(time)) if scheduled || path == "scheduledTime" => {
            let time = time.parse().map_err(|_| {
                Malformed::new(path, "is not a timestamp, expected one like `2026-11-24T06:00:00Z`")
            })?;
            if time > now.checked_add(VISIBILITY_LAG).unwrap_or(Timestamp::MAX) {
                return Err(Malformed::new(path, "is in the future"));
            }
            request(time, path)
        }
        Some(Value::String(_)) => Err(Malformed::new("detail-type", "is not `Scheduled Event`")),
        Some(Value::Null) | None => Err(Malformed::new(path, "is missing; send `{}` to sweep now")),
        Some(_) => Err(Malformed::new(path, "is not a string")),
    }
}

fn request(time: Timestamp, path: &str) -> Result<SweepReading, Malformed> {
    EventId::new(&time.strftime("sweep-%Y%m%dT%H%M%SZ").to_string())
        .map(|id| SweepReading::Sweep(SweepRequest { id, time }))
        .ok_or_else(|| Malformed::new(path, "is before the year 1"))
}

impl SweepRequest {
    /// Shown where events show their `eventName`.
    pub const NAME: &str = "Sweep";

    /// The request with an id that all sweeps of a day (UTC) share. Notices that are sent once a day are recorded
    /// under it.
    #[must_use]
    pub fn of_the_day(&self) -> Self {
        let day = EventId::new(&self.time.strftime("sweep-%Y%m%d").to_string());
        Self { id: day.unwrap_or_else(|| self.id.clone()), time: self.time }
    }
}

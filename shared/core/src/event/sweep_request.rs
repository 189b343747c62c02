//! The order to sweep: from the schedule, or by hand.

use super::ignored::Ignored;
use super::malformed::Malformed;
use super::trigger::{EventId, VISIBILITY_LAG};
use jiff::Timestamp;
use serde_json::Value;

/// Which sweep it is. The same order, delivered twice, is the same sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepRequest {
    /// `sweep-20261124T060000Z`.
    pub id: EventId,
    /// When it was due.
    pub time: Timestamp,
}

/// What a payload of the sweep's function turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SweepReading {
    /// A sweep.
    Sweep(SweepRequest),
    /// Nothing to do, and why.
    Ignored(Ignored),
}

/// Reads the payload of the sweep's function: `{}` by hand, a scheduled event of EventBridge (its `time`), or
/// `{"scheduledTime": ...}` as EventBridge Scheduler fills it in. Without a time the sweep is due `now`.
///
/// # Errors
/// [`Malformed`], naming the field, where the payload is none of these or its time cannot be read.
pub fn read_request(payload: &str, now: Timestamp) -> Result<SweepReading, Malformed> {
    let value: Value = serde_json::from_str(payload)
        .map_err(|error| Malformed::new("(payload)", &format!("is not JSON that can be read: {error}")))?;
    let Some(fields) = value.as_object() else {
        return Err(Malformed::new("(payload)", "is not an object, expected `{}` or a scheduled event"));
    };
    if fields.is_empty() {
        return request(now, "(payload)");
    }
    // A rule that sends other events here is wrong, but harmless.
    if fields.get("detail-type").and_then(Value::as_str).is_some_and(|kind| kind.ends_with("via CloudTrail"))
    {
        return Ok(SweepReading::Ignored(Ignored::OtherFunction));
    }
    let scheduled = fields.get("detail-type").and_then(Value::as_str) == Some("Scheduled Event");
    let path = if fields.contains_key("scheduledTime") { "scheduledTime" } else { "time" };
    match fields.get(path) {
        Some(Value::String(time)) if scheduled || path == "scheduledTime" => {
            let time = time.parse().map_err(|_| {
                Malformed::new(path, "is not a time, expected one like `2026-11-24T06:00:00Z`")
            })?;
            if time > now.checked_add(VISIBILITY_LAG).unwrap_or(Timestamp::MAX) {
                return Err(Malformed::new(path, "is in the future"));
            }
            request(time, path)
        }
        Some(Value::String(_)) => Err(Malformed::new("detail-type", "is not `Scheduled Event`")),
        Some(Value::Null) | None => Err(Malformed::new(path, "is missing; send `{}` to sweep now")),
        Some(_) => Err(Malformed::new(path, "is not a text")),
    }
}

fn request(time: Timestamp, path: &str) -> Result<SweepReading, Malformed> {
    EventId::new(&time.strftime("sweep-%Y%m%dT%H%M%SZ").to_string())
        .map(|id| SweepReading::Sweep(SweepRequest { id, time }))
        .ok_or_else(|| Malformed::new(path, "is before the first year"))
}

impl SweepRequest {
    /// Its name where events have theirs.
    pub const NAME: &str = "Sweep";

    /// The id under which what is said once a day is recorded: the same for all sweeps of a day (UTC).
    #[must_use]
    pub fn of_the_day(&self) -> Self {
        let day = EventId::new(&self.time.strftime("sweep-%Y%m%d").to_string());
        Self { id: day.unwrap_or_else(|| self.id.clone()), time: self.time }
    }
}

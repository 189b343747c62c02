//! The request to run a sweep: from the schedule, through the queue, or sent by hand.

use super::ignored::Ignored;
use super::malformed::Malformed;
use super::record::{EventId, VISIBILITY_LAG};
use jiff::Timestamp;
use serde_json::{Map, Value};
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// What a sweep does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum SweepKind {
    /// Only what cannot wait: contain, release, repair, and tell contained users what they have not heard.
    Hourly,
    /// Everything: reminders, the digest, root, the metrics of the account's state, stale topics.
    Daily,
}

/// Identifies a sweep. A request that is delivered twice is the same sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepRequest {
    /// What the sweep does.
    pub kind: SweepKind,
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

/// Parses a payload sent to the sweep function. It is one of these, or an SQS event whose only message is one of these:
///
/// - `{"sweep": "hourly", "scheduledTime": ...}` or `"daily"`, as EventBridge Scheduler fills it in. Without a time, the
///   sweep is due `now`; without a kind, it is daily;
/// - `{}`: a daily sweep, sent by hand;
/// - a scheduled event of EventBridge, with its `time`: a daily sweep.
///
/// # Errors
/// [`Malformed`], naming the field, if the payload is none of these.
pub fn read_request(payload: &str, now: Timestamp) -> Result<SweepReading, Malformed> {
    const RECORDS: &str = "Records";
    const BODY: &str = "Records[0].body";
    let fields = object(payload, "(payload)")?;
    match fields.get(RECORDS) {
        None => read_fields(&fields, "", now),
        Some(Value::Array(records)) => {
            let [record] = records.as_slice() else {
                let problem = format!("has {} messages, expected one", records.len());
                return Err(Malformed::new(RECORDS, &problem));
            };
            let Some(body) = record.get("body").and_then(Value::as_str) else {
                return Err(Malformed::new(BODY, "is missing or not a string"));
            };
            read_fields(&object(body, BODY)?, "Records[0].body.", now)
        }
        Some(_) => Err(Malformed::new(RECORDS, "is not a list of messages")),
    }
}

fn object(text: &str, path: &str) -> Result<Map<String, Value>, Malformed> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Malformed::new(path, &format!("is not valid JSON: {error}")))?;
    match value {
        Value::Object(fields) => Ok(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Malformed::new(path, "is not an object, expected `{}` or a scheduled event"))
        }
    }
}

/// Reads a request whose fields have paths that begin with `within`.
fn read_fields(fields: &Map<String, Value>, within: &str, now: Timestamp) -> Result<SweepReading, Malformed> {
    const KIND: &str = "sweep";
    const SCHEDULED: &str = "scheduledTime";
    let bad = |field: &str, problem: &str| Err(Malformed::new(&format!("{within}{field}"), problem));
    let detail_type = fields.get("detail-type").and_then(Value::as_str);
    // An EventBridge rule that sends other events here is misconfigured, but harmless.
    if detail_type.is_some_and(|kind| kind.ends_with("via CloudTrail")) {
        return Ok(SweepReading::Ignored(Ignored::OtherFunction));
    }
    let kind = match fields.get(KIND) {
        None => None,
        Some(Value::String(name)) => match SweepKind::iter().find(|kind| kind.name() == name) {
            Some(kind) => Some(kind),
            None => return bad(KIND, "is neither `hourly` nor `daily`"),
        },
        Some(_) => return bad(KIND, "is not a string"),
    };
    let path = if kind.is_some() || fields.contains_key(SCHEDULED) { SCHEDULED } else { "time" };
    let is_event = detail_type == Some("Scheduled Event");
    let time = match fields.get(path) {
        None if kind.is_some() || fields.is_empty() => now,
        Some(Value::String(time)) if is_event || path == SCHEDULED => match time.parse::<Timestamp>() {
            Ok(time) if time > now.checked_add(VISIBILITY_LAG).unwrap_or(Timestamp::MAX) => {
                return bad(path, "is in the future");
            }
            Ok(time) => time,
            Err(_) => return bad(path, "is not a timestamp, expected one like `2026-11-24T06:00:00Z`"),
        },
        Some(Value::String(_)) => return bad("detail-type", "is not `Scheduled Event`"),
        Some(Value::Null) | None => return bad(path, "is missing; send `{}` to sweep now"),
        Some(_) => return bad(path, "is not a string"),
    };
    SweepRequest::due(kind.unwrap_or(SweepKind::Daily), time)
        .map(SweepReading::Sweep)
        .ok_or_else(|| Malformed::new(&format!("{within}{path}"), "is before the year 1"))
}

impl SweepKind {
    /// Stable name for requests and the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

impl SweepRequest {
    /// Shown where events show their `eventName`.
    pub const NAME: &str = "Sweep";

    /// The sweep that is due at this time; `None` before the year 1.
    #[must_use]
    pub fn due(kind: SweepKind, time: Timestamp) -> Option<Self> {
        let id = EventId::new(&time.strftime("sweep-%Y%m%dT%H%M%SZ").to_string())?;
        Some(Self { kind, id, time })
    }

    /// Whether only what cannot wait is done.
    #[must_use]
    pub fn is_hourly(&self) -> bool {
        self.kind == SweepKind::Hourly
    }

    /// The request with an id that all sweeps of a day (UTC) share. What is said once a day is recorded under it.
    #[must_use]
    pub fn of_the_day(&self) -> Self {
        let day = EventId::new(&self.time.strftime("sweep-%Y%m%d").to_string());
        Self { id: day.unwrap_or_else(|| self.id.clone()), ..self.clone() }
    }

    /// The same request as a sweep of this kind.
    #[must_use]
    pub fn as_kind(&self, kind: SweepKind) -> Self {
        Self { kind, ..self.clone() }
    }
}

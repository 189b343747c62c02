//! What the sweep of a hub is asked to do: plan a run, or sweep single accounts.

use super::run::SweepRun;
use super::session::account_number;
use crate::event::{Ignored, Malformed, SweepReading, SweepRequest, read_request};
use crate::tags::second;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// How long after it was due an hourly sweep is still of use: then the next one is ordered, which does the same.
const HOURLY_LASTS: SignedDuration = SignedDuration::from_hours(1);
/// The same of a daily one, apart from its digest.
const DAILY_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// What the sweep of a hub is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubRequest {
    /// List the organization, and order a sweep of each account.
    Plan(SweepRequest),
    /// List the organization, and nothing else.
    List,
    /// Sweep these accounts. Each message is answered by itself.
    Accounts(Vec<Message>),
    /// An event to ignore, and why.
    Ignored(Ignored),
}

/// A message of the queue of accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The id that SQS gave it.
    pub id: String,
    /// What it orders, or why it cannot be read.
    pub order: Result<AccountOrder, Malformed>,
}

/// The order to sweep one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOrder {
    /// Number of the account.
    pub account: String,
    /// What the sweep does, and when it was due.
    pub request: SweepRequest,
}

/// Parses a payload sent to the sweep of a hub: what [`read_request`] takes, or an SQS event with orders of accounts.
///
/// # Errors
/// As for [`read_request`].
pub fn read_hub_request(payload: &str, now: Timestamp) -> Result<HubRequest, Malformed> {
    let records = serde_json::from_str::<Value>(payload).ok().and_then(|value| value.get("Records").cloned());
    let messages: Vec<(String, String)> = records
        .iter()
        .flat_map(|records| records.as_array().into_iter().flatten())
        .map(|record| (text(record, "messageId"), text(record, "body")))
        .collect();
    if !messages.is_empty() && messages.iter().all(|(_, body)| body.contains(ACCOUNT)) {
        let message = |(id, body): (String, String)| Message { id, order: AccountOrder::read(&body, now) };
        return Ok(HubRequest::Accounts(messages.into_iter().map(message).collect()));
    }
    let bodies = messages.iter().map(|(_, body)| serde_json::from_str::<Value>(body).ok());
    if bodies.eq([Some(list())]) {
        return Ok(HubRequest::List);
    }
    Ok(match read_request(payload, now)? {
        SweepReading::Sweep(request) => HubRequest::Plan(request),
        SweepReading::Ignored(reason) => HubRequest::Ignored(reason),
    })
}

/// The order to list the organization, because of an event of an account that is not in the list.
#[must_use]
pub fn list_order() -> String {
    list().to_string()
}

/// Whether this is the order to list the organization.
pub(crate) fn is_list_order(body: &str) -> bool {
    serde_json::from_str::<Value>(body).is_ok_and(|body| body == list())
}

fn list() -> Value {
    json!({"list": "organization"})
}

const ACCOUNT: &str = "\"account\"";

fn text(record: &Value, field: &str) -> String {
    record.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl AccountOrder {
    pub(crate) fn read(body: &str, now: Timestamp) -> Result<Self, Malformed> {
        let value: Value = serde_json::from_str(body)
            .map_err(|error| Malformed::new("body", &format!("is not valid JSON: {error}")))?;
        let account = account_number(&text(&value, "account"))
            .map_err(|expected| Malformed::new("body.account", &format!("is none, {expected}")))?;
        match read_request(body, now)? {
            SweepReading::Sweep(request) => Ok(Self { account, request }),
            SweepReading::Ignored(_) => Err(Malformed::new("body", "is no order")),
        }
    }

    /// Whether it came too late: an hourly sweep that another one has followed. Where orders pile up, each account is swept
    /// once, and not as often as it waited. A daily one is never too late, since its digest waits for it.
    #[must_use]
    pub fn is_outdated(&self, now: Timestamp) -> bool {
        self.request.is_hourly() && now.duration_since(self.request.time) > HOURLY_LASTS
    }

    /// Whether later sweeps have done the same, so that there is no use in running it once more.
    #[must_use]
    pub fn is_made_up_for(&self, now: Timestamp) -> bool {
        self.is_outdated(now) || now.duration_since(self.request.time) > DAILY_LASTS
    }

    /// What makes it the same order if it is sent again: the run and the account.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}-{}", SweepRun::of(self.request.kind, self.request.time), self.account)
    }

    /// The body of its message.
    #[must_use]
    pub fn body(&self) -> String {
        json!({
            "account": self.account,
            "sweep": self.request.kind.name(),
            "scheduledTime": second(self.request.time),
        })
        .to_string()
    }
}

/// What Lambda tells SQS of a batch: only these messages are to be tried again.
#[must_use]
pub fn failed_messages(ids: &[String]) -> Value {
    let failures: Vec<Value> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({"batchItemFailures": failures})
}

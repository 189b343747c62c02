//! The envelope that EventBridge puts around a record.

use super::detail::Text;
use super::malformed::{Malformed, typed};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The fields of an EventBridge event that matter here. Most are only used where the record itself lacks them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Envelope {
    /// What kind of event it is: `AWS API Call via CloudTrail`.
    pub detail_type: String,
    /// Which service sent it: `aws.iam`.
    pub source: String,
    #[serde(default)]
    id: Text,
    #[serde(default)]
    account: Text,
    #[serde(default)]
    region: Text,
    #[serde(default)]
    time: Text,
    /// The record.
    #[serde(default)]
    pub detail: Value,
}

impl Envelope {
    /// Reads a payload.
    ///
    /// # Errors
    /// [`Malformed`], naming the field, where it is not an EventBridge event.
    pub fn read(payload: &str) -> Result<Self, Malformed> {
        let value: Value = serde_json::from_str(payload).map_err(|error| {
            Malformed::new("(payload)", &format!("is not JSON that can be read: {error}"))
        })?;
        if !value.is_object() {
            return Err(Malformed::new("(payload)", "is not an object, expected an EventBridge event"));
        }
        let envelope: Self = typed("", value)?;
        envelope.time()?;
        Ok(envelope)
    }

    /// The event's id, which is not the record's.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.get()
    }

    /// The account that the event comes from.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.get()
    }

    /// The region that the event comes from.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.get()
    }

    /// When it was sent.
    ///
    /// # Errors
    /// [`Malformed`] where it is not a time.
    pub fn time(&self) -> Result<Option<Timestamp>, Malformed> {
        let Some(text) = self.time.get() else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Malformed::not_a_time("time"))
    }
}

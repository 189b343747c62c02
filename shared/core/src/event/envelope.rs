//! The envelope that EventBridge wraps around a record.

use super::detail::Text;
use super::malformed::{Malformed, typed};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The fields of an EventBridge event that are used. Most are a fallback for records that lack the field.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Envelope {
    /// Kind of event, such as `AWS API Call via CloudTrail`.
    pub detail_type: String,
    /// Service that sent the event, such as `aws.iam`.
    pub source: String,
    #[serde(default)]
    id: Text,
    #[serde(default)]
    account: Text,
    #[serde(default)]
    region: Text,
    #[serde(default)]
    time: Text,
    /// The `CloudTrail` record, unparsed.
    #[serde(default)]
    pub detail: Value,
}

impl Envelope {
    /// Parses a payload.
    ///
    /// # Errors
    /// [`Malformed`], naming the field, if the payload is not an EventBridge event.
    pub fn read(payload: &str) -> Result<Self, Malformed> {
        let value: Value = serde_json::from_str(payload)
            .map_err(|error| Malformed::new("(payload)", &format!("is not valid JSON: {error}")))?;
        if !value.is_object() {
            return Err(Malformed::new("(payload)", "is not an object, expected an EventBridge event"));
        }
        let envelope: Self = typed("", value)?;
        envelope.time()?;
        Ok(envelope)
    }

    /// Whether its kind is that of a record of `CloudTrail`.
    #[must_use]
    pub fn is_record(&self) -> bool {
        matches!(
            self.detail_type.as_str(),
            "AWS API Call via CloudTrail"
                | "AWS Console Sign In via CloudTrail"
                | "AWS Console Signin via CloudTrail"
                | "AWS Service Event via CloudTrail"
        )
    }

    /// Id of the EventBridge event, which differs from the record's `eventID`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.get()
    }

    /// Account the event comes from.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.get()
    }

    /// Region the event comes from.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.get()
    }

    /// When the event was sent; `None` if the envelope does not say.
    ///
    /// # Errors
    /// [`Malformed`] if the field is not a timestamp.
    pub fn time(&self) -> Result<Option<Timestamp>, Malformed> {
        let Some(text) = self.time.get() else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Malformed::not_a_time("time"))
    }
}

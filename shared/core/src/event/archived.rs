//! Records as they lie in archives: without the envelope that EventBridge puts around them.

use super::detail::Text;
use super::malformed::{Malformed, typed};
use super::read_event::parsed_time;
use crate::partition::Partition;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// What tells the forms of a record apart.
#[derive(Deserialize)]
struct Form {
    #[serde(default, rename = "detail-type")]
    detail_type: Option<IgnoredAny>,
    /// The record within an answer of `LookupEvents`.
    #[serde(default, rename = "CloudTrailEvent")]
    event: Option<String>,
    #[serde(default, rename = "awsRegion")]
    region: Text,
}

/// A payload as EventBridge would send it: the same if it is one, otherwise with an envelope around the record, which may
/// be bare or within an answer of `LookupEvents`.
///
/// # Errors
/// [`Malformed`] if it is not a JSON object.
pub fn enveloped(record: &str) -> Result<Cow<'_, str>, Malformed> {
    // An array would be taken for the fields in their order.
    if !record.trim_start().starts_with('{') {
        return Err(Malformed::new("(record)", "is not a JSON object"));
    }
    let form: Form = serde_json::from_str(record)
        .map_err(|error| Malformed::new("(record)", &format!("is not a JSON object: {error}")))?;
    if form.detail_type.is_some() {
        return Ok(Cow::Borrowed(record));
    }
    match form.event {
        Some(event) => {
            let within: Form = serde_json::from_str(&event).map_err(|error| {
                Malformed::new("CloudTrailEvent", &format!("is not a JSON object: {error}"))
            })?;
            Ok(Cow::Owned(wrapped(&event, &within)?))
        }
        None => Ok(Cow::Owned(wrapped(record, &form)?)),
    }
}

/// The record within a payload, as it is written there; `None` if there is none.
#[must_use]
pub fn detail(payload: &str) -> Option<&str> {
    #[derive(Deserialize)]
    struct Outer<'a> {
        #[serde(borrow)]
        detail: &'a RawValue,
    }
    serde_json::from_str::<Outer<'_>>(payload).ok().map(|outer| outer.detail.get())
}

/// What says where a record belongs among others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Header {
    /// Account in which it happened.
    pub account: String,
    /// When.
    pub at: Timestamp,
    /// Id of the record.
    pub id: String,
    /// Region that recorded it; empty if the record does not say.
    pub region: String,
    /// ARN of the caller; empty if the record does not say.
    pub caller: String,
}

impl Header {
    /// Reads the header of a payload.
    ///
    /// # Errors
    /// [`Malformed`] if a record has no time, or no account.
    pub fn read(payload: &str) -> Result<Self, Malformed> {
        #[derive(Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        struct Identity {
            arn: Text,
            account_id: Text,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Fields {
            #[serde(default)]
            event_time: Text,
            #[serde(default, rename = "eventID")]
            event_id: Text,
            #[serde(default)]
            aws_region: Text,
            #[serde(default)]
            recipient_account_id: Text,
            #[serde(default)]
            user_identity: Option<Identity>,
        }
        const DETAIL: &str = "detail";
        const ACCOUNT: &str = "detail.recipientAccountId";
        let detail = detail(payload).ok_or_else(|| Malformed::missing(DETAIL))?;
        let not_json = |_| Malformed::new(DETAIL, "is not JSON");
        let fields: Fields = typed(DETAIL, serde_json::from_str(detail).map_err(not_json)?)?;
        let time = fields.event_time.get().ok_or_else(|| Malformed::missing("detail.eventTime"))?;
        let identity = fields.user_identity.unwrap_or_default();
        let account = fields.recipient_account_id.get().or(identity.account_id.get());
        let account = account.ok_or_else(|| Malformed::missing(ACCOUNT))?;
        if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Malformed::new(ACCOUNT, "is not the number of an account"));
        }
        let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
        Ok(Self {
            account: account.to_owned(),
            at: parsed_time(time).ok_or_else(|| Malformed::not_a_time("detail.eventTime"))?,
            id: owned(fields.event_id.get()),
            region: owned(fields.aws_region.get()),
            caller: owned(identity.arn.get()),
        })
    }

    /// The ARN of the account's root, in the partition in which it happened.
    #[must_use]
    pub fn root_arn(&self) -> String {
        let of_caller = self.caller.split(':').nth(1).filter(|name| !name.is_empty());
        let partition = match (self.region.as_str(), of_caller) {
            ("", Some(partition)) => partition,
            (region, _) => Partition::name_of_region(region),
        };
        format!("arn:{partition}:iam::{}:root", self.account)
    }

    /// The region in which the events of IAM arrive, as far as it is known.
    #[must_use]
    pub fn home_region(&self) -> &str {
        let home = Partition::of_arn(&self.root_arn()).traits().home_region;
        home.unwrap_or(&self.region)
    }
}

fn wrapped(record: &str, form: &Form) -> Result<String, Malformed> {
    #[derive(serde::Serialize)]
    #[serde(rename_all = "kebab-case")]
    struct Wrapped<'a> {
        detail_type: &'static str,
        source: &'static str,
        region: &'a str,
        detail: &'a RawValue,
    }
    let not_json = |error: serde_json::Error| Malformed::new("(record)", &format!("is not JSON: {error}"));
    let detail: &RawValue = serde_json::from_str(record).map_err(not_json)?;
    let region = form.region.get().unwrap_or_default();
    // The record itself says of which service it is.
    let wrapped = Wrapped { detail_type: "AWS API Call via CloudTrail", source: "archive", region, detail };
    serde_json::to_string(&wrapped).map_err(not_json)
}

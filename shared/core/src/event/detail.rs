//! A tolerant `CloudTrail` record: accepts missing fields and the spelling variants found in real records.
//!
//! Nearly half of the published records lack a field that stricter parsers require (`requestID`,
//! `eventType`, `sessionContext`...). A field that is absent, null, empty or the string `null` is `None`;
//! a field of the wrong type is an error.

use super::malformed::Malformed;
use crate::device::Serial;
use crate::tags::PREFIX;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::Value;
use std::fmt;

/// The fields of `detail` that affect a decision.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Detail {
    #[serde(default)]
    pub(super) event_source: Text,
    #[serde(default)]
    pub(super) event_name: Text,
    #[serde(default)]
    pub(super) event_type: Text,
    #[serde(default, rename = "eventID")]
    pub(super) event_id: Text,
    #[serde(default)]
    pub(super) event_time: Text,
    #[serde(default, rename = "sourceIPAddress")]
    pub(super) source_ip_address: Text,
    #[serde(default)]
    pub(super) user_agent: Text,
    #[serde(default)]
    pub(super) error_code: Text,
    #[serde(default)]
    pub(super) recipient_account_id: Text,
    #[serde(default)]
    pub(super) user_identity: Value,
    #[serde(default)]
    pub(super) request_parameters: Value,
    #[serde(default)]
    pub(super) response_elements: Value,
    #[serde(default)]
    pub(super) additional_event_data: Value,
}

/// `userIdentity`: who made the call.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserIdentity {
    #[serde(default, rename = "type")]
    pub(super) kind: Text,
    #[serde(default)]
    pub(super) arn: Text,
    #[serde(default)]
    pub(super) account_id: Text,
    #[serde(default)]
    pub(super) principal_id: Text,
    #[serde(default)]
    pub(super) user_name: Text,
    #[serde(default)]
    pub(super) access_key_id: Text,
    #[serde(default)]
    pub(super) invoked_by: Text,
    #[serde(default)]
    invoked_by_delegate: Value,
    #[serde(default)]
    session_context: Value,
}

impl UserIdentity {
    /// The account of a vendor to whom the caller's rights were delegated for a while (`invokedByDelegate`).
    ///
    /// Like the context of the session it is only said to people, so an unexpected form is not an error.
    pub(super) fn delegate(&self) -> Option<&str> {
        self.invoked_by_delegate.get("accountId").and_then(Value::as_str)
    }

    /// Whether an administrator of the organization acts as root (`sts:AssumeRoot`). The mark is documented as a
    /// string, but other fields of a record have been seen as either; and it may be missing.
    pub(super) fn is_assumed_root(&self) -> bool {
        let mark = self.session_context.get("assumedRoot");
        mark.and_then(|mark| Flag::deserialize(mark).ok()).is_some_and(|mark| mark.0)
    }

    /// A field of the identity that began the session. Like the rest of the context, an unexpected form says nothing.
    pub(super) fn issuer(&self, field: &str) -> Option<&str> {
        self.session_context.get("sessionIssuer")?.get(field)?.as_str().filter(|text| !text.is_empty())
    }

    /// The name that a person gave as the source of the session (`sts:SourceIdentity`).
    pub(super) fn source_identity(&self) -> Option<&str> {
        self.session_context.get("sourceIdentity")?.as_str().filter(|text| !text.is_empty())
    }
}

/// `requestParameters` of the IAM calls that are triggers.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RequestParameters {
    #[serde(default)]
    pub(super) user_name: Text,
    #[serde(default)]
    pub(super) serial_number: Text,
    #[serde(default)]
    pub(super) policy_arn: Text,
    #[serde(default)]
    pub(super) group_name: Text,
    #[serde(default)]
    pub(super) new_group_name: Text,
    #[serde(default)]
    pub(super) policy_document: Text,
    #[serde(default)]
    pub(super) set_as_default: Flag,
    #[serde(default)]
    pub(super) version_id: Text,
    #[serde(default)]
    pub(super) new_user_name: Text,
    #[serde(default)]
    pub(super) new_path: Text,
    #[serde(default)]
    pub(super) permissions_boundary: Text,
    #[serde(default)]
    tags: Option<Vec<TagParameter>>,
    #[serde(default)]
    tag_keys: Option<Vec<Text>>,
}

/// A tag in `requestParameters.tags`.
#[derive(Debug, Deserialize)]
struct TagParameter {
    #[serde(default)]
    key: Text,
    /// As it is: the word `null` is a value too.
    #[serde(default)]
    value: Option<String>,
}

impl RequestParameters {
    const SERIAL: &str = "detail.requestParameters.serialNumber";

    /// The device the call is about, if it names one.
    pub(super) fn serial(&self) -> Result<Option<Serial>, Malformed> {
        let Some(text) = self.serial_number.get() else { return Ok(None) };
        let serial = Serial::new(text).map(Some);
        serial.ok_or_else(|| Malformed::new(Self::SERIAL, "is not the serial number of an MFA device"))
    }

    /// The policy the call is about, for calls that must name one.
    pub(super) fn required_policy(&self) -> Result<String, Malformed> {
        let arn = self.policy_arn.get().map(str::to_owned);
        arn.ok_or_else(|| Malformed::missing("detail.requestParameters.policyArn"))
    }

    /// The group the call is about, for calls that must name one.
    pub(super) fn required_group(&self) -> Result<String, Malformed> {
        let group = self.group_name.get().map(str::to_owned);
        group.ok_or_else(|| Malformed::missing("detail.requestParameters.groupName"))
    }

    /// The tags that the call sets and that are the enforcer's, whatever the case of their keys.
    pub(super) fn own_tags(&self) -> Vec<(String, String)> {
        let tags = self.tags.iter().flatten().filter_map(|tag| Some((tag.key.get()?, tag.value.as_deref())));
        let own = tags.filter(|(key, _)| is_own(key));
        own.map(|(key, value)| (key.to_lowercase(), value.unwrap_or_default().to_owned())).collect()
    }

    /// The keys of the tags that the call removes and that are the enforcer's, in lower case.
    pub(super) fn own_tag_keys(&self) -> Vec<String> {
        let keys = self.tag_keys.iter().flatten().filter_map(Text::get);
        keys.filter(|key| is_own(key)).map(str::to_lowercase).collect()
    }

    /// The device the call is about, for calls that must name one.
    pub(super) fn required_serial(&self) -> Result<Serial, Malformed> {
        self.serial()?.ok_or_else(|| Malformed::missing(Self::SERIAL))
    }
}

/// Whether the key of a tag is the enforcer's. Keys of users' tags have no case.
fn is_own(key: &str) -> bool {
    key.get(..PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
}

/// `responseElements` of a `ConsoleLogin`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SignInResponse {
    #[serde(default, rename = "ConsoleLogin")]
    pub(super) console_login: Text,
}

/// `additionalEventData` of a `ConsoleLogin`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SignInData {
    #[serde(default, rename = "MFAUsed")]
    pub(super) mfa_used: Flag,
}

/// An optional string: absent, null, empty and the word `null` all count as `None`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Text(Option<String>);

impl Text {
    pub(super) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(Self(text.filter(|text| !text.is_empty() && text != "null")))
    }
}

/// True for boolean `true` and the strings `yes` and `true` in any case; false for other strings, null, or if absent.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flag(pub(super) bool);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Yes;
        impl Visitor<'_> for Yes {
            type Value = Flag;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`Yes`, `No` or a boolean")
            }
            fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Flag, E> {
                Ok(Flag(yes))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Flag, E> {
                let yes = text.eq_ignore_ascii_case("yes") || text.eq_ignore_ascii_case("true");
                Ok(Flag(yes))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Flag, E> {
                Ok(Flag(false))
            }
        }
        deserializer.deserialize_any(Yes)
    }
}

/// Whether a value counts as absent: null, `""` or the string `null`.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty() || text == "null",
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

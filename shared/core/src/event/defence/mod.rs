//! Calls by others about the enforcer itself: what they touched, and whether that matters.
//!
//! A record that concerns the enforcer is reported even where it is not understood in full.

mod changes;
mod own_calls;
mod own_resources;

pub use own_calls::{OWN_CALLS, OwnCall, Part, Weight};
pub use own_resources::OwnResources;

use own_resources::strings;
use serde_json::Value;

/// What a call touched.
#[derive(Debug, Clone)]
pub struct Touched {
    /// The call's row.
    pub call: &'static OwnCall,
    /// Name of the resource; `None` if the record does not say which stack was updated, or mutes every alarm.
    pub name: Option<String>,
    /// How serious it is. A stack of another region is not to be updated by itself.
    pub weight: Weight,
    /// Whether `CloudFormation` made the call.
    pub by_cloudformation: bool,
}

impl PartialEq for Touched {
    fn eq(&self, other: &Self) -> bool {
        let of = |touched: &Self| {
            (touched.call.service, touched.call.name, touched.weight, touched.by_cloudformation)
        };
        (of(self), &self.name) == (of(other), &other.name)
    }
}

impl Eq for Touched {}

/// What a record says of the resource that a call is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) request: &'a Value,
    pub(super) response: &'a Value,
    pub(super) by_cloudformation: bool,
}

/// Looks up a call; `None` if no such call is reported.
pub(super) fn own_call(event_source: &str, event_name: &str) -> Option<&'static OwnCall> {
    OwnCall::find(event_source.strip_suffix(".amazonaws.com")?, event_name)
}

/// Whether `invokedBy` or `sourceIPAddress` names `CloudFormation`, in any partition.
pub(super) fn is_cloudformation(name: Option<&str>) -> bool {
    let host = name.and_then(|name| name.strip_prefix("cloudformation."));
    host.is_some_and(|host| host.split_once("amazonaws.").is_some_and(|(region, _)| !region.contains('/')))
}

/// What the call touched; `None` if it is not the enforcer's, or nothing that matters was changed.
pub(super) fn touched(call: &'static OwnCall, record: Record<'_>, own: &OwnResources) -> Option<Touched> {
    let name = resource(call, record, own).map(safe);
    if name.is_none() && !names_no_stack(call, record.request) && !mutes_all(call, record.request) {
        return None;
    }
    let is_stack = name.is_none() || name == own.stack;
    let weight = if is_stack { call.weight } else { Weight::Critical };
    (call.matters)(record.request).then_some(Touched {
        call,
        name,
        weight,
        by_cloudformation: record.by_cloudformation,
    })
}

/// The name of the resource, if it is the enforcer's.
fn resource<'a>(call: &OwnCall, record: Record<'a>, own: &OwnResources) -> Option<&'a str> {
    let fields: Vec<&Value> = call.named_in.iter().filter_map(|field| record.request.get(field)).collect();
    let mut texts: Vec<&str> = fields.iter().copied().flat_map(strings).collect();
    // The record names it elsewhere, or in a form that is not known.
    if texts.is_empty() {
        texts = strings(record.request);
    }
    if call.named_in.is_empty() {
        texts.extend(strings(record.response));
    }
    let mut texts = texts.into_iter();
    match call.part {
        // Any trail of the account.
        Part::Trail => texts.next(),
        Part::Key => texts.find_map(OwnResources::key),
        Part::Policy => texts.find_map(|text| own.policy(text)),
        Part::Topic => texts.find_map(|text| own.topic(text)),
        Part::Stack => texts.find_map(|text| own.stack(text).or_else(|| own.forwarding_stack(text))),
        Part::Role => texts.find_map(|text| own.role(text)),
        Part::Bucket => texts.find_map(|text| own.bucket(text)),
        Part::Rule
        | Part::Function
        | Part::EventSource
        | Part::Logs
        | Part::Alarm
        | Part::Queue
        | Part::Schedule
        | Part::Mail
        | Part::Forwarding => texts.find_map(|text| own.of_stack(text)),
    }
}

/// Whether a change set was executed by its ARN alone, which does not say whose it is.
fn names_no_stack(call: &OwnCall, request: &Value) -> bool {
    call.name == "ExecuteChangeSet" && request.get("stackName").is_none_or(Value::is_null)
}

/// Whether a mute rule names no alarm. Then it mutes every alarm of the account.
fn mutes_all(call: &OwnCall, request: &Value) -> bool {
    call.name == "PutAlarmMuteRule"
        && request.get("muteTargets").is_none_or(|alarms| strings(alarms).is_empty())
}

/// The name as it may be shown: a caller chooses the names of trails.
fn safe(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_./:@+=,".contains(*c)).take(128).collect()
}

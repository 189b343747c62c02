//! Calls by others about the enforcer itself: what they touched, and whether that matters.
//!
//! A record that concerns the enforcer is reported even where it is not understood in full.

mod changes;
mod own_calls;
mod own_resources;

pub use own_calls::{OWN_CALLS, OwnCall, Part, Weight};
pub use own_resources::OwnResources;

use super::Deployment;
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
    /// Whether it is a part of what an account of an organization has, and not of the stack with the functions.
    pub in_member: bool,
}

impl PartialEq for Touched {
    fn eq(&self, other: &Self) -> bool {
        let call = |touched: &Self| (touched.call.service, touched.call.name, touched.weight);
        let whose = |touched: &Self| (touched.by_cloudformation, touched.in_member);
        (call(self), whose(self), &self.name) == (call(other), whose(other), &other.name)
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
    // Stack sets have names of their own, such as `member.org.stacksets.cloudformation.amazonaws.com`.
    let name = name.map(|name| name.strip_prefix("member.org.").unwrap_or(name));
    let name = name.map(|name| name.strip_prefix("stacksets.").unwrap_or(name));
    let host = name.and_then(|name| name.strip_prefix("cloudformation."));
    host.is_some_and(|host| host.split_once("amazonaws.").is_some_and(|(region, _)| !region.contains('/')))
}

/// What the call touched; `None` if it is not the enforcer's, or nothing that matters was changed.
pub(super) fn touched(call: &'static OwnCall, record: Record<'_>, own: &OwnResources) -> Option<Touched> {
    let found = resource(call, record, own);
    let in_member = found.is_some_and(|name| is_of_member(call.part, name, own));
    let name = found.map(safe);
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
        in_member,
    })
}

/// Whether a request names a policy or a group of the quarantine as it is now. These have triggers of their own.
pub(super) fn is_of_quarantine(part: Part, request: &Value, deployment: &Deployment) -> bool {
    let named = |field: &str| request.get(field).and_then(Value::as_str);
    if part == Part::Group {
        let groups = &deployment.groups;
        named("groupName").is_some_and(|name| groups.iter().any(|own| own.eq_ignore_ascii_case(name)))
    } else {
        named("policyArn").is_some_and(|arn| deployment.policies.iter().any(|own| own == arn))
    }
}

/// Whether the part with this name is one of a member. The names of its parts may begin with that of the hub's stack.
fn is_of_member(part: Part, name: &str, own: &OwnResources) -> bool {
    match part {
        Part::Policy => own.member_policy(&format!(":policy/{name}")).is_some(),
        Part::Group => true,
        Part::Stack => own.stack(name).is_none() && own.forwarding_stack(name).is_none(),
        Part::Rule | Part::Queue | Part::Role => own.is_part_of_member(name),
        Part::Trail
        | Part::Function
        | Part::EventSource
        | Part::Key
        | Part::Logs
        | Part::Alarm
        | Part::Topic
        | Part::Bus
        | Part::Schedule
        | Part::Bucket
        | Part::Mail
        | Part::Forwarding => false,
    }
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
        Part::Policy => texts.find_map(|text| own.policy(text).or_else(|| own.member_policy(text))),
        Part::Group => texts.find_map(|text| own.member_group(text)),
        Part::Topic => texts.find_map(|text| own.topic(text)),
        // The bus has the name of the stack.
        Part::Bus => texts.find_map(|text| own.stack(text)),
        Part::Stack => {
            let others = |text| own.forwarding_stack(text).or_else(|| own.member_stack(text));
            texts.find_map(|text| own.stack(text).or_else(|| others(text)))
        }
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

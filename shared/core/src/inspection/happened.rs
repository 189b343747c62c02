//! What happened to a user, as the event history and the records of acts tell it.

use super::Clock;
use super::tag_words::in_words;
use crate::device::Serial;
use crate::event::PastCall;
use crate::evidence::{Act, Told};
use crate::settings::Settings;
use crate::tags::{self, UserTag};
use jiff::Timestamp;
use serde::Serialize;
use strum::{IntoEnumIterator, IntoStaticStr};

/// What an act has in place of a call's name if a sweep led to it.
const SWEEP: &str = "Sweep";

/// Something that happened to a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What, in words that may change.
    pub what: String,
    /// Who did it, in words that may change.
    pub by: String,
    /// What tells of it.
    pub source: Source,
    /// Id of the event in `CloudTrail`, or of the sweep that led to it.
    pub event: String,
}

/// What tells of something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Source {
    /// `CloudTrail`'s event history.
    History,
    /// The acts in the evidence bucket.
    Records,
}

/// What calls and acts tell, the oldest first.
pub(super) fn happened(
    calls: &[PastCall],
    acts: &[Act],
    settings: &Settings,
    clock: &Clock<'_>,
) -> Vec<Happening> {
    let calls = calls.iter().filter_map(|call| {
        Some(Happening {
            at: call.time,
            what: what_call(call, settings, clock)?,
            by: if call.is_ours { "the enforcer".to_owned() } else { call.actor.to_string() },
            source: Source::History,
            event: call.id.to_string(),
        })
    });
    let acts = acts.iter().map(|act| Happening {
        at: act.at,
        what: what_act(act),
        by: match act.event.name.as_str() {
            SWEEP => "the enforcer, in a sweep".to_owned(),
            call => format!("the enforcer, after {call} by {}", act.event.actor),
        },
        source: Source::Records,
        event: act.event.id.clone(),
    });
    let mut all: Vec<Happening> = calls.chain(acts).collect();
    all.sort_by_key(|happening| (happening.at, happening.source));
    all
}

/// What an act was.
fn what_act(act: &Act) -> String {
    match &act.told {
        Some(Told { kind, audience, reached, .. }) => {
            let whom = if audience == "user" { "the user" } else { "the administrators" };
            let fate = if *reached == Some(false) { ", which did not arrive" } else { "" };
            format!("{whom} told `{kind}`{fate}: {}", act.why)
        }
        None => format!("{}: {}", act.act, act.why),
    }
}

/// What a call did; `None` if that does not count.
fn what_call(call: &PastCall, settings: &Settings, clock: &Clock<'_>) -> Option<String> {
    let given = |name: &str| call.parameter(name).unwrap_or("?").to_owned();
    let device = || call.parameter("serialNumber").map_or("?", |serial| Serial::listed(serial).kind().code());
    let policy = || {
        let arn = given("policyArn");
        let is_ours = settings.deployment.policies.contains(&arn);
        format!("{} {}", if is_ours { "quarantine policy" } else { "policy" }, last(&arn))
    };
    let group = || {
        let group = given("groupName");
        let is_ours = settings.deployment.groups.iter().any(|own| own.eq_ignore_ascii_case(&group));
        format!("{} {group}", if is_ours { "quarantine group" } else { "group" })
    };
    Some(match call.name.as_str() {
        "AddUserToGroup" => format!("added to the {}", group()),
        "AttachUserPolicy" => format!("{} attached", policy()),
        "CreateLoginProfile" => "password created".to_owned(),
        "CreateUser" => "user created".to_owned(),
        "DeactivateMFADevice" => format!("MFA device removed ({})", device()),
        "DeleteLoginProfile" => "password removed".to_owned(),
        "DeleteUserPermissionsBoundary" => "permissions boundary removed".to_owned(),
        "DetachUserPolicy" => format!("{} detached", policy()),
        "EnableMFADevice" => format!("MFA device enrolled ({})", device()),
        "PutUserPermissionsBoundary" => {
            format!("permissions boundary {} set", last(&given("permissionsBoundary")))
        }
        "RemoveUserFromGroup" => format!("removed from the {}", group()),
        "TagUser" => return tagged(call, settings, clock),
        "UntagUser" => return untagged(call, settings),
        "UpdateLoginProfile" => "password changed".to_owned(),
        "UpdateUser" => updated(call)?,
        _ => return None,
    })
}

/// The keys that count, the contact tag's among them.
fn keys(settings: &Settings) -> Vec<&str> {
    let mut keys: Vec<&str> = UserTag::iter().map(UserTag::key).collect();
    keys.extend([tags::EXEMPT_UNTIL_KEY, tags::APPROVED_KEY, tags::PHONE_KEY]);
    keys.extend(settings.contact_tag_key.as_deref());
    keys
}

fn tagged(call: &PastCall, settings: &Settings, clock: &Clock<'_>) -> Option<String> {
    let said = |key: &str| {
        let value = call.tag(key)?;
        // The value of any other tag may be an address.
        Some(
            in_words(key, value, clock)
                .map_or_else(|| format!("tag {key} set"), |says| format!("noted: {says}")),
        )
    };
    joined(keys(settings).into_iter().filter_map(said))
}

fn untagged(call: &PastCall, settings: &Settings) -> Option<String> {
    let removed = keys(settings).into_iter().filter(|key| call.removes_tag(key));
    joined(removed.map(|key| format!("tag {key} removed")))
}

fn updated(call: &PastCall) -> Option<String> {
    let name = call.parameter("newUserName").map(|name| format!("renamed to {name}"));
    let path = call.parameter("newPath").map(|path| format!("moved to the path {path}"));
    joined([name, path].into_iter().flatten())
}

fn joined(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The name at the end of an ARN.
fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

//! The message for programs. Its schema is `docs/notice.schema.json`; a breaking change needs a new
//! `schemaVersion`.

use super::phrases::reach_code;
use super::shown::{Audience, Shown};
use crate::access_keys::{KeyUse, KeysSeen};
use crate::episode::Episode;
use crate::rights::Rights;
use crate::tags::{LastNotice, second};
use serde_json::{Map, Value, json};

/// Version of the schema. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";
/// Name at most this many waiting users. A name has up to 64 characters, and SNS takes 256 KiB.
const NAMED: usize = 200;

pub(super) fn message(shown: &Shown<'_>) -> Value {
    let background = shown.background;
    let occasion = &background.occasion;
    let mut message = json!({
        "schemaVersion": SCHEMA_VERSION,
        "kind": shown.kind.code(),
        "severity": shown.severity.code(),
        "audience": shown.audience.code(),
        "summary": shown.headline,
        "also": shown.also,
        "account": background.account,
        "user": shown.person.map(|person| json!({"name": person.name, "id": person.id})),
        "episode": background.episode.as_ref().map(Episode::as_str),
        "root": shown.is_about_root,
        "reason": shown.reason,
        "deadline": shown.deadline.map(second),
        "restUntil": shown.rest_until.map(second),
        "mode": background.mode.name(),
        "done": shown.done.iter().map(|done| done.code()).collect::<Vec<_>>(),
        "reach": reach_code(shown.reach),
        "waiting": waiting(shown.waiting),
        "findings": background.findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "event": {
            "id": occasion.id().as_str(),
            "name": occasion.name(),
            "about": occasion.about(),
            "time": second(occasion.time()),
            "actor": occasion.actor(),
            "address": occasion.address(),
            "client": occasion.client(),
        },
        "links": {
            "signIn": background.partition.sign_in_url(&background.account),
            "securityCredentials": background.partition.security_credentials_url(),
        },
    });
    if let Some(fields) = message.as_object_mut().filter(|_| !shown.devices.is_empty()) {
        let devices = shown.devices.iter().map(|device| {
            let (serial, kind) = (device.serial.as_str(), device.serial.kind().code());
            json!({"serial": serial, "kind": kind, "enabled": second(device.enabled)})
        });
        fields.insert("devices".to_owned(), devices.collect());
    }
    if let (Some(keys), Some(fields)) = (shown.keys, message.as_object_mut()) {
        fields.insert("accessKeys".to_owned(), access_keys(keys));
    }
    if let (Audience::Admins, Some(fields)) = (shown.audience, message.as_object_mut()) {
        for_admins(shown, fields);
    }
    message
}

/// What only the administrators are told.
fn for_admins(shown: &Shown<'_>, fields: &mut Map<String, Value>) {
    if let Some(known) = shown.known() {
        fields.insert("administratorPolicies".to_owned(), json!(known.administrator));
        fields.insert("administratorGroups".to_owned(), json!(known.groups));
        fields.insert("rights".to_owned(), json!(known.rights.map(Rights::code)));
        fields.insert("before".to_owned(), json!(known.before.as_ref().map(before)));
    }
    if let Some(links) = fields.get_mut("links").and_then(Value::as_object_mut) {
        links.insert("user".to_owned(), json!(shown.user_page()));
        links.insert("runbook".to_owned(), json!(shown.runbook_page()));
    }
}

/// The last notice before this event.
fn before(notice: &LastNotice) -> Value {
    json!({
        "kind": notice.kind.code(),
        "time": second(notice.at),
        "first": notice.first.map(second),
        "arrived": notice.reached,
        "byTextMessage": notice.by_text,
    })
}

/// The active access keys, as far as they could be read.
fn access_keys(keys: &KeysSeen) -> Value {
    let KeysSeen::Active(active) = keys else { return json!({"readable": false, "active": []}) };
    let active = active.iter().map(|key| {
        let (use_of_it, time, service, region) = match &key.used {
            KeyUse::Never => ("never", None, None, None),
            KeyUse::Last { time, service, region } => {
                ("known", Some(second(*time)), Some(service), Some(region))
            }
            KeyUse::Unknown => ("unknown", None, None, None),
        };
        json!({
            "lastFour": key.last_four(),
            "created": second(key.created),
            "lastUse": use_of_it,
            "lastUsed": time,
            "service": service,
            "region": region,
        })
    });
    json!({"readable": true, "active": active.collect::<Vec<_>>()})
}

/// The users who wait for their quarantine; `null` if that is not what the message is about.
fn waiting(users: &[String]) -> Value {
    if users.is_empty() {
        return Value::Null;
    }
    let names: Vec<&String> = users.iter().take(NAMED).collect();
    json!({"count": users.len(), "names": names})
}

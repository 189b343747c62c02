//! The message for machines. Its schema is `docs/notice.schema.json`; a change that breaks a reader gets a
//! new `schemaVersion`.

use super::notice_message::Shown;
use super::phrases::{done_code, headline, reach_code, reason_code};
use super::{Kind, Notice, Reach};
use crate::tags::second;
use serde_json::{Value, json};

/// Version of the schema: the part before the dot changes when a field is removed or changes its meaning.
const SCHEMA_VERSION: &str = "1.0";

pub(super) fn message(notice: &Notice, reach: Reach, shown: &Shown) -> Value {
    let source = &notice.event.source;
    json!({
        "schemaVersion": SCHEMA_VERSION,
        "kind": shown.kind.code(),
        "severity": shown.severity.code(),
        "audience": shown.audience,
        "summary": headline(notice),
        "account": source.account,
        "user": notice.user.as_ref().map(|user| json!({"name": user.name, "id": user.id})),
        "root": notice.user.is_none(),
        "reason": reason_code(notice),
        "deadline": deadline(&notice.kind),
        "mode": notice.mode.name(),
        "done": notice.done.iter().map(|done| done_code(*done)).collect::<Vec<_>>(),
        "reach": reach_code(reach),
        "findings": notice.findings.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "event": {
            "id": source.id.as_str(),
            "name": notice.event.trigger.event_name(),
            "time": second(source.time),
            "actor": notice.event.actor.to_string(),
            "address": source.origin.address,
            "client": source.origin.client,
        },
        "links": {
            "signIn": notice.partition.sign_in_url(&source.account),
            "securityCredentials": notice.partition.security_credentials_url(),
        },
    })
}

fn deadline(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Welcome { deadline } | Kind::Reminder { deadline, .. } | Kind::Deadline { deadline, .. } => {
            Some(second(*deadline))
        }
        Kind::Quarantined { .. }
        | Kind::QuarantineReminder
        | Kind::Released { .. }
        | Kind::ForeignEnrolment(_)
        | Kind::ContainmentFailed { .. }
        | Kind::ReleaseFailed { .. }
        | Kind::Root(_) => None,
    }
}

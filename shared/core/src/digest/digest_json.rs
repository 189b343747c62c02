//! The message for programs. Its schema is `docs/digest.schema.json`; a breaking change needs a new
//! `schemaVersion`.

use super::digest_phrases::{headline, kind_codes};
use super::layout::plain;
use super::section::{ERROR_LIMIT, FINDING_LIMIT, name};
use super::view::View;
use super::{AccountFinding, ChangeKind, Compared, DecidedBy, Figures, Remembered, UserStatus};
use crate::episode::Episode;
use crate::notice::MessageKind;
use crate::posture::{Exemption, Finding};
use crate::rights::Rights;
use crate::snapshot::LastUse;
use crate::tags::second;
use serde_json::{Map, Value, json};
use strum::IntoEnumIterator;

/// Version of the schema. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";
/// IAM's unique ids have at most 128 characters.
const ID_LIMIT: usize = 128;

/// The message, with at most `cap` users per list.
pub(super) fn message(view: &View, cap: usize) -> Value {
    let digest = view.digest;
    let root = digest.root;
    let since = view.before.as_ref().and_then(|before| before.digest);
    let failures: Vec<String> =
        digest.result.failures.iter().take(cap).map(|text| plain(text, ERROR_LIMIT)).collect();
    let account_finding = |finding: &AccountFinding| {
        let text = plain(&finding.to_string(), FINDING_LIMIT);
        json!({"finding": finding.code(), "text": text})
    };
    let account_findings: Vec<Value> = digest.result.findings.iter().take(cap).map(account_finding).collect();
    let remaining: Vec<String> = digest.result.remaining.iter().take(cap).map(|user| name(user)).collect();
    json!({
        "schemaVersion": SCHEMA_VERSION,
        "kind": MessageKind::Digest.code(),
        "severity": view.severity.code(),
        "audience": "admins",
        "summary": headline(view),
        "account": digest.account,
        "mode": digest.mode.name(),
        "sweep": {"id": digest.sweep.as_str(), "time": second(digest.at)},
        "coveragePercent": view.figures.coverage().map(super::Coverage::percent),
        "protectedPercent": view.figures.protection().map(super::Coverage::percent),
        "figures": view.figures,
        "since": since.map(second),
        "change": since.map(|_| change(&view.figures, view.before.as_ref().map(|before| &before.figures))),
        "lists": lists(view, cap),
        "evidence": digest.evidence.as_ref().map(|head| json!({"key": head.key, "sha256": head.sha256})),
        "root": {
            "mfa": root.mfa.code(),
            "accessKeys": root.access_keys,
            "devices": root.devices,
            "lastUsed": last_use(root.last_used),
            "usedSinceLastDigest": view.root_used,
        },
        "alertsSubscribers": digest.alerts_subscribers.count(),
        "did": did(view, cap),
        "failed": result(view, ChangeKind::Failed, cap),
        "accountFindings": {"count": digest.result.findings.len(), "findings": account_findings},
        "failures": {"count": digest.result.failures.len(), "texts": failures},
        "remaining": {"count": digest.result.remaining.len(), "names": remaining},
    })
}

/// The change of each figure since the last digest; figures that were not recorded are left out.
pub(crate) fn change(now: &Figures, before: Option<&Remembered>) -> Value {
    let difference = |compared: Compared| {
        let then = i64::try_from(before?.get(compared)?).ok()?;
        let now = i64::try_from(compared.of(now)).ok()?;
        Some((field(compared).to_owned(), json!(now - then)))
    };
    Value::Object(Compared::iter().filter_map(difference).collect())
}

/// Name of the field under `figures` and `change`.
fn field(compared: Compared) -> &'static str {
    match compared {
        Compared::Users => "users",
        Compared::Console => "console",
        Compared::WithMfa => "withMfa",
        Compared::InGrace => "inGrace",
        Compared::Overdue => "overdue",
        Compared::OverdueAndFree => "overdueAndFree",
        Compared::Contained => "contained",
        Compared::Exempt => "exempt",
        Compared::ExemptEnding => "exemptEnding",
        Compared::Unknown => "unknown",
        Compared::Unreachable => "unreachable",
        Compared::Unconfirmed => "unconfirmed",
        Compared::Dormant => "dormant",
    }
}

fn lists(view: &View, cap: usize) -> Value {
    let lists = &view.lists;
    let deadline = |status: &UserStatus| {
        json!({
            "deadline": status.deadline().map(second),
            "episode": episode(status.episode.as_ref()),
            "contained": status.contained,
            "reachable": status.reachable.code(),
        })
    };
    let signed_in = |status: &UserStatus| {
        json!({
            "episode": episode(status.episode.as_ref()),
            "lastSignIn": last_use(status.last_sign_in),
            "neverSignedIn": status.last_sign_in == LastUse::Never,
            "reachable": status.reachable.code(),
        })
    };
    let exempt = |status: &UserStatus| {
        let exemption = status.exemption();
        let decision = status.exempted.as_ref();
        let decided_by = decision.map(|decision| &decision.by);
        let principal = match decided_by {
            Some(DecidedBy::Principal { id, at }) => Some((id, at)),
            Some(DecidedBy::Settings | DecidedBy::Unknown) | None => None,
        };
        json!({
            "by": exemption.map(Exemption::code),
            "until": exemption.and_then(until),
            "endsSoon": status.is_exemption_ending(view.digest.at),
            "mfa": status.has_mfa(),
            "origin": decided_by.map_or("unknown", DecidedBy::code),
            "setBy": principal.map(|(id, _)| plain(id, ID_LIMIT)),
            "setAt": principal.map(|(_, at)| second(*at)),
            "why": decision.and_then(|decision| decision.why.as_ref()),
        })
    };
    let finding = |(status, finding): &(&UserStatus, Finding)| {
        let more = json!({"finding": finding.code(), "text": finding.to_string()});
        person(&status.name, &status.id, more)
    };
    let findings: Vec<Value> = lists.findings.iter().take(cap).map(finding).collect();
    let administrator = |status: &UserStatus| {
        json!({
            "rights": status.rights.map(Rights::code),
            "mfa": status.has_mfa(),
            "contained": status.contained,
        })
    };
    let nothing = |_: &UserStatus| json!({});
    json!({
        "overdue": list(&lists.overdue, cap, deadline),
        "inGrace": list(&lists.in_grace, cap, deadline),
        "contained": list(&lists.contained, cap, signed_in),
        "exempt": list(&lists.exempt, cap, exempt),
        "weak": list(&lists.weak, cap, |status| json!({"kinds": kind_codes(status.factors)})),
        "unreachable": list(&lists.unreachable, cap, nothing),
        "unconfirmed": list(&lists.unconfirmed, cap, nothing),
        "textOnly": list(&lists.text_only, cap, nothing),
        "dormant": list(&lists.dormant, cap, signed_in),
        "unknown": list(&lists.unknown, cap, nothing),
        "administrators": list(&lists.administrators, cap, administrator),
        "findings": {"count": lists.findings.len(), "users": findings},
    })
}

fn did(view: &View, cap: usize) -> Value {
    json!({
        "contained": result(view, ChangeKind::Contained, cap),
        "waiting": result(view, ChangeKind::Waiting, cap),
        "repaired": result(view, ChangeKind::Repaired, cap),
        "released": result(view, ChangeKind::Released, cap),
        "told": result(view, ChangeKind::Told, cap),
        "staysContained": result(view, ChangeKind::StaysContained, cap),
        "withheld": result(view, ChangeKind::Withheld, cap),
        "topicsDeleted": view.digest.result.topics_deleted,
    })
}

fn result(view: &View, what: ChangeKind, cap: usize) -> Value {
    let all = view.lists.result(what);
    let users = all.iter().take(cap).map(|change| {
        let mut more = json!({"episode": episode(change.episode.as_ref())});
        if let Some(fields) = more.as_object_mut().filter(|_| what == ChangeKind::Failed) {
            fields.insert("error".to_owned(), json!(plain(&change.error, ERROR_LIMIT)));
        }
        person(&change.name, &change.id, more)
    });
    let unnamed = if what == ChangeKind::Released { view.digest.result.released_unnamed } else { 0 };
    json!({"count": all.len() + unnamed, "users": users.collect::<Vec<_>>()})
}

/// The total count, and the first `cap` users.
fn list(statuses: &[&UserStatus], cap: usize, more: impl Fn(&UserStatus) -> Value) -> Value {
    let user = |status: &&UserStatus| person(&status.name, &status.id, more(status));
    let users: Vec<Value> = statuses.iter().take(cap).map(user).collect();
    json!({"count": statuses.len(), "users": users})
}

fn person(user: &str, id: &str, more: Value) -> Value {
    let mut fields = Map::from_iter([
        ("name".to_owned(), json!(name(user))),
        ("id".to_owned(), json!(plain(id, ID_LIMIT))),
    ]);
    if let Value::Object(more) = more {
        fields.extend(more);
    }
    Value::Object(fields)
}

fn episode(episode: Option<&Episode>) -> Option<&str> {
    episode.map(Episode::as_str)
}

fn last_use(last: LastUse) -> Option<String> {
    match last {
        LastUse::At(time) => Some(second(time)),
        LastUse::Never | LastUse::Unknown => None,
    }
}

fn until(exemption: Exemption) -> Option<String> {
    match exemption {
        Exemption::Until(date) => Some(date.to_string()),
        Exemption::Name | Exemption::Path | Exemption::BreakGlass => None,
    }
}

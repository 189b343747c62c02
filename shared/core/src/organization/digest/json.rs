//! The message for programs. Its schema is `docs/organization-digest.schema.json`; a breaking change needs a new
//! `schemaVersion`.

use super::view::{InAccount, View};
use super::{PlannedAccount, Swept, content, sections};
use crate::digest::{
    ChangeKind, Coverage, ERROR_LIMIT, FINDING_LIMIT, Figures, NAME_LIMIT, change, name, plain,
};
use crate::organization::Person;
use crate::tags::second;
use serde_json::{Map, Value, json};

/// Version of the schema. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";
/// The kind of message. An account's digest is another.
const KIND: &str = "organization-digest";

/// The message, with at most `cap` entries per list.
pub(super) fn message(view: &View, cap: usize) -> Value {
    let digest = view.digest;
    let not_covered: Vec<_> = digest.not_covered().collect();
    let not_in_use: Vec<_> = digest.not_in_use().collect();
    let why = |(account, why): &(&PlannedAccount, &str)| {
        entry(account, json!({"units": units_of(account), "why": plain(why, FINDING_LIMIT)}))
    };
    json!({
        "schemaVersion": SCHEMA_VERSION,
        "kind": KIND,
        "severity": view.severity.code(),
        "audience": "admins",
        "summary": content::headline(view),
        "organization": digest.organization,
        "hub": digest.hub,
        "run": {"name": digest.run, "asked": second(digest.asked), "time": second(digest.at)},
        "coveragePercent": view.figures.coverage().map(Coverage::percent),
        "protectedPercent": view.figures.protection().map(Coverage::percent),
        "figures": view.figures,
        "since": view.last().map(|(at, _)| second(at)),
        "change": view.last().map(|(_, before)| change(&view.figures, Some(before))),
        "accounts": {
            "count": view.accounts.all,
            "covered": view.accounts.covered,
            "notCovered": view.accounts.not_covered,
            "notInUse": view.accounts.not_in_use,
            "management": view.accounts.management,
        },
        "notCovered": list(&not_covered, not_covered.len(), cap, why),
        "notInUse": list(&not_in_use, not_in_use.len(), cap, why),
        "management": digest.management().map(|account| entry(account, json!({"units": units_of(account)}))),
        "units": units(view, cap),
        "roots": roots(view, cap),
        "lists": lists(view, cap),
        "did": did(view, cap),
        "accountFindings": findings(view, cap),
        "failures": failures(view, cap),
        "hubFindings": hub_findings(view, cap),
        "unasked": list(&digest.unasked, digest.unasked.len(), cap, |id| json!(plain(id, NAME_LIMIT))),
        "remaining": view.sum(|swept| swept.remaining),
        "alertsSubscribers": digest.alerts_subscribers.count(),
    })
}

fn units(view: &View, cap: usize) -> Value {
    let units = sections::units(view);
    list(&units, units.len(), cap, |unit| {
        json!({
            "path": unit.path.iter().map(|name| plain(name, ERROR_LIMIT)).collect::<Vec<_>>(),
            "asked": unit.asked,
            "covered": unit.covered,
            "figures": in_short(&unit.figures),
        })
    })
}

fn in_short(figures: &Figures) -> Value {
    json!({
        "users": figures.users,
        "console": figures.console,
        "withMfa": figures.with_mfa,
        "overdueAndFree": figures.overdue_and_free,
        "contained": figures.contained,
        "exempt": figures.exempt,
    })
}

fn roots(view: &View, cap: usize) -> Value {
    let accounts = |accounts: Vec<(&PlannedAccount, &Swept)>| {
        let used = |(account, swept): &(&PlannedAccount, &Swept)| {
            entry(
                account,
                json!({"mfa": swept.root.mfa.code(), "lastUsed": swept.root.last_used.map(second)}),
            )
        };
        list(&accounts, accounts.len(), cap, used)
    };
    json!({
        "withoutMfa": accounts(view.root_missing()),
        "withAccessKeys": accounts(view.accounts_with(|swept| swept.root.access_keys)),
        "used": accounts(view.root_used()),
    })
}

fn lists(view: &View, cap: usize) -> Value {
    let figures = &view.figures;
    let awaiting = view.people(|person| person.awaits_approval);
    let people = |all: usize, wanted: fn(&Person) -> bool| people(&view.people(wanted), all, cap);
    json!({
        "overdueAndFree": people(figures.overdue_and_free, Person::is_overdue_and_free),
        "overdue": people(figures.overdue, Person::is_overdue),
        "contained": people(figures.contained, |person| person.contained),
        "exempt": people(figures.exempt, |person| person.exemption.is_some()),
        "exemptEnding": people(figures.exempt_ending, Person::is_exemption_ending),
        "awaitingApproval": people(awaiting.len(), |person| person.awaits_approval),
    })
}

fn did(view: &View, cap: usize) -> Value {
    let did = |what: ChangeKind| people(&view.people(|person| person.has(what)), view.did(what), cap);
    json!({
        "contained": did(ChangeKind::Contained),
        "waiting": did(ChangeKind::Waiting),
        "repaired": did(ChangeKind::Repaired),
        "released": did(ChangeKind::Released),
        "failed": people(&view.people(|person| person.failure().is_some()), sections::failed(view), cap),
    })
}

fn people(listed: &[InAccount], all: usize, cap: usize) -> Value {
    list(listed, all, cap, |(account, _, person)| {
        let exemption = person.exemption.as_ref().map(|exemption| {
            json!({
                "by": plain(&exemption.by, NAME_LIMIT),
                "until": exemption.until.map(|until| until.to_string()),
                "endsSoon": exemption.ends_soon,
                "setBy": plain(&exemption.set_by, NAME_LIMIT),
                "why": exemption.why.as_deref().map(|why| plain(why, FINDING_LIMIT)),
            })
        });
        let more = json!({
            "user": name(&person.name),
            "id": plain(&person.id, ERROR_LIMIT),
            "posture": plain(&person.posture, NAME_LIMIT),
            "contained": person.contained,
            "mfa": person.mfa,
            "deadline": person.deadline.map(second),
            "episode": person.episode.as_deref().map(|episode| plain(episode, ERROR_LIMIT)),
            "exemption": exemption,
            "error": person.failure().map(|error| plain(error, ERROR_LIMIT)),
        });
        entry(account, more)
    })
}

fn findings(view: &View, cap: usize) -> Value {
    let findings = view.findings();
    list(&findings, view.sum(|swept| swept.findings.count), cap, |(account, found)| {
        let text = plain(&found.text, FINDING_LIMIT);
        entry(account, json!({"finding": plain(&found.finding, NAME_LIMIT), "text": text}))
    })
}

fn failures(view: &View, cap: usize) -> Value {
    let failures = view.failures();
    list(&failures, view.sum(|swept| swept.failures.count), cap, |(account, text)| {
        entry(account, json!({"text": plain(text, ERROR_LIMIT)}))
    })
}

fn hub_findings(view: &View, cap: usize) -> Value {
    let findings = &view.digest.findings;
    list(
        findings,
        findings.len(),
        cap,
        |finding| json!({"finding": finding.code(), "text": plain(&finding.to_string(), FINDING_LIMIT)}),
    )
}

/// How many there are, and the first `cap` of them.
fn list<T>(listed: &[T], all: usize, cap: usize, value: impl Fn(&T) -> Value) -> Value {
    let values: Vec<Value> = listed.iter().take(cap).map(value).collect();
    json!({"count": all.max(listed.len()), "listed": values})
}

/// An account, and what there is to say of it.
fn entry(account: &PlannedAccount, more: Value) -> Value {
    let mut fields = Map::from_iter([
        ("account".to_owned(), json!(plain(&account.id, NAME_LIMIT))),
        ("accountName".to_owned(), json!(plain(&account.name, NAME_LIMIT))),
    ]);
    if let Value::Object(more) = more {
        fields.extend(more);
    }
    Value::Object(fields)
}

fn units_of(account: &PlannedAccount) -> Vec<String> {
    account.units.iter().map(|name| plain(name, ERROR_LIMIT)).collect()
}

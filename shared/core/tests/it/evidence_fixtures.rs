//! Fixtures for tests of evidence: a bucket after a month, and its records.

use crate::contract::root;
use jiff::{SignedDuration, Timestamp};
use jsonschema::Validator;
use mfa_enforcer_core::digest::SweepResult;
use mfa_enforcer_core::event::Occasion;
use mfa_enforcer_core::evidence::{
    Act, Before, Deed, Findings, LookedUp, Record, Row, Run, Sources, Written, acts_of, read_json_lines,
};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::snapshot::{LastUse, RootMfa, RootStatus, UserSnapshot};
use mfa_enforcer_core::sweep::status_from_snapshot;
use mfa_enforcer_testing::evidence::{ACCOUNT, Evidence, people, request_at, settings_of_the_month};
use mfa_enforcer_testing::fixtures::now;
use mfa_enforcer_testing::plans::after;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

pub(crate) type Bucket = BTreeMap<String, Vec<u8>>;

pub(crate) const ROOT: RootStatus =
    RootStatus { mfa: RootMfa::NonVirtualOnly, access_keys: false, last_used: LastUse::Never, devices: None };

static MONTH: LazyLock<Evidence> =
    LazyLock::new(|| Evidence::after_a_month(settings_of_the_month(&[]), people()));

/// The account after a month.
pub(crate) fn month() -> Evidence {
    MONTH.clone()
}

/// The keys of the records, oldest first.
pub(crate) fn records(bucket: &Bucket) -> Vec<String> {
    bucket.keys().filter(|key| key.ends_with("/record.json")).cloned().collect()
}

pub(crate) fn record(bucket: &Bucket, key: &str) -> Record {
    serde_json::from_slice(&bucket[key]).unwrap()
}

/// The rows of a record, by the users' names.
pub(crate) fn rows(bucket: &Bucket, record: &str) -> BTreeMap<String, Row> {
    let key = record.replace("record.json", "users.jsonl");
    let rows = read_json_lines(&bucket[&key]).unwrap();
    rows.into_iter().map(|row| (row.name.clone(), row)).collect()
}

/// The rows of the last record.
pub(crate) fn last_rows(evidence: &Evidence) -> BTreeMap<String, Row> {
    rows(&evidence.bucket, records(&evidence.bucket).last().unwrap())
}

pub(crate) fn acts(bucket: &Bucket) -> Vec<Act> {
    let acts = bucket.iter().filter(|(key, _)| key.contains("/acts/"));
    acts.map(|(_, bytes)| serde_json::from_slice(bytes).unwrap()).collect()
}

/// The schema of one of the forms.
pub(crate) fn schema(form: &str) -> Validator {
    let file = fs::read_to_string(root().join("docs/evidence.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&file).unwrap();
    let schema = json!({
        "$schema": schema["$schema"], "$ref": format!("#/$defs/{form}"), "$defs": schema["$defs"],
    });
    jsonschema::validator_for(&schema).unwrap()
}

/// The record that follows another one, of a sweep that looked nobody up.
pub(crate) fn written_after(
    before: &Before,
    users: &[UserSnapshot],
    root: &RootStatus,
    result: &SweepResult,
    now: Timestamp,
) -> Written {
    let settings = settings_of_the_month(&[]);
    let statuses: Vec<_> = users.iter().map(|user| status_from_snapshot(user, &settings, now)).collect();
    let findings = Findings {
        request: &request_at(now),
        settings: &settings,
        alias: None,
        users,
        statuses: &statuses,
        root,
        looked_up: &LookedUp::default(),
        sources: Sources { read: now, report: Some(now - SignedDuration::from_mins(100)) },
        result,
    };
    mfa_enforcer_core::evidence::record(&Run::new(ACCOUNT, now, "run"), findings, before)
}

/// The acts of a run that carried out the whole plan.
pub(crate) fn acts_after(occasion: &Occasion, user: &UserFacts, plan: &Plan) -> Vec<Act> {
    let then = after(user, &plan.steps);
    acts_of(&Run::new(ACCOUNT, now(), "run"), deed(occasion, user, &then, plan))
}

/// All of a plan, carried out.
pub(crate) fn deed<'a>(
    occasion: &'a Occasion,
    before: &'a UserFacts,
    after: &'a UserFacts,
    plan: &'a Plan,
) -> Deed<'a> {
    Deed {
        occasion,
        before: Some(before),
        after: Some(after),
        episode: plan.episode.as_ref(),
        reason: plan.reason,
        planned: &plan.steps,
        done: &plan.steps,
    }
}

//! Fixtures for tests of evidence: a bucket after a month, and its records.

use crate::contract::root;
use jsonschema::Validator;
use mfa_enforcer_core::evidence::{Act, Record, Row, read_json_lines};
use mfa_enforcer_testing::evidence::{Evidence, people, settings_of_the_month};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

pub(crate) type Bucket = BTreeMap<String, Vec<u8>>;

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

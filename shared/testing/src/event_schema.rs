//! Checks that what is put on the bus is as `docs/event.schema.json` describes it.

use jsonschema::Validator;
use mfa_enforcer_core::bus::{BATCH_BYTES, Body, BusEvent, size};
use serde_json::Value;
use std::sync::LazyLock;

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(include_str!("../../../docs/event.schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
});

/// The body of an entry, which has to fit the schema.
///
/// # Panics
/// If it does not.
pub fn body(event: &BusEvent) -> Body {
    let body: Value = serde_json::from_str(&event.detail).unwrap();
    let errors: Vec<String> = SCHEMA.iter_errors(&body).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new(), "{body:#}");
    assert_eq!(
        (body["className"].as_str(), body["resource"].as_str()),
        (Some(event.detail_type.name()), Some(event.resource.as_str()))
    );
    // Far below the limit, so that no entry is ever too large.
    assert!(size(event) < BATCH_BYTES / 16, "{} bytes", size(event));
    serde_json::from_value(body).unwrap()
}

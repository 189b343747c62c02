//! What a trail has to log, and what is said if none does.

use mfa_enforcer_core::trail::{Trail, Trails, logs_writes};
use rstest::rstest;
use serde_json::{Value, json};

fn management(conditions: &[Value]) -> Value {
    let category = json!({"field": "eventCategory", "equals": ["Management"]});
    let all = [&[category], conditions].concat();
    json!([{"name": "all", "fieldSelectors": all}])
}

#[rstest]
#[case::everything(json!({"readWriteType": "All", "includeManagementEvents": true}), true)]
#[case::writes(json!({"readWriteType": "WriteOnly", "includeManagementEvents": true}), true)]
#[case::defaults(json!({}), true)]
#[case::in_capitals(json!({"ReadWriteType": "All", "IncludeManagementEvents": "true"}), true)]
#[case::without_key_events(json!({"excludeManagementEventSources": ["kms.amazonaws.com"]}), true)]
#[case::reads(json!({"readWriteType": "ReadOnly", "includeManagementEvents": true}), false)]
#[case::data_events_only(json!({"readWriteType": "All", "includeManagementEvents": false}), false)]
#[case::without_iam(json!({"excludeManagementEventSources": ["iam.amazonaws.com"]}), false)]
#[case::unknown_form(json!({"includeManagementEvents": [true]}), false)]
#[case::no_selector(json!("All"), false)]
fn basic_selector_logs_writes_or_not(#[case] selector: Value, #[case] logs: bool) {
    assert_eq!(logs_writes(&json!([selector]), &Value::Null), logs);
}

#[rstest]
#[case::everything(&[], true)]
#[case::writes(&[json!({"field": "readOnly", "equals": ["false"]})], true)]
#[case::empty_operators(&[json!({"field": "readOnly", "equals": ["false"], "notEquals": []})], true)]
#[case::without_key_events(&[json!({"field": "eventSource", "notEquals": ["kms.amazonaws.com", "rdsdata.amazonaws.com"]})], true)]
#[case::reads(&[json!({"field": "readOnly", "equals": ["true"]})], false)]
#[case::no_source_named(&[json!({"field": "eventSource", "notEquals": []})], false)]
#[case::narrowed_twice(&[json!({"field": "eventSource", "notEquals": ["kms.amazonaws.com"], "equals": ["s3.amazonaws.com"]})], false)]
#[case::one_service(&[json!({"field": "eventSource", "equals": ["s3.amazonaws.com"]})], false)]
#[case::without_iam(&[json!({"field": "eventSource", "notEquals": ["iam.amazonaws.com"]})], false)]
#[case::beginning_with(&[json!({"field": "eventSource", "notStartsWith": ["iam"]})], false)]
#[case::some_names(&[json!({"field": "eventName", "notEquals": ["DeactivateMFADevice"]})], false)]
#[case::one_caller(&[json!({"field": "userIdentity.arn", "notEquals": ["arn:aws:iam::123456789012:user/mallory"]})], false)]
#[case::unknown_form(&[json!("readOnly")], false)]
fn advanced_selector_logs_writes_or_not(#[case] conditions: &[Value], #[case] logs: bool) {
    assert_eq!(logs_writes(&Value::Null, &management(conditions)), logs);
}

#[test]
fn one_selector_that_logs_writes_is_enough() {
    let data = json!({"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}]});
    let all =
        [json!([data.clone()]).as_array().unwrap().clone(), management(&[]).as_array().unwrap().clone()];
    assert!(logs_writes(&Value::Null, &json!(all.concat())));
    assert!(!logs_writes(&Value::Null, &json!([data])));
    assert!(!logs_writes(&json!([]), &json!([])));
    assert!(!logs_writes(&Value::Null, &Value::Null));
}

fn trail(every_region: bool) -> Trail {
    Trail {
        is_in_every_region: every_region,
        has_global_services: true,
        is_logging: Ok(true),
        logs_writes: Ok(true),
    }
}

fn denied() -> String {
    "cloudtrail:GetTrailStatus: AccessDenied".to_owned()
}

#[rstest]
#[case::none(vec![], Trails::Nowhere)]
#[case::good(vec![trail(true)], Trails::EveryRegion)]
#[case::one_region(vec![trail(false)], Trails::OneRegion)]
#[case::one_of_two(vec![trail(false), trail(true)], Trails::EveryRegion)]
#[case::stopped(vec![Trail { is_logging: Ok(false), ..trail(true) }], Trails::Nowhere)]
#[case::reads(vec![Trail { logs_writes: Ok(false), ..trail(true) }], Trails::Nowhere)]
#[case::without_iam(vec![Trail { has_global_services: false, ..trail(false) }], Trails::Nowhere)]
#[case::unreadable(vec![Trail { is_logging: Err(denied()), ..trail(true) }], Trails::Unknown(denied()))]
#[case::stopped_for_sure(
    vec![Trail { is_logging: Ok(false), logs_writes: Err(denied()), ..trail(true) }],
    Trails::Nowhere
)]
#[case::another_is_good(vec![Trail { logs_writes: Err(denied()), ..trail(true) }, trail(true)], Trails::EveryRegion)]
#[case::another_may_be_good(
    vec![Trail { logs_writes: Err(denied()), ..trail(true) }, trail(false)],
    Trails::Unknown(denied())
)]
fn trails_are_summed_up(#[case] trails: Vec<Trail>, #[case] state: Trails) {
    assert_eq!(Trails::of(&Ok(trails)), state);
}

#[test]
fn trails_that_cannot_be_listed_are_unknown() {
    assert_eq!(Trails::of(&Err(denied())), Trails::Unknown(denied()));
}

#[rstest]
#[case(Trails::EveryRegion, Some(true))]
#[case(Trails::OneRegion, Some(true))]
#[case(Trails::Nowhere, Some(false))]
#[case(Trails::Unknown(denied()), None)]
fn events_come_from_any_good_trail(#[case] trails: Trails, #[case] expected: Option<bool>) {
    assert_eq!(trails.is_logging(), expected);
}

//! Payloads that cannot be understood: an error that names the field, never a panic.

use mfa_enforcer_core::event::{Function, Reading, label, read};
use mfa_enforcer_testing::fixtures::{by_administrator, deployment, envelope, function_of};
use serde_json::{Value, json};
use std::fmt::Write as _;
use strum::IntoEnumIterator;

fn reading(payload: &str, function: Function) -> String {
    match read(payload, function, &deployment()) {
        Ok(Reading::Event(event)) => format!("event {}", event.trigger.spec().event_name),
        Ok(Reading::Ignored(reason)) => format!("ignored {reason}"),
        Err(malformed) => malformed.to_string(),
    }
}

/// An event with one field changed; `None` removes the field.
fn changed(event_name: &str, pointer: &str, value: Option<Value>) -> String {
    let mut envelope = envelope(event_name);
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = envelope.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => parent.insert(key.to_owned(), value),
        None => parent.remove(key),
    };
    envelope.to_string()
}

const FIELDS: [(&str, &str); 16] = [
    ("ConsoleLogin", "/detail-type"),
    ("ConsoleLogin", "/source"),
    ("ConsoleLogin", "/time"),
    ("ConsoleLogin", "/detail"),
    ("ConsoleLogin", "/detail/eventSource"),
    ("ConsoleLogin", "/detail/eventName"),
    ("ConsoleLogin", "/detail/eventID"),
    ("ConsoleLogin", "/detail/eventTime"),
    ("ConsoleLogin", "/detail/recipientAccountId"),
    ("ConsoleLogin", "/detail/userIdentity"),
    ("ConsoleLogin", "/detail/userIdentity/type"),
    ("ConsoleLogin", "/detail/responseElements"),
    ("ConsoleLogin", "/detail/additionalEventData/MFAUsed"),
    ("EnableMFADevice", "/detail/requestParameters"),
    ("EnableMFADevice", "/detail/requestParameters/serialNumber"),
    ("CreateUser", "/detail/requestParameters/userName"),
];

#[test]
fn missing_or_mistyped_field_is_read_or_named() {
    let mut all = String::new();
    for (event_name, pointer) in FIELDS {
        writeln!(all, "{event_name} {pointer}").unwrap();
        let values = [
            ("absent", None),
            ("null", Some(Value::Null)),
            ("a number", Some(json!(7))),
            ("a list", Some(json!(["alice@example.com"]))),
            ("an object", Some(json!({"alice@example.com": 1}))),
            ("a text", Some(json!("alice@example.com, expected nothing"))),
            ("empty", Some(json!(""))),
        ];
        for (what, value) in values {
            let reading = reading(&changed(event_name, pointer, value), function_of(event_name));
            assert!(!reading.contains("alice@"), "{reading} quotes the payload");
            writeln!(all, "  {what:<10} {reading}").unwrap();
        }
    }
    insta::assert_snapshot!(all);
}

#[test]
fn kind_of_a_wrong_value_is_told_in_full() {
    let payload = changed("ConsoleLogin", "/detail/eventName", Some(json!(1.5)));
    let expected =
        "malformed event: `detail.eventName` has an invalid type: floating point, expected a string";
    assert_eq!(reading(&payload, Function::SignIn), expected);
}

/// IAM takes the caller where a request names no user, and a role is none.
#[test]
fn call_of_a_role_has_to_name_the_user() {
    let mut envelope = by_administrator("EnableMFADevice");
    envelope["detail"]["requestParameters"] = json!({});
    let read = read(&envelope.to_string(), Function::MfaDevice, &deployment());
    assert_eq!(read.unwrap_err().path, "detail.requestParameters.userName");
}

#[test]
fn payload_that_is_not_an_event_is_malformed() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let start =
        r#"{"detail-type": "AWS API Call via CloudTrail", "source": "aws.iam", "detail": {"eventName": "#;
    let deep_detail = format!("{start}{}{}}}}}", "[".repeat(5000), "]".repeat(5000));
    let payloads = [
        ("empty", String::new()),
        ("blank", "  \n".to_owned()),
        ("cut off", start.to_owned()),
        ("null", "null".to_owned()),
        ("a number", "42".to_owned()),
        ("a text", "\"ConsoleLogin\"".to_owned()),
        ("a list", "[]".to_owned()),
        ("a list of events", format!("[{}]", envelope("ConsoleLogin"))),
        ("an empty object", "{}".to_owned()),
        ("deep nesting", deep),
        ("deep nesting in the detail", deep_detail),
        ("not UTF-8 escapes", r#"{"detail-type": "\ud800"}"#.to_owned()),
    ];
    let mut all = String::new();
    for (what, payload) in payloads {
        for function in Function::iter() {
            assert!(read(&payload, function, &deployment()).is_err(), "{what}");
        }
        writeln!(all, "{what}: {}", reading(&payload, Function::SignIn)).unwrap();
    }
    insta::assert_snapshot!(all);
}

#[test]
fn megabyte_value_gets_a_short_answer() {
    let long = "x".repeat(1024 * 1024);
    for (event_name, pointer) in FIELDS {
        let reading = reading(&changed(event_name, pointer, Some(json!(long))), function_of(event_name));
        assert!(reading.len() < 300, "{event_name} {pointer}: {} characters", reading.len());
    }
    for pointer in ["/detail/userAgent", "/detail/sourceIPAddress", "/detail/userIdentity/arn"] {
        let payload = changed("ConsoleLogin", pointer, Some(json!(long)));
        let Ok(Reading::Event(event)) = read(&payload, Function::SignIn, &deployment()) else {
            panic!("{pointer}: a sign-in does not depend on it");
        };
        assert!(event.source.origin.client.len() + event.source.origin.address.len() < 200);
    }
}

#[test]
fn empty_name_is_no_label() {
    assert_eq!(label(r#"{"detail": {"eventName": ""}}"#).name, None);
    assert_eq!(label(r#"{"detail": {"eventName": "X"}}"#).name.as_deref(), Some("X"));
}

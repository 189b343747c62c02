//! `review`: a draft has every exception, and a check names what is wrong.

use crate::fixtures::{Copy, key, run};
use serde_json::{Value, json};
use std::fs;

const BY: &str = "Carol Example, head of platform";

fn draft(copy: &Copy) -> Value {
    let ran = run(&["review", "draft", copy.path(), "--period", "2026-Q4", "--by", BY]);
    assert_eq!((ran.status, ran.error.as_str()), (0, ""));
    serde_json::from_str(&ran.out).unwrap()
}

/// Checks a sign-off that lies beside the copy.
fn checked(copy: &Copy, sign_off: &Value) -> crate::fixtures::Ran {
    let file = copy.file("sign-off.json");
    fs::write(&file, sign_off.to_string()).unwrap();
    run(&["review", "check", file.to_str().unwrap(), copy.path()])
}

#[test]
fn draft_names_every_exception_of_the_last_record() {
    let draft = draft(&Copy::of_the_month());
    assert_eq!(draft["record"]["key"], key("record.json", 29));
    let users: Vec<&str> =
        draft["decisions"].as_array().unwrap().iter().map(|each| each["user"].as_str().unwrap()).collect();
    assert_eq!(users, ["dave", "glass"]);
}

#[test]
fn draft_alone_is_no_sign_off() {
    let copy = Copy::of_the_month();
    let ran = checked(&copy, &draft(&copy));
    assert_eq!(ran.status, 1);
    assert_eq!(ran.out.matches("WRONG: the decision about").count(), 2, "{}", ran.out);
}

#[test]
fn filled_sign_off_is_good_and_gets_its_place() {
    let copy = Copy::of_the_month();
    let mut sign_off = draft(&copy);
    sign_off["signed"] = json!("2026-12-18T10:00:00Z");
    for decision in sign_off["decisions"].as_array_mut().unwrap() {
        decision["decision"] = json!("remove");
        decision["reason"] = json!("TICKET-7");
    }
    let ran = checked(&copy, &sign_off);
    assert_eq!((ran.status, ran.error.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains(&format!("2026-Q4 is signed by {BY}, with 2 decisions.")), "{}", ran.out);
    assert!(ran.out.contains("evidence/123456789012/reviews/2026-Q4/20261218T100000Z.json"), "{}", ran.out);
}

#[test]
fn record_that_changed_since_is_not_signed() {
    let copy = Copy::of_the_month();
    let sign_off = draft(&copy);
    let record = copy.file(key("record.json", 29));
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text + "\n").unwrap();
    let ran = checked(&copy, &sign_off);
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("WRONG: the record is not the one that was reviewed"), "{}", ran.out);
}

#[test]
fn unreadable_sign_off_is_named_without_its_text() {
    let copy = Copy::of_the_month();
    let ran = checked(&copy, &json!({"secret": "x"}));
    assert_eq!(ran.status, 2);
    assert!(ran.error.contains("sign-off.json: it is not a sign-off: line 1"), "{}", ran.error);
    assert!(!ran.error.contains("secret"));
}

#[test]
fn schemas_are_json() {
    for of in ["notice", "digest", "evidence"] {
        let ran = run(&["schema", of]);
        let schema: Value = serde_json::from_str(&ran.out).unwrap();
        assert!(ran.status == 0 && schema["$schema"].is_string(), "{of}");
    }
}

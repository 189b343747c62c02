//! What CloudTrail's event history says of a dead letter, and what is left because of it.

use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::redrive::{DeadLetter, InHistory, Message, Queue, Route, ToLookUp};
use mfa_enforcer_testing::dead_letters::{
    function_arn, letter, message, undelivered, unfinished, unhandled, unordered,
};
use mfa_enforcer_testing::fixtures::{now, sample};
use rstest::rstest;
use serde_json::{Value, json};

const SIGN_IN: &str = "ConsoleLogin/bob-overdue-without-mfa";
const HOME: &str = "us-east-1";

/// Bob's sign-in, sent 90 minutes ago, with this field of its record in place of its own.
fn changed(field: &str, value: Value) -> DeadLetter {
    let mut event: Value = serde_json::from_str(&sample(SIGN_IN)).unwrap();
    event["detail"][field] = value;
    letter(&undelivered(&function_arn("SignInFunction"), &event.to_string()))
}

fn sign_in() -> DeadLetter {
    letter(&undelivered(&function_arn("SignInFunction"), &sample(SIGN_IN)))
}

/// What the history has of it.
fn record() -> String {
    let event: Value = serde_json::from_str(&sample(SIGN_IN)).unwrap();
    event["detail"].to_string()
}

fn looked_up(letter: &DeadLetter) -> ToLookUp {
    letter.to_look_up(HOME, None).unwrap().unwrap()
}

#[test]
fn event_is_looked_up_by_its_id_where_it_was_recorded() {
    let record: Value = serde_json::from_str(&record()).unwrap();
    let found = looked_up(&sign_in());
    assert_eq!((found.id.as_str(), found.region.as_str()), (record["eventID"].as_str().unwrap(), HOME));
    let elsewhere = looked_up(&changed("awsRegion", json!("ap-southeast-2")));
    assert_eq!(elsewhere.region, "ap-southeast-2");
    let unhandled = letter(&unhandled("SignInFunction", &sample(SIGN_IN)));
    assert_eq!(looked_up(&unhandled), found);
}

#[rstest]
#[case(json!("global"))]
#[case(json!("cn-north-1"))]
#[case(json!("us-gov-west-1"))]
#[case(json!("us-east-1.example.com/"))]
#[case(json!("us-east-1\n"))]
#[case(json!("us-east-11"))]
#[case(json!("US-EAST-1"))]
#[case(json!("--1"))]
#[case(json!("a-".repeat(40) + "1"))]
#[case(json!(7))]
#[case(Value::Null)]
fn text_that_is_no_region_is_no_address(#[case] region: Value) {
    assert_eq!(looked_up(&changed("awsRegion", region)).region, HOME);
}

#[rstest]
#[case("cn-northwest-1", "cn-northwest-1")]
#[case("us-east-1", "cn-north-1")]
fn event_is_looked_up_within_the_partition(#[case] region: &str, #[case] expected: &str) {
    let found = changed("awsRegion", json!(region)).to_look_up("cn-north-1", None).unwrap().unwrap();
    assert_eq!(found.region, expected);
}

#[rstest]
#[case(Value::Null)]
#[case(json!(""))]
#[case(json!({"id": 1}))]
fn record_without_an_id_is_not_found(#[case] id: Value) {
    assert_eq!(changed("eventID", id).to_look_up(HOME, None), Some(Err(InHistory::NotFound)));
}

#[rstest]
#[case(unordered(r#"{"sweep":"hourly","scheduledTime":"2026-11-24T08:07:00Z"}"#))]
#[case(unfinished("daily", 20))]
#[case(message(Queue::Events, 10, "hello", &[]))]
#[case(undelivered("arn:aws:lambda:us-east-1:123456789012:function:payroll", &sample(SIGN_IN)))]
fn only_events_that_would_be_run_are_looked_up(#[case] message: Message) {
    assert_eq!(letter(&message).to_look_up(HOME, None), None);
}

/// An event for a function, with this in place of what is in Bob's sign-in.
fn event(changes: &Value) -> String {
    let mut event: Value = serde_json::from_str(&sample(SIGN_IN)).unwrap();
    event.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    event.to_string()
}

#[rstest]
#[case(json!({"source": "aws.ses", "detail-type": "Email Bounced", "detail": {"mail": {}}}))]
#[case(json!({"source": "aws.ses", "detail-type": "Email Complaint Received"}))]
// Functions take it for a mail by its source alone, or leave it by its kind alone, whatever record is in it.
#[case(json!({"source": "aws.ses"}))]
#[case(json!({"detail-type": "Email Bounced"}))]
fn event_that_is_not_recorded_is_not_proven_by_a_record_in_it(#[case] changes: Value) {
    let letter = letter(&undelivered(&function_arn("GuardFunction"), &event(&changes)));
    assert_eq!(letter.to_look_up(HOME, None), Some(Err(InHistory::NotRecorded)));
    let left = DeadLetter { history: Some(InHistory::NotRecorded), ..letter }.unwatched();
    assert_eq!(left.function(), Some(Function::Guard));
    assert!(left.route.unwrap_err().to_string().contains("does not record such an event"));
}

#[rstest]
#[case("{}".to_owned())]
#[case(event(&json!({"detail-type": 7})))]
#[case(event(&json!({"source": null})))]
#[case(event(&json!({"time": "yesterday"})))]
#[case(event(&json!({"detail": null})))]
#[case(event(&json!({"detail": []})))]
#[case(event(&json!({"detail": {}})))]
fn event_that_no_function_can_read_is_not_found(#[case] payload: String) {
    let letter = letter(&undelivered(&function_arn("SignInFunction"), &payload));
    assert!(letter.route.is_ok());
    assert_eq!(letter.to_look_up(HOME, None), Some(Err(InHistory::NotFound)));
}

/// Of a key that is there twice, functions take the last. So does this, or an event could hide behind the first.
#[rstest]
#[case(&["bob", "carol"], InHistory::Differs)]
#[case(&["carol", "bob"], InHistory::Found)]
fn last_of_two_counts(#[case] names: &[&str], #[case] expected: InHistory) {
    let details: Vec<String> =
        names.iter().map(|name| format!(r#""detail":{}"#, record().replace("bob", name))).collect();
    let details = details.join(",");
    let payload =
        format!(r#"{{"detail-type":"AWS Console Sign In via CloudTrail","source":"aws.signin",{details}}}"#);
    for message in [undelivered(&function_arn("SignInFunction"), &payload), raw_unhandled(&payload)] {
        let letter = letter(&message);
        assert_eq!(looked_up(&letter), looked_up(&sign_in()));
        assert_eq!(InHistory::of(&letter, Some(&record()), now()), expected);
    }
}

/// What Lambda would write of an event, with each of its keys as it is.
fn raw_unhandled(payload: &str) -> Message {
    let body = unhandled("SignInFunction", r#"{"here":1}"#).body.replace(r#"{"here":1}"#, payload);
    message(Queue::Events, 60, &body, &[])
}

#[test]
fn same_record_is_found_whatever_its_form() {
    assert_eq!(InHistory::of(&sign_in(), Some(&record()), now()), InHistory::Found);
    let mut other: Value = serde_json::from_str(&record()).unwrap();
    other["errorCode"] = Value::Null;
    other["tlsDetails"] = json!({"tlsVersion": "TLSv1.3"});
    let text = serde_json::to_string_pretty(&other).unwrap();
    assert_eq!(InHistory::of(&sign_in(), Some(&text), now()), InHistory::Found);
}

#[rstest]
#[case("eventName", json!("DeactivateMFADevice"))]
#[case("eventSource", json!("iam.amazonaws.com"))]
#[case("eventTime", json!("2026-11-24T07:00:00Z"))]
#[case("eventType", json!("AwsServiceEvent"))]
#[case("recipientAccountId", json!("999988887777"))]
#[case("sourceIPAddress", json!("198.51.100.9"))]
#[case("userAgent", json!("curl/8.0"))]
#[case("userIdentity", json!({"type": "IAMUser", "userName": "carol"}))]
#[case("requestParameters", json!({"userName": "carol"}))]
#[case("responseElements", json!({"ConsoleLogin": "Failure"}))]
#[case("additionalEventData", json!({"MFAUsed": "Yes"}))]
#[case("errorCode", json!("AccessDenied"))]
fn changed_record_differs(#[case] field: &str, #[case] value: Value) {
    let letter = changed(field, value);
    assert_eq!(InHistory::of(&letter, Some(&record()), now()), InHistory::Differs);
    assert_eq!(InHistory::of(&letter, Some("no JSON"), now()), InHistory::Differs);
}

#[rstest]
#[case(19, InHistory::TooRecent)]
#[case(20, InHistory::NotFound)]
fn missing_event_may_come_as_long_as_the_queue_has_it_lately(
    #[case] minutes: i64,
    #[case] expected: InHistory,
) {
    // What the event says of its time is as invented as the event.
    let payload = sample(SIGN_IN).replace("2026-11-24T", "2026-01-01T");
    let sent = message(Queue::Events, minutes, "", &[]).sent;
    let event = undelivered(&function_arn("SignInFunction"), &payload);
    let letter = letter(&Message { sent, ..event });
    assert_eq!(InHistory::of(&letter, None, now()), expected);
}

#[rstest]
#[case(InHistory::Differs, "another event with this id")]
#[case(InHistory::NotFound, "may have invented it")]
#[case(InHistory::TooRecent, "not yet in CloudTrail's history")]
#[case(InHistory::NotRead, "could not be read")]
#[case(InHistory::NotRecorded, "does not record")]
fn run_that_nobody_watches_leaves_what_is_not_found(#[case] history: InHistory, #[case] says: &str) {
    let odd = DeadLetter { history: Some(history), ..sign_in() };
    assert!(matches!(odd.route, Ok(Route::Function { .. })));
    let letter = odd.unwatched();
    assert_eq!(letter.function(), Some(Function::SignIn));
    let left = letter.route.unwrap_err().to_string();
    assert!(left.contains(says) && left.contains("without --yes"), "{left}");
}

#[test]
fn run_that_nobody_watches_runs_what_is_found() {
    let known = DeadLetter { history: Some(InHistory::Found), ..sign_in() };
    assert_eq!(known.clone().unwatched(), known);
    let order = letter(&unfinished("daily", 20));
    assert_eq!(order.clone().unwatched(), order);
}

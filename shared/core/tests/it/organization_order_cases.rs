//! What the sweep of a hub is asked to do.

use jiff::SignedDuration;
use mfa_enforcer_core::event::{SweepKind, SweepRequest};
use mfa_enforcer_core::organization::{
    AccountOrder, HubRequest, failed_messages, list_order, read_hub_request,
};
use mfa_enforcer_testing::fixtures::now;
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

fn request(kind: SweepKind) -> SweepRequest {
    SweepRequest::due(kind, now()).unwrap()
}

fn event(bodies: &[&str]) -> String {
    let record = |(number, body): (usize, &&str)| json!({"messageId": format!("m{number}"), "body": body});
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string()
}

#[test]
fn order_is_read_as_it_was_written() {
    let order = AccountOrder { account: "012345678901".to_owned(), request: request(SweepKind::Hourly) };
    let HubRequest::Accounts(messages) = read_hub_request(&event(&[&order.body()]), now()).unwrap() else {
        panic!("no accounts")
    };
    assert_eq!(messages.len(), 1);
    assert_eq!((messages[0].id.as_str(), &messages[0].order), ("m0", &Ok(order)));
}

#[test]
fn same_order_is_sent_once() {
    let order = |kind, account: &str| AccountOrder { account: account.to_owned(), request: request(kind) };
    let ids = [
        order(SweepKind::Hourly, "111122223333").id(),
        order(SweepKind::Daily, "111122223333").id(),
        order(SweepKind::Hourly, "444455556666").id(),
    ];
    assert_eq!(ids[0], "2026-11-24T09-111122223333");
    assert!(ids[0] != ids[1] && ids[0] != ids[2]);
}

#[test]
fn bad_message_costs_no_other_anything() {
    let order = AccountOrder { account: "012345678901".to_owned(), request: request(SweepKind::Daily) };
    let bad = r#"{"account": 12, "sweep": "daily", "scheduledTime": "2026-11-24T09:00:00Z"}"#;
    let HubRequest::Accounts(messages) = read_hub_request(&event(&[bad, &order.body()]), now()).unwrap()
    else {
        panic!("no accounts")
    };
    assert_eq!(messages[0].order.as_ref().unwrap_err().to_string().matches("body.account").count(), 1);
    assert_eq!(messages[1].order, Ok(order));
}

#[rstest]
#[case::by_hand("{}", SweepKind::Daily)]
#[case::schedule(r#"{"sweep": "hourly", "scheduledTime": "2026-11-24T09:00:00Z"}"#, SweepKind::Hourly)]
fn schedule_asks_for_a_plan(#[case] payload: &str, #[case] kind: SweepKind) {
    for payload in [payload.to_owned(), event(&[payload])] {
        let HubRequest::Plan(request) = read_hub_request(&payload, now()).unwrap() else {
            panic!("{payload}")
        };
        assert_eq!(request.kind, kind);
    }
}

#[test]
fn list_is_ordered_and_read() {
    assert_eq!(read_hub_request(&event(&[&list_order()]), now()), Ok(HubRequest::List));
    for other in [r#"{"list": "accounts"}"#, r#"{"list": "organization", "sweep": "daily"}"#] {
        assert_ne!(read_hub_request(&event(&[other]), now()), Ok(HubRequest::List), "{other}");
    }
    assert!(read_hub_request(&list_order(), now()).is_err(), "nobody calls the function with it");
}

proptest! {
    /// Whatever waited for how long: an hourly sweep is of use for an hour, and a daily one for ever.
    #[test]
    fn order_is_outdated_if_another_has_followed(seconds in -60_i64..1_000_000) {
        let later = now() + SignedDuration::from_secs(seconds);
        let order = |kind| AccountOrder { account: "012345678901".to_owned(), request: request(kind) };
        prop_assert!(!order(SweepKind::Daily).is_outdated(later));
        prop_assert_eq!(order(SweepKind::Hourly).is_outdated(later), seconds > 3600);
    }
}

#[rstest]
#[case("[]")]
#[case("{\"Records\": []}")]
#[case("{\"Records\": [{\"body\": \"x\"}]}")]
fn anything_else_is_malformed(#[case] payload: &str) {
    assert!(read_hub_request(payload, now()).is_err());
}

#[test]
fn failed_messages_are_named() {
    assert_eq!(failed_messages(&[]), json!({"batchItemFailures": []}));
    assert_eq!(failed_messages(&["m1".to_owned()]), json!({"batchItemFailures": [{"itemIdentifier": "m1"}]}));
}

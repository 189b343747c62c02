//! What becomes of dead letters: which sweep is ordered, what an answer means, and what programs are told.

use crate::contract::root;
use jsonschema::Validator;
use mfa_enforcer_core::redrive::{DeadLetter, Fate, FateState, Ordered, Queue, judge, order_for_all};
use mfa_enforcer_testing::dead_letters::{found, letter, message, unfinished, unhandled};
use mfa_enforcer_testing::fixtures::now;
use rstest::rstest;
use serde_json::Value;
use std::fs;

#[rstest]
#[case::handled(None, r#"{"outcome":"acted","why":"signed in"}"#, Ok("acted: signed in"))]
#[case::without_a_reason(None, r#"{"outcome":"ignored"}"#, Ok("ignored"))]
#[case::failed(
    Some("Unhandled"),
    r#"{"errorType":"AccessDenied","errorMessage":"iam:TagUser failed"}"#,
    Err("AccessDenied: iam:TagUser failed")
)]
#[case::failed_in_another_way(Some("Unhandled"), "", Err("Unhandled"))]
#[case::out_of_time(Some("Unhandled"), r#"{"errorMessage":"timed out"}"#, Err("Unhandled: timed out"))]
#[case::failed_and_says_that_it_acted(Some("Unhandled"), r#"{"outcome":"acted"}"#, Err("Unhandled"))]
#[case::another_program(None, "null", Err("not as a function of the enforcer"))]
#[case::no_json(None, "hello", Err("not as a function of the enforcer"))]
fn answer_is_judged(
    #[case] function_error: Option<&str>,
    #[case] answer: &str,
    #[case] expected: Result<&str, &str>,
) {
    match (judge(function_error, answer), expected) {
        (Ok(says), Ok(expected)) => assert_eq!(says, expected),
        (Err(why), Err(expected)) => assert!(why.contains(expected), "{why}"),
        (judged, expected) => panic!("{judged:?} instead of {expected:?}"),
    }
}

#[rstest]
#[case(&[("hourly", 300), ("daily", 200), ("hourly", 100)], "daily", 200)]
#[case(&[("daily", 1500), ("daily", 60)], "daily", 60)]
#[case(&[("hourly", 120), ("hourly", 60)], "hourly", 60)]
fn one_order_makes_up_for_all(#[case] sent: &[(&str, i64)], #[case] kind: &str, #[case] minutes: i64) {
    let letters: Vec<DeadLetter> =
        sent.iter().map(|(kind, minutes)| letter(&unfinished(kind, *minutes))).collect();
    let order = order_for_all(&letters, now()).unwrap();
    let Ordered::Sweep(request) = &order.ordered else { panic!("{order:?}") };
    assert_eq!((request.kind.name(), request.time), (kind, now()));
    let of = unfinished(kind, minutes).id;
    assert_eq!(order.message, of);
    assert_eq!(order.says_of(&of), format!("ordered: a new {kind} sweep"));
    assert_eq!(order.says_of("another"), format!("made up for by the new {kind} sweep"));
}

#[test]
fn events_order_no_sweep() {
    let letters =
        [letter(&unhandled("GuardFunction", "{}")), letter(&message(Queue::Events, 1, "hello", &[]))];
    assert_eq!(order_for_all(&letters, now()), None);
}

#[test]
fn event_that_could_not_be_removed_is_in_the_queue() {
    let fate = Fate::handled("acted", Err("sqs:DeleteMessage failed".to_owned()));
    assert_eq!(fate.state, FateState::Failed);
    assert!(fate.says.contains("still in the queue (sqs:DeleteMessage failed)"), "{}", fate.says);
}

#[test]
fn queues_are_empty_only_once_all_is_removed() {
    let mut redriven = found();
    assert!(!redriven.is_empty_now());
    for row in &mut redriven.dead_letters {
        row.fate = Fate::handled("acted", Ok(()));
    }
    assert!(redriven.is_empty_now());
    redriven.may_be_more = true;
    assert!(!redriven.is_empty_now());
    redriven.may_be_more = false;
    redriven.dead_letters[0].fate = Fate::failed("denied");
    assert!(!redriven.is_empty_now());
}

fn schema() -> Value {
    let file = fs::read_to_string(root().join("docs/redrive.schema.json")).unwrap();
    serde_json::from_str(&file).unwrap()
}

#[test]
fn json_fits_its_schema() {
    let validator: Validator = jsonschema::validator_for(&schema()).unwrap();
    let redriven: Value = serde_json::from_str(&found().json()).unwrap();
    let problems: Vec<String> = validator.iter_errors(&redriven).map(|problem| problem.to_string()).collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn schema_lists_every_state() {
    let states = [FateState::Waiting, FateState::Done, FateState::Failed, FateState::Left];
    let listed: Vec<String> = serde_json::from_value(schema()["$defs"]["state"]["enum"].clone()).unwrap();
    assert_eq!(listed, states.map(FateState::code));
}

//! Dead letters: what each is, where it goes, and what is never called.

use jiff::SignedDuration;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::redrive::{DeadLetter, Message, Queue, Route, Stays};
use mfa_enforcer_testing::dead_letters::{function_arn, letter, message, undelivered, unhandled, unordered};
use mfa_enforcer_testing::fixtures::{compliant, decide, event, now, overdue, sample, settings};
use rstest::rstest;
use serde_json::{Value, json};

const SIGN_IN: &str = "ConsoleLogin/bob-overdue-without-mfa";
const FORWARDED: &str = "arn:aws:events:us-east-1:123456789012:event-bus/default";

/// The function that it goes into, and with what.
fn invoked(letter: &DeadLetter) -> (Function, &str, Value) {
    match &letter.route {
        Ok(Route::Function { function, name, payload }) => {
            (*function, name, serde_json::from_str(payload).unwrap())
        }
        other => panic!("{other:?}"),
    }
}

fn stays(letter: &DeadLetter) -> String {
    letter.route.as_ref().unwrap_err().to_string()
}

fn sweep(letter: &DeadLetter) -> String {
    match &letter.route {
        Ok(Route::Sweep(request)) => format!("{} {}", request.kind.name(), request.time),
        other => panic!("{other:?}"),
    }
}

#[test]
fn undelivered_event_goes_into_its_target_whole() {
    let payload = sample(SIGN_IN);
    let letter = letter(&undelivered(&function_arn("SignInFunction"), &payload));
    let whole: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(invoked(&letter), (Function::SignIn, "mfa-enforcer-SignInFunction-1ABCDEF2GHIJ", whole));
    assert_eq!(letter.about.name.as_deref(), Some("ConsoleLogin"));
    assert_eq!(letter.about.user.as_deref(), Some("bob"));
    assert!(letter.about.id.is_some() && letter.about.time.is_some());
    let error = letter.error.unwrap();
    assert!(
        error.contains("the rule mfa-enforcer-sign-ins could not deliver it: NO_PERMISSIONS: "),
        "{error}"
    );
}

#[test]
fn unhandled_event_goes_into_its_function_whole() {
    let payload = sample("DetachUserPolicy/heidi-by-an-admin");
    let letter = letter(&unhandled("GuardFunction", &payload));
    let whole: Value = serde_json::from_str(&payload).unwrap();
    assert_eq!(invoked(&letter), (Function::Guard, "mfa-enforcer-GuardFunction-1ABCDEF2GHIJ", whole));
    assert_eq!(letter.about.user.as_deref(), Some("heidi"));
    assert!(letter.error.unwrap().starts_with("AccessDenied: iam:AttachUserPolicy failed"));
}

#[rstest]
#[case::root(json!({"userIdentity": {"type": "Root"}}), Some("root"))]
#[case::root_about_somebody(
    json!({"userIdentity": {"type": "Root"}, "requestParameters": {"userName": "bob"}}), Some("bob")
)]
#[case::user(json!({"userIdentity": {"type": "IAMUser", "userName": "bob"}}), Some("bob"))]
#[case::role(json!({"userIdentity": {"type": "AssumedRole"}}), None)]
#[case::nobody(json!({}), None)]
fn event_without_a_user_is_about_root_only_if_root_made_the_call(
    #[case] detail: Value,
    #[case] user: Option<&str>,
) {
    let payload = json!({"detail": detail}).to_string();
    let letter = letter(&undelivered(&function_arn("GuardFunction"), &payload));
    assert_eq!(letter.about.user.as_deref(), user);
}

#[test]
fn numbers_of_an_event_are_not_rounded() {
    let text = r#"{"detail":{"n":12345678901234567890123456789.10}}"#;
    let body = unhandled("GuardFunction", "{}")
        .body
        .replace(r#""requestPayload":{}"#, &format!(r#""requestPayload":{text}"#));
    let letter = letter(&message(Queue::Events, 1, &body, &[]));
    assert!(matches!(letter.route, Ok(Route::Function { payload, .. }) if payload == text));
}

#[rstest]
#[case::another_account(
    "arn:aws:lambda:us-east-1:999999999999:function:mfa-enforcer-SignInFunction-1ABCDEF2GHIJ"
)]
#[case::another_region(
    "arn:aws:lambda:eu-west-1:123456789012:function:mfa-enforcer-SignInFunction-1ABCDEF2GHIJ"
)]
#[case::another_partition(
    "arn:aws-cn:lambda:us-east-1:123456789012:function:mfa-enforcer-SignInFunction-1ABCDEF2GHIJ"
)]
#[case::name_that_only_begins_so(
    "arn:aws:lambda:us-east-1:123456789012:function:mfa-enforcer-SignInFunction-1ABCDEF2GHIJK"
)]
#[case::function_of_others("arn:aws:lambda:us-east-1:123456789012:function:payroll")]
#[case::name_alone("mfa-enforcer-SignInFunction-1ABCDEF2GHIJ")]
#[case::nothing("")]
fn only_functions_of_the_stack_are_called(#[case] target: &str) {
    let undelivered = letter(&undelivered(target, &sample(SIGN_IN)));
    assert_eq!(undelivered.function(), None, "{undelivered:?}");
    let body = unhandled("SignInFunction", "{}").body;
    let named = format!("{}:$LATEST", function_arn("SignInFunction"));
    let unhandled = letter(&message(Queue::Events, 1, &body.replace(&named, target), &[]));
    assert_eq!(unhandled.function(), None, "{unhandled:?}");
}

#[rstest]
#[case::bus(undelivered(FORWARDED, &sample(SIGN_IN)), "it was to be forwarded to the event bus")]
#[case::topic(
    undelivered("arn:aws:sns:us-east-1:123456789012:t", "{}"),
    "it was to be published on the topic"
)]
#[case::queue(undelivered("arn:aws:sqs:us-east-1:123456789012:q", "{}"), "is not a function of this stack")]
#[case::no_json(undelivered(&function_arn("SignInFunction"), "hello"), "does not hold an event")]
#[case::no_object(unhandled("SignInFunction", "[]"), "does not hold an event")]
#[case::null(unhandled("SignInFunction", "null"), "does not hold an event")]
#[case::text(message(Queue::Events, 1, "hello", &[]), "its form is not known")]
#[case::empty(message(Queue::Events, 1, "", &[]), "its form is not known")]
#[case::event_of_nobody_knows_what(message(Queue::Events, 1, &sample(SIGN_IN), &[]), "its form is not known")]
#[case::order_without_a_schedule(message(Queue::Events, 1, "{}", &[]), "its form is not known")]
#[case::no_order(message(Queue::Sweeps, 1, r#"{"sweep":"yearly"}"#, &[]), "it is not an order for a sweep (malformed event: `sweep`")]
#[case::event_among_orders(message(Queue::Sweeps, 1, &sample(SIGN_IN), &[]), "its form is not known")]
fn what_cannot_be_run_is_left_with_the_reason(#[case] message: Message, #[case] says: &str) {
    let said = stays(&letter(&message));
    assert!(said.contains(says), "{said}");
}

#[test]
fn event_that_was_cut_off_is_left() {
    let mut message = unordered("{}");
    message.attributes.insert("IS_PAYLOAD_TRUNCATED".to_owned(), "true".to_owned());
    assert_eq!(letter(&message).route, Err(Stays::Truncated));
}

#[test]
fn order_of_a_schedule_is_read_in_both_forms() {
    let order = r#"{"sweep":"hourly","scheduledTime":"2026-11-24T08:07:00Z"}"#;
    let call = json!({"MessageBody": order, "QueueUrl": "https://example.com", "MessageGroupId": "sweep"});
    for body in [order.to_owned(), call.to_string()] {
        let letter = letter(&unordered(&body));
        assert_eq!(sweep(&letter), "hourly 2026-11-24T08:07:00Z");
        assert_eq!(letter.about.name.as_deref(), Some("hourly sweep"));
        assert_eq!(letter.about.time.map(|time| time.to_string()).as_deref(), Some("2026-11-24T08:07:00Z"));
    }
}

#[test]
fn event_for_the_sweep_is_an_order_so_that_no_two_sweeps_run_at_once() {
    let letter = letter(&unhandled("SweepFunction", "{}"));
    assert_eq!(sweep(&letter), format!("daily {}", now()));
    assert_eq!(letter.function(), Some(Function::Sweep));
}

#[test]
fn texts_of_a_message_stay_in_one_line() {
    let payload = json!({"detail-type": "x\ny", "detail": {"userIdentity": {"userName": "a\u{1b}[31m\u{202e}\nDone."}}});
    let letter = letter(&undelivered("arn:aws:sqs:a\nb", &payload.to_string()));
    let texts =
        [letter.about.name.clone(), letter.about.user.clone(), letter.error.clone(), Some(stays(&letter))];
    for text in texts.into_iter().flatten() {
        assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{text:?}");
    }
}

#[test]
fn old_event_is_decided_by_what_is_so_now() {
    let later = now() + SignedDuration::from_hours(13 * 24);
    for name in ["ConsoleLogin", "DeactivateMFADevice"] {
        let decided = |user: &UserFacts| decide(&event(name), user, &settings(), later);
        assert_eq!(decided(&compliant()).steps, [], "{name}");
        assert_ne!(decided(&overdue()).steps, [], "{name}");
    }
}

#[test]
fn template_has_each_queue_as_it_is_read() {
    let template =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml")).unwrap();
    let keeps_order = [Queue::Events, Queue::Sweeps, Queue::Accounts].map(|queue| {
        let head = format!("\n  {}:\n    Type: AWS::SQS::Queue\n", queue.logical());
        let (_, rest) = template.split_once(&head).unwrap();
        let is_fifo = rest
            .lines()
            .take_while(|line| line.starts_with("    "))
            .any(|line| line.trim() == "FifoQueue: true");
        assert_eq!(queue.keeps_order(), is_fifo, "{}", queue.logical());
        is_fifo
    });
    assert_eq!(keeps_order, [false, true, true]);
}

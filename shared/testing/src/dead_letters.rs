//! Messages of dead-letter queues, one of each kind.

use crate::checkups::REGION;
use crate::fixtures::{now, sample};
use jiff::SignedDuration;
use mfa_enforcer_core::redrive::{DeadLetter, Fate, InHistory, Message, OwnFunctions, Queue, Redriven, Row};
use serde_json::json;
use std::collections::BTreeMap;

const ACCOUNT: &str = "123456789012";
/// Whoever runs them again.
pub const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-exemptions/carol";
/// The functions as a stack lists them.
const LISTED: [(&str, &str); 3] = [
    ("SignInFunction", "mfa-enforcer-SignInFunction-1ABCDEF2GHIJ"),
    ("GuardFunction", "mfa-enforcer-GuardFunction-1ABCDEF2GHIJ"),
    ("SweepFunction", "mfa-enforcer-SweepFunction-1ABCDEF2GHIJ"),
];

/// The functions of the stack.
pub fn own_functions() -> OwnFunctions {
    OwnFunctions::of(CALLER, REGION, ACCOUNT, LISTED.into_iter())
}

/// The ARN of the function that the template calls so.
pub fn function_arn(logical: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:mfa-enforcer-{logical}-1ABCDEF2GHIJ")
}

/// A message in a queue, sent so many minutes ago.
pub fn message(queue: Queue, minutes: i64, body: &str, attributes: &[(&str, &str)]) -> Message {
    let attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Message {
        queue,
        id: format!("00000000-0000-0000-0000-{minutes:012}"),
        sent: now().checked_sub(SignedDuration::from_mins(minutes)).ok(),
        body: body.to_owned(),
        attributes: attributes.collect::<BTreeMap<_, _>>(),
    }
}

/// An event that a rule could not deliver to this target.
pub fn undelivered(target: &str, body: &str) -> Message {
    let attributes = [
        ("RULE_ARN", "arn:aws:events:us-east-1:123456789012:rule/mfa-enforcer-sign-ins"),
        ("TARGET_ARN", target),
        ("ERROR_CODE", "NO_PERMISSIONS"),
        ("ERROR_MESSAGE", "EventBridge may not invoke the function"),
    ];
    message(Queue::Events, 90, body, &attributes)
}

/// An event that this function could not handle, as Lambda writes it.
pub fn unhandled(logical: &str, payload: &str) -> Message {
    let record = json!({
        "version": "1.0",
        "timestamp": "2026-11-24T08:00:00.000Z",
        "requestContext": {
            "requestId": "5f2c7a9e-3b1d-4c8f-9a6e-2d4b8c1f0e73",
            "functionArn": format!("{}:$LATEST", function_arn(logical)),
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": serde_json::from_str::<serde_json::Value>(payload).unwrap(),
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "responsePayload": {
            "errorType": "AccessDenied",
            "errorMessage": "iam:AttachUserPolicy failed: access denied, whoever called lacks this permission (AccessDenied)",
        },
    });
    message(Queue::Events, 60, &record.to_string(), &[])
}

/// An order that a schedule could not put into its queue.
pub fn unordered(body: &str) -> Message {
    let attributes = [
        ("SCHEDULE_ARN", "arn:aws:scheduler:us-east-1:123456789012:schedule/default/mfa-enforcer-hourly"),
        ("TARGET_ARN", "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"),
        ("ERROR_CODE", "AWS.SimpleQueueService.NonExistentQueue"),
        ("ERROR_MESSAGE", "The queue does not exist"),
        ("IS_PAYLOAD_TRUNCATED", "false"),
    ];
    message(Queue::Events, 30, body, &attributes)
}

/// An order of a sweep that did not finish.
pub fn unfinished(kind: &str, minutes: i64) -> Message {
    let due = now().checked_sub(SignedDuration::from_mins(minutes)).unwrap();
    message(Queue::Sweeps, minutes, &json!({"sweep": kind, "scheduledTime": due}).to_string(), &[])
}

/// A message as it is read.
pub fn letter(message: &Message) -> DeadLetter {
    DeadLetter::read(message, &own_functions(), now())
}

/// An event that nobody knows, in a run that nobody watches.
fn invented() -> DeadLetter {
    let event =
        undelivered(&function_arn("GuardFunction"), &sample("UntagUser/heidi-loses-record-by-an-admin"));
    let letter = letter(&Message { sent: Some(now() - SignedDuration::from_mins(95)), ..event });
    DeadLetter { history: Some(InHistory::NotFound), ..letter }.unwatched()
}

/// One of each kind, before anything is done.
pub fn found() -> Redriven {
    let messages = [
        undelivered(&function_arn("SignInFunction"), &sample("ConsoleLogin/bob-overdue-without-mfa")),
        unhandled("GuardFunction", &sample("DetachUserPolicy/heidi-by-an-admin")),
        unordered(r#"{"sweep":"hourly","scheduledTime":"2026-11-24T08:07:00Z"}"#),
        unfinished("daily", 20),
        message(Queue::Events, 10, "hello", &[]),
    ];
    let mut redriven = Redriven::of(now(), CALLER, ACCOUNT, REGION, "mfa-enforcer");
    let found = |message| DeadLetter { history: Some(InHistory::Found), ..letter(message) };
    let [sign_in, guard, order, sweep, hello] = &messages;
    let letters = [invented(), found(sign_in), found(guard), letter(order), letter(sweep), letter(hello)];
    redriven.dead_letters = letters.iter().map(|letter| Row::of(letter, Fate::before(letter))).collect();
    redriven
}

/// The same after they were run again: one failed again.
pub fn ran_again() -> Redriven {
    let mut redriven = found();
    let handled = |says: &str| Fate::handled(says, Ok(()));
    let fates = [
        handled("acted: signed in without MFA after the deadline"),
        Fate::failed("AccessDenied: iam:AttachUserPolicy failed: access denied (AccessDenied)"),
        handled("made up for by the new daily sweep"),
        handled("ordered: a new daily sweep"),
    ];
    for (row, fate) in redriven.dead_letters.iter_mut().skip(1).zip(fates) {
        row.fate = fate;
    }
    redriven
}

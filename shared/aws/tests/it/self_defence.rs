//! Events about the enforcer itself, from end to end.

use jiff::SignedDuration;
use mfa_enforcer_aws::ErrorKind;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::outcome::Outcome;
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_testing::account::{Account, send};
use mfa_enforcer_testing::faulty::{Faulty, When};
use mfa_enforcer_testing::fixtures::now;
use std::sync::Mutex;

const STOPPED: &str = "StopLogging/by-mallory";
/// `CloudFormation` changes a rule.
const BY_CLOUDFORMATION: &str = "PutRule/by-cloudformation";

/// An account whose stack has this status since two hours before the tests' time.
fn account(status: &str) -> Account {
    let changed = Some(now() - SignedDuration::from_hours(2));
    let state = StackState { status: status.to_owned(), changed, ..StackState::default() };
    Account { stack: Mutex::new(state), ..Account::of([]) }
}

fn calls(account: &Account) -> Vec<&'static str> {
    account.calls.lock().unwrap().clone()
}

#[tokio::test]
async fn two_deliveries_give_one_message() {
    let account = account("UPDATE_COMPLETE");
    let report = send(Function::Guard, STOPPED, &account).await.unwrap();
    assert_eq!(
        (report.outcome, report.reason, report.subject.as_deref()),
        (Outcome::Acted, "self-defence", Some("the enforcer"))
    );
    assert_eq!(report.trigger.as_deref(), Some("StopLogging"));
    let again = send(Function::Guard, STOPPED, &account).await.unwrap();
    assert_eq!(again.reason, "already-said");
    assert_eq!(*account.to_admins.lock().unwrap(), ["enforcer-changed reach=not-for-user"]);
    assert!(!calls(&account).contains(&"stack"), "no update of the stack touches a trail");
}

#[tokio::test]
async fn part_of_an_update_tells_nobody() {
    let under_way = account("UPDATE_IN_PROGRESS");
    let report = send(Function::Guard, BY_CLOUDFORMATION, &under_way).await.unwrap();
    assert_eq!((report.outcome, report.reason), (Outcome::Nothing, "update-of-the-stack"));
    assert_eq!(calls(&under_way), ["alerts_tags", "stack"]);
    let over = Account { stack_ended: Some(now()), ..account("UPDATE_COMPLETE") };
    assert_eq!(send(Function::Guard, BY_CLOUDFORMATION, &over).await.unwrap().reason, "update-of-the-stack");
    assert_eq!(calls(&over), ["alerts_tags", "stack", "stack_ended"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_told() {
    // The tags of the topic, then the stack, then its end.
    for call in 0..3 {
        let account = account("UPDATE_COMPLETE");
        let faulty = Faulty::new(&account, call, When::Before, ErrorKind::Denied);
        send(Function::Guard, BY_CLOUDFORMATION, &faulty).await.unwrap();
        assert_eq!(
            *account.to_admins.lock().unwrap(),
            ["enforcer-changed reach=not-for-user"],
            "call {call}"
        );
    }
}

#[tokio::test]
async fn message_that_was_not_sent_is_sent_by_the_retry() {
    let account = account("UPDATE_COMPLETE");
    // alerts_tags, account_alias, and then tell_admins.
    let faulty = Faulty::new(&account, 2, When::Before, ErrorKind::Throttled);
    send(Function::Guard, STOPPED, &faulty).await.unwrap_err();
    assert_eq!(account.to_admins.lock().unwrap().len(), 0);
    send(Function::Guard, STOPPED, &account).await.unwrap();
    assert_eq!(account.to_admins.lock().unwrap().len(), 1);
}

//! The stack of the deployment.

use jiff::SignedDuration;
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_testing::fixtures::now;
use rstest::rstest;

fn stack(status: &str, hours: Option<i64>) -> StackState {
    let changed = hours.map(|hours| now() - SignedDuration::from_hours(hours));
    StackState { status: status.to_owned(), changed, ..StackState::default() }
}

#[test]
fn status_tells_whether_a_stack_is_changed() {
    for status in [
        "CREATE_IN_PROGRESS",
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "ROLLBACK_IN_PROGRESS",
        "DELETE_IN_PROGRESS",
    ] {
        assert!(stack(status, Some(1)).is_in_progress(now()), "{status}");
        assert!(stack(status, None).is_in_progress(now()), "{status}");
    }
    for status in ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_FAILED", "DELETE_COMPLETE", ""] {
        assert!(!stack(status, Some(1)).is_in_progress(now()), "{status}");
    }
}

#[test]
fn change_without_an_end_is_not_waited_for() {
    assert!(stack("UPDATE_IN_PROGRESS", Some(3)).is_in_progress(now()));
    assert!(!stack("UPDATE_IN_PROGRESS", Some(4)).is_in_progress(now()));
}

#[rstest]
#[case("SweepQueueUrl", "https://sqs.us-east-1.amazonaws.com/123456789012/sweeps.fifo", true)]
#[case("SweepQueueUrl", "none", false)]
#[case("AlertsQueueUrl", "https://sqs.us-east-1.amazonaws.com/123456789012/alerts.fifo", false)]
fn queue_of_sweeps_is_an_output(#[case] name: &str, #[case] value: &str, #[case] is_queue: bool) {
    let outputs = [(name.to_owned(), value.to_owned())].into_iter().collect();
    let stack = StackState { outputs, ..stack("UPDATE_COMPLETE", None) };
    assert_eq!(stack.sweep_queue(), is_queue.then_some(value));
}

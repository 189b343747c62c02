//! The `CloudFormation` stack of this deployment: whether it is being changed, and what its outputs say.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long a change of the stack is waited for. Without an end, whoever starts a change that never ends could do
/// behind it what they like.
const LONGEST_CHANGE: SignedDuration = SignedDuration::from_hours(3);
/// The end of the status of a stack that is being changed, as in `UPDATE_IN_PROGRESS`.
const IN_PROGRESS: &str = "_IN_PROGRESS";

/// The output of the stack that has the URL of the queue of the orders for sweeps. It is read here, and not from a setting:
/// the 4 KB of a function's environment are used up.
const SWEEP_QUEUE: &str = "SweepQueueUrl";

/// A stack, as `DescribeStacks` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StackState {
    /// The status, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// When the last change of the stack began; `None` if that is not known.
    pub changed: Option<Timestamp>,
    /// The outputs: names and values.
    pub outputs: BTreeMap<String, String>,
}

impl StackState {
    /// The URL of the queue of the orders for sweeps, if the stack has one.
    #[must_use]
    pub fn sweep_queue(&self) -> Option<&str> {
        self.outputs.get(SWEEP_QUEUE).map(String::as_str).filter(|url| url.starts_with("http"))
    }

    /// Whether `CloudFormation` is changing the resources of the stack, so that single changes to them are its own.
    #[must_use]
    pub fn is_in_progress(&self, now: Timestamp) -> bool {
        let is_over = self.changed.is_some_and(|changed| now.duration_since(changed) > LONGEST_CHANGE);
        self.status.ends_with(IN_PROGRESS) && !is_over
    }
}

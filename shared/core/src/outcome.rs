//! How an invocation ends: the words in the answer, the log and the metrics.

use serde::Serialize;
use strum::{EnumIter, IntoStaticStr};

/// How one invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, EnumIter, IntoStaticStr, Serialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Outcome {
    /// Something was done.
    Acted,
    /// There was nothing to do.
    #[default]
    Nothing,
    /// The event is none that this function acts on.
    Ignored,
    /// The event cannot be understood.
    Malformed,
    /// It failed, and running it again can help.
    Retry,
    /// It failed, and somebody has to fix something first.
    Failed,
}

/// The type of the error with which an invocation failed, for alarms and log queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
pub enum ErrorType {
    /// The event cannot be understood.
    Malformed,
    /// IAM does not show yet what the event says.
    NotYetVisible,
    /// A sweep has left something to do.
    SweepUnfinished,
    /// The credential report cannot be read.
    UnreadableReport,
    /// AWS throttled a call.
    Throttled,
    /// AWS did not answer, or failed.
    AwsUnavailable,
    /// What a call was about does not exist.
    NotFound,
    /// A permission is missing.
    AccessDenied,
    /// A quota is used up.
    QuotaExceeded,
    /// AWS refused a call for another reason.
    AwsRefused,
}

/// The fields of the log line that every invocation writes. What is empty is left out. Queries and the dashboard rely on
/// these names.
pub const LOG_FIELDS: [&str; 18] = [
    "function",
    "outcome",
    "trigger",
    "subject",
    "subject_id",
    "posture",
    "reason",
    "plan",
    "withheld",
    "findings",
    "sweep",
    "mode",
    "event_id",
    "account",
    "request_id",
    "duration_ms",
    "error_type",
    "error",
];

impl Outcome {
    /// Stable name for logs and metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl ErrorType {
    /// Stable name for alarms and log queries.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

//! How an invocation ends, as named in the answer, the log and the metrics.

use serde::Serialize;
use strum::{EnumIter, IntoStaticStr};

/// The result of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, EnumIter, IntoStaticStr, Serialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Outcome {
    /// Something was done.
    Acted,
    /// There was nothing to do.
    #[default]
    Nothing,
    /// The event is not one that this function acts on.
    Ignored,
    /// The event cannot be parsed.
    Malformed,
    /// The invocation failed, and a retry may help.
    Retry,
    /// The invocation failed, and somebody has to fix something before a retry can help.
    Failed,
}

/// The type of error that an invocation failed with, for alarms and log queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
pub enum ErrorType {
    /// The event cannot be parsed.
    Malformed,
    /// IAM does not show the change yet that the event reports.
    NotYetVisible,
    /// What holds in an account of the organization is not known.
    SettingsUnknown,
    /// A sweep did not finish.
    SweepUnfinished,
    /// The credential report cannot be parsed.
    UnreadableReport,
    /// AWS throttled a call.
    Throttled,
    /// AWS did not answer, or answered with an internal error.
    AwsUnavailable,
    /// The resource of a call does not exist.
    NotFound,
    /// A permission is missing.
    AccessDenied,
    /// A quota is exhausted.
    QuotaExceeded,
    /// AWS refused a call for another reason.
    AwsRefused,
}

/// Fields of the log line that every invocation writes. Empty fields are left out. Queries and the dashboard rely on
/// these names.
pub const LOG_FIELDS: [&str; 20] = [
    "function",
    "version",
    "outcome",
    "trigger",
    "subject",
    "subject_id",
    "episode",
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

//! How every invocation ends.

use crate::answer::Report;
use crate::error::Failure;
use crate::invocation::Invocation;
use crate::{measure, telemetry};
use std::time::Duration;

/// Writes the log line and the metrics of an invocation that took this long, and returns its answer.
pub(crate) fn finish(
    invocation: Invocation<'_>,
    mut report: Report,
    result: Result<(), Failure>,
    took: Duration,
) -> Result<Report, Failure> {
    report.findings.extend(invocation.settings.doubts.iter().cloned());
    let failure = result.as_ref().err();
    telemetry::log(&report, failure, invocation, took);
    measure::event(telemetry::outcome(&report, failure), report.reason, took);
    result.map(|()| report)
}

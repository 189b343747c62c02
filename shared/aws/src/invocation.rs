//! One invocation of a function: what belongs to it, and how it ends.

use crate::answer::Report;
use crate::error::Failure;
use crate::{measure, telemetry};
use jiff::Timestamp;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::settings::Settings;
use std::time::Duration;

/// What belongs to one invocation.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The function that was invoked.
    pub function: Function,
    /// The settings.
    pub settings: &'a Settings,
    /// The time.
    pub now: Timestamp,
    /// Lambda's id of the invocation, for the log.
    pub request_id: &'a str,
}

impl Invocation<'_> {
    /// Ends the invocation after so much time: its log line, its metrics, and its answer.
    pub(crate) fn finish(
        self,
        report: Report,
        result: Result<(), Failure>,
        took: Duration,
    ) -> Result<Report, Failure> {
        let failure = result.as_ref().err();
        telemetry::log(&report, failure, self, took);
        measure::event(telemetry::outcome(&report, failure), report.reason, took);
        result.map(|()| report)
    }
}

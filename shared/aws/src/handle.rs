//! One event from end to end: read, observe, decide, apply, and one log line.

use crate::answer::Report;
use crate::apply::apply;
use crate::directory::Directory;
use crate::error::Failure;
use crate::messenger::Messenger;
use crate::observe::observe;
use crate::{measure, telemetry};
use jiff::Timestamp;
use mfa_enforcer_core::decide::decide;
use mfa_enforcer_core::event::{Function, Reading, label, read};
use mfa_enforcer_core::settings::Settings;
use std::time::Instant;

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

/// Handles one event and logs it.
///
/// # Errors
/// [`Failure`], after which the event is to be run again: whatever was done already is not done twice.
pub async fn handle<D, M>(
    payload: &str,
    invocation: Invocation<'_>,
    directory: &D,
    messenger: &M,
) -> Result<Report, Failure>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let started = Instant::now();
    let mut report = Report::default();
    let result = run(payload, invocation, directory, messenger, &mut report).await;
    let (failure, took) = (result.as_ref().err(), started.elapsed());
    telemetry::log(&report, failure, invocation, took);
    measure::event(telemetry::outcome(&report, failure), report.reason, took);
    result.map(|()| report)
}

/// Fills in `report` as far as it gets, so that a failure is logged with what was known.
async fn run<D, M>(
    payload: &str,
    invocation: Invocation<'_>,
    directory: &D,
    messenger: &M,
    report: &mut Report,
) -> Result<(), Failure>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let started = Instant::now();
    let Invocation { function, settings, now, .. } = invocation;
    let event = match read(payload, function, &settings.deployment) {
        Ok(Reading::Event(event)) => event,
        Ok(Reading::Ignored(reason)) => {
            *report = Report::of_label(label(payload)).ignored(reason);
            return Ok(());
        }
        Err(malformed) => {
            *report = Report::of_label(label(payload));
            return Err(malformed.into());
        }
    };
    *report = Report::of_event(&event);
    let facts = observe(&event, directory, messenger).await?;
    let plan = decide(&event, &facts, settings, now);
    *report = Report::of_event(&event).with_facts(&facts).with_plan(&plan);
    apply(&plan, directory, messenger).await.finished()?;
    // What can be done at once is done; the rest waits for the next run.
    if plan.reason.is_transient() {
        return Err(Failure::NotYetVisible(plan.reason));
    }
    if !plan.steps.is_empty() {
        measure::latency(event.source.time, now, started.elapsed());
    }
    Ok(())
}

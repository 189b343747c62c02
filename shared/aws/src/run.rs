//! Starts a function: settings, clients, and then one event after the other.

use crate::answer::Report;
use crate::clients::{self, Clients, Pace};
use crate::error::Failure;
use crate::handle::handle;
use crate::iam::IamDirectory;
use crate::invocation::Invocation;
use crate::sns::SnsMessenger;
use crate::sweep::{SweepInvocation, sweep};
use crate::{measure, telemetry};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::settings::Settings;
use serde_json::value::RawValue;
use std::time::{Duration, SystemTime};

/// Lambda lets no function run for longer.
const LONGEST: Duration = Duration::from_mins(15);

/// Runs `function` until Lambda ends the process.
///
/// # Errors
/// Where the settings cannot be used (all problems are logged and named) or the runtime fails.
pub async fn run(function: Function) -> Result<(), Error> {
    let (settings, clients) = start(function.name(), Pace::Event).await?;
    let directory = IamDirectory::new(clients.iam);
    let messenger = SnsMessenger::new(clients.sns, &settings.alerts_topic_arn);
    let (settings, directory, messenger) = (&settings, &directory, &messenger);
    // The payload is taken as text, so that what is wrong with it can be said by its field.
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let invocation =
            Invocation { function, settings, now: Timestamp::now(), request_id: &event.context.request_id };
        // On the heap, because the layout of the SDK's nested futures is too deep for the compiler.
        let handled = Box::pin(handle(event.payload.get(), invocation, directory, messenger));
        let report: Result<Report, Failure> = handled.await;
        measure::flush();
        report
    });
    lambda_runtime::run(service).await
}

/// Runs the sweep's function until Lambda ends the process.
///
/// # Errors
/// As [`run`].
pub async fn run_sweep() -> Result<(), Error> {
    let (settings, clients) = start(Function::Sweep.name(), Pace::Sweep).await?;
    let directory = IamDirectory::new(clients.iam);
    let messenger = SnsMessenger::new(clients.sns, &settings.alerts_topic_arn);
    let (settings, directory, messenger) = (&settings, &directory, &messenger);
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = deadline(event.context.deadline(), SystemTime::now());
        let time_left = move || deadline.duration_since(SystemTime::now()).unwrap_or_default();
        let invocation = SweepInvocation {
            settings,
            clock: &Timestamp::now,
            request_id: &event.context.request_id,
            time_left: &time_left,
        };
        // On the heap, for the same reason.
        let swept = Box::pin(sweep(event.payload.get(), invocation, directory, messenger));
        let report: Result<Report, Failure> = swept.await;
        measure::flush();
        report
    });
    lambda_runtime::run(service).await
}

/// When Lambda ends the invocation. A deadline that has passed when the invocation begins is none: tools that run a
/// function on a desk send such.
fn deadline(told: SystemTime, now: SystemTime) -> SystemTime {
    if told > now { told } else { now + LONGEST }
}

/// What every function does first: log, settings, metrics, clients.
///
/// # Errors
/// Where the settings cannot be used. Every problem is logged.
pub(crate) async fn start(name: &'static str, pace: Pace) -> Result<(Settings, Clients), Error> {
    telemetry::init();
    let settings = Settings::read(|name| std::env::var(name).ok()).inspect_err(|problems| {
        for problem in &problems.0 {
            tracing::error!(variable = problem.variable, problem = problem.problem, "setting cannot be used");
        }
    })?;
    measure::init(name);
    Ok((settings, Clients::new(&clients::config().await, pace)))
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, deadline};
    use std::time::{Duration, SystemTime};

    #[test]
    fn past_deadline_is_replaced() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(24);
        assert_eq!(deadline(now + Duration::from_mins(5), now), now + Duration::from_mins(5));
        assert_eq!(deadline(SystemTime::UNIX_EPOCH + Duration::from_mins(10), now), now + LONGEST);
    }
}

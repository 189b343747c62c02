//! Starts a function: settings and clients, then one event after another.

use crate::answer::Report;
use crate::clients::{self, Clients, Elsewhere, Pace};
use crate::error::Failure;
use crate::events::Bus;
use crate::handle::handle;
use crate::history::CloudTrail;
use crate::iam::IamDirectory;
use crate::invocation::Invocation;
use crate::s3::Bucket;
use crate::sns::SnsMessenger;
use crate::stack::CloudFormation;
use crate::sweep::{SweepInvocation, sweep};
use crate::{measure, telemetry};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::settings::Settings;
use serde_json::value::RawValue;
use std::time::{Duration, SystemTime};

/// Lambda's maximum timeout.
const LONGEST: Duration = Duration::from_mins(15);

/// Runs `function` until Lambda ends the process.
///
/// # Errors
/// If the settings are invalid (every problem is logged) or the runtime fails.
pub async fn run(function: Function) -> Result<(), Error> {
    let (settings, clients) = start(function.name(), Pace::Event).await?;
    let history = CloudTrail::new(clients.cloudtrail, Pace::Event);
    let stacks = CloudFormation::new(clients.cloudformation);
    let directory = IamDirectory::new(clients.iam).with_history(history).with_stacks(stacks);
    let account = &settings.deployment.account;
    let evidence = settings.evidence_bucket.as_ref().map(|name| Bucket::new(clients.s3, name, account));
    let bus = clients.events.zip(settings.output_bus.as_ref()).map(|(client, arn)| Bus::new(client, arn));
    let messenger = SnsMessenger::new(clients.sns, &settings.alerts_topic_arn)
        .with_sweeps(clients.sqs)
        .with_mail(clients.ses)
        .with_evidence(evidence)
        .with_bus(bus);
    let (settings, directory, messenger) = (&settings, &directory, &messenger);
    // The payload is taken as text, so that an error can name the field.
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let invocation =
            Invocation { function, settings, now: Timestamp::now(), request_id: &event.context.request_id };
        // Boxed, because the SDK's nested futures are too deep for the compiler.
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
    let history = CloudTrail::new(clients.cloudtrail, Pace::Sweep);
    let stacks = CloudFormation::new(clients.cloudformation);
    let directory = IamDirectory::new(clients.iam).with_history(history).with_stacks(stacks);
    let account = &settings.deployment.account;
    let evidence = settings.evidence_bucket.as_ref().map(|name| Bucket::new(clients.s3, name, account));
    let bus = clients.events.zip(settings.output_bus.as_ref()).map(|(client, arn)| Bus::new(client, arn));
    let messenger = SnsMessenger::new(clients.sns, &settings.alerts_topic_arn)
        .with_mail(clients.ses)
        .with_evidence(evidence)
        .with_bus(bus);
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
        // Boxed, for the same reason.
        let swept = Box::pin(sweep(event.payload.get(), invocation, directory, messenger));
        let report: Result<Report, Failure> = swept.await;
        measure::flush();
        report
    });
    lambda_runtime::run(service).await
}

/// When Lambda ends the invocation. Local tools send a deadline in the past, which is replaced by the longest
/// possible one.
fn deadline(told: SystemTime, now: SystemTime) -> SystemTime {
    if told > now { told } else { now + LONGEST }
}

/// What every function does first: log, settings, metrics, clients.
///
/// # Errors
/// If the settings are invalid. Every problem is logged.
pub(crate) async fn start(name: &'static str, pace: Pace) -> Result<(Settings, Clients), Error> {
    telemetry::init();
    let settings = Settings::read(|name| std::env::var(name).ok()).inspect_err(|problems| {
        for problem in &problems.0 {
            tracing::error!(variable = problem.variable, problem = problem.problem, "setting cannot be used");
        }
    })?;
    measure::init(name);
    let clients = Clients::new(&clients::config().await, pace, Elsewhere::of(&settings));
    Ok((settings, clients))
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

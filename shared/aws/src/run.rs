//! Starts a function: settings and clients, then one event after another.

use crate::answer::Report;
use crate::clients::{Clients, Elsewhere, Pace};
use crate::connections::Connections;
use crate::error::Failure;
use crate::events::Bus;
use crate::handle::handle;
use crate::history::CloudTrail;
use crate::hub::{HubEvents, HubSweep, SweepContext};
use crate::iam::IamDirectory;
use crate::invocation::Invocation;
use crate::s3::Bucket;
use crate::sns::SnsMessenger;
use crate::stack::CloudFormation;
use crate::sweep::{SweepInvocation, sweep};
use crate::{environment, measure, telemetry};
use aws_config::SdkConfig;
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::organization::HubSettings;
use mfa_enforcer_core::settings::Settings;
use serde_json::Value;
use serde_json::value::RawValue;
use std::time::{Duration, SystemTime};

/// Lambda's maximum timeout.
const LONGEST: Duration = Duration::from_mins(15);

/// Runs `function` until Lambda ends the process.
///
/// # Errors
/// If the settings are invalid (every problem is logged) or the runtime fails.
pub async fn run(function: Function) -> Result<(), Error> {
    let connections = Connections::default();
    let (settings, config) = start(function.name(), &connections)?;
    let mail_region = Elsewhere::of(settings.base()).mail_region.map(str::to_owned);
    let is_in_hub = matches!(settings, Chosen::Hub(_));
    tokio::spawn(connections.open(config.clone(), mail_region, is_in_hub));
    match settings {
        Chosen::Account(settings) => run_in_account(function, &settings, &config).await,
        Chosen::Hub(settings) => run_in_hub(function, *settings, &config).await,
    }
}

async fn run_in_hub(function: Function, settings: HubSettings, config: &SdkConfig) -> Result<(), Error> {
    let hub = &HubEvents::new(function, settings, config);
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let (payload, id) = (event.payload.get(), event.context.request_id.as_str());
        // Boxed, because the SDK's nested futures are too deep for the compiler.
        let handled: Result<Report, Failure> = Box::pin(hub.answer(payload, Timestamp::now(), id)).await;
        measure::flush();
        handled
    });
    lambda_runtime::run(service).await
}

async fn run_hub_sweep(settings: HubSettings, config: &SdkConfig) -> Result<(), Error> {
    let sweep = &HubSweep::new(settings, config);
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = deadline(event.context.deadline(), SystemTime::now());
        let time_left = move || deadline.duration_since(SystemTime::now()).unwrap_or_default();
        let request_id = event.context.request_id.as_str();
        let context = SweepContext { clock: &Timestamp::now, request_id, time_left: &time_left };
        // Boxed, for the same reason.
        let swept: Result<Value, Failure> = Box::pin(sweep.answer(event.payload.get(), context)).await;
        measure::flush();
        swept
    });
    lambda_runtime::run(service).await
}

async fn run_in_account(function: Function, settings: &Settings, config: &SdkConfig) -> Result<(), Error> {
    let (directory, messenger) = adapters(config, Pace::Event, settings);
    let (directory, messenger) = (&directory, &messenger);
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
    // Nobody waits for it, so it opens connections as it needs them.
    let (settings, config) = start(Function::Sweep.name(), &Connections::default())?;
    let settings = match settings {
        Chosen::Account(settings) => settings,
        Chosen::Hub(settings) => return run_hub_sweep(*settings, &config).await,
    };
    let (directory, messenger) = adapters(&config, Pace::Sweep, &settings);
    let (settings, directory, messenger) = (&settings, &directory, &messenger);
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let deadline = deadline(event.context.deadline(), SystemTime::now());
        let time_left = move || deadline.duration_since(SystemTime::now()).unwrap_or_default();
        let invocation = SweepInvocation {
            settings,
            clock: &Timestamp::now,
            request_id: &event.context.request_id,
            time_left: &time_left,
            run: None,
        };
        // Boxed, for the same reason.
        let swept = Box::pin(sweep(event.payload.get(), invocation, directory, messenger));
        let report: Result<Report, Failure> = swept.await;
        measure::flush();
        report
    });
    lambda_runtime::run(service).await
}

/// What a function in an account of its own looks things up with, and tells people with.
#[must_use]
pub fn adapters(config: &SdkConfig, pace: Pace, settings: &Settings) -> (IamDirectory, SnsMessenger) {
    let clients = Clients::new(config, pace, Elsewhere::of(settings));
    let history = CloudTrail::new(clients.cloudtrail, pace);
    let stacks = CloudFormation::new(clients.cloudformation);
    let directory = IamDirectory::new(clients.iam).with_history(history).with_stacks(stacks);
    let owner = settings.evidence_owner();
    let evidence = settings.evidence_bucket.as_ref().map(|name| Bucket::new(clients.s3, name, owner));
    let bus = clients.events.zip(settings.output_bus.as_ref()).map(|(client, arn)| Bus::new(client, arn));
    let messenger = SnsMessenger::new(clients.sns, &settings.alerts_topic_arn)
        .with_sweeps(clients.sqs)
        .with_mail(clients.ses)
        .with_evidence(evidence)
        .with_bus(bus);
    (directory, messenger)
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
fn start(name: &'static str, connections: &Connections) -> Result<(Chosen, SdkConfig), Error> {
    telemetry::init();
    let variable = |name: &str| std::env::var(name).ok();
    let settings = match HubSettings::read(variable) {
        Ok(Some(hub)) => Ok(Chosen::Hub(Box::new(hub))),
        Ok(None) => Settings::read(variable).map(|settings| Chosen::Account(Box::new(settings))),
        Err(problems) => Err(problems),
    };
    let settings = settings.inspect_err(|problems| {
        for problem in &problems.0 {
            tracing::error!(variable = problem.variable, problem = problem.problem, "setting cannot be used");
        }
    })?;
    measure::init(name);
    Ok((settings, environment::config(connections.clone())))
}

/// Where a function acts.
enum Chosen {
    /// In its own account.
    Account(Box<Settings>),
    /// In all accounts of an organization.
    Hub(Box<HubSettings>),
}

impl Chosen {
    /// What both have.
    fn base(&self) -> &Settings {
        match self {
            Self::Account(settings) => settings,
            Self::Hub(settings) => &settings.base,
        }
    }
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

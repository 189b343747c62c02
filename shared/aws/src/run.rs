//! Starts a function: settings, clients, and then one event after the other.

use crate::error::Failure;
use crate::handle::{Invocation, handle};
use crate::iam::IamDirectory;
use crate::report::Report;
use crate::sns::SnsMessenger;
use crate::{clients, telemetry};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::settings::Settings;
use serde_json::value::RawValue;

/// Runs `function` until Lambda ends the process.
///
/// # Errors
/// Where the settings cannot be used (all problems are logged and named) or the runtime fails.
pub async fn run(function: Function) -> Result<(), Error> {
    telemetry::init();
    let settings = Settings::read(|name| std::env::var(name).ok()).inspect_err(|problems| {
        for problem in &problems.0 {
            tracing::error!(variable = problem.variable, problem = problem.problem, "setting cannot be used");
        }
    })?;
    let config = clients::config().await;
    let directory = IamDirectory::new(aws_sdk_iam::Client::new(&config));
    let messenger = SnsMessenger::new(aws_sdk_sns::Client::new(&config), &settings.alerts_topic_arn);
    let (settings, directory, messenger) = (&settings, &directory, &messenger);
    // The payload is taken as text, so that what is wrong with it can be said by its field.
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let invocation =
            Invocation { function, settings, now: Timestamp::now(), request_id: &event.context.request_id };
        // On the heap, because the layout of the SDK's nested futures is too deep for the compiler.
        let handled = Box::pin(handle(event.payload.get(), invocation, directory, messenger));
        let report: Result<Report, Failure> = handled.await;
        report
    });
    lambda_runtime::run(service).await
}

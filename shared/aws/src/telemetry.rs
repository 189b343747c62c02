//! The log: one JSON line per event, without addresses, keys or payloads.

use crate::answer::Report;
use crate::error::Failure;
use crate::invocation::Invocation;
use mfa_enforcer_core::outcome::Outcome;
use std::time::Duration;
use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Logs our own lines from INFO up, and only errors of the libraries.
///
/// The runtime would log every failed event a second time. Panics are the only thing that it alone knows of, and
/// those are logged by the hook.
pub(crate) fn init() {
    let own = Targets::new()
        .with_default(Level::ERROR)
        .with_target("mfa_enforcer_aws", Level::INFO)
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    std::panic::set_hook(Box::new(|panic| {
        // Only the place: the message may quote data.
        let place = panic.location().map(ToString::to_string);
        tracing::error!(outcome = "panicked", place, "function panicked");
    }));
    let json = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false);
    // A second call, as in a test, changes nothing.
    let _ = tracing_subscriber::registry().with(own).with(json).try_init();
}

/// How an invocation ended, for its log line and the metrics.
pub(crate) fn outcome(report: &Report, failure: Option<&Failure>) -> Outcome {
    match failure {
        None => report.outcome,
        Some(Failure::Malformed(_)) => Outcome::Malformed,
        Some(failure) if failure.is_transient() => Outcome::Retry,
        Some(_) => Outcome::Failed,
    }
}

/// Writes the log line of one invocation, or of one user of a sweep.
pub(crate) fn log(report: &Report, failure: Option<&Failure>, invocation: Invocation<'_>, took: Duration) {
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let outcome = outcome(report, failure);
    let (plan, withheld) = (report.steps.join(", "), report.withheld.join(", "));
    let findings = report.findings.join("; ");
    // The sweep's report holds counts only.
    let sweep = report.sweep.as_ref().and_then(|sweep| serde_json::to_string(sweep).ok());
    macro_rules! line {
        ($level:expr) => {
            tracing::event!(
                $level,
                function = invocation.function.name(),
                version = mfa_enforcer_core::VERSION,
                outcome = outcome.code(),
                trigger = report.trigger.as_deref(),
                subject = report.subject.as_deref(),
                subject_id = report.subject_id.as_deref(),
                episode = report.episode.as_deref(),
                posture = report.posture,
                reason = not_empty(report.reason),
                plan = not_empty(&plan),
                withheld = not_empty(&withheld),
                findings = not_empty(&findings),
                sweep = sweep.as_deref(),
                mode = invocation.settings.mode.name(),
                settings = invocation.settings.document.as_deref(),
                event_id = report.event_id.as_deref(),
                account = report.account.as_deref(),
                request_id = invocation.request_id,
                duration_ms = took_ms,
                error_type = failure.map(|failure| failure.error_type().code()),
                error = failure.map(ToString::to_string),
                "{}",
                if failure.is_some() { "event not finished" } else { report.why.as_str() }
            )
        };
    }
    match failure {
        // Settings of an organization that do not hold as they were meant.
        None if !invocation.settings.doubts.is_empty() => line!(Level::WARN),
        None => line!(Level::INFO),
        Some(failure) if failure.is_transient() => line!(Level::WARN),
        Some(_) => line!(Level::ERROR),
    }
}

/// Empty fields are left out of the line.
fn not_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

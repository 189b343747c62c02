//! Metrics in `CloudWatch`'s Embedded Metric Format: log lines that `CloudWatch` turns into metrics.
//!
//! Owns the namespace and the sending. Must never fail an invocation, and must never name a user: every value of a
//! dimension comes from a list in the code.
//!
//! Each value of a dimension is billed as a metric of its own, for the hours in which it was sent. `docs/COST.md` has
//! the sum. Most of them are sent in few hours, because zeros are not sent.
//!
//! Zeros are left out because they would be incomplete anyway: a new Lambda environment has nothing to repeat,
//! and one that is not running sends nothing. So alarms have to treat missing data as good, and graphs fill the gaps
//! with 0. What a daily sweep finds is sent in full, zeros included: there, 0 is a result.

mod calls;

pub use calls::CountCalls;

use crate::error::AwsError;
use jiff::Timestamp;
use metrics::{counter, describe_counter, describe_histogram, histogram};
use metrics_cloudwatch_embedded::{Builder, Collector};
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::metric::{Collected, Metric, Unit};
use mfa_enforcer_core::organization::Readings;
use mfa_enforcer_core::outcome::Outcome;
use mfa_enforcer_core::progress::{Action, Applied};
use std::io::{self, Write};
use std::sync::OnceLock;
use std::time::Duration;
use strum::IntoEnumIterator;

/// The `CloudWatch` namespace of all metrics.
pub const NAMESPACE: &str = "MfaEnforcer";

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();

/// Starts collecting for the function of this name. Until then, nothing is measured.
pub fn init(function: &'static str) {
    // A second call, as in a test, changes nothing.
    match Builder::new().cloudwatch_namespace(NAMESPACE).with_dimension("Function", function).init() {
        Ok(collector) => drop(COLLECTOR.set(collector)),
        Err(error) => return tracing::warn!(%error, "metrics are off"),
    }
    for metric in Metric::iter() {
        match metric.collected() {
            Collected::Counter => describe_counter!(metric.name(), unit(metric), ""),
            Collected::Reading => describe_histogram!(metric.name(), unit(metric), ""),
        }
    }
}

fn unit(metric: Metric) -> metrics::Unit {
    match metric.unit() {
        Unit::Count => metrics::Unit::Count,
        Unit::Percent => metrics::Unit::Percent,
        Unit::Milliseconds => metrics::Unit::Milliseconds,
    }
}

/// Writes what was collected since the last flush to the log. Called once per invocation, at its end.
pub fn flush() {
    let Some(collector) = COLLECTOR.get() else { return };
    // In one piece, so that no other log line gets in between.
    let mut lines = Vec::new();
    let written = collector.flush(&mut lines).and_then(|()| io::stdout().lock().write_all(&lines));
    if let Err(error) = written {
        tracing::warn!(%error, "metrics were lost");
    }
}

/// Records a handled event: how it ended, why it was ignored, if it was, and how long it took.
pub(crate) fn event(outcome: Outcome, reason: &'static str, took: Duration) {
    counter!(Metric::Events.name(), "Outcome" => outcome.code()).increment(1);
    match outcome {
        Outcome::Ignored => counter!(Metric::Ignored.name(), "Reason" => reason).increment(1),
        // Separate, so that an alarm needs no dimension but the function.
        Outcome::Malformed => counter!(Metric::Malformed.name()).increment(1),
        Outcome::Acted | Outcome::Nothing | Outcome::Retry | Outcome::Failed => {}
    }
    duration(took);
}

/// Records how long an invocation took.
pub fn duration(took: Duration) {
    histogram!(Metric::Duration.name()).record(milliseconds(took));
}

/// Records the time from an event until its plan was carried out. Handling it started at `now` and took `took`.
///
/// Only for events with something to do: the others are the majority, and would hide how fast containment is.
pub(crate) fn latency(event: Timestamp, now: Timestamp, took: Duration) {
    // A clock that is behind must not make the time negative.
    let before = Duration::try_from(now.duration_since(event)).unwrap_or_default();
    histogram!(Metric::DecisionLatency.name()).record(milliseconds(before + took));
}

/// Counts the user, or root, whom a plan contained or released. A user who is released from two policies is one
/// release.
pub(crate) fn applied(applied: &Applied<AwsError>) {
    for (metric, effect) in [(Metric::Quarantines, Effect::Contain), (Metric::Releases, Effect::Release)] {
        if applied.did(effect) {
            counter!(metric.name()).increment(1);
        }
    }
}

/// Counts a message by whether SNS accepted it. One to an unconfirmed address is accepted, and not delivered.
pub(crate) fn action(action: &Action, accepted: bool) {
    if action.is_message() {
        message(accepted);
    }
}

/// Counts one message.
pub(crate) fn message(accepted: bool) {
    let metric = if accepted { Metric::NoticesSent } else { Metric::NoticesFailed };
    counter!(metric.name()).increment(1);
}

/// Counts what could not be put on the event bus.
pub(crate) fn lost(entries: usize) {
    if entries > 0 {
        counter!(Metric::EventsLost.name()).increment(u64::try_from(entries).unwrap_or(u64::MAX));
    }
}

/// What a sweep found.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// Number of users by posture code. Postures without users belong here too, as 0.
    pub users: &'a [(&'static str, usize)],
    /// Users in quarantine.
    pub contained: usize,
    /// Percentage of the users with a password that have MFA; `None` if nobody has a password.
    pub coverage_percent: Option<f64>,
    /// Percentage of the users who need MFA that have it or are in quarantine; `None` if nobody needs it.
    pub protected_percent: Option<f64>,
    /// Confirmed subscriptions of the alerts topic; `None` if they could not be listed.
    pub alerts_subscribers: Option<usize>,
    /// Whether a trail logs the events that the enforcer needs; `None` if that is not known.
    pub trail_logging: Option<bool>,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// Users for whom something was done.
    pub acted_on: usize,
    /// Users for whom something failed.
    pub failed: usize,
    /// Users left for the next sweep.
    pub remaining: usize,
}

/// Records what a sweep found.
///
/// As histograms of one value: later invocations would repeat a gauge, even those that failed before they could
/// set it.
pub fn account(account: &Account<'_>) {
    for (posture, users) in account.users {
        histogram!(Metric::Users.name(), "Posture" => *posture).record(count(*users));
    }
    histogram!(Metric::Contained.name()).record(count(account.contained));
    if let Some(subscribers) = account.alerts_subscribers {
        histogram!(Metric::AlertsSubscribers.name()).record(count(subscribers));
    }
    if let Some(is_logging) = account.trail_logging {
        histogram!(Metric::TrailLogging.name()).record(count(usize::from(is_logging)));
    }
    if let Some(percent) = account.coverage_percent {
        histogram!(Metric::CoveragePercent.name()).record(percent);
    }
    if let Some(percent) = account.protected_percent {
        histogram!(Metric::ProtectedPercent.name()).record(percent);
    }
}

/// Records what the daily sweeps of all accounts found and did.
pub fn organization(readings: &Readings) {
    account(&Account {
        users: &readings.users,
        contained: readings.contained,
        coverage_percent: readings.coverage_percent,
        protected_percent: readings.protected_percent,
        alerts_subscribers: readings.alerts_subscribers,
        trail_logging: None,
    });
    let Readings { acted_on, failed, remaining, .. } = *readings;
    work(&Work { acted_on, failed, remaining }, true);
    for (metric, accounts) in [
        (Metric::AccountsCovered, readings.covered),
        (Metric::AccountsNotCovered, readings.not_covered),
        (Metric::AccountsNoLongerCovered, readings.no_longer_covered),
    ] {
        histogram!(metric.name()).record(count(accounts));
    }
}

/// Records what a sweep did, with or without what is zero.
pub fn work(work: &Work, zeros: bool) {
    let all = [
        (Metric::UsersActedOn, work.acted_on),
        (Metric::UsersFailed, work.failed),
        (Metric::UsersRemaining, work.remaining),
    ];
    for (metric, users) in all.into_iter().filter(|(_, users)| zeros || *users > 0) {
        histogram!(metric.name()).record(count(users));
    }
}

/// Exact up to four billion.
fn count(found: usize) -> f64 {
    f64::from(u32::try_from(found).unwrap_or(u32::MAX))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

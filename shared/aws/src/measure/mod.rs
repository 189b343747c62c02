//! Metrics, in `CloudWatch`'s Embedded Metric Format: lines in the log of which `CloudWatch` makes metrics.
//!
//! Owns the names, dimensions and units. Must never fail an invocation, and never name a user: every value of
//! a dimension comes from a list in the code.
//!
//! Each value of a dimension is a metric of its own to pay for, by the hours in which it was sent. A function
//! that handles events can send up to 33 (6 outcomes, 16 reasons, 4 counts of calls, 7 without a dimension),
//! the sweep 19 (10 about the account, 4 counts of calls, 5 without a dimension): 118 in all, most of them
//! in few hours, because what is zero is not sent.
//!
//! Zeros are left out because they would have to be complete to be of use. A new environment of Lambda has none
//! to repeat, and one that is not running sends nothing. So an alarm has to take missing data for good anyway,
//! and a graph fills the gaps with 0. What a sweep found is told in full, zeros too: there 0 is a finding.

mod calls;

pub use calls::CountCalls;

use crate::error::AwsError;
use jiff::Timestamp;
use metrics::{counter, describe_counter, describe_histogram, histogram};
use metrics_cloudwatch_embedded::{Builder, Collector};
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::metric::{Collected, Metric, Unit};
use mfa_enforcer_core::outcome::Outcome;
use mfa_enforcer_core::progress::Applied;
use std::io::{self, Write};
use std::sync::OnceLock;
use std::time::Duration;
use strum::IntoEnumIterator;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "MfaEnforcer";

static COLLECTOR: OnceLock<&'static Collector> = OnceLock::new();

/// Starts to collect, for the function of this name. Without it nothing is measured.
pub fn init(function: &'static str) {
    // A second call (in a test) changes nothing.
    match Builder::new().cloudwatch_namespace(NAMESPACE).with_dimension("Function", function).init() {
        Ok(collector) => drop(COLLECTOR.set(collector)),
        Err(error) => return tracing::warn!(%error, "no metrics"),
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

/// Writes what was collected since the last time to the log. Once an invocation, at its end.
pub fn flush() {
    let Some(collector) = COLLECTOR.get() else { return };
    // In one piece, so that no other line of the log gets between.
    let mut lines = Vec::new();
    let written = collector.flush(&mut lines).and_then(|()| io::stdout().lock().write_all(&lines));
    if let Err(error) = written {
        tracing::warn!(%error, "metrics were lost");
    }
}

/// An event that was handled: how it ended, why it was ignored if it was, and how long that took.
pub(crate) fn event(outcome: Outcome, reason: &'static str, took: Duration) {
    counter!(Metric::Events.name(), "Outcome" => outcome.code()).increment(1);
    match outcome {
        Outcome::Ignored => counter!(Metric::Ignored.name(), "Reason" => reason).increment(1),
        // Apart, so that an alarm needs no dimension beside the function.
        Outcome::Malformed => counter!(Metric::Malformed.name()).increment(1),
        Outcome::Acted | Outcome::Nothing | Outcome::Retry | Outcome::Failed => {}
    }
    duration(took);
}

/// How long an invocation took.
pub fn duration(took: Duration) {
    histogram!(Metric::Duration.name()).record(milliseconds(took));
}

/// How long after an event what it called for was done: `now` is the start of handling it, which took `took`.
///
/// Only for events that called for something. The others are most, and say nothing of how fast containment is.
pub(crate) fn latency(event: Timestamp, now: Timestamp, took: Duration) {
    // A clock that is behind makes no negative time.
    let before = Duration::try_from(now.duration_since(event)).unwrap_or_default();
    histogram!(Metric::DecisionLatency.name()).record(milliseconds(before + took));
}

/// Counts what was done about one user, or root: containments and releases, and messages to the user and to the
/// administrators by whether SNS accepted them.
///
/// By user: a user who is released from two policies is one release.
pub(crate) fn applied(applied: &Applied<AwsError>) {
    let counts = [
        (Metric::Quarantines, u64::from(applied.did(Effect::Contain))),
        (Metric::Releases, u64::from(applied.did(Effect::Release))),
    ];
    for (metric, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        counter!(metric.name()).increment(count);
    }
    messages(applied.notices_sent, applied.notices_failed);
}

/// Counts messages by whether SNS accepted them. One to an unconfirmed address is accepted, and not delivered.
pub(crate) fn messages(sent: usize, failed: usize) {
    for (metric, count) in [(Metric::NoticesSent, sent), (Metric::NoticesFailed, failed)] {
        if count > 0 {
            counter!(metric.name()).increment(count as u64);
        }
    }
}

/// What a sweep found and did.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// Number of users by the code of their posture; those without any should be there, as 0.
    pub users: &'a [(&'static str, usize)],
    /// Users who are in quarantine.
    pub contained: usize,
    /// Part of the users who need MFA and have it, from 0 to 100; `None` where nobody needs it.
    pub coverage_percent: Option<f64>,
    /// Users for whom something was done.
    pub acted_on: usize,
    /// Users for whom something was to be done and failed.
    pub failed: usize,
    /// Users who are left for the next sweep.
    pub remaining: usize,
}

/// What a sweep found and did.
///
/// As histograms of one value: a gauge would be sent again by each later invocation, even by one that failed
/// before it knew better.
pub fn account(account: &Account<'_>) {
    for (posture, users) in account.users {
        histogram!(Metric::Users.name(), "Posture" => *posture).record(count(*users));
    }
    histogram!(Metric::Contained.name()).record(count(account.contained));
    histogram!(Metric::UsersActedOn.name()).record(count(account.acted_on));
    histogram!(Metric::UsersFailed.name()).record(count(account.failed));
    histogram!(Metric::UsersRemaining.name()).record(count(account.remaining));
    if let Some(percent) = account.coverage_percent {
        histogram!(Metric::CoveragePercent.name()).record(percent);
    }
}

/// Exact as long as there are fewer than four billion users.
fn count(users: usize) -> f64 {
    f64::from(u32::try_from(users).unwrap_or(u32::MAX))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

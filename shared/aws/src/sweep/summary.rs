//! Sums up a sweep for the function's answer, the log line and the metrics.

use super::SweepInvocation;
use crate::answer::{DigestSent, SweepReport};
use crate::error::{AwsError, Failure};
use crate::measure;
use mfa_enforcer_core::digest::{ChangeKind, Coverage, Digest, Figures, SweepResult, UserChange};
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::trail::Trails;
use std::collections::BTreeMap;

/// What a sweep found and did, in numbers.
pub(super) fn sweep_report(
    kind: SweepKind,
    digest: &Digest,
    figures: &Figures,
    sent: DigestSent,
    failures: &[AwsError],
) -> SweepReport {
    let result = &digest.result;
    let count = |kind| users_with(result, kind).count();
    SweepReport {
        kind: kind.name(),
        users: figures.users,
        console: figures.console,
        with_mfa: figures.with_mfa,
        coverage_percent: figures.coverage().map(Coverage::percent),
        protected_percent: figures.protection().map(Coverage::percent),
        postures: BTreeMap::from(figures.by_posture()),
        quarantined: figures.contained,
        contained: count(ChangeKind::Contained),
        repaired: count(ChangeKind::Repaired),
        released: count(ChangeKind::Released),
        told: count(ChangeKind::Told),
        withheld: count(ChangeKind::Withheld) + count(ChangeKind::StaysContained),
        failed: count(ChangeKind::Failed) + result.failures.len() + failures.len(),
        refused: count(ChangeKind::Refused),
        remaining: result.remaining.len(),
        topics_deleted: result.topics_deleted,
        alerts_subscribers: digest.alerts_subscribers.count(),
        digest: sent,
        evidence: digest.evidence.as_ref().map(|head| head.sha256.clone()),
    }
}

/// Sends the metrics about the account and the sweep. An hourly sweep leaves the account's state to the daily one, and
/// sends no zeros: each metric is paid for by the hour.
pub(super) fn send_metrics(
    invocation: SweepInvocation<'_>,
    kind: SweepKind,
    sweep: &SweepReport,
    result: &SweepResult,
    trails: &Trails,
) {
    // Of an organization, those of one account would stand for all of them. The collector sends those of all.
    if invocation.run.is_some() {
        return;
    }
    let users: Vec<(&'static str, usize)> =
        sweep.postures.iter().map(|(code, users)| (*code, *users)).collect();
    let work = measure::Work {
        acted_on: sweep.acted_on(),
        failed: users_with(result, ChangeKind::Failed).count() + sweep.refused,
        remaining: sweep.remaining,
    };
    match kind {
        SweepKind::Hourly => measure::work(&work, false),
        SweepKind::Daily => {
            measure::work(&work, true);
            measure::account(&measure::Account {
                users: &users,
                contained: sweep.quarantined,
                coverage_percent: sweep.coverage_percent,
                protected_percent: sweep.protected_percent,
                alerts_subscribers: sweep.alerts_subscribers,
                trail_logging: trails.is_logging(),
            });
        }
    }
}

/// Whether everything was done.
///
/// # Errors
/// [`Failure::SweepUnfinished`], with the first error, if something is left to do.
pub(super) fn finished(
    sweep: &SweepReport,
    result: &SweepResult,
    failures: &[AwsError],
) -> Result<(), Failure> {
    if sweep.failed == 0 && sweep.remaining == 0 {
        return Ok(());
    }
    let of_users = users_with(result, ChangeKind::Failed).map(|change| change.error.clone());
    let others = result.failures.iter().cloned().chain(failures.iter().map(ToString::to_string));
    let first = of_users.chain(others).next().unwrap_or_else(|| "no error".to_owned());
    Err(Failure::SweepUnfinished { failed: sweep.failed, remaining: sweep.remaining, first })
}

fn users_with(result: &SweepResult, kind: ChangeKind) -> impl Iterator<Item = &UserChange> {
    result.users.iter().filter(move |change| change.what == kind)
}

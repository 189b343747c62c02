//! Sums up a sweep for the function's answer, the log line and the metrics.

use crate::answer::{DigestSent, Report, SweepReport};
use crate::error::{AwsError, Failure};
use crate::measure;
use mfa_enforcer_core::digest::{ChangeKind, Coverage, Digest, Figures};
use mfa_enforcer_core::outcome::Outcome;
use std::collections::BTreeMap;

/// Fills in the report and sends the metrics. Fails if something is left to do.
pub(super) fn summarize(
    report: &mut Report,
    digest: &Digest,
    figures: &Figures,
    sent: DigestSent,
    failures: &[AwsError],
) -> Result<(), Failure> {
    let result = &digest.result;
    let count = |what: ChangeKind| result.users.iter().filter(|change| change.what == what).count();
    let failed = count(ChangeKind::Failed) + result.failures.len() + failures.len();
    let sweep = SweepReport {
        users: figures.users,
        console: figures.console,
        with_mfa: figures.with_mfa,
        coverage_percent: figures.coverage().map(Coverage::percent),
        postures: postures(figures),
        quarantined: figures.contained,
        contained: count(ChangeKind::Contained),
        repaired: count(ChangeKind::Repaired),
        released: count(ChangeKind::Released),
        told: count(ChangeKind::Told),
        withheld: count(ChangeKind::Withheld),
        failed,
        remaining: result.remaining.len(),
        topics_deleted: result.topics_deleted,
        digest: sent,
    };
    let acted = sweep.contained + sweep.repaired + sweep.released + sweep.told + sweep.topics_deleted > 0;
    report.outcome = if acted || sent == DigestSent::Sent { Outcome::Acted } else { Outcome::Nothing };
    report.why = format!(
        "{} users seen: {} contained, {} repaired, {} released, {} told, {} failed, {} left",
        sweep.users,
        sweep.contained,
        sweep.repaired,
        sweep.released,
        sweep.told,
        sweep.failed,
        sweep.remaining
    );
    let remaining = sweep.remaining;
    let users: Vec<(&'static str, usize)> =
        sweep.postures.iter().map(|(code, count)| (*code, *count)).collect();
    measure::account(&measure::Account {
        users: &users,
        contained: sweep.quarantined,
        coverage_percent: sweep.coverage_percent,
        acted_on: sweep.contained + sweep.repaired + sweep.released + sweep.told,
        failed: count(ChangeKind::Failed),
        remaining,
    });
    report.sweep = Some(sweep);
    if failed == 0 && remaining == 0 {
        return Ok(());
    }
    let of_users =
        result.users.iter().filter(|change| change.what == ChangeKind::Failed).map(|change| &change.error);
    let first = of_users.chain(&result.failures).next().cloned();
    let first = first.or_else(|| failures.first().map(ToString::to_string));
    let first = first.unwrap_or_else(|| "no error".to_owned());
    Err(Failure::SweepUnfinished { failed, remaining, first })
}

fn postures(figures: &Figures) -> BTreeMap<&'static str, usize> {
    BTreeMap::from([
        ("compliant", figures.compliant),
        ("in-grace", figures.in_grace),
        ("overdue", figures.overdue),
        ("exempt", figures.exempt),
        ("not-applicable", figures.not_applicable),
        ("unknown", figures.unknown),
    ])
}

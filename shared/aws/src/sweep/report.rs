//! What a sweep came to: the answer of the function and its log line.

use crate::error::{AwsError, Failure};
use crate::measure;
use crate::report::{DigestSent, Report, SweepReport};
use mfa_enforcer_core::digest::{Coverage, DeedKind, Digest, Figures};
use mfa_enforcer_core::outcome::Outcome;
use std::collections::BTreeMap;

/// Fills in the report, and fails where something is left to do.
pub(super) fn summed_up(
    report: &mut Report,
    digest: &Digest,
    figures: &Figures,
    sent: DigestSent,
    failures: &[AwsError],
) -> Result<(), Failure> {
    let deeds = &digest.deeds;
    let count = |what: DeedKind| deeds.users.iter().filter(|deed| deed.what == what).count();
    let failed = count(DeedKind::Failed) + deeds.failures.len() + failures.len();
    let sweep = SweepReport {
        users: figures.users,
        console: figures.console,
        with_mfa: figures.with_mfa,
        coverage_percent: figures.coverage().map(Coverage::percent),
        postures: postures(figures),
        quarantined: figures.contained,
        contained: count(DeedKind::Contained),
        repaired: count(DeedKind::Repaired),
        released: count(DeedKind::Released),
        told: count(DeedKind::Told),
        withheld: count(DeedKind::Withheld),
        failed,
        remaining: deeds.remaining.len(),
        topics_deleted: deeds.topics_deleted,
        digest: sent,
    };
    let acted = sweep.contained + sweep.repaired + sweep.released + sweep.told + sweep.topics_deleted > 0;
    report.outcome = if acted || sent == DigestSent::Sent { Outcome::Acted } else { Outcome::Nothing };
    report.why = format!(
        "{} users seen: {} contained, {} repaired, {} released, {} told, {} not done, {} left",
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
        failed: count(DeedKind::Failed),
        remaining,
    });
    report.sweep = Some(sweep);
    if failed == 0 && remaining == 0 {
        return Ok(());
    }
    let of_users = deeds.users.iter().filter(|deed| deed.what == DeedKind::Failed).map(|deed| &deed.error);
    let first = of_users.chain(&deeds.failures).next().cloned();
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

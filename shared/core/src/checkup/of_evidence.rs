//! The records in the evidence bucket. Whether the whole chain is as it was written, `verify` says.

use super::check::{Check, Item, or_ok};
use super::of_settings::no_settings;
use super::of_stack::day;
use super::of_sweeps::LATE_AFTER;
use super::seen::Seen;
use crate::digest::AccountFinding;
use crate::evidence::Standing;
use crate::exemption;

/// Whether the last record is the one that the enforcer wrote last, and recent, and a review is signed.
pub(super) fn evidence(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Evidence;
    let Some(deployed) = &seen.deployed else {
        return vec![no_settings(ITEM, "whether evidence is kept")];
    };
    let Some((bucket, answer)) = deployed.settings.evidence_bucket.as_ref().zip(deployed.evidence.as_ref())
    else {
        return vec![Check::ok(ITEM, "no evidence is kept, since EVIDENCE_BUCKET is empty")];
    };
    let (before, listing) = match answer {
        Ok(Some(found)) => found,
        Ok(None) => {
            let owner = deployed.settings.evidence_owner();
            let says = format!("there is no bucket {bucket} in account {owner}, so no evidence is kept");
            return vec![Check::broken(ITEM, says, "set the parameter Evidence; docs/EVIDENCE.md")];
        }
        Err(error) => return vec![Check::unknown(ITEM, "the evidence bucket", error)],
    };
    let mut checks = Vec::new();
    if before.is_to_be_told() {
        checks.push(Check::of_finding(ITEM, &AccountFinding::EvidenceChanged));
    }
    if before.at().is_some() && !before.is_remembered() {
        let says = "the alerts topic has no note of the last record, so whether it is as it was written is not known";
        let advice = "mfa-enforcer verify --head with the hash in the last digest says it";
        checks.push(Check::not_known(ITEM, says, advice));
    }
    let is_late = before.at().is_none_or(|at| seen.at.duration_since(at) > LATE_AFTER);
    let last = before.at().map_or("none".to_owned(), day);
    if is_late {
        let says = format!("a daily sweep writes a record, and the last one is of: {last}");
        checks.push(Check::warning(
            ITEM,
            says,
            "docs/RUNBOOK.md, Findings about the account, `evidence-unwritten`",
        ));
    }
    let period = deployed.settings.review_period;
    if let Some(Standing::Open(since)) =
        period.map(|period| period.standing(listing, exemption::day(seen.at)))
    {
        checks.push(Check::of_finding(ITEM, &AccountFinding::ReviewOpen(since)));
    }
    or_ok(checks, ITEM, || {
        format!("the last record is of {last}, and as it was written; verify checks the others")
    })
}

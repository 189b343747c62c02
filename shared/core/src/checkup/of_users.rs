//! Users, by the figures that the last digest left on the alerts topic: who they are, a report says.

use super::check::{Check, Item, or_ok};
use super::of_stack::day;
use super::of_sweeps::noted;
use super::seen::Seen;
use crate::counted::counted;
use crate::digest::{Compared, Memory};
use crate::settings::Mode;

/// Whether users hear what concerns them, and none of them is overdue and free.
pub(super) fn users(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Users;
    let (memory, since) = match last_digest(seen, ITEM, "users") {
        Ok(found) => found,
        Err(check) => return vec![check],
    };
    let is_enforced = seen.deployed.as_ref().is_some_and(|deployed| deployed.settings.mode == Mode::Enforce);
    // Otherwise nobody is to be quarantined.
    let free = is_enforced.then_some((
        Compared::OverdueAndFree,
        "overdue users who are not quarantined",
        "docs/RUNBOOK.md, An overdue user is not quarantined",
    ));
    let not_told = [
        (
            Compared::Unreachable,
            "users who have to set up MFA and have no known address",
            "mfa-enforcer report lists users; docs/RUNBOOK.md, A user was not told",
        ),
        (
            Compared::Unconfirmed,
            "users who have to set up MFA and did not get the last message",
            "mfa-enforcer report lists users; docs/RUNBOOK.md, A user was not told",
        ),
        (
            Compared::Unknown,
            "users whose posture could not be determined",
            "the log of the sweep has a line for each of them",
        ),
    ];
    let checks = not_told.into_iter().chain(free).filter_map(|(compared, whom, advice)| {
        let count = memory.figures.get(compared).filter(|count| *count > 0)?;
        Some(Check::warning(ITEM, format!("{whom}: {count}, by the digest of {since}"), advice))
    });
    or_ok(checks.collect(), ITEM, || format!("by the digest of {since}, everybody hears what concerns them"))
}

/// Whether exemptions end within a week.
pub(super) fn exemptions(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Exemptions;
    let (memory, since) = match last_digest(seen, ITEM, "exemptions") {
        Ok(found) => found,
        Err(check) => return vec![check],
    };
    let ending = memory.figures.get(Compared::ExemptEnding).filter(|count| *count > 0);
    let check = ending.map(|count| {
        let says = format!("exemptions that end within 7 days: {count}, by the digest of {since}");
        Check::warning(
            ITEM,
            says,
            "mfa-enforcer report has the last day of each; docs/SETTINGS.md, Exemptions",
        )
    });
    let all = memory.figures.get(Compared::Exempt).unwrap_or_default();
    or_ok(check.into_iter().collect(), ITEM, || {
        format!("by the digest of {since}, none of {} ends within 7 days", counted(all, "exemption"))
    })
}

/// The figures of the last digest, and its day; or that they are not known.
fn last_digest(seen: &Seen, item: Item, what: &str) -> Result<(Memory, String), Check> {
    let memory = noted(seen, item, &format!("the count of {what}"))?;
    let believed = memory.and_then(|memory| memory.believed(seen.at));
    let found = believed.and_then(|memory| Some((memory.digest.map(day)?, memory)));
    found.map(|(since, memory)| (memory, since)).ok_or_else(|| {
        let says = format!("no digest was sent yet, and it is the digest that counts {what}");
        Check::not_known(item, says, "mfa-enforcer report says it now")
    })
}

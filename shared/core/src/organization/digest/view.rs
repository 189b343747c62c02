//! What all texts of an organization's digest are made from, counted and compared once.

use super::memory::OrganizationMemory;
use super::{OrganizationDigest, PlannedAccount, Swept};
use crate::digest::{AccountFinding, AlertsSubscribers, ChangeKind, Figures, Remembered};
use crate::notice::Severity;
use crate::organization::{Found, Person};
use crate::snapshot::RootMfa;
use jiff::Timestamp;

/// A person, and the account they are in.
pub(super) type InAccount<'a> = (&'a PlannedAccount, &'a Swept, &'a Person);

pub(super) struct View<'a> {
    pub(super) digest: &'a OrganizationDigest,
    pub(super) figures: Figures,
    pub(super) accounts: AccountCounts,
    /// When the last digest was made, and its figures.
    pub(super) before: Option<(Timestamp, Remembered)>,
    pub(super) severity: Severity,
}

/// How many accounts there are in each state.
pub(super) struct AccountCounts {
    pub(super) all: usize,
    pub(super) covered: usize,
    pub(super) not_covered: usize,
    pub(super) not_in_use: usize,
    /// One, if the organization has its management account in use.
    pub(super) management: usize,
}

impl<'a> View<'a> {
    pub(super) fn of(digest: &'a OrganizationDigest, before: Option<&OrganizationMemory>) -> Self {
        let before = before.and_then(|before| before.believed(digest.at));
        let figures = digest.figures();
        Self {
            severity: severity(digest, &figures),
            accounts: AccountCounts {
                all: digest.accounts.len(),
                covered: digest.covered().count(),
                not_covered: digest.not_covered().count(),
                not_in_use: digest.not_in_use().count(),
                management: digest.management().iter().count(),
            },
            before: before.map(|before| (before.at, Remembered::exactly(&before.figures))),
            digest,
            figures,
        }
    }

    /// When the last digest was made, and its figures.
    pub(super) fn last(&self) -> Option<(Timestamp, &Remembered)> {
        self.before.as_ref().map(|(at, figures)| (*at, figures))
    }

    /// The accounts that were swept and are like this.
    pub(super) fn accounts_with(
        &self,
        wanted: impl Fn(&Swept) -> bool,
    ) -> Vec<(&'a PlannedAccount, &'a Swept)> {
        self.digest.covered().filter(|(_, swept)| wanted(swept)).collect()
    }

    /// The people who are like this, by account.
    pub(super) fn people(&self, wanted: impl Fn(&Person) -> bool) -> Vec<InAccount<'a>> {
        let in_account = |(account, swept): (&'a PlannedAccount, &'a Swept)| {
            swept.people.listed.iter().map(move |person| (account, swept, person))
        };
        self.digest.covered().flat_map(in_account).filter(|(_, _, person)| wanted(person)).collect()
    }

    /// What to fix in the accounts that were swept, the worst first.
    pub(super) fn findings(&self) -> Vec<(&'a PlannedAccount, &'a Found)> {
        let covered = self.digest.covered();
        let mut findings: Vec<_> = covered
            .flat_map(|(account, swept)| swept.findings.listed.iter().map(move |found| (account, found)))
            .collect();
        findings.sort_by_key(|(_, found)| !found.critical);
        findings
    }

    /// What else failed in the accounts that were swept.
    pub(super) fn failures(&self) -> Vec<(&'a PlannedAccount, &'a str)> {
        let covered = self.digest.covered();
        let failures = covered.flat_map(|(account, swept)| {
            swept.failures.listed.iter().map(move |text| (account, text.as_str()))
        });
        failures.collect()
    }

    /// A sum over the accounts that were swept.
    pub(super) fn sum(&self, count: impl Fn(&Swept) -> usize) -> usize {
        self.digest.covered().fold(0, |sum: usize, (_, swept)| sum.saturating_add(count(swept)))
    }

    /// To how many users this was done.
    pub(super) fn did(&self, what: ChangeKind) -> usize {
        self.sum(|swept| swept.count(what))
    }

    /// The accounts whose root has no MFA.
    pub(super) fn root_missing(&self) -> Vec<(&'a PlannedAccount, &'a Swept)> {
        self.accounts_with(|swept| swept.root.mfa == RootMfa::Missing)
    }

    /// The accounts whose root was used, and the last digest may not have known.
    pub(super) fn root_used(&self) -> Vec<(&'a PlannedAccount, &'a Swept)> {
        let Some((last, _)) = self.last() else { return Vec::new() };
        self.accounts_with(|swept| swept.root.is_news(last, self.digest.at))
    }
}

fn severity(digest: &OrganizationDigest, figures: &Figures) -> Severity {
    let is_critical = digest.findings.iter().any(AccountFinding::is_critical)
        || digest.alerts_subscribers == AlertsSubscribers::Counted(0)
        || digest.covered().any(|(_, swept)| swept.is_critical());
    let needs_attention = |swept: &Swept| {
        swept.root.access_keys || swept.released_by_exemption > 0 || swept.count(ChangeKind::Waiting) > 0
    };
    if is_critical {
        Severity::Critical
    } else if figures.overdue_and_free > 0
        || digest.left_something()
        || digest.alerts_subscribers == AlertsSubscribers::Unknown
        || digest.covered().any(|(_, swept)| needs_attention(swept))
    {
        Severity::Warning
    } else {
        Severity::Info
    }
}

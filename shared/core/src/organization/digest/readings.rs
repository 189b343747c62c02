//! What a digest of an organization is as metrics: those of the sweep of one account, for all accounts together, and how
//! many accounts there are.
//!
//! The sweeps of the accounts send none of these. They would all be the same metric, and the last one would stand for
//! the organization.

use super::{OrganizationDigest, OrganizationMemory};
use crate::digest::{ChangeKind, Coverage};

/// What the metrics tell of all accounts that were swept.
#[derive(Debug, Clone, PartialEq)]
pub struct Readings {
    /// Number of users by posture code, zeros included.
    pub users: [(&'static str, usize); 6],
    /// Users in quarantine.
    pub contained: usize,
    /// Share of the console users who have MFA; `None` if there are none.
    pub coverage_percent: Option<f64>,
    /// Share of the users who need MFA that have it or are in quarantine; `None` if nobody needs it.
    pub protected_percent: Option<f64>,
    /// Confirmed subscriptions of the hub's alerts topic; `None` if that is not known.
    pub alerts_subscribers: Option<usize>,
    /// Users for whom something was done.
    pub acted_on: usize,
    /// Users for whom something failed or was refused.
    pub failed: usize,
    /// Users left for the next sweeps.
    pub remaining: usize,
    /// Accounts that were swept.
    pub covered: usize,
    /// Accounts that were not swept although people may work in them.
    pub not_covered: usize,
    /// Those of them that were swept a short time ago.
    pub no_longer_covered: usize,
}

impl OrganizationDigest {
    /// What the metrics tell, given the last digest. Whether the trails log is left out: one number cannot say it of many accounts, and the
    /// findings do.
    #[must_use]
    pub fn readings(&self, before: Option<&OrganizationMemory>) -> Readings {
        const DONE: [ChangeKind; 4] =
            [ChangeKind::Contained, ChangeKind::Repaired, ChangeKind::Released, ChangeKind::Told];
        let figures = self.figures();
        let mut readings = Readings {
            users: figures.by_posture(),
            contained: figures.contained,
            coverage_percent: figures.coverage().map(Coverage::percent),
            protected_percent: figures.protection().map(Coverage::percent),
            alerts_subscribers: self.alerts_subscribers.count(),
            acted_on: 0,
            failed: 0,
            remaining: 0,
            covered: self.covered().count(),
            not_covered: self.not_covered().count(),
            no_longer_covered: self.no_longer_covered(before),
        };
        for (_, swept) in self.covered() {
            let done = DONE.iter().map(|kind| swept.count(*kind)).fold(0, usize::saturating_add);
            readings.acted_on = readings.acted_on.saturating_add(done);
            readings.failed = readings.failed.saturating_add(swept.failed());
            readings.remaining = readings.remaining.saturating_add(swept.remaining);
        }
        readings
    }
}

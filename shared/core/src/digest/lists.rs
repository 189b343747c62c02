//! Which users are on which list of the digest, and in which order. Contains no text for people.

use super::{ChangeKind, Reachable, SweepResult, UserChange, UserStatus};
use crate::posture::{Exemption, Finding, Posture};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The lists of a digest. A user can be on several.
pub(super) struct Lists<'a> {
    /// Past the deadline, contained or not; longest overdue first. In every list, administrators come first.
    pub(super) overdue: Vec<&'a UserStatus>,
    /// Before the deadline, the earliest deadline first.
    pub(super) in_grace: Vec<&'a UserStatus>,
    /// This list and the following ones are sorted by name.
    pub(super) contained: Vec<&'a UserStatus>,
    pub(super) exempt: Vec<&'a UserStatus>,
    pub(super) weak: Vec<&'a UserStatus>,
    pub(super) unreachable: Vec<&'a UserStatus>,
    pub(super) unconfirmed: Vec<&'a UserStatus>,
    pub(super) text_only: Vec<&'a UserStatus>,
    pub(super) dormant: Vec<&'a UserStatus>,
    pub(super) unknown: Vec<&'a UserStatus>,
    /// They have MFA, and somebody else has to approve their release. Not among the findings.
    pub(super) awaiting: Vec<&'a UserStatus>,
    pub(super) administrators: Vec<&'a UserStatus>,
    pub(super) findings: Vec<(&'a UserStatus, Finding)>,
    result: &'a SweepResult,
    by_id: BTreeMap<&'a str, &'a UserStatus>,
}

impl<'a> Lists<'a> {
    pub(super) fn of(statuses: &'a [UserStatus], result: &'a SweepResult, at: Timestamp) -> Self {
        let mut everybody: Vec<&UserStatus> = statuses.iter().collect();
        // Administrators first: what one of them lacks is everybody's danger.
        everybody.sort_by_key(|status| (!status.is_administrator(), &status.name));
        let those = |wanted: &dyn Fn(&UserStatus) -> bool| -> Vec<&'a UserStatus> {
            everybody.iter().copied().filter(|status| wanted(status)).collect()
        };
        let missed = |why: Reachable| those(&|status| status.missed() == Some(why));
        let mut overdue = those(&|status| matches!(status.posture, Some(Posture::Overdue { .. })));
        let mut in_grace = those(&|status| matches!(status.posture, Some(Posture::InGrace { .. })));
        overdue.sort_by_key(|status| (!status.is_administrator(), status.deadline()));
        in_grace.sort_by_key(|status| (!status.is_administrator(), status.deadline()));
        Self {
            overdue,
            in_grace,
            contained: those(&|status| status.contained),
            exempt: those(&|status| status.exemption().is_some()),
            weak: those(&UserStatus::is_weak),
            unreachable: missed(Reachable::NoAddress),
            unconfirmed: missed(Reachable::NotYet),
            text_only: those(&UserStatus::hears_by_text_only),
            dormant: those(&|status| status.is_dormant(at)),
            unknown: those(&|status| status.posture.is_none()),
            awaiting: those(&|status| status.findings.contains(&Finding::AwaitsApproval)),
            administrators: those(&|status| status.console && status.is_administrator()),
            findings: everybody
                .iter()
                .flat_map(|status| status.findings.iter().map(|finding| (*status, *finding)))
                .filter(|(_, finding)| *finding != Finding::AwaitsApproval)
                .collect(),
            result,
            by_id: statuses.iter().map(|status| (status.id.as_str(), status)).collect(),
        }
    }

    /// Users past the deadline who are not contained.
    pub(super) fn overdue_and_free(&self) -> Vec<&'a UserStatus> {
        self.overdue.iter().copied().filter(|status| status.is_overdue_and_free()).collect()
    }

    /// The changes of one kind, in the order in which they were made. What was refused is listed as failed. Users to
    /// whom the message is still owed do not count as told; they are on a list of their own.
    pub(super) fn result(&self, what: ChangeKind) -> Vec<&'a UserChange> {
        let missed =
            |change: &UserChange| self.status_of(change).is_some_and(|status| status.missed().is_some());
        let counts = |change: &&UserChange| {
            listed(change.what) == what && (what != ChangeKind::Told || !missed(change))
        };
        self.result.users.iter().filter(counts).collect()
    }

    /// Users who were released and are exempt now. Anyone who can tag users can exempt themselves.
    pub(super) fn released_by_exemption(&self) -> Vec<&'a UserChange> {
        let is_exempt =
            |change: &UserChange| self.status_of(change).is_some_and(|status| status.exemption().is_some());
        self.result(ChangeKind::Released).into_iter().filter(|change| is_exempt(change)).collect()
    }

    /// Current status of the user a change was made to; `None` if the user no longer exists.
    pub(super) fn status_of(&self, change: &UserChange) -> Option<&'a UserStatus> {
        self.by_id.get(change.id.as_str()).copied()
    }

    /// Whether a contained user has not been told how to get access back.
    pub(super) fn someone_contained_is_missed(&self) -> bool {
        self.contained.iter().any(|status| status.missed().is_some())
    }
}

/// The list that a change is on.
fn listed(what: ChangeKind) -> ChangeKind {
    if what == ChangeKind::Refused { ChangeKind::Failed } else { what }
}

impl UserStatus {
    /// When the grace period ends or ended; `None` if the posture has no deadline.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        match self.posture {
            Some(Posture::InGrace { deadline } | Posture::Overdue { deadline }) => Some(deadline),
            Some(Posture::NotApplicable | Posture::Exempt(_) | Posture::Compliant { .. }) | None => None,
        }
    }

    /// What exempts the user; `None` if the user is not exempt.
    pub(crate) fn exemption(&self) -> Option<Exemption> {
        match self.posture {
            Some(Posture::Exempt(exemption)) => Some(exemption),
            Some(
                Posture::NotApplicable
                | Posture::Compliant { .. }
                | Posture::InGrace { .. }
                | Posture::Overdue { .. },
            )
            | None => None,
        }
    }
}

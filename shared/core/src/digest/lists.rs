//! Who stands on which list of the digest, in the order in which it is read. Owns no words.

use super::{ChangeKind, Reachable, SweepResult, UserChange, UserStatus};
use crate::posture::{Exemption, Finding, Posture};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The lists. A user can be on several.
pub(super) struct Lists<'a> {
    /// Past the deadline, contained or not; the longest first.
    pub(super) overdue: Vec<&'a UserStatus>,
    /// The deadline is to come, the soonest first.
    pub(super) in_grace: Vec<&'a UserStatus>,
    /// The rest by name.
    pub(super) contained: Vec<&'a UserStatus>,
    pub(super) exempt: Vec<&'a UserStatus>,
    pub(super) weak: Vec<&'a UserStatus>,
    pub(super) unreachable: Vec<&'a UserStatus>,
    pub(super) unconfirmed: Vec<&'a UserStatus>,
    pub(super) dormant: Vec<&'a UserStatus>,
    pub(super) unknown: Vec<&'a UserStatus>,
    pub(super) findings: Vec<(&'a UserStatus, Finding)>,
    result: &'a SweepResult,
    by_id: BTreeMap<&'a str, &'a UserStatus>,
}

impl<'a> Lists<'a> {
    pub(super) fn of(statuses: &'a [UserStatus], result: &'a SweepResult, at: Timestamp) -> Self {
        let mut everybody: Vec<&UserStatus> = statuses.iter().collect();
        everybody.sort_by(|a, b| a.name.cmp(&b.name));
        let those = |wanted: &dyn Fn(&UserStatus) -> bool| -> Vec<&'a UserStatus> {
            everybody.iter().copied().filter(|status| wanted(status)).collect()
        };
        let missed = |why: Reachable| those(&|status| status.missed() == Some(why));
        let mut overdue = those(&|status| matches!(status.posture, Some(Posture::Overdue { .. })));
        let mut in_grace = those(&|status| matches!(status.posture, Some(Posture::InGrace { .. })));
        overdue.sort_by_key(|status| status.deadline());
        in_grace.sort_by_key(|status| status.deadline());
        Self {
            overdue,
            in_grace,
            contained: those(&|status| status.contained),
            exempt: those(&|status| status.exemption().is_some()),
            weak: those(&UserStatus::is_weak),
            unreachable: missed(Reachable::NoAddress),
            unconfirmed: missed(Reachable::NotYet),
            dormant: those(&|status| status.is_dormant(at)),
            unknown: those(&|status| status.posture.is_none()),
            findings: everybody
                .iter()
                .flat_map(|status| status.findings.iter().map(|finding| (*status, *finding)))
                .collect(),
            result,
            by_id: statuses.iter().map(|status| (status.id.as_str(), status)).collect(),
        }
    }

    /// Past the deadline, and nothing limits them.
    pub(super) fn overdue_and_free(&self) -> Vec<&'a UserStatus> {
        self.overdue.iter().copied().filter(|status| status.is_overdue_and_free()).collect()
    }

    /// What was done of one kind, in the order in which it was done. Whom no message reaches was not told, and is on
    /// a list of its own.
    pub(super) fn result(&self, what: ChangeKind) -> Vec<&'a UserChange> {
        let missed =
            |change: &UserChange| self.standing_of(change).is_some_and(|status| status.missed().is_some());
        let counts =
            |change: &&UserChange| change.what == what && (what != ChangeKind::Told || !missed(change));
        self.result.users.iter().filter(counts).collect()
    }

    /// Who was released and is exempt now. Whoever may tag users can have exempted himself.
    pub(super) fn released_by_exemption(&self) -> Vec<&'a UserChange> {
        let is_exempt =
            |change: &UserChange| self.standing_of(change).is_some_and(|now| now.exemption().is_some());
        self.result(ChangeKind::Released).into_iter().filter(|change| is_exempt(change)).collect()
    }

    /// Where the user of a deed stands now; `None` for somebody who is gone.
    pub(super) fn standing_of(&self, change: &UserChange) -> Option<&'a UserStatus> {
        self.by_id.get(change.id.as_str()).copied()
    }

    /// Somebody who is shut out has not been told how to get back.
    pub(super) fn someone_contained_is_missed(&self) -> bool {
        self.contained.iter().any(|status| status.missed().is_some())
    }
}

impl UserStatus {
    /// When grace ends, or ended, where the posture has a deadline.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        match self.posture {
            Some(Posture::InGrace { deadline } | Posture::Overdue { deadline }) => Some(deadline),
            Some(Posture::NotApplicable | Posture::Exempt(_) | Posture::Compliant { .. }) | None => None,
        }
    }

    /// What exempts the user.
    pub(super) fn exemption(&self) -> Option<Exemption> {
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

//! Who stands on which list of the digest, in the order in which it is read. Owns no words.

use super::{ChangeKind, Reachable, Standing, SweepResult, UserChange};
use crate::posture::{Exemption, Finding, Posture};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The lists. A user can be on several.
pub(super) struct Lists<'a> {
    /// Past the deadline, contained or not; the longest first.
    pub(super) overdue: Vec<&'a Standing>,
    /// The deadline is to come, the soonest first.
    pub(super) in_grace: Vec<&'a Standing>,
    /// The rest by name.
    pub(super) contained: Vec<&'a Standing>,
    pub(super) exempt: Vec<&'a Standing>,
    pub(super) weak: Vec<&'a Standing>,
    pub(super) unreachable: Vec<&'a Standing>,
    pub(super) unconfirmed: Vec<&'a Standing>,
    pub(super) dormant: Vec<&'a Standing>,
    pub(super) unknown: Vec<&'a Standing>,
    pub(super) findings: Vec<(&'a Standing, Finding)>,
    result: &'a SweepResult,
    by_id: BTreeMap<&'a str, &'a Standing>,
}

impl<'a> Lists<'a> {
    pub(super) fn of(standings: &'a [Standing], result: &'a SweepResult, at: Timestamp) -> Self {
        let mut everybody: Vec<&Standing> = standings.iter().collect();
        everybody.sort_by(|a, b| a.name.cmp(&b.name));
        let those = |wanted: &dyn Fn(&Standing) -> bool| -> Vec<&'a Standing> {
            everybody.iter().copied().filter(|standing| wanted(standing)).collect()
        };
        let missed = |why: Reachable| those(&|standing| standing.missed() == Some(why));
        let mut overdue = those(&|standing| matches!(standing.posture, Some(Posture::Overdue { .. })));
        let mut in_grace = those(&|standing| matches!(standing.posture, Some(Posture::InGrace { .. })));
        overdue.sort_by_key(|standing| standing.deadline());
        in_grace.sort_by_key(|standing| standing.deadline());
        Self {
            overdue,
            in_grace,
            contained: those(&|standing| standing.contained),
            exempt: those(&|standing| standing.exemption().is_some()),
            weak: those(&Standing::is_weak),
            unreachable: missed(Reachable::NoAddress),
            unconfirmed: missed(Reachable::NotYet),
            dormant: those(&|standing| standing.is_dormant(at)),
            unknown: those(&|standing| standing.posture.is_none()),
            findings: everybody
                .iter()
                .flat_map(|standing| standing.findings.iter().map(|finding| (*standing, *finding)))
                .collect(),
            result,
            by_id: standings.iter().map(|standing| (standing.id.as_str(), standing)).collect(),
        }
    }

    /// Past the deadline, and nothing limits them.
    pub(super) fn overdue_and_free(&self) -> Vec<&'a Standing> {
        self.overdue.iter().copied().filter(|standing| standing.is_overdue_and_free()).collect()
    }

    /// What was done of one kind, in the order in which it was done. Whom no message reaches was not told, and is on
    /// a list of its own.
    pub(super) fn result(&self, what: ChangeKind) -> Vec<&'a UserChange> {
        let missed = |change: &UserChange| {
            self.standing_of(change).is_some_and(|standing| standing.missed().is_some())
        };
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
    pub(super) fn standing_of(&self, change: &UserChange) -> Option<&'a Standing> {
        self.by_id.get(change.id.as_str()).copied()
    }

    /// Somebody who is shut out has not been told how to get back.
    pub(super) fn someone_contained_is_missed(&self) -> bool {
        self.contained.iter().any(|standing| standing.missed().is_some())
    }
}

impl Standing {
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

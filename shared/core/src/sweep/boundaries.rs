//! Permissions boundaries of users who have to enrol: one that forbids it would keep them in quarantine for good.

use crate::boundary::{Enrolment, enrolment};
use crate::digest::UserStatus;
use crate::posture::{Finding, Posture};
use crate::snapshot::UserSnapshot;
use std::collections::{BTreeMap, BTreeSet};

/// A sweep reads at most so many boundaries, at two calls each. Accounts have a handful.
const MOST: usize = 20;

/// ARNs of the boundaries of all users who have to enrol, as many as a sweep reads.
#[must_use]
pub fn boundaries_to_read(statuses: &[UserStatus], users: &[UserSnapshot]) -> Vec<String> {
    let wanted: BTreeSet<&String> =
        concerned(statuses, users).filter_map(|(_, boundary, _)| boundary).collect();
    wanted.into_iter().take(MOST).cloned().collect()
}

/// Notes on each user who has to enrol what the boundary means for that, given the documents that could be read.
pub fn note_boundaries(
    statuses: &mut [UserStatus],
    users: &[UserSnapshot],
    documents: &BTreeMap<String, String>,
) {
    let findings: Vec<(usize, Finding)> = concerned(statuses, users)
        .filter_map(|(index, boundary, arn)| {
            let document = documents.get(boundary?);
            match document.map_or(Enrolment::Unclear, |document| enrolment(document, arn)) {
                Enrolment::Allowed => None,
                Enrolment::Forbidden => Some((index, Finding::BoundaryForbidsEnrolment)),
                Enrolment::Unclear => Some((index, Finding::BoundaryUnclear)),
            }
        })
        .collect();
    for (index, finding) in findings {
        if let Some(status) = statuses.get_mut(index) {
            status.findings.push(finding);
        }
    }
}

/// Index, boundary and ARN of each user who has to enrol. Statuses and users are in the same order.
fn concerned<'a>(
    statuses: &'a [UserStatus],
    users: &'a [UserSnapshot],
) -> impl Iterator<Item = (usize, Option<&'a String>, &'a str)> {
    let has_to = |status: &UserStatus| {
        matches!(status.posture, Some(Posture::InGrace { .. } | Posture::Overdue { .. }))
    };
    let pairs = statuses.iter().zip(users).enumerate();
    pairs
        .filter(move |(_, (status, _))| has_to(status))
        .map(|(index, (_, user))| (index, user.boundary.as_ref(), user.arn.as_str()))
}

//! The findings of a daily sweep about users.

use super::body::{Draft, Event, Level, Place, State, User};
use super::{BusEvent, DetailType, Swept};
use crate::digest::UserStatus;
use crate::evidence::Row;
use crate::posture::{Finding, Posture};
use std::collections::BTreeMap;

/// A user who has to enrol and has not. Acts and notices about the user go on with the same finding.
pub(super) const WITHOUT_MFA: &str = "user-without-mfa";

/// What is found about one user.
struct Found {
    code: &'static str,
    level: Level,
    title: String,
}

/// The findings about users that are open, and those that the record before has and that are no longer so.
pub(super) fn of_users(swept: Swept<'_>) -> Vec<BusEvent> {
    // Without a record, nothing is known of the day before.
    let rows = swept.rows.filter(|rows| !rows.is_empty());
    let mut events = Vec::new();
    let mut seen = BTreeMap::new();
    for (status, snapshot) in swept.statuses.iter().zip(swept.users) {
        let user = User { name: status.name.clone(), id: status.id.clone(), arn: snapshot.arn.clone() };
        let row = rows.and_then(|rows| rows.get(&status.id));
        let found = found(status);
        for one in &found {
            let was_so = row.is_some_and(|row| codes_of(row).iter().any(|code| code == one.code));
            let state = if rows.is_some() && !was_so { State::New } else { State::Updated };
            events.push(entry(swept, user.clone(), one.code, one.level, state, one.title.clone(), status));
        }
        seen.insert(status.id.as_str(), (user, found, status));
    }
    for row in rows.into_iter().flat_map(BTreeMap::values) {
        let now = seen.get(row.id.as_str());
        for code in codes_of(row) {
            let is_so = now.is_some_and(|(_, found, status)| {
                found.iter().any(|one| one.code == code) || status.posture.is_none()
            });
            if !is_so {
                let user = now.map_or_else(
                    || User { name: row.name.clone(), id: row.id.clone(), arn: row.arn.clone() },
                    |(user, ..)| user.clone(),
                );
                events.push(resolved(swept, user, &code));
            }
        }
    }
    events
}

/// The findings that a row of a record has.
fn codes_of(row: &Row) -> Vec<String> {
    let lacks = ["in-grace", "overdue"].contains(&row.posture.as_str());
    lacks.then(|| WITHOUT_MFA.to_owned()).into_iter().chain(row.findings.iter().cloned()).collect()
}

fn found(status: &UserStatus) -> Vec<Found> {
    let name = &status.name;
    let without = match status.posture {
        Some(Posture::InGrace { .. }) => Some((Level::Low, format!("{name} has no MFA yet"))),
        Some(Posture::Overdue { .. }) if status.contained => {
            Some((Level::Medium, format!("{name} has no MFA, and is in quarantine")))
        }
        Some(Posture::Overdue { .. }) => {
            Some((Level::High, format!("{name} has no MFA after the deadline, and is not in quarantine")))
        }
        Some(Posture::NotApplicable | Posture::Exempt(_) | Posture::Compliant { .. }) | None => None,
    };
    let without = without.map(|(level, title)| Found { code: WITHOUT_MFA, level, title });
    let others = status.findings.iter().map(|finding| Found {
        code: finding.code(),
        level: level(*finding),
        title: format!("{name}: {finding}"),
    });
    without.into_iter().chain(others).collect()
}

fn level(finding: Finding) -> Level {
    match finding {
        Finding::LeakedKey | Finding::AdministratorWithoutMfa { .. } => Level::Critical,
        Finding::SelfGrantedExemption
        | Finding::UnprovenExemption
        | Finding::BoundaryForbidsEnrolment
        | Finding::MfaRemovedBefore(_)
        | Finding::QuarantineOfUnknownOrigin
        | Finding::KeysWouldRevive
        | Finding::AwaitsApproval
        | Finding::TagsFull
        | Finding::RecordRefused
        | Finding::LedgerUnreadable
        | Finding::LedgerRefused => Level::Medium,
        Finding::UnreadableExemption
        | Finding::ExemptionWithoutReason
        | Finding::UnfitExemptionReason
        | Finding::ExpiredExemption(_)
        | Finding::LongExemption(_)
        | Finding::UnusableEmail
        | Finding::OtherDomain
        | Finding::MailBounced(_)
        | Finding::MailComplained(_)
        | Finding::UnusablePhone
        | Finding::NoTextMessages
        | Finding::BoundaryUnclear
        | Finding::RightsUnknown
        | Finding::QuarantinedByHand => Level::Low,
    }
}

fn entry(
    swept: Swept<'_>,
    user: User,
    code: &str,
    level: Level,
    state: State,
    title: String,
    status: &UserStatus,
) -> BusEvent {
    let draft = draft(swept, user, code, level, state, title);
    let mut body = draft.body(swept.settings);
    body.episode = status.episode.as_ref().map(ToString::to_string);
    body.entry(DetailType::DetectionFinding)
}

fn resolved(swept: Swept<'_>, user: User, code: &str) -> BusEvent {
    let title = format!("{}: no longer so: {code}", user.name);
    let draft = draft(swept, user, code, Level::Informational, State::Resolved, title);
    draft.body(swept.settings).entry(DetailType::DetectionFinding)
}

fn draft<'a>(
    swept: Swept<'a>,
    user: User,
    code: &'a str,
    level: Level,
    state: State,
    title: String,
) -> Draft<'a> {
    Draft {
        detail_type: DetailType::DetectionFinding,
        kind: "finding",
        code,
        finding: code.to_owned(),
        state,
        level,
        place: Place::User(user),
        text: title.clone(),
        title,
        event: Event::of_sweep(swept.request),
        time: swept.at,
    }
}

//! Users and passwords come and go.

use super::VISIBILITY_LAG;
use super::case::Case;
use super::containment::contain;
use super::release::release;
use crate::event::Trigger;
use crate::notice::{Audience, Kind, ReleasedBy};
use crate::plan::{Plan, Reason};
use crate::posture::Posture;
use crate::tags::{Cause, NoticeKind};
use jiff::Timestamp;

/// A user or a password was created. The console sends both events, in either order.
pub(super) fn created(case: &Case<'_>) -> Plan {
    match case.posture {
        Posture::NotApplicable if case.event.trigger == Trigger::LoginProfileCreated && case.is_fresh() => {
            case.nothing(Reason::PasswordNotVisibleYet)
        }
        Posture::NotApplicable => case.nothing(Reason::NoPassword),
        // The two events of one hire arrive together and do not see each other's notes.
        Posture::InGrace { .. } | Posture::Overdue { .. } if is_followed_by_password_event(case) => {
            case.nothing(Reason::PasswordEventFollows)
        }
        Posture::Exempt(_) => case.nothing(Reason::Exempt),
        Posture::Compliant { .. } => case.nothing(Reason::HasMfa),
        Posture::Overdue { .. } => contain(case, Cause::PasswordCreated),
        // Quarantine is sticky: removing and creating the password again does not buy grace.
        Posture::InGrace { .. } if case.is_bound() => contain(case, Cause::PasswordCreated),
        Posture::InGrace { deadline } => welcome(case, deadline),
    }
}

/// The user was created now, and the password within moments of it, as the console does.
fn is_followed_by_password_event(case: &Case<'_>) -> bool {
    let together = case
        .user
        .login_profile_created
        .is_some_and(|created| created.duration_since(case.event.source.time).abs() < VISIBILITY_LAG);
    case.event.trigger == Trigger::UserCreated && together
}

fn welcome(case: &Case<'_>, deadline: Timestamp) -> Plan {
    let created = case.user.login_profile_created.unwrap_or(Timestamp::MIN);
    if case.has_reported_event() || case.was_told(&NoticeKind::ALL, created) {
        return case.nothing(Reason::AlreadySaid);
    }
    let notice = case.notify(Kind::Welcome { deadline }, Audience::UserAndAdmins, Vec::new());
    case.plan(Reason::NewPassword, vec![notice, case.mark(NoticeKind::Welcome)])
}

/// A password was removed: with it goes the reason for a quarantine.
pub(super) fn password_deleted(case: &Case<'_>) -> Plan {
    match case.user.login_profile_created {
        _ if !case.has_quarantine() => case.nothing(Reason::NotContained),
        None => release(case, ReleasedBy::PasswordRemoval),
        Some(created) if created >= case.event.source.time => case.nothing(Reason::PasswordIsBack),
        Some(_) if case.is_fresh() => case.nothing(Reason::PasswordStillVisible),
        Some(_) => case.nothing(Reason::PasswordIsBack),
    }
}

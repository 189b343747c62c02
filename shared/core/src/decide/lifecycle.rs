//! Users and passwords come and go.

use super::case::Case;
use super::containment::contain;
use super::release::release;
use crate::event::Trigger;
use crate::mark::{Cause, What};
use crate::notice::{Audience, Kind, ReleasedBy};
use crate::plan::{Plan, Reason};
use crate::posture::Posture;
use jiff::Timestamp;

/// A user or a password was created. The console sends both events, in either order.
pub(super) fn created(case: &Case<'_>) -> Plan {
    match case.posture {
        Posture::NotApplicable if case.event.trigger == Trigger::LoginProfileCreated && case.is_fresh() => {
            case.nothing(Reason::PasswordNotVisibleYet)
        }
        Posture::NotApplicable => case.nothing(Reason::NoPassword),
        Posture::Exempt(_) => case.nothing(Reason::Exempt),
        Posture::Compliant { .. } => case.nothing(Reason::HasMfa),
        Posture::Overdue { .. } => contain(case, Cause::PasswordCreated),
        // Quarantine is sticky: removing and creating the password again does not buy grace.
        Posture::InGrace { .. } if case.is_bound() => contain(case, Cause::PasswordCreated),
        Posture::InGrace { deadline } => welcome(case, deadline),
    }
}

fn welcome(case: &Case<'_>, deadline: Timestamp) -> Plan {
    let created = case.user.login_profile_created.unwrap_or(Timestamp::MIN);
    if case.has_told_of_event() || case.has_said(&What::ALL, created) {
        return case.nothing(Reason::AlreadySaid);
    }
    let notice = case.notify(Kind::Welcome { deadline }, Audience::UserAndAdmins, Vec::new());
    case.plan(Reason::NewPassword, vec![notice, case.mark(What::Welcome)])
}

/// A password was removed: with it goes the reason for a quarantine.
pub(super) fn password_deleted(case: &Case<'_>) -> Plan {
    match case.user.login_profile_created {
        _ if !case.has_release_coming() => case.nothing(Reason::NotContained),
        None => release(case, ReleasedBy::PasswordRemoval),
        Some(created) if created >= case.event.source.time => case.nothing(Reason::PasswordIsBack),
        Some(_) if case.is_fresh() => case.nothing(Reason::PasswordStillVisible),
        Some(_) => case.nothing(Reason::PasswordIsBack),
    }
}

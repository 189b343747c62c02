//! MFA devices come and go.

use super::case::Case;
use super::containment::contain;
use super::release::release;
use crate::event::Subject;
use crate::mark::{Cause, What};
use crate::notice::{Audience, Enrolment, Kind, ReleasedBy};
use crate::plan::{Plan, Reason, Step};
use crate::posture::Posture;

/// A device was removed. Grace never covers that: whoever had MFA knows how to have it again, and a thief
/// who removes it must not get days.
pub(super) fn deactivated(case: &Case<'_>) -> Plan {
    match case.posture {
        Posture::NotApplicable => case.nothing(Reason::NoPassword),
        Posture::Exempt(_) => case.nothing(Reason::Exempt),
        Posture::Compliant { .. } => case.nothing(Reason::HasMfa),
        Posture::InGrace { .. } | Posture::Overdue { .. } => contain(case, Cause::MfaRemoved),
    }
}

/// A device was added.
pub(super) fn enabled(case: &Case<'_>) -> Plan {
    let plan = match case.posture {
        Posture::NotApplicable => release(case, ReleasedBy::PasswordRemoval),
        Posture::Exempt(_) => release(case, ReleasedBy::Exemption),
        Posture::Compliant { .. } => release(case, ReleasedBy::Mfa),
        Posture::InGrace { .. } | Posture::Overdue { .. } if case.is_fresh() => {
            return case.nothing(Reason::DeviceNotVisibleYet);
        }
        Posture::InGrace { .. } | Posture::Overdue { .. } => case.nothing(Reason::DeviceGone),
    };
    with_alert(case, plan)
}

/// Adds the alert where the owner did not enrol the device in a session of his own.
fn with_alert(case: &Case<'_>, mut plan: Plan) -> Plan {
    let by_owner = match (&case.event.actor.user, &case.event.subject) {
        (Some(actor), Subject::User(subject)) => actor == subject,
        (None, _) | (_, Subject::Root) => false,
    };
    let enrolment = match (by_owner, case.event.actor.long_term_key) {
        (true, false) => return plan,
        (true, true) => Enrolment::ByAccessKey,
        (false, _) => Enrolment::BySomeoneElse,
    };
    if case.has_told_of_event() {
        return plan;
    }
    let alert = case.notify(Kind::ForeignEnrolment(enrolment), Audience::Admins, Vec::new());
    let marked = |step: &Step| matches!(step, Step::MarkUser { .. });
    let has_mark = plan.steps.iter().chain(&plan.withheld).any(marked);
    let mut more = vec![alert];
    if !has_mark {
        more.push(case.mark(What::Alert));
    }
    let more = case.plan(Reason::ForeignEnrolment, more);
    // Before the mark, which is only written once everything was said.
    let place = plan.steps.iter().position(marked).unwrap_or(plan.steps.len());
    plan.steps.splice(place..place, more.steps);
    let place = plan.withheld.iter().position(marked).unwrap_or(plan.withheld.len());
    plan.withheld.splice(place..place, more.withheld);
    if plan.reason == Reason::NotContained || plan.reason == Reason::DeviceGone {
        plan.reason = Reason::ForeignEnrolment;
    }
    plan
}

//! MFA devices come and go.

use super::case::Case;
use super::containment::contain;
use super::release::release;
use crate::device::Serial;
use crate::event::Subject;
use crate::notice::{Enrolment, Kind, ReleasedBy};
use crate::plan::{Plan, Reason};
use crate::posture::Posture;
use crate::tags::Cause;

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
pub(super) fn enabled(case: &Case<'_>, serial: Option<&Serial>) -> Plan {
    let devices = &case.user.devices;
    // A record that does not name the device can only be taken for any.
    let listed = match serial {
        Some(serial) => devices.iter().any(|device| device.serial == *serial),
        None => !devices.is_empty(),
    };
    let plan = match case.posture {
        Posture::NotApplicable => release(case, ReleasedBy::PasswordRemoval),
        Posture::Exempt(_) => release(case, ReleasedBy::Exemption),
        // Even with another device: it may be the one that is just being replaced.
        Posture::Compliant { .. } | Posture::InGrace { .. } | Posture::Overdue { .. }
            if case.is_fresh() && !listed =>
        {
            case.nothing(Reason::DeviceNotVisibleYet)
        }
        Posture::Compliant { .. } => release(case, ReleasedBy::Mfa),
        Posture::InGrace { .. } | Posture::Overdue { .. } => case.nothing(Reason::DeviceGone),
    };
    with_alert(case, plan)
}

/// Adds the alert where the owner did not enrol the device in a session of his own.
///
/// It comes first, and does not wait until IAM lists the device: a thief may have removed it by then.
fn with_alert(case: &Case<'_>, plan: Plan) -> Plan {
    let by_owner = match (&case.event.actor.user, &case.event.subject) {
        (Some(actor), Subject::User(subject)) => actor == subject,
        (None, _) | (_, Subject::Root) => false,
    };
    let enrolment = match (by_owner, case.event.actor.long_term_key) {
        (true, false) => return plan,
        (true, true) => Enrolment::ByAccessKey,
        (false, _) => Enrolment::BySomeoneElse,
    };
    let alert = case.alert(Kind::ForeignEnrolment(enrolment));
    if alert.is_empty() {
        return plan;
    }
    let otherwise_nothing = [Reason::NotContained, Reason::DeviceGone].contains(&plan.reason);
    let reason = if otherwise_nothing { Reason::ForeignEnrolment } else { plan.reason };
    let steps = alert.into_iter().chain(plan.steps).chain(plan.withheld).collect();
    case.plan(reason, steps).or_refused(plan.if_refused)
}

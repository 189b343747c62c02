//! MFA devices are added and removed.

use super::contain::contain;
use super::context::Context;
use super::release::{release, without_password};
use crate::event::{Event, Subject, Via};
use crate::notice::{Enrolment, ReleasedBy, UserAlert};
use crate::plan::{NoRoom, Plan};
use crate::posture::Posture;
use crate::reason::Reason;
use crate::tags::Cause;

/// A device was removed. There is no grace period for that: the user knows how to set up MFA again, and a thief
/// who removed the device must not get days.
pub(super) fn deactivated(context: &Context<'_>, event: &Event) -> Plan {
    if context.is_of_an_earlier_password(event) {
        return context.nothing(Reason::EarlierPassword);
    }
    match context.posture {
        Posture::NotApplicable => context.nothing(Reason::NoPassword),
        Posture::Exempt(_) => context.nothing(Reason::Exempt),
        Posture::Compliant { .. } => context.nothing(Reason::HasMfa),
        Posture::InGrace { .. } | Posture::Overdue { .. } => contain(context, Cause::MfaRemoved),
    }
}

/// A device was added.
pub(super) fn enabled(context: &Context<'_>, event: &Event) -> Plan {
    let devices = &context.user.devices;
    // If the record does not name the device, any device counts.
    let listed = match event.trigger.device() {
        Some(serial) => devices.iter().any(|device| device.serial == *serial),
        None => !devices.is_empty(),
    };
    let plan = match context.posture {
        Posture::NotApplicable => without_password(context),
        Posture::Exempt(_) if !context.is_contained() => release(context, ReleasedBy::Exemption),
        // Even if there is another device: it may be the one that is being replaced. A contained user may have exempted
        // themselves a moment ago, so MFA releases them as it does without an exemption. The rest is up to a sweep.
        Posture::Exempt(_)
        | Posture::Compliant { .. }
        | Posture::InGrace { .. }
        | Posture::Overdue { .. }
            if event.is_fresh(context.now) && !listed =>
        {
            context.nothing(Reason::DeviceNotVisibleYet)
        }
        // IAM may still list a device that was removed after this event: then the removal has just led to a quarantine.
        Posture::Exempt(_) | Posture::InGrace { .. } | Posture::Overdue { .. } if devices.is_empty() => {
            context.nothing(Reason::DeviceGone)
        }
        Posture::Exempt(_) | Posture::Compliant { .. } if context.was_contained_just_now() => {
            context.nothing(Reason::DeviceMayBeGone)
        }
        Posture::Exempt(_) | Posture::Compliant { .. } => release(context, ReleasedBy::Mfa),
        Posture::InGrace { .. } | Posture::Overdue { .. } => context.nothing(Reason::DeviceGone),
    };
    with_alert(context, event, plan)
}

/// Adds an alert unless the user enrolled the device from a console or temporary session of their own: not through an
/// agent, which has seen the secret, and not as a vendor to whom the user's rights were delegated.
///
/// The alert comes first and does not wait until IAM lists the device: a thief may have removed it by then.
fn with_alert(context: &Context<'_>, event: &Event, plan: Plan) -> Plan {
    let by_owner = match (&event.actor.user, &event.subject) {
        (Some(actor), Subject::User(subject)) => actor == subject && event.actor.delegate.is_none(),
        (None, _) | (_, Subject::Root | Subject::Quarantine | Subject::Enforcer) => false,
    };
    let enrolment = match (event.actor.via, by_owner, event.actor.long_term_key) {
        (Via::Agent, _, _) => Enrolment::ByAgent,
        (Via::Directly | Via::Service, true, false) => return plan,
        (Via::Directly | Via::Service, true, true) => Enrolment::ByAccessKey,
        (Via::Directly | Via::Service, false, _) => Enrolment::BySomeoneElse,
    };
    let alert = context.alert(UserAlert::ForeignEnrolment(enrolment));
    if alert.is_empty() {
        return plan;
    }
    let otherwise_nothing = [Reason::NotContained, Reason::DeviceGone].contains(&plan.reason);
    let reason = if otherwise_nothing { Reason::ForeignEnrolment } else { plan.reason };
    let steps = context.recorded(&[], alert.into_iter().chain(plan.steps).chain(plan.withheld).collect());
    let if_refused = context.recorded(&steps, plan.if_refused);
    let no_room =
        plan.no_room.map(|no_room| NoRoom { alert: context.recorded(&steps, no_room.alert), ..no_room });
    context.plan(reason, steps).or_refused(if_refused).or_elsewhere(no_room)
}

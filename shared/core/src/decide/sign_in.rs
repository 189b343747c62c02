//! A console sign-in without MFA.

use super::contain::contain;
use super::context::Context;
use super::remind;
use crate::event::Event;
use crate::plan::Plan;
use crate::posture::Posture;
use crate::reason::Reason;
use crate::tags::Cause;

pub(super) fn decide(context: &Context<'_>, _: &Event) -> Plan {
    match context.posture {
        Posture::NotApplicable => context.nothing(Reason::NoPassword),
        Posture::Exempt(_) => context.nothing(Reason::Exempt),
        // Enrolled since the sign-in. A release waits for the enrolment event or for the sweep: right after a
        // removal IAM may still list the device, and releasing the user because of it would undo a quarantine.
        Posture::Compliant { .. } => context.nothing(Reason::HasMfa),
        Posture::Overdue { .. } => contain(context, Cause::SignIn),
        // Quarantine is sticky: there is no second grace period.
        Posture::InGrace { .. } if context.is_bound() => contain(context, Cause::SignIn),
        // Contained by hand.
        Posture::InGrace { .. } if context.is_contained() => remind::of_quarantine(context, Cause::SignIn),
        Posture::InGrace { deadline } => remind::of_sign_in(context, deadline),
    }
}

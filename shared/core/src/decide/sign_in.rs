//! A console sign-in without MFA.

use super::contain::contain;
use super::context::Context;
use super::remind;
use crate::event::Event;
use crate::notice::UserAlert;
use crate::plan::Plan;
use crate::posture::Posture;
use crate::reason::Reason;
use crate::tags::Cause;

pub(super) fn decide(context: &Context<'_>, event: &Event) -> Plan {
    // Nothing limits a break-glass user, so each use is worth a look, whatever became of the password since.
    if context.is_break_glass() {
        let alert = context.alert(UserAlert::BreakGlassSignIn);
        let reason = if alert.is_empty() { Reason::AlreadySaid } else { Reason::BreakGlassSignIn };
        return context.plan(reason, alert);
    }
    if context.is_of_an_earlier_password(event) {
        return context.nothing(Reason::EarlierPassword);
    }
    match context.posture {
        Posture::NotApplicable => context.nothing(Reason::NoPassword),
        Posture::Exempt(_) => context.nothing(Reason::Exempt),
        // Enrolled since the sign-in. A release waits for the enrolment event or for the sweep: right after a
        // removal IAM may still list the device, and releasing the user because of it would undo a quarantine.
        Posture::Compliant { .. } => context.nothing(Reason::HasMfa),
        Posture::Overdue { .. } => contain(context, Cause::SignIn),
        // Quarantine is sticky: there is no second grace period.
        Posture::InGrace { .. } if context.is_bound() => contain(context, Cause::SignIn),
        Posture::InGrace { .. } if context.is_contained() => contain(context, Cause::SignIn),
        Posture::InGrace { deadline } => remind::of_sign_in(context, deadline),
    }
}

//! A console sign-in without MFA.

use super::contain::{contain, remind_contained};
use super::context::Context;
use crate::notice::{Audience, Kind};
use crate::plan::{Plan, Reason};
use crate::posture::Posture;
use crate::tags::{Cause, NoticeKind};
use jiff::Timestamp;

pub(super) fn decide(context: &Context<'_>) -> Plan {
    match context.posture {
        Posture::NotApplicable => context.nothing(Reason::NoPassword),
        Posture::Exempt(_) => context.nothing(Reason::Exempt),
        // Enrolled since. A release waits for the event of the enrolment or for the sweep: right after a
        // removal IAM may still list the device, and releasing on that would undo a quarantine.
        Posture::Compliant { .. } => context.nothing(Reason::HasMfa),
        Posture::Overdue { .. } => contain(context, Cause::SignIn),
        // Quarantine is sticky.
        Posture::InGrace { .. } if context.is_bound() => contain(context, Cause::SignIn),
        // Contained by hand.
        Posture::InGrace { .. } if context.is_contained() => remind_contained(context),
        Posture::InGrace { deadline } => remind(context, deadline),
    }
}

fn remind(context: &Context<'_>, deadline: Timestamp) -> Plan {
    if context.has_reported_event() {
        return context.nothing(Reason::AlreadySaid);
    }
    if context.was_told_today(&[NoticeKind::Reminder, NoticeKind::FinalNotice]) {
        return context.nothing(Reason::RemindedToday);
    }
    let kind = Kind::Reminder { cause: Cause::SignIn, deadline };
    let notice = context.notify(kind, Audience::UserAndAdmins, Vec::new());
    context.plan(Reason::SignedInDuringGrace, vec![notice, context.mark(NoticeKind::Reminder)])
}

//! A console sign-in without MFA.

use super::case::Case;
use super::containment::{contain, remind_contained};
use crate::notice::{Audience, Kind};
use crate::plan::{Plan, Reason};
use crate::posture::Posture;
use crate::tags::{Cause, NoticeKind};
use jiff::Timestamp;

pub(super) fn decide(case: &Case<'_>) -> Plan {
    match case.posture {
        Posture::NotApplicable => case.nothing(Reason::NoPassword),
        Posture::Exempt(_) => case.nothing(Reason::Exempt),
        // Enrolled since. A release waits for the event of the enrolment or for the sweep: right after a
        // removal IAM may still list the device, and releasing on that would undo a quarantine.
        Posture::Compliant { .. } => case.nothing(Reason::HasMfa),
        Posture::Overdue { .. } => contain(case, Cause::SignIn),
        // Quarantine is sticky.
        Posture::InGrace { .. } if case.is_bound() => contain(case, Cause::SignIn),
        // Contained by hand.
        Posture::InGrace { .. } if case.is_contained() => remind_contained(case),
        Posture::InGrace { deadline } => remind(case, deadline),
    }
}

fn remind(case: &Case<'_>, deadline: Timestamp) -> Plan {
    if case.has_reported_event() {
        return case.nothing(Reason::AlreadySaid);
    }
    if case.was_told_today(&[NoticeKind::Reminder, NoticeKind::FinalNotice]) {
        return case.nothing(Reason::RemindedToday);
    }
    let kind = Kind::Reminder { cause: Cause::SignIn, deadline };
    let notice = case.notify(kind, Audience::UserAndAdmins, Vec::new());
    case.plan(Reason::SignedInDuringGrace, vec![notice, case.mark(NoticeKind::Reminder)])
}

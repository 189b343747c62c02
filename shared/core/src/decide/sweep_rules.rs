//! What a sweep does about a user: it catches what events missed, and sends the reminders that no event triggers.

use super::contain::contain;
use super::context::Context;
use super::exempt;
use super::release::{release, without_password};
use super::remind;
use crate::notice::ReleasedBy;
use crate::plan::Plan;
use crate::posture::Posture;
use crate::reason::Reason;
use crate::settings::Mode;
use crate::tags::{Cause, NoticeKind};
use jiff::Timestamp;

pub(super) fn decide(context: &Context<'_>) -> Plan {
    exempt::noted(context, by_posture(context))
}

fn by_posture(context: &Context<'_>) -> Plan {
    match context.posture {
        Posture::NotApplicable => or(context, without_password(context), Reason::NoPassword),
        Posture::Exempt(_) => or(context, exempt::swept(context), Reason::Exempt),
        // IAM may still list the device whose removal led to the quarantine.
        Posture::Compliant { .. } if context.was_contained_just_now() => {
            context.nothing(Reason::ContainedJustNow)
        }
        Posture::Compliant { .. } => or(context, release(context, ReleasedBy::Mfa), Reason::HasMfa),
        // Grace never covers a removal, and an overdue user who removed it is not one who never had it.
        Posture::InGrace { .. } | Posture::Overdue { .. } if has_removed_mfa(context) => {
            contain(context, Cause::MfaRemoved)
        }
        Posture::Overdue { deadline } => overdue(context, deadline),
        // Quarantine is sticky. If the record and the attachment disagree, containing is the safe choice.
        Posture::InGrace { .. } if context.is_contained() => contain(context, cause(context)),
        // Mode `notify` would not attach anything, and its notice would overwrite the one that rules out new grace.
        Posture::InGrace { .. } if context.is_bound() && context.settings.mode != Mode::Notify => {
            contain(context, cause(context))
        }
        Posture::InGrace { deadline } => remind::of_deadline(context, deadline),
    }
}

/// Contains an overdue user. If the deadline is all there is to it, not before a day after the first notice.
fn overdue(context: &Context<'_>, deadline: Timestamp) -> Plan {
    let cause = cause(context);
    let from = context.sweep_contains_from(deadline);
    let waits = cause == Cause::DeadlinePassed
        && context.settings.mode != Mode::Notify
        && !context.has_quarantine()
        && context.now < from;
    if waits { remind::before_containment(context, from) } else { contain(context, cause) }
}

/// Whether the event history tells of a removal, later than the password, whose event nobody acted on.
fn has_removed_mfa(context: &Context<'_>) -> bool {
    let password = context.user.login_profile_created.unwrap_or(Timestamp::MAX);
    let counts = |time: Timestamp| time >= password && time >= context.user.created;
    context.user.removal.as_ref().is_some_and(|removal| !removal.before_deployment && counts(removal.time))
}

/// The plan, or another reason for doing nothing.
fn or(context: &Context<'_>, plan: Plan, otherwise: Reason) -> Plan {
    if plan.reason == Reason::NotContained { context.nothing(otherwise) } else { plan }
}

/// Why a user is contained as of today: a sign-in weeks ago is no longer the reason.
pub(super) fn cause(context: &Context<'_>) -> Cause {
    let recorded = context.quarantine_record().and_then(|record| record.cause);
    match (recorded, context.posture) {
        (Some(lasting @ (Cause::MfaRemoved | Cause::Operator)), _) => lasting,
        (_, Posture::Overdue { .. }) if !context.was_told(&[NoticeKind::PasswordRemoved], Timestamp::MIN) => {
            Cause::DeadlinePassed
        }
        // For a user in grace, the deadline is not the reason.
        (_, _) => Cause::PasswordCreated,
    }
}

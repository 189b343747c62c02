//! A sweep's look at a user: what the events missed, and the reminders that no event brings.

use super::contain::contain;
use super::context::Context;
use super::release::release;
use super::remind;
use crate::event::VISIBILITY_LAG;
use crate::notice::ReleasedBy;
use crate::plan::Plan;
use crate::posture::Posture;
use crate::reason::Reason;
use crate::settings::Mode;
use crate::tags::{Cause, NoticeKind};
use jiff::Timestamp;

pub(super) fn decide(context: &Context<'_>) -> Plan {
    match context.posture {
        Posture::NotApplicable => release_or(context, ReleasedBy::PasswordRemoval, Reason::NoPassword),
        Posture::Exempt(_) => release_or(context, ReleasedBy::Exemption, Reason::Exempt),
        // The device whose removal contained the user may still be listed.
        Posture::Compliant { .. } if was_contained_just_now(context) => {
            context.nothing(Reason::ContainedJustNow)
        }
        Posture::Compliant { .. } => release_or(context, ReleasedBy::Mfa, Reason::HasMfa),
        Posture::Overdue { .. } => contain(context, cause(context)),
        // Quarantine is sticky, and where record and attachment disagree, the safe side is to contain.
        Posture::InGrace { .. } if context.is_contained() => contain(context, cause(context)),
        // Mode `notify` has nothing to put back, and its own notice would undo what binds the user.
        Posture::InGrace { .. } if context.is_bound() && context.settings.mode != Mode::Notify => {
            contain(context, cause(context))
        }
        Posture::InGrace { deadline } => remind::of_deadline(context, deadline),
    }
}

fn release_or(context: &Context<'_>, by: ReleasedBy, otherwise: Reason) -> Plan {
    let plan = release(context, by);
    if plan.reason == Reason::NotContained { context.nothing(otherwise) } else { plan }
}

fn was_contained_just_now(context: &Context<'_>) -> bool {
    let since = context.quarantine_record().and_then(|record| record.since);
    since.is_some_and(|since| context.now.duration_since(since).abs() < VISIBILITY_LAG)
}

/// Why a user is contained, in words that are true today: a sign-in weeks ago is no longer the reason.
fn cause(context: &Context<'_>) -> Cause {
    let recorded = context.quarantine_record().and_then(|record| record.cause);
    match (recorded, context.posture) {
        (Some(Cause::MfaRemoved), _) => Cause::MfaRemoved,
        (_, Posture::Overdue { .. }) if !context.was_told(&[NoticeKind::PasswordRemoved], Timestamp::MIN) => {
            Cause::DeadlinePassed
        }
        // It is not the deadline that binds a user in grace.
        (_, _) => Cause::PasswordCreated,
    }
}

//! Users and passwords come and go.

use super::VISIBILITY_LAG;
use super::contain::contain;
use super::context::Context;
use super::release::release;
use crate::event::Trigger;
use crate::notice::{Audience, Kind, ReleasedBy};
use crate::plan::{Plan, Reason};
use crate::posture::Posture;
use crate::tags::{Cause, NoticeKind};
use jiff::Timestamp;

/// A user or a password was created. The console sends both events, in either order.
pub(super) fn created(context: &Context<'_>) -> Plan {
    match context.posture {
        Posture::NotApplicable
            if context.event.trigger == Trigger::LoginProfileCreated && context.is_fresh() =>
        {
            context.nothing(Reason::PasswordNotVisibleYet)
        }
        Posture::NotApplicable => context.nothing(Reason::NoPassword),
        // The two events of one hire arrive together and do not see each other's notes.
        Posture::InGrace { .. } | Posture::Overdue { .. } if is_followed_by_password_event(context) => {
            context.nothing(Reason::PasswordEventFollows)
        }
        Posture::Exempt(_) => context.nothing(Reason::Exempt),
        Posture::Compliant { .. } => context.nothing(Reason::HasMfa),
        Posture::Overdue { .. } => contain(context, Cause::PasswordCreated),
        // Quarantine is sticky: removing and creating the password again does not buy grace.
        Posture::InGrace { .. } if context.is_bound() => contain(context, Cause::PasswordCreated),
        Posture::InGrace { deadline } => welcome(context, deadline),
    }
}

/// The user was created now, and the password within moments of it, as the console does.
fn is_followed_by_password_event(context: &Context<'_>) -> bool {
    let together = context
        .user
        .login_profile_created
        .is_some_and(|created| created.duration_since(context.event.source.time).abs() < VISIBILITY_LAG);
    context.event.trigger == Trigger::UserCreated && together
}

fn welcome(context: &Context<'_>, deadline: Timestamp) -> Plan {
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    if context.has_reported_event() || context.was_told(&NoticeKind::ALL, created) {
        return context.nothing(Reason::AlreadySaid);
    }
    let notice = context.notify(Kind::Welcome { deadline }, Audience::UserAndAdmins, Vec::new());
    context.plan(Reason::NewPassword, vec![notice, context.mark(NoticeKind::Welcome)])
}

/// A password was removed: with it goes the reason for a quarantine.
pub(super) fn password_deleted(context: &Context<'_>) -> Plan {
    match context.user.login_profile_created {
        _ if !context.has_quarantine() => context.nothing(Reason::NotContained),
        None => release(context, ReleasedBy::PasswordRemoval),
        Some(created) if created >= context.event.source.time => context.nothing(Reason::PasswordIsBack),
        Some(_) if context.is_fresh() => context.nothing(Reason::PasswordStillVisible),
        Some(_) => context.nothing(Reason::PasswordIsBack),
    }
}

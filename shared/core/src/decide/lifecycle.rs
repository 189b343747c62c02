//! Users and passwords are created and deleted.

use super::answer::Answer;
use super::contain::contain;
use super::context::Context;
use super::exempting;
use super::release::without_password;
use crate::event::{Event, Trigger, VISIBILITY_LAG};
use crate::notice::UserMessage;
use crate::plan::{Plan, Step};
use crate::posture::Posture;
use crate::reason::Reason;
use crate::tags::{Cause, NoticeKind};
use jiff::Timestamp;

/// A user or a password was created. A user may have been exempted at once.
pub(super) fn created(context: &Context<'_>, event: &Event) -> Plan {
    let rest = with_password(context, event);
    let exemption = exempting::decided(context, event);
    let is_awaited = exemption.reason.is_transient();
    if exemption.is_nothing() && !is_awaited {
        return rest;
    }
    let rest = Answer::of(rest);
    let Answer { reason, alerts, steps, if_refused, no_room } = exemption;
    let reason = if rest.is_nothing() || is_awaited { reason } else { rest.reason };
    let alerts = alerts.into_iter().flat_map(|alert| context.alert(alert));
    let steps: Vec<Step> = alerts.chain(steps).chain(rest.steps).collect();
    let reason = if steps.is_empty() && !is_awaited { Reason::AlreadySaid } else { reason };
    let refused = [rest.if_refused, if_refused].concat();
    context.plan(reason, steps).or_refused(refused).or_elsewhere(rest.no_room.or(no_room))
}

/// The console causes both events, which arrive in either order.
fn with_password(context: &Context<'_>, event: &Event) -> Plan {
    match context.posture {
        Posture::NotApplicable
            if event.trigger == Trigger::LoginProfileCreated && event.is_fresh(context.now) =>
        {
            context.nothing(Reason::PasswordNotVisibleYet)
        }
        Posture::NotApplicable => context.nothing(Reason::NoPassword),
        // The two events for a new user arrive together, so neither may see what the other recorded.
        Posture::InGrace { .. } | Posture::Overdue { .. }
            if is_followed_by_password_event(context, event) =>
        {
            context.nothing(Reason::PasswordEventFollows)
        }
        Posture::Exempt(_) => context.nothing(Reason::Exempt),
        Posture::Compliant { .. } => context.nothing(Reason::HasMfa),
        Posture::Overdue { .. } => contain(context, Cause::PasswordCreated),
        // Quarantine is sticky: removing the password and creating it again does not start a new grace period.
        Posture::InGrace { .. } if context.is_bound() => contain(context, Cause::PasswordCreated),
        Posture::InGrace { deadline } => welcome(context, deadline),
    }
}

/// Whether the user and the password were created together, as the console does.
fn is_followed_by_password_event(context: &Context<'_>, event: &Event) -> bool {
    let together = context
        .user
        .login_profile_created
        .is_some_and(|created| created.duration_since(event.source.time).abs() < VISIBILITY_LAG);
    matches!(event.trigger, Trigger::UserCreated(_)) && together
}

fn welcome(context: &Context<'_>, deadline: Timestamp) -> Plan {
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    if context.has_reported_event() || context.was_told_anything(created) {
        return context.nothing(Reason::AlreadySaid);
    }
    let message = UserMessage::Welcome { deadline };
    let steps = context.notify_and_record(message, NoticeKind::Welcome, Vec::new());
    context.plan(Reason::NewPassword, steps)
}

/// A password was removed, so there is no longer a reason for a quarantine.
pub(super) fn password_deleted(context: &Context<'_>, event: &Event) -> Plan {
    match context.user.login_profile_created {
        _ if !context.has_quarantine() => context.nothing(Reason::NotContained),
        None => without_password(context),
        Some(created) if created >= event.source.time => context.nothing(Reason::PasswordIsBack),
        Some(_) if event.is_fresh(context.now) => context.nothing(Reason::PasswordStillVisible),
        Some(_) => context.nothing(Reason::PasswordIsBack),
    }
}

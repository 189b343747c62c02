//! The daily look at every user: what the events missed, and the reminders that no event brings.

use super::VISIBILITY_LAG;
use super::contain::contain;
use super::context::Context;
use super::release::release;
use crate::notice::{Audience, Done, Kind, ReleasedBy};
use crate::plan::{Plan, Reason, Step};
use crate::posture::Posture;
use crate::settings::Mode;
use crate::tags::{Cause, NoticeKind};
use jiff::{SignedDuration, Timestamp};

/// The last day before the deadline. Sweeps are a day apart, an hour more when the clocks go back, and each
/// takes some minutes: the last one before a deadline is always within 26 hours of it.
const LAST_DAY: SignedDuration = SignedDuration::from_hours(26);
/// Sweeps do not reach a user at the same minute every day, so a day between two notices is 20 hours at least.
const DAY: SignedDuration = SignedDuration::from_hours(20);
/// After a week of daily reminders, one a week. Shorter by the same four hours.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24 - 4);
/// For how long the reminders are daily.
const DAILY_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// So long a new password's own event has to arrive before the sweep welcomes the user in its place.
const EVENT_ARRIVES: SignedDuration = SignedDuration::from_mins(30);

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
        // Quarantine is sticky, and where tag and attachment disagree, the safe side is to contain.
        Posture::InGrace { .. } if context.is_contained() => contain(context, cause(context)),
        // Mode `notify` has nothing to put back, and its own note would undo what binds the user.
        Posture::InGrace { .. } if context.is_bound() && context.settings.mode != Mode::Notify => {
            contain(context, cause(context))
        }
        Posture::InGrace { deadline } => remind(context, deadline),
    }
}

fn release_or(context: &Context<'_>, by: ReleasedBy, otherwise: Reason) -> Plan {
    let plan = release(context, by);
    if plan.reason == Reason::NotContained { context.nothing(otherwise) } else { plan }
}

fn was_contained_just_now(context: &Context<'_>) -> bool {
    let since = context.containment().and_then(|containment| containment.since);
    since.is_some_and(|since| context.now.duration_since(since).abs() < VISIBILITY_LAG)
}

/// Why a user is contained, in words that are true today: a sign-in of weeks ago is no reason any more.
fn cause(context: &Context<'_>) -> Cause {
    let recorded = context.containment().and_then(|containment| containment.cause);
    match (recorded, context.posture) {
        (Some(Cause::MfaRemoved), _) => Cause::MfaRemoved,
        (_, Posture::Overdue { .. }) if !context.was_told(&[NoticeKind::PasswordRemoved], Timestamp::MIN) => {
            Cause::DeadlinePassed
        }
        // It is not the deadline that binds a user in grace.
        (_, _) => Cause::PasswordCreated,
    }
}

/// In grace: a welcome if nothing was ever said, then the stages.
fn remind(context: &Context<'_>, deadline: Timestamp) -> Plan {
    const ASKED: [NoticeKind; 3] = [NoticeKind::Welcome, NoticeKind::Reminder, NoticeKind::FinalNotice];
    // With a grace of a day there is but one word; a reminder after a sign-in does not say that it is the last.
    const LAST: [NoticeKind; 2] = [NoticeKind::Welcome, NoticeKind::FinalNotice];
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    if context.now.duration_since(created).abs() < EVENT_ARRIVES {
        return context.nothing(Reason::PasswordEventFollows);
    }
    let coming = Kind::Deadline { deadline, last: false };
    // What did not arrive and can arrive now was not said.
    let said = |kinds: &[NoticeKind], since| context.was_told(kinds, since) && !context.is_owed();
    let asked = context.was_told(&NoticeKind::ALL, created) && !context.is_owed();
    match stage(context, deadline) {
        Some(LAST_DAY) if said(&LAST, before(deadline, LAST_DAY)) => context.nothing(Reason::AlreadySaid),
        Some(LAST_DAY) => {
            say(context, NoticeKind::FinalNotice, Kind::Deadline { deadline, last: true }, Reason::LastDay)
        }
        Some(stage) if said(&ASKED, before(deadline, stage)) => context.nothing(Reason::AlreadySaid),
        Some(_) | None if !asked && is_new(context) => {
            say(context, NoticeKind::Welcome, Kind::Welcome { deadline }, Reason::NeverAsked)
        }
        Some(_) | None if !asked => say(context, NoticeKind::Reminder, coming, Reason::NeverAsked),
        // Not two on one day: the stage can wait for the next sweep, which finds it due still.
        Some(_) if said(&ASKED, before(context.now, DAY)) => context.nothing(Reason::RemindedToday),
        Some(_) => say(context, NoticeKind::Reminder, coming, Reason::ReminderDue),
        None => context.nothing(Reason::NoReminderDue),
    }
}

/// The stage that is reached: how long before the deadline it began. Of several the last, so that a missed
/// sweep costs no more than the stages that are over.
fn stage(context: &Context<'_>, deadline: Timestamp) -> Option<SignedDuration> {
    let stages = context.settings.remind_before.iter().copied().filter(|stage| *stage > LAST_DAY);
    stages.chain([LAST_DAY]).filter(|stage| before(deadline, *stage) <= context.now).min()
}

/// The password itself brought the grace, so it is welcomed. Who was there before the enforcer, and is in grace
/// because of `ENFORCE_FROM`, is told of the deadline.
fn is_new(context: &Context<'_>) -> bool {
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    created.checked_add(context.settings.grace).unwrap_or(Timestamp::MAX) > context.now
}

fn say(context: &Context<'_>, noted: NoticeKind, kind: Kind, reason: Reason) -> Plan {
    context.plan(reason, vec![context.notify(kind, Audience::UserAndAdmins, Vec::new()), context.mark(noted)])
}

/// Contained, and told so: how to get back, daily at first, then weekly.
pub(super) fn remind_contained(context: &Context<'_>) -> Plan {
    const SAID: [NoticeKind; 2] = [NoticeKind::Quarantined, NoticeKind::QuarantineReminder];
    let since = context.containment().and_then(|containment| containment.since);
    if !is_due_again(context, &SAID, since.unwrap_or(Timestamp::MIN)) {
        return context.nothing(Reason::AlreadyContained);
    }
    let notice = context.notify(Kind::QuarantineReminder, Audience::UserAndAdmins, vec![Done::WasContained]);
    context.plan(Reason::StillContained, vec![notice, context.mark(NoticeKind::QuarantineReminder)])
}

/// Mode `notify`: the reminder that would be a quarantine, at the same pace, plus what is `withheld`.
pub(super) fn warn(context: &Context<'_>, why: Cause, deadline: Timestamp, withheld: Vec<Step>) -> Plan {
    let since = context.containment().and_then(|containment| containment.since).unwrap_or(deadline);
    let mut steps = withheld;
    if is_due_again(context, &[NoticeKind::Reminder], since) {
        let kind = Kind::Reminder { cause: why, deadline };
        steps.push(context.notify(kind, Audience::UserAndAdmins, vec![Done::WithheldByMode]));
        steps.push(context.mark(NoticeKind::Reminder));
        return context.plan(Reason::WarnOnly(why), steps);
    }
    context.plan(Reason::RemindedToday, steps)
}

/// Whether it is time to say once more what was last said as one of `what`, `since` some time.
fn is_due_again(context: &Context<'_>, kinds: &[NoticeKind], since: Timestamp) -> bool {
    let pause = if context.now < since.checked_add(DAILY_FOR).unwrap_or(Timestamp::MAX) { DAY } else { WEEK };
    let last = before(context.now, pause);
    context.is_owed() || !context.was_told(kinds, if since <= context.now { since.max(last) } else { last })
}

fn before(time: Timestamp, span: SignedDuration) -> Timestamp {
    time.checked_sub(span).unwrap_or(Timestamp::MIN)
}

//! Reminders: of a deadline that comes, and of the way out of a quarantine. How often, and when.
//!
//! An event reminds of what just happened, at most once a day. A sweep reminds by stages before the deadline, and those
//! in quarantine daily, later weekly.

use super::context::Context;
use crate::notice::{Done, UserMessage};
use crate::plan::{Plan, Step};
use crate::reason::Reason;
use crate::tags::{Cause, NoticeKind};
use jiff::{SignedDuration, Timestamp};

/// An event reminds at most this often.
const BETWEEN_EVENTS: SignedDuration = SignedDuration::from_hours(24);
/// Sweeps do not reach a user at the same minute every day, so a day between two of their notices is 20 hours.
const BETWEEN_SWEEPS: SignedDuration = SignedDuration::from_hours(20);
/// After a week of daily reminders, one a week. Shorter by the same four hours.
const BETWEEN_WEEKLY: SignedDuration = SignedDuration::from_hours(7 * 24 - 4);
/// For how long the reminders of a quarantine are daily.
const DAILY_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The last day before the deadline. Sweeps are a day apart, an hour more when the clocks go back, and each takes some
/// minutes: the last one before a deadline is always within 26 hours of it.
const LAST_DAY: SignedDuration = SignedDuration::from_hours(26);
/// A new password's own event has this long to arrive before a sweep welcomes the user in its place.
const EVENT_ARRIVES: SignedDuration = SignedDuration::from_mins(30);

const OF_QUARANTINE: [NoticeKind; 2] = [NoticeKind::Quarantined, NoticeKind::QuarantineReminder];

/// A sign-in in grace.
pub(super) fn of_sign_in(context: &Context<'_>, deadline: Timestamp) -> Plan {
    if context.has_reported_event() {
        return context.nothing(Reason::AlreadySaid);
    }
    if told_today(context, &[NoticeKind::Reminder, NoticeKind::FinalNotice]) {
        return context.nothing(Reason::RemindedToday);
    }
    let message = UserMessage::Reminder { cause: Cause::SignIn, deadline };
    say(context, NoticeKind::Reminder, message, Vec::new(), Reason::SignedInDuringGrace)
}

/// A sweep in grace: a welcome if nothing was ever said, then the stages.
pub(super) fn of_deadline(context: &Context<'_>, deadline: Timestamp) -> Plan {
    const ASKED: [NoticeKind; 3] = [NoticeKind::Welcome, NoticeKind::Reminder, NoticeKind::FinalNotice];
    // With a grace of a day there is only one message; a reminder after a sign-in does not say that it is the last.
    const LAST: [NoticeKind; 2] = [NoticeKind::Welcome, NoticeKind::FinalNotice];
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    if context.now.duration_since(created).abs() < EVENT_ARRIVES {
        return context.nothing(Reason::PasswordEventFollows);
    }
    // What did not arrive, and can arrive now, was not said.
    let told = |kinds: &[NoticeKind], since| context.was_told(kinds, since) && !context.is_owed();
    let asked = context.was_told_anything(created) && !context.is_owed();
    let remind = |message, noted, reason| say(context, noted, message, Vec::new(), reason);
    let coming = UserMessage::Deadline { deadline, last: false };
    match stage(context, deadline) {
        Some(LAST_DAY) if told(&LAST, before(deadline, LAST_DAY)) => context.nothing(Reason::AlreadySaid),
        Some(LAST_DAY) => {
            let last = UserMessage::Deadline { deadline, last: true };
            remind(last, NoticeKind::FinalNotice, Reason::LastDay)
        }
        Some(stage) if told(&ASKED, before(deadline, stage)) => context.nothing(Reason::AlreadySaid),
        Some(_) | None if !asked && is_new(context) => {
            remind(UserMessage::Welcome { deadline }, NoticeKind::Welcome, Reason::NeverAsked)
        }
        Some(_) | None if !asked => remind(coming, NoticeKind::Reminder, Reason::NeverAsked),
        // Not two on one day: the stage can wait for the next sweep, which still finds it due.
        Some(_) if told(&ASKED, before(context.now, BETWEEN_SWEEPS)) => {
            context.nothing(Reason::RemindedToday)
        }
        Some(_) => remind(coming, NoticeKind::Reminder, Reason::ReminderDue),
        None => context.nothing(Reason::NoReminderDue),
    }
}

/// The way out, for somebody who is contained and was told so.
pub(super) fn of_quarantine(context: &Context<'_>, cause: Cause) -> Plan {
    let reason = match (context.occasion.is_sweep(), cause) {
        (true, _) if is_due_again(context, &OF_QUARANTINE, quarantined_since(context, Timestamp::MIN)) => {
            Reason::StillContained
        }
        (false, Cause::SignIn) if !context.has_reported_event() && !told_today(context, &OF_QUARANTINE) => {
            Reason::SignedInWhileContained
        }
        (_, Cause::SignIn | Cause::PasswordCreated | Cause::MfaRemoved | Cause::DeadlinePassed) => {
            return context.nothing(Reason::AlreadyContained);
        }
    };
    let done = vec![Done::WasContained];
    say(context, NoticeKind::QuarantineReminder, UserMessage::QuarantineReminder, done, reason)
}

/// Mode `notify`: the reminder that would be a quarantine, plus the steps that the mode withholds.
pub(super) fn instead_of_quarantine(
    context: &Context<'_>,
    cause: Cause,
    deadline: Timestamp,
    withheld: Vec<Step>,
) -> Plan {
    let since = quarantined_since(context, deadline);
    let unless = if context.occasion.is_sweep() {
        (!is_due_again(context, &[NoticeKind::Reminder], since)).then_some(Reason::RemindedToday)
    } else if context.has_reported_event() || is_told_by_the_other_event(context, cause) {
        Some(Reason::AlreadySaid)
    } else {
        let today = told_today(context, &[NoticeKind::Reminder, NoticeKind::FinalNotice]);
        (cause == Cause::SignIn && today).then_some(Reason::RemindedToday)
    };
    let mut steps = withheld;
    if let Some(reason) = unless {
        // The digest of a sweep has what the mode withholds, also on days without a reminder.
        return if context.occasion.is_sweep() {
            context.plan(reason, steps)
        } else {
            context.nothing(reason)
        };
    }
    let message = UserMessage::Reminder { cause, deadline };
    steps.push(context.notify(message, vec![Done::WithheldByMode]));
    steps.push(context.record_notice(NoticeKind::Reminder));
    context.plan(Reason::WarnOnly(cause), steps)
}

/// A user and a password that are created together bring two events.
fn is_told_by_the_other_event(context: &Context<'_>, cause: Cause) -> bool {
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    cause == Cause::PasswordCreated && context.was_told_anything(created)
}

/// The stage that is reached: how long before the deadline it began. Of several the last, so that a missed sweep costs
/// no more than the stages that are over.
fn stage(context: &Context<'_>, deadline: Timestamp) -> Option<SignedDuration> {
    let stages = context.settings.remind_before.iter().copied().filter(|stage| *stage > LAST_DAY);
    stages.chain([LAST_DAY]).filter(|stage| before(deadline, *stage) <= context.now).min()
}

/// The password itself brought the grace, so its owner is welcomed. Somebody who was there before the enforcer, and is
/// in grace because of `ENFORCE_FROM`, is told of the deadline.
fn is_new(context: &Context<'_>) -> bool {
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    created.checked_add(context.settings.grace).unwrap_or(Timestamp::MAX) > context.now
}

fn quarantined_since(context: &Context<'_>, otherwise: Timestamp) -> Timestamp {
    context.quarantine_record().and_then(|record| record.since).unwrap_or(otherwise)
}

/// Whether it is time for a sweep to repeat what was last said as one of `kinds`, `since` some time.
fn is_due_again(context: &Context<'_>, kinds: &[NoticeKind], since: Timestamp) -> bool {
    let is_daily = context.now < since.checked_add(DAILY_FOR).unwrap_or(Timestamp::MAX);
    let last = before(context.now, if is_daily { BETWEEN_SWEEPS } else { BETWEEN_WEEKLY });
    context.is_owed() || !context.was_told(kinds, if since <= context.now { since.max(last) } else { last })
}

/// The last thing said was one of these, less than a day ago.
fn told_today(context: &Context<'_>, kinds: &[NoticeKind]) -> bool {
    context.was_told(kinds, before(context.now, BETWEEN_EVENTS))
}

fn say(
    context: &Context<'_>,
    noted: NoticeKind,
    message: UserMessage,
    done: Vec<Done>,
    reason: Reason,
) -> Plan {
    context.plan(reason, vec![context.notify(message, done), context.record_notice(noted)])
}

fn before(time: Timestamp, span: SignedDuration) -> Timestamp {
    time.checked_sub(span).unwrap_or(Timestamp::MIN)
}

//! Reminders: what to send before the deadline and during a quarantine, when, and how often.
//!
//! An event leads to a reminder at most once a day. A sweep sends reminders in stages before the deadline. To users
//! in quarantine it sends them daily for a week, then weekly.

use super::context::Context;
use crate::exemption;
use crate::notice::{Done, UserMessage};
use crate::plan::{Plan, Step};
use crate::posture::Posture;
use crate::reason::Reason;
use crate::tags::{Cause, NoticeKind};
use jiff::{SignedDuration, Timestamp};

/// Minimum time between two reminders caused by events.
const BETWEEN_EVENTS: SignedDuration = SignedDuration::from_hours(24);
/// Minimum time between two notices from daily sweeps: a day, minus four hours because sweeps do not reach a user at
/// the same minute every day.
const BETWEEN_SWEEPS: SignedDuration = SignedDuration::from_hours(20);
/// Minimum time between weekly reminders: a week, minus the same four hours.
const BETWEEN_WEEKLY: SignedDuration = SignedDuration::from_hours(7 * 24 - 4);
/// How long the reminders during a quarantine are daily; after that they are weekly.
const DAILY_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// When the last day before the deadline begins. Sweeps are a day apart, plus an hour when the clocks go back, and each
/// takes some minutes, so the last sweep before a deadline is always within 26 hours of it.
const LAST_DAY: SignedDuration = SignedDuration::from_hours(26);
/// How long a sweep waits for a new password's own event before it sends the welcome itself.
const EVENT_ARRIVES: SignedDuration = SignedDuration::from_mins(30);

const OF_QUARANTINE: [NoticeKind; 2] = [NoticeKind::Quarantined, NoticeKind::QuarantineReminder];

/// The reminder after a sign-in during the grace period.
pub(super) fn of_sign_in(context: &Context<'_>, deadline: Timestamp) -> Plan {
    if context.has_reported_event() {
        return context.nothing(Reason::AlreadySaid);
    }
    // A welcome too: to enrol, a new user has to sign in without MFA once.
    if told_today(context, &[NoticeKind::Welcome, NoticeKind::Reminder, NoticeKind::FinalNotice]) {
        return context.nothing(Reason::RemindedToday);
    }
    let message = UserMessage::Reminder { cause: Cause::SignIn, deadline };
    plan_notice(context, NoticeKind::Reminder, message, Vec::new(), Reason::SignedInDuringGrace)
}

/// What a sweep sends during the grace period: a welcome if no notice was ever sent, then the stages.
pub(super) fn of_deadline(context: &Context<'_>, deadline: Timestamp) -> Plan {
    const BEFORE_DEADLINE: [NoticeKind; 3] =
        [NoticeKind::Welcome, NoticeKind::Reminder, NoticeKind::FinalNotice];
    // With a grace period of a day, the welcome is the only message. A reminder after a sign-in is not in this list,
    // because it does not say that it is the last.
    const ON_LAST_DAY: [NoticeKind; 2] = [NoticeKind::Welcome, NoticeKind::FinalNotice];
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    if context.now.duration_since(created).abs() < EVENT_ARRIVES {
        return context.nothing(Reason::PasswordEventFollows);
    }
    // A notice that did not arrive does not count if one can arrive now.
    let notified = |kinds: &[NoticeKind], since| context.was_told(kinds, since) && !context.is_owed();
    let ever_notified = context.was_told_anything(created) && !context.is_owed();
    let remind = |message, kind, reason| plan_notice(context, kind, message, Vec::new(), reason);
    let coming = UserMessage::Deadline { deadline, last: false };
    match stage(context, deadline) {
        Some(LAST_DAY) if notified(&ON_LAST_DAY, before(deadline, LAST_DAY)) => {
            context.nothing(Reason::AlreadySaid)
        }
        Some(LAST_DAY) => {
            let last = UserMessage::Deadline { deadline, last: true };
            remind(last, NoticeKind::FinalNotice, Reason::LastDay)
        }
        Some(stage) if notified(&BEFORE_DEADLINE, before(deadline, stage)) => {
            context.nothing(Reason::AlreadySaid)
        }
        Some(_) | None if !ever_notified && is_new(context) => {
            remind(UserMessage::Welcome { deadline }, NoticeKind::Welcome, Reason::NeverAsked)
        }
        Some(_) | None if !ever_notified => remind(coming, NoticeKind::Reminder, Reason::NeverAsked),
        // At most one notice a day: the stage can wait for the next sweep, which still finds it due.
        Some(_) if notified(&BEFORE_DEADLINE, before(context.now, BETWEEN_SWEEPS)) => {
            context.nothing(Reason::RemindedToday)
        }
        Some(_) => remind(coming, NoticeKind::Reminder, Reason::ReminderDue),
        None => context.nothing(Reason::NoReminderDue),
    }
}

/// The reminder of the way out, for a user who is contained and has been told so.
pub(super) fn of_quarantine(context: &Context<'_>, cause: Cause) -> Plan {
    let reason = match (context.occasion.is_sweep(), cause) {
        (true, _) if is_due_again(context, &OF_QUARANTINE, quarantined_since(context, Timestamp::MIN)) => {
            Reason::StillContained
        }
        (false, Cause::SignIn) if !context.has_reported_event() && !told_today(context, &OF_QUARANTINE) => {
            Reason::SignedInWhileContained
        }
        (
            _,
            Cause::SignIn
            | Cause::PasswordCreated
            | Cause::MfaRemoved
            | Cause::DeadlinePassed
            | Cause::Operator,
        ) => {
            return context.nothing(Reason::AlreadyContained);
        }
    };
    let done = vec![Done::WasContained];
    plan_notice(context, NoticeKind::QuarantineReminder, UserMessage::QuarantineReminder, done, reason)
}

/// The way to MFA, for a user whom somebody contained by hand: once a week.
///
/// Recorded as a plain reminder: a record of a quarantine would make it ours.
pub(super) fn of_quarantine_by_hand(context: &Context<'_>) -> Plan {
    const TOLD: [NoticeKind; 3] = [NoticeKind::Welcome, NoticeKind::Reminder, NoticeKind::FinalNotice];
    let is_told = if context.occasion.is_sweep() {
        !is_due_again(context, &TOLD, Timestamp::MIN)
    } else {
        context.has_reported_event() || told_today(context, &TOLD)
    };
    if is_told {
        return context.nothing(Reason::QuarantinedByHand);
    }
    let done = vec![Done::WasContained];
    plan_notice(
        context,
        NoticeKind::Reminder,
        UserMessage::QuarantinedByHand,
        done,
        Reason::QuarantinedByHand,
    )
}

/// Before an exemption ends: who has a password and no MFA hears of it once, within the last week.
pub(super) fn of_exemption(context: &Context<'_>) -> Plan {
    let Posture::Exempt(exemption) = context.posture else { return context.nothing(Reason::Exempt) };
    let Some(until) = exemption.until().filter(|_| exemption.ends_soon(context.now)) else {
        return context.nothing(Reason::Exempt);
    };
    let since = before(exemption::beginning(until), exemption::SOON);
    let is_told = context.was_told(&[NoticeKind::ExemptionEnding], since) && !context.is_owed();
    if is_told || !context.user.devices.is_empty() {
        return context.nothing(Reason::Exempt);
    }
    if context.was_told_anything(before(context.now, BETWEEN_SWEEPS)) {
        return context.nothing(Reason::RemindedToday);
    }
    let message = UserMessage::ExemptionEnding { until, deadline: context.deadline_after(until) };
    plan_notice(context, NoticeKind::ExemptionEnding, message, Vec::new(), Reason::ExemptionEnding)
}

/// For a user who was contained and told long ago, and on whom nothing is recorded any more. Nobody is told twice, so the
/// record is made anew, and only once a week the user is reminded.
pub(super) fn after_lost_record(context: &Context<'_>) -> Vec<Step> {
    if context.is_their_day() {
        let done = vec![Done::WasContained];
        return context.notify_and_record(
            UserMessage::QuarantineReminder,
            NoticeKind::QuarantineReminder,
            done,
        );
    }
    context.record_notice(NoticeKind::QuarantineReminder).into_iter().collect()
}

/// Before a sweep contains a user because of the deadline: who was never told hears when that will be.
pub(super) fn before_containment(context: &Context<'_>, from: Timestamp) -> Plan {
    if context.first_told().is_some() && !context.is_owed() {
        return context.nothing(Reason::NoticePeriod);
    }
    let message = UserMessage::Deadline { deadline: from, last: true };
    plan_notice(context, NoticeKind::FinalNotice, message, Vec::new(), Reason::NeverAsked)
}

/// Mode `notify`: a reminder in place of a quarantine, plus the steps that the mode withholds.
pub(super) fn instead_of_quarantine(
    context: &Context<'_>,
    cause: Cause,
    deadline: Timestamp,
    withheld: Vec<Step>,
) -> Plan {
    let since = quarantined_since(context, deadline);
    let no_reminder = if context.occasion.is_sweep() {
        (!is_due_again(context, &[NoticeKind::Reminder], since)).then_some(Reason::RemindedToday)
    } else if context.has_reported_event() || is_told_by_the_other_event(context, cause) {
        Some(Reason::AlreadySaid)
    } else {
        let today = told_today(context, &[NoticeKind::Reminder, NoticeKind::FinalNotice]);
        (cause == Cause::SignIn && today).then_some(Reason::RemindedToday)
    };
    let mut steps = withheld;
    if let Some(reason) = no_reminder {
        // A sweep's digest lists what the mode withholds even on days without a reminder.
        return if context.occasion.is_sweep() {
            context.plan(reason, steps)
        } else {
            context.nothing(reason)
        };
    }
    let message = UserMessage::Reminder { cause, deadline };
    steps.extend(context.notify_and_record(message, NoticeKind::Reminder, vec![Done::WithheldByMode]));
    context.plan(Reason::WarnOnly(cause), steps)
}

/// Whether the other event of a user and a password created together has already led to a notice.
fn is_told_by_the_other_event(context: &Context<'_>, cause: Cause) -> bool {
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    cause == Cause::PasswordCreated && context.was_told_anything(created)
}

/// The current stage, as the time before the deadline at which it begins; `None` before the first. If several have
/// begun, the latest counts, so a missed sweep only skips the stages that are over.
fn stage(context: &Context<'_>, deadline: Timestamp) -> Option<SignedDuration> {
    let stages = context.settings.remind_before.iter().map(|stage| LAST_DAY.max(*stage));
    stages.chain([LAST_DAY]).filter(|stage| before(deadline, *stage) <= context.now).min()
}

/// Whether the grace period comes from a new password, so that a welcome fits. Users who were there before the enforcer
/// and are in grace because of `ENFORCE_FROM` are told of the deadline instead.
fn is_new(context: &Context<'_>) -> bool {
    let created = context.user.login_profile_created.unwrap_or(Timestamp::MIN);
    created.checked_add(context.settings.grace).unwrap_or(Timestamp::MAX) > context.now
}

/// When the quarantine began, or when the user was told of it if there is no record.
fn quarantined_since(context: &Context<'_>, otherwise: Timestamp) -> Timestamp {
    let told = context.last_notice.as_ref().filter(|notice| OF_QUARANTINE.contains(&notice.kind));
    let recorded = context.quarantine_record().map(|record| record.since);
    recorded.unwrap_or_else(|| told.map(|notice| notice.at)).unwrap_or(otherwise)
}

/// Whether a sweep should repeat a notice of one of these `kinds`. `since` is when daily reminders began.
fn is_due_again(context: &Context<'_>, kinds: &[NoticeKind], since: Timestamp) -> bool {
    let is_daily = context.now < since.checked_add(DAILY_FOR).unwrap_or(Timestamp::MAX);
    let last = before(context.now, if is_daily { BETWEEN_SWEEPS } else { BETWEEN_WEEKLY });
    context.is_owed() || !context.was_told(kinds, if since <= context.now { since.max(last) } else { last })
}

/// Whether the last notice is one of these kinds and was sent less than a day ago.
fn told_today(context: &Context<'_>, kinds: &[NoticeKind]) -> bool {
    context.was_told(kinds, before(context.now, BETWEEN_EVENTS))
}

fn plan_notice(
    context: &Context<'_>,
    kind: NoticeKind,
    message: UserMessage,
    done: Vec<Done>,
    reason: Reason,
) -> Plan {
    let steps = context.notify_and_record(message, kind, done);
    if steps.is_empty() { context.nothing(Reason::CannotBeRecorded) } else { context.plan(reason, steps) }
}

fn before(time: Timestamp, span: SignedDuration) -> Timestamp {
    time.checked_sub(span).unwrap_or(Timestamp::MIN)
}

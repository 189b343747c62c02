//! The daily look at every user: what the events missed, and the reminders that no event brings.

use super::VISIBILITY_LAG;
use super::case::Case;
use super::containment::contain;
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

pub(super) fn decide(case: &Case<'_>) -> Plan {
    match case.posture {
        Posture::NotApplicable => release_or(case, ReleasedBy::PasswordRemoval, Reason::NoPassword),
        Posture::Exempt(_) => release_or(case, ReleasedBy::Exemption, Reason::Exempt),
        // The device whose removal contained the user may still be listed.
        Posture::Compliant { .. } if was_contained_just_now(case) => case.nothing(Reason::ContainedJustNow),
        Posture::Compliant { .. } => release_or(case, ReleasedBy::Mfa, Reason::HasMfa),
        Posture::Overdue { .. } => contain(case, cause(case)),
        // Quarantine is sticky, and where tag and attachment disagree, the safe side is to contain.
        Posture::InGrace { .. } if case.is_contained() => contain(case, cause(case)),
        // Mode `notify` has nothing to put back, and its own note would undo what binds the user.
        Posture::InGrace { .. } if case.is_bound() && case.settings.mode != Mode::Notify => {
            contain(case, cause(case))
        }
        Posture::InGrace { deadline } => remind(case, deadline),
    }
}

fn release_or(case: &Case<'_>, by: ReleasedBy, otherwise: Reason) -> Plan {
    let plan = release(case, by);
    if plan.reason == Reason::NotContained { case.nothing(otherwise) } else { plan }
}

fn was_contained_just_now(case: &Case<'_>) -> bool {
    let since = case.containment().and_then(|containment| containment.since);
    since.is_some_and(|since| case.now.duration_since(since).abs() < VISIBILITY_LAG)
}

/// Why a user is contained, in words that are true today: a sign-in of weeks ago is no reason any more.
fn cause(case: &Case<'_>) -> Cause {
    let recorded = case.containment().and_then(|containment| containment.cause);
    match (recorded, case.posture) {
        (Some(Cause::MfaRemoved), _) => Cause::MfaRemoved,
        (_, Posture::Overdue { .. }) if !case.was_told(&[NoticeKind::PasswordRemoved], Timestamp::MIN) => {
            Cause::DeadlinePassed
        }
        // It is not the deadline that binds a user in grace.
        (_, _) => Cause::PasswordCreated,
    }
}

/// In grace: a welcome if nothing was ever said, then the stages.
fn remind(case: &Case<'_>, deadline: Timestamp) -> Plan {
    const ASKED: [NoticeKind; 3] = [NoticeKind::Welcome, NoticeKind::Reminder, NoticeKind::FinalNotice];
    // With a grace of a day there is but one word; a reminder after a sign-in does not say that it is the last.
    const LAST: [NoticeKind; 2] = [NoticeKind::Welcome, NoticeKind::FinalNotice];
    let created = case.user.login_profile_created.unwrap_or(Timestamp::MIN);
    if case.now.duration_since(created).abs() < EVENT_ARRIVES {
        return case.nothing(Reason::PasswordEventFollows);
    }
    let coming = Kind::Deadline { deadline, last: false };
    // What did not arrive and can arrive now was not said.
    let said = |kinds: &[NoticeKind], since| case.was_told(kinds, since) && !case.is_owed();
    let asked = case.was_told(&NoticeKind::ALL, created) && !case.is_owed();
    match stage(case, deadline) {
        Some(LAST_DAY) if said(&LAST, before(deadline, LAST_DAY)) => case.nothing(Reason::AlreadySaid),
        Some(LAST_DAY) => {
            say(case, NoticeKind::FinalNotice, Kind::Deadline { deadline, last: true }, Reason::LastDay)
        }
        Some(stage) if said(&ASKED, before(deadline, stage)) => case.nothing(Reason::AlreadySaid),
        Some(_) | None if !asked && is_new(case) => {
            say(case, NoticeKind::Welcome, Kind::Welcome { deadline }, Reason::NeverAsked)
        }
        Some(_) | None if !asked => say(case, NoticeKind::Reminder, coming, Reason::NeverAsked),
        // Not two on one day: the stage can wait for the next sweep, which finds it due still.
        Some(_) if said(&ASKED, before(case.now, DAY)) => case.nothing(Reason::RemindedToday),
        Some(_) => say(case, NoticeKind::Reminder, coming, Reason::ReminderDue),
        None => case.nothing(Reason::NoReminderDue),
    }
}

/// The stage that is reached: how long before the deadline it began. Of several the last, so that a missed
/// sweep costs no more than the stages that are over.
fn stage(case: &Case<'_>, deadline: Timestamp) -> Option<SignedDuration> {
    let stages = case.settings.remind_before.iter().copied().filter(|stage| *stage > LAST_DAY);
    stages.chain([LAST_DAY]).filter(|stage| before(deadline, *stage) <= case.now).min()
}

/// The password itself brought the grace, so it is welcomed. Who was there before the enforcer, and is in grace
/// because of `ENFORCE_FROM`, is told of the deadline.
fn is_new(case: &Case<'_>) -> bool {
    let created = case.user.login_profile_created.unwrap_or(Timestamp::MIN);
    created.checked_add(case.settings.grace).unwrap_or(Timestamp::MAX) > case.now
}

fn say(case: &Case<'_>, noted: NoticeKind, kind: Kind, reason: Reason) -> Plan {
    case.plan(reason, vec![case.notify(kind, Audience::UserAndAdmins, Vec::new()), case.mark(noted)])
}

/// Contained, and told so: how to get back, daily at first, then weekly.
pub(super) fn remind_contained(case: &Case<'_>) -> Plan {
    const SAID: [NoticeKind; 2] = [NoticeKind::Quarantined, NoticeKind::QuarantineReminder];
    let since = case.containment().and_then(|containment| containment.since);
    if !is_due_again(case, &SAID, since.unwrap_or(Timestamp::MIN)) {
        return case.nothing(Reason::AlreadyContained);
    }
    let notice = case.notify(Kind::QuarantineReminder, Audience::UserAndAdmins, vec![Done::WasContained]);
    case.plan(Reason::StillContained, vec![notice, case.mark(NoticeKind::QuarantineReminder)])
}

/// Mode `notify`: the reminder that would be a quarantine, at the same pace, plus what is `withheld`.
pub(super) fn warn(case: &Case<'_>, why: Cause, deadline: Timestamp, withheld: Vec<Step>) -> Plan {
    let since = case.containment().and_then(|containment| containment.since).unwrap_or(deadline);
    let mut steps = withheld;
    if is_due_again(case, &[NoticeKind::Reminder], since) {
        let kind = Kind::Reminder { cause: why, deadline };
        steps.push(case.notify(kind, Audience::UserAndAdmins, vec![Done::WithheldByMode]));
        steps.push(case.mark(NoticeKind::Reminder));
        return case.plan(Reason::WarnOnly(why), steps);
    }
    case.plan(Reason::RemindedToday, steps)
}

/// Whether it is time to say once more what was last said as one of `what`, `since` some time.
fn is_due_again(case: &Case<'_>, kinds: &[NoticeKind], since: Timestamp) -> bool {
    let pause = if case.now < since.checked_add(DAILY_FOR).unwrap_or(Timestamp::MAX) { DAY } else { WEEK };
    let last = before(case.now, pause);
    case.is_owed() || !case.was_told(kinds, if since <= case.now { since.max(last) } else { last })
}

fn before(time: Timestamp, span: SignedDuration) -> Timestamp {
    time.checked_sub(span).unwrap_or(Timestamp::MIN)
}

//! Which users a sweep looks up live: those who, according to the bulk answers, need something done.

use super::slots::needs_slot;
use crate::contact::Contact;
use crate::decide::{Lookup, lookups, sweep_user};
use crate::effect::Effect;
use crate::event::SweepRequest;
use crate::facts::UserFacts;
use crate::notice::Channel;
use crate::plan::{Plan, Step};
use crate::posture::{Posture, posture};
use crate::reason::Reason;
use crate::settings::{Mode, Settings};
use crate::snapshot::{Factors, UserSnapshot};
use jiff::{SignedDuration, Timestamp};

/// Longer than a release can be staged after an enrolment.
const LATELY: SignedDuration = SignedDuration::from_hours(48);

/// What to do about a user, going by their snapshot.
#[derive(Debug, Clone, PartialEq)]
pub enum Triage {
    /// Nothing is due.
    Nothing,
    /// Something is due, but `MODE` withholds all of it. This is the plan.
    Withheld(Box<Plan>),
    /// Check whether messages reach the user by now. If so, the last one has to be sent again.
    Mailbox(Channel),
    /// Look the user up live, then decide.
    Live(Urgency),
}

/// How urgent a user is, most urgent first: the sweep may run out of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// The user has to be contained, or their quarantine is incomplete.
    Contain,
    /// The user has to be released.
    Release,
    /// The user has to be contained only because the deadline has passed, which may take a slot.
    Deadline,
    /// The same, but an earlier try failed. One more try must not keep a slot from others.
    DeadlineAgain,
    /// Nothing is known about password and MFA yet.
    Unknown,
    /// The final notice is due and cannot wait for another sweep.
    LastDay,
    /// Another notice is due.
    Notice,
    /// A message may have to be sent again.
    Mailbox,
}

/// What to do about the user of `snapshot`.
///
/// The report does not say when a password was created, only when the user was created and when the password was last
/// set. The user is looked up if something is due by either date, or if the two dates lead to different postures.
#[must_use]
pub fn triage(
    snapshot: &UserSnapshot,
    request: &SweepRequest,
    settings: &Settings,
    now: Timestamp,
) -> Triage {
    if !snapshot.reported {
        // Whoever is contained, or has an app, is not free without MFA. There may be no time for everybody.
        let is_safe = settings.quarantine.holds(&snapshot.user) || snapshot.factors != Factors::None;
        return Triage::Live(if is_safe { Urgency::Notice } else { Urgency::Unknown });
    }
    // The report may be from before the removal, and then it still knows of a device.
    if snapshot.user.removal.is_some() && snapshot.factors == Factors::NotVirtual {
        return Triage::Live(Urgency::Contain);
    }
    let plan = sweep_user(request, &snapshot.user, settings, now);
    // Whose quarantine it is, or whether it has to stay, is not in the bulk answers. An hourly sweep asks whose it is only
    // if there may be something to lift since the enrolment. Somebody else's quarantine would cost calls each hour.
    let can_wait = request.is_hourly() && plan.posture.is_some_and(has_deadline);
    let is_due = |lookup: &Lookup| match lookup {
        Lookup::AttachedBy => !request.is_hourly() || has_enrolled_lately(&snapshot.user, now),
        Lookup::AccessKeys | Lookup::Approval | Lookup::Traces | Lookup::Boundary(_) => true,
    };
    let lookups = lookups(&snapshot.user, true, settings, now);
    if !can_wait && !lookups.is_empty() && lookups.iter().all(is_due) {
        return Triage::Live(Urgency::Release);
    }
    if let Some(urgency) = urgency(&plan, &snapshot.user) {
        return Triage::Live(urgency);
    }
    if let Some(later) =
        snapshot.with_the_latest_password().filter(|_| plan.posture.is_some_and(has_deadline))
    {
        let other = sweep_user(request, &later, settings, now);
        if let Some(urgency) = urgency(&other, &later) {
            return Triage::Live(urgency);
        }
        // Only the digest, which an hourly sweep does not send, needs to know which of the two it is.
        let differs =
            other.posture.map(|posture| posture.code()) != plan.posture.map(|posture| posture.code());
        if differs && !request.is_hourly() {
            return Triage::Live(Urgency::Notice);
        }
    }
    match wants_mailbox(request, &snapshot.user, settings, now) {
        Some(channel) if settings.mode != Mode::Observe => Triage::Mailbox(channel),
        Some(_) | None if !plan.withheld.is_empty() => Triage::Withheld(Box::new(plan)),
        Some(_) | None => Triage::Nothing,
    }
}

/// Whether bulk answers and event history leave open what will become of the user: nothing is known of their password, it
/// may be of another age, or somebody has to be asked about their quarantine.
#[must_use]
pub fn is_in_doubt(snapshot: &UserSnapshot, settings: &Settings, now: Timestamp) -> bool {
    let user = &snapshot.user;
    let (by_earliest, by_latest) = (
        posture(user, settings, now),
        snapshot.with_the_latest_password().map(|user| posture(&user, settings, now)),
    );
    // Of whoever is overdue by either date, the date makes no difference.
    let is_dated = by_latest.is_none_or(|latest| is_overdue(by_earliest) && is_overdue(latest));
    !snapshot.reported
        || user.removal.is_some()
        || (has_deadline(by_earliest) && !is_dated)
        || settings.quarantine.holds(user)
        || !lookups(user, true, settings, now).is_empty()
}

fn urgency(plan: &Plan, user: &UserFacts) -> Option<Urgency> {
    let releases = |step: &Step| step.effect().releases();
    let is_more = |effect: &Effect| *effect != Effect::RecordExemption;
    let first = plan.steps.iter().map(Step::effect).find(is_more).or(plan.steps.first().map(Step::effect))?;
    Some(if plan.steps.iter().any(releases) {
        Urgency::Release
    } else if needs_slot(plan, user) {
        if user.quarantine_record().is_some() { Urgency::DeadlineAgain } else { Urgency::Deadline }
    } else if first.contains() {
        Urgency::Contain
    } else if plan.reason == Reason::LastDay {
        Urgency::LastDay
    } else {
        Urgency::Notice
    })
}

fn has_enrolled_lately(user: &UserFacts, now: Timestamp) -> bool {
    user.devices.iter().any(|device| now.duration_since(device.enabled) < LATELY)
}

fn is_overdue(posture: Posture) -> bool {
    matches!(posture, Posture::Overdue { .. })
}

fn has_deadline(posture: Posture) -> bool {
    matches!(posture, Posture::InGrace { .. } | Posture::Overdue { .. })
}

/// The user's own topic, if it has to be checked whether messages arrive, because the last one did not. An hourly sweep
/// only asks about contained users, who wait for the way out.
#[must_use]
pub fn wants_mailbox(
    request: &SweepRequest,
    user: &UserFacts,
    settings: &Settings,
    now: Timestamp,
) -> Option<Channel> {
    if request.is_hourly() && !settings.quarantine.holds(user) {
        return None;
    }
    let unreached = user.last_notice().is_some_and(|notice| !notice.reached);
    let needs_mfa = matches!(posture(user, settings, now), Posture::InGrace { .. } | Posture::Overdue { .. });
    if !(unreached && needs_mfa) {
        return None;
    }
    let (contact, _) = Contact::of(user, settings, now);
    contact.mail(&user.id, settings).filter(|channel| matches!(channel, Channel::Topic { .. }))
}

//! Whom a sweep looks up live: those on whom, going by the bulk answers, something would be done.

use crate::contact::Contact;
use crate::decide::sweep_user;
use crate::effect::Effect;
use crate::event::SweepRequest;
use crate::facts::UserFacts;
use crate::notice::Channel;
use crate::plan::{Plan, Step};
use crate::posture::{Posture, posture};
use crate::reason::Reason;
use crate::settings::{Mode, Settings};
use crate::snapshot::UserSnapshot;
use jiff::Timestamp;

/// What a glimpse of a user calls for.
#[derive(Debug, Clone, PartialEq)]
pub enum Triage {
    /// Nothing.
    Nothing,
    /// Nothing that `MODE` allows; this is what it keeps from being done.
    Withheld(Box<Plan>),
    /// Finding out whether messages arrive by now: if they do, one is owed.
    Mailbox(Channel),
    /// A live look, and then the decision.
    Live(Urgency),
}

/// How much a user matters, most urgent first: time may run out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// To be contained, or contained not in every part.
    Contain,
    /// To be released.
    Release,
    /// Nothing is known of password and MFA yet.
    Unknown,
    /// A notice is due: on the last day it cannot wait for another sweep.
    LastDay,
    /// Another notice is due.
    Notice,
    /// A message may be owed.
    Mailbox,
}

/// What `snapshot` calls for.
///
/// The report does not say when a password was created, only when the user was, and when the password was last
/// set. If either date calls for something, or only the later one is still in grace, the user is looked up.
#[must_use]
pub fn triage(
    snapshot: &UserSnapshot,
    request: &SweepRequest,
    settings: &Settings,
    now: Timestamp,
) -> Triage {
    if !snapshot.reported {
        return Triage::Live(Urgency::Unknown);
    }
    let plan = sweep_user(request, &snapshot.user, settings, now);
    if let Some(urgency) = urgency(&plan) {
        return Triage::Live(urgency);
    }
    if let Some(later) =
        snapshot.with_the_latest_password().filter(|_| plan.posture.is_some_and(has_deadline))
    {
        let other = sweep_user(request, &later, settings, now);
        if let Some(urgency) = urgency(&other) {
            return Triage::Live(urgency);
        }
        if other.posture.map(|posture| posture.code()) != plan.posture.map(|posture| posture.code()) {
            return Triage::Live(Urgency::Notice);
        }
    }
    match wants_mailbox(&snapshot.user, settings, now) {
        Some(channel) if settings.mode != Mode::Observe => Triage::Mailbox(channel),
        Some(_) | None if !plan.withheld.is_empty() => Triage::Withheld(Box::new(plan)),
        Some(_) | None => Triage::Nothing,
    }
}

fn urgency(plan: &Plan) -> Option<Urgency> {
    let releases = |step: &Step| matches!(step.effect(), Effect::Release | Effect::EndQuarantine);
    match plan.steps.first()?.effect() {
        _ if plan.steps.iter().any(releases) => Some(Urgency::Release),
        Effect::Contain | Effect::RecordQuarantine => Some(Urgency::Contain),
        _ if plan.reason == Reason::LastDay => Some(Urgency::LastDay),
        Effect::Alert
        | Effect::RecordAlert
        | Effect::Release
        | Effect::Notify
        | Effect::RecordNotice
        | Effect::EndQuarantine => Some(Urgency::Notice),
    }
}

fn has_deadline(posture: Posture) -> bool {
    matches!(posture, Posture::InGrace { .. } | Posture::Overdue { .. })
}

/// The user's own topic, if it has to be asked whether messages arrive: the last one did not.
#[must_use]
pub fn wants_mailbox(user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Channel> {
    let unreached = user.last_notice().is_some_and(|said| !said.reached);
    let needs_mfa = matches!(posture(user, settings, now), Posture::InGrace { .. } | Posture::Overdue { .. });
    if !(unreached && needs_mfa) {
        return None;
    }
    let (contact, _) = Contact::of(user, settings);
    contact.topic(&user.id, settings)
}

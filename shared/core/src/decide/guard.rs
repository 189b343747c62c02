//! What others do to a user's quarantine, tags, name and boundary.
//!
//! Here each event is split into what it touches. Every part has an answer of its own, and the answers make one plan.

use super::answer::Answer;
use super::context::{Context, cannot_record};
use super::hold::{self, Lookup};
use super::{approval, enrolment_blocked, exempting, kept, loop_breaker, undone};
use crate::event::{Event, Trigger};
use crate::facts::UserFacts;
use crate::plan::Plan;
use crate::reason::Reason;
use crate::settings::Settings;
use crate::tags::{APPROVED_KEY, EXEMPT_UNTIL_KEY, UserTag};
use jiff::Timestamp;

pub(super) fn decide(context: &Context<'_>, event: &Event) -> Plan {
    // Their own exemption is no excuse.
    let noted = exempting::noted_user(context, event);
    let noted =
        noted.as_ref().map(|user| Context::new(context.occasion, user, context.settings, context.now));
    let after = noted.as_ref().unwrap_or(context);
    // Whatever it was, the user may be under less than they should be.
    let quarantine = undone::answer(after, event);
    let of_tag = |key: &str| match key {
        APPROVED_KEY => approval::answer(after, event),
        EXEMPT_UNTIL_KEY => exempting::decided(context, event),
        key if key == UserTag::ExemptBy.key() => exemption_note(context, event),
        // The record and the count are part of the quarantine, which is answered for. The notes of what was said are
        // stripped by tools on each run: the log says so, and nobody is told.
        _ => Answer::nothing(Reason::NotContained),
    };
    let mut answer = event.trigger.keys().fold(quarantine, |answer, key| answer.and(of_tag(key)));
    if matches!(event.trigger, Trigger::UserUpdated { .. }) {
        answer = answer.and(exempting::decided(context, event));
    }
    if matches!(event.trigger, Trigger::BoundarySet(_)) {
        answer = answer.and(enrolment_blocked::answer(context));
    }
    answer.into_plan(context)
}

/// Somebody set or removed the note of who exempted the user.
fn exemption_note(context: &Context<'_>, event: &Event) -> Answer {
    let is_answered =
        event.trigger.sets_tag(EXEMPT_UNTIL_KEY).is_some() || event.trigger.removes_tag(EXEMPT_UNTIL_KEY);
    if is_answered { Answer::nothing(Reason::NotContained) } else { exempting::decided(context, event) }
}

/// What has to be looked up besides the user.
///
/// The event history is slow, and late. So it is asked only about what the user's tags do not tell.
pub(super) fn lookups(event: &Event, user: &UserFacts, settings: &Settings, now: Timestamp) -> Vec<Lookup> {
    let was = kept::as_it_was(user, event, settings);
    let is_held = settings.quarantine.holds(user);
    let mut lookups = hold::lookups(&was, true, settings, now);
    lookups.retain(|lookup| match lookup {
        Lookup::AttachedBy => is_held && !hold::is_recorded(user),
        // The event itself tells.
        Lookup::Approval => approval::of_event(event, user).is_none(),
        Lookup::AccessKeys | Lookup::Traces | Lookup::Boundary(_) => true,
    });
    // Where a record goes and nothing else is left, a run may just have released the user that did not see it go.
    let is_removed = event.trigger.removes_tag(UserTag::Quarantined.key());
    let was_held = is_held || hold::is_recorded(user) || kept::took_something(event) || is_removed;
    let is_unknown = was_held && kept::own_record(user, event).is_none();
    if is_unknown || loop_breaker::asks_history(user, event, cannot_record(user, UserTag::Undone)) {
        lookups.push(Lookup::Traces);
    }
    lookups.extend(enrolment_blocked::lookup(event, user, settings, now));
    lookups
}

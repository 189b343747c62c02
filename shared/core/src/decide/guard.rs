//! What others do to a user's quarantine, tags, name and boundary.
//!
//! Here each event is split into what it touches. Every part has an answer of its own, and the answers make one plan.

use super::answer::Answer;
use super::approval;
use super::context::Context;
use crate::event::{Event, Trigger};
use crate::plan::Plan;
use crate::reason::Reason;
use crate::tags::{APPROVED_KEY, EXEMPT_UNTIL_KEY, UserTag};

pub(super) fn decide(context: &Context<'_>, event: &Event) -> Plan {
    // Whatever it was, the user may be under less than they should be.
    let quarantine = undone(context, event);
    let answer = match &event.trigger {
        Trigger::UserTagged(tags) => {
            let keys = tags.iter().map(|(key, _)| key.as_str());
            keys.fold(quarantine, |answer, key| answer.and(of_tag(context, event, key)))
        }
        Trigger::UserUntagged(keys) => {
            keys.iter().fold(quarantine, |answer, key| answer.and(of_tag(context, event, key)))
        }
        Trigger::UserUpdated { .. } => quarantine.and(renamed(context, event)),
        Trigger::BoundarySet(arn) => quarantine.and(bounded(context, arn)),
        // The others are about the quarantine alone, or no events of the guard.
        Trigger::PolicyDetached(_)
        | Trigger::GroupLeft(_)
        | Trigger::SignIn
        | Trigger::UserCreated
        | Trigger::LoginProfileCreated
        | Trigger::LoginProfileDeleted
        | Trigger::UserDeleted
        | Trigger::MfaDeactivated(_)
        | Trigger::MfaEnabled(_)
        | Trigger::GroupPolicyDetached { .. }
        | Trigger::GroupDeleted(_)
        | Trigger::GroupUpdated(_)
        | Trigger::PolicyDeleted(_)
        | Trigger::PolicyVersionDeleted(_)
        | Trigger::PolicyVersionCreated(_)
        | Trigger::DefaultVersionSet(_) => quarantine,
    };
    answer.into_plan(context)
}

/// What it means that somebody set or removed the tag with this key, which is in lower case.
fn of_tag(context: &Context<'_>, event: &Event, key: &str) -> Answer {
    match key {
        EXEMPT_UNTIL_KEY => exemption(context, event),
        APPROVED_KEY => approval::answer(context, event),
        key if key == UserTag::ExemptBy.key() => exemption_note(context, event),
        // The record and the count are part of the quarantine, which is answered for. The notes of what was said are
        // stripped by tools on each run: the log says so, and nobody is told.
        _ => Answer::nothing(Reason::NotContained),
    }
}

/// Somebody set or removed the tag that exempts the user.
fn exemption(_context: &Context<'_>, _event: &Event) -> Answer {
    Answer::nothing(Reason::NotContained)
}

/// Somebody set or removed the note of who exempted the user.
fn exemption_note(_context: &Context<'_>, _event: &Event) -> Answer {
    Answer::nothing(Reason::NotContained)
}

/// What a new name or path means besides: an exemption, perhaps.
fn renamed(_context: &Context<'_>, _event: &Event) -> Answer {
    Answer::nothing(Reason::NotContained)
}

/// What a permissions boundary means for the enrolment.
fn bounded(_context: &Context<'_>, _arn: &str) -> Answer {
    Answer::nothing(Reason::NotContained)
}

/// Puts back a quarantine of ours that the user should be under.
fn undone(_context: &Context<'_>, _event: &Event) -> Answer {
    Answer::nothing(Reason::NotContained)
}

//! What a user should be under after somebody changed something about their quarantine.
//!
//! The rules of a sweep know what a user stays under and until when. So they are asked about the user as they were
//! before, and nothing of it is written a second time here.

use super::context::Context;
use super::hold::is_recorded;
use super::{loop_breaker, sweep_rules};
use crate::change::Change;
use crate::event::{Event, Occasion, Relation, SweepKind, SweepRequest, Trigger, VISIBILITY_LAG};
use crate::facts::{Approval, AttachedBy, UserFacts};
use crate::plan::Step;
use crate::posture::Posture;
use crate::quarantine::Restriction;
use crate::reason::Reason;
use crate::settings::Settings;
use crate::tags::{APPROVED_KEY, NoticeKind, QuarantineRecord, UserTag};
use jiff::Timestamp;
use std::borrow::Cow;

/// What a user should be under.
pub(super) enum Standing<'s> {
    /// Nothing that this enforcer puts back.
    Nothing(Reason),
    /// This, since the enforcer contained the user, if that is known.
    Kept {
        /// What the user should be under.
        under: &'s Restriction,
        /// Whether the user is under it, or under something stricter.
        is_in_force: bool,
        /// Since when, if that is known.
        since: Option<Timestamp>,
        /// Whether what they are under besides may be somebody else's. A record would call that ours, to lift one day.
        is_beside_unknown: bool,
    },
}

/// Whose quarantine the user is under, or was until the event.
enum Whose {
    Ours(Option<Timestamp>),
    SomebodyElses,
    Nobodys,
    /// Nothing on the user tells, and the event history cannot be read.
    Unknown,
}

/// What the user should be under.
pub(super) fn standing<'s>(context: &Context<'s>, event: &Event) -> Standing<'s> {
    let whose = whose(context, event);
    let since = match whose {
        Whose::Ours(since) => since,
        Whose::Unknown => None,
        Whose::SomebodyElses => return Standing::Nothing(Reason::LiftedByHand),
        Whose::Nobodys => return Standing::Nothing(Reason::NotContained),
    };
    // A sweep waits for a proof before it lifts anything. Who is exempt as far as anybody knows is not contained anew.
    if matches!(context.posture, Posture::Exempt(_)) {
        return Standing::Nothing(Reason::QuarantineOver);
    }
    let quarantine = &context.settings.quarantine;
    let mut then = as_it_was(context.user, event, context.settings);
    then.attached_by = AttachedBy::Us(since.unwrap_or(context.now));
    // Judged by the record that will be restored, so that the next delivery comes to the same.
    if own_record(context.user, event).is_none() {
        then.tags.remove(UserTag::Quarantined.key());
        if let Some(value) = noted(context) {
            then.tags.insert(UserTag::Quarantined.key().to_owned(), value.to_owned());
        }
    }
    if let Some(approval) = used_approval(context, event) {
        then.tags.insert(APPROVED_KEY.to_owned(), String::new());
        then.approval = approval;
    }
    // Nobody sees this plan, so its id does not matter.
    let (id, time) = (context.occasion.id().clone(), context.now);
    let sweep = Occasion::Sweep(SweepRequest { kind: SweepKind::Hourly, id, time });
    let plan = sweep_rules::decide(&Context::new(&sweep, &then.clone(), context.settings, context.now));
    // What the mode withholds would be done in mode `enforce`.
    for step in plan.steps.iter().chain(&plan.withheld) {
        if let Step::Change { change, .. } = step {
            change.apply_to(&mut then);
        }
    }
    let strictest_first = || quarantine.strict.iter().chain([&quarantine.full]).chain(&quarantine.fallback);
    let under = match strictest_first().find(|restriction| restriction.holds(&then)) {
        Some(under) => under,
        None if quarantine.holds(&then) => &quarantine.full,
        None => return Standing::Nothing(Reason::QuarantineOver),
    };
    let mut as_strict = strictest_first().take_while(|stricter| *stricter != under).chain([under]);
    let is_in_force = as_strict.any(|one| one.holds(context.user));
    let is_unknown = matches!(whose, Whose::Unknown);
    // An earlier delivery that put it back may have told nobody.
    let is_due = !is_in_force || loop_breaker::is_counted(context.user, event, context.now);
    if is_unknown && !(took_something(event) && is_due) {
        // Nothing has to be put back, and it may be somebody else's.
        let may_be_read = context.user.traces.is_none() && event.is_fresh(context.now);
        let reason = if may_be_read { Reason::HistoryNotReadable } else { Reason::QuarantineOfUnknownOrigin };
        return Standing::Nothing(reason);
    }
    let is_beside_unknown = is_unknown && quarantine.holds(context.user);
    Standing::Kept { under, is_in_force, since, is_beside_unknown }
}

/// The approval that has ended the user's quarantine since the event; `None` if none has. The release takes the tag away,
/// so all that is left on the user is the word of it, which anybody may write. Only the event history proves the approval.
fn used_approval(context: &Context<'_>, event: &Event) -> Option<Approval> {
    let has_ended = context.was_told(&[NoticeKind::Released], event.source.time);
    let at = context.user.traces.as_ref().filter(|_| has_ended)?.approved?;
    Some(Approval::Set { by: Relation::SomebodyElse, at, event: context.occasion.id().clone() })
}

/// The user before the event, as far as a quarantine goes. Where the event does not tell what they were under, it was the
/// one of the scope in force.
pub(super) fn as_it_was(user: &UserFacts, event: &Event, settings: &Settings) -> UserFacts {
    let mut was = user.clone();
    if let Some(Gone { back, .. }) = gone(event) {
        back.apply_to(&mut was);
    }
    if !settings.quarantine.holds(&was) {
        Change::AttachPolicy(settings.quarantine.full.policy.clone()).apply_to(&mut was);
    }
    was
}

/// The user after the event. IAM may still list for some seconds what was detached. To attach it once more does no harm,
/// and not to attach it would leave the user without it. Only the report says that it was put back: the count is noted
/// before.
pub(super) fn as_it_is(user: &UserFacts, event: &Event, now: Timestamp) -> UserFacts {
    let mut is = user.clone();
    let is_fresh = now.duration_since(event.source.time).abs() < VISIBILITY_LAG;
    if let Some(gone) = gone(event).filter(|_| is_fresh && !Context::has_reported(user, event)) {
        gone.away.apply_to(&mut is);
    }
    is
}

/// What an event took from a user: a policy or a group.
struct Gone<'e> {
    /// The policy's ARN, or the group's name.
    what: &'e str,
    /// The change that takes it away.
    away: Change,
    /// The change that gives it back.
    back: Change,
}

/// Whether the event took a policy or a group from the user.
pub(super) fn took_something(event: &Event) -> bool {
    gone(event).is_some()
}

fn gone(event: &Event) -> Option<Gone<'_>> {
    if let Trigger::PolicyDetached(what) = &event.trigger {
        let (away, back) = (Change::DetachPolicy(what.clone()), Change::AttachPolicy(what.clone()));
        return Some(Gone { what, away, back });
    }
    let Trigger::GroupLeft(what) = &event.trigger else { return None };
    let (away, back) = (Change::LeaveGroup(what.clone()), Change::JoinGroup(what.clone()));
    Some(Gone { what, away, back })
}

/// The record of the quarantine, unless the event says that somebody else wrote it.
pub(super) fn own_record(user: &UserFacts, event: &Event) -> Option<QuarantineRecord> {
    let value = user.tag(UserTag::Quarantined)?;
    let is_written = written(event, UserTag::Quarantined) == Some(value);
    let is_ours = || user.traces.iter().flat_map(|traces| &traces.records).any(|(_, ours)| ours == value);
    (!is_written || is_ours()).then(|| QuarantineRecord::parse(value))
}

/// The record as the enforcer last wrote it, if the event history tells.
pub(super) fn noted<'c>(context: &'c Context<'_>) -> Option<&'c str> {
    let traces = context.user.traces.as_ref()?;
    traces.records.first().map(|(_, value)| value.as_str())
}

/// The user without the records that the event says somebody else wrote just now. Only for the episode, which is no more
/// than a label.
pub(super) fn without_foreign_words<'u>(user: &'u UserFacts, occasion: &Occasion) -> Cow<'u, UserFacts> {
    let mut own = Cow::Borrowed(user);
    let Occasion::Event(event) = occasion else { return own };
    for tag in [UserTag::Quarantined, UserTag::Notified] {
        if user.tag(tag).is_some_and(|value| written(event, tag) == Some(value)) {
            own.to_mut().tags.remove(tag.key());
        }
    }
    own
}

/// The value to which the event set this tag; `None` if it did not.
pub(super) fn written(event: &Event, tag: UserTag) -> Option<&str> {
    let Trigger::UserTagged(tags) = &event.trigger else { return None };
    tags.iter().find(|(key, _)| key == tag.key()).map(|(_, value)| value.as_str())
}

/// Whether the event set or removed this tag.
pub(super) fn touches(event: &Event, tag: UserTag) -> bool {
    event.trigger.removes_tag(tag.key()) || written(event, tag).is_some()
}

fn whose(context: &Context<'_>, event: &Event) -> Whose {
    let user = context.user;
    let mut rest = user.clone();
    if own_record(user, event).is_none() {
        rest.tags.remove(UserTag::Quarantined.key());
    }
    // Nor does a note tell whose it is that somebody else has just written.
    if user.tag(UserTag::Notified).is_some_and(|value| written(event, UserTag::Notified) == Some(value)) {
        rest.tags.remove(UserTag::Notified.key());
    }
    if is_recorded(&rest) {
        return Whose::Ours(None);
    }
    let lost_record = event.trigger.removes_tag(UserTag::Quarantined.key());
    match parts(context, event).into_iter().reduce(AttachedBy::and) {
        // The event took all that told of it.
        None if lost_record => match &user.traces {
            Some(traces) if traces.is_on_record() => Whose::Ours(None),
            Some(_) => Whose::Nobodys,
            None => Whose::Unknown,
        },
        Some(AttachedBy::Us(since) | AttachedBy::CutOff(since)) => Whose::Ours(Some(since)),
        Some(AttachedBy::SomebodyElse) => Whose::SomebodyElses,
        // What cannot be read leads to containment. Whoever is contained anyway is left as they are.
        Some(AttachedBy::Unknown) if took_something(event) || touches(event, UserTag::Quarantined) => {
            Whose::Unknown
        }
        None | Some(AttachedBy::Unknown) => Whose::Nobodys,
        // It was attached just now, or more than 90 days ago. Who is overdue would be contained anyway. That nothing is
        // on record at all, not even a reminder, says that nothing can be recorded, or that somebody removed it.
        Some(AttachedBy::NotFound) => {
            let is_overdue = matches!(context.posture, Posture::Overdue { .. });
            if is_overdue && user.last_notice().is_none() { Whose::Ours(None) } else { Whose::Nobodys }
        }
    }
}

/// Who attached each part of what the user is or was under.
fn parts(context: &Context<'_>, event: &Event) -> Vec<AttachedBy> {
    let (user, quarantine) = (context.user, &context.settings.quarantine);
    let by = |what: &str| user.traces.as_ref().map(|traces| traces.attached_by(what, context.now));
    let (policies, groups) = (quarantine.policies_of(user), quarantine.groups_of(user));
    let held = policies.map(|arn| by(arn)).chain(groups.into_iter().map(|group| by(group)));
    let before = event.source.time;
    let gone =
        gone(event).map(|gone| user.traces.as_ref().map(|traces| traces.attached_by(gone.what, before)));
    held.chain(gone).map(Option::unwrap_or_default).collect()
}

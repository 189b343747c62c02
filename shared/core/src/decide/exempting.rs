//! Events that exempt a user, or end that: noted, told, and honoured only if somebody else did it.
//!
//! An event counts only if the tag, the name or the path still is what it says, and only if no later act is known: the
//! last one decides, in whichever order events arrive.

use super::answer::Answer;
use super::context::Context;
use super::exempt::is_since_containment;
use super::kept::{Standing, standing};
use super::release::release;
use crate::event::{Event, Relation, Trigger, UserName};
use crate::exemption::{self, Act, By, ExemptBy, ExemptUntil, Exemption, Mark};
use crate::facts::UserFacts;
use crate::notice::{Exempted, NotExempt, ReleasedBy, UserAlert};
use crate::plan::{Plan, Step};
use crate::posture::Posture;
use crate::reason::Reason;
use crate::tags::{EXEMPT_UNTIL_KEY, UserTag};

/// What an event means for the exemption of its user.
pub(super) fn decided(context: &Context<'_>, event: &Event) -> Answer {
    if is_not_visible_yet(context, event) {
        let is_fresh = event.is_fresh(context.now);
        return Answer::nothing(if is_fresh {
            Reason::ExemptionNotVisibleYet
        } else {
            Reason::LaterExemption
        });
    }
    let grants = granted(context, event);
    let Some((exemption, mark)) = grants.first() else { return ended(context, event) };
    if *exemption == Exemption::BreakGlass {
        let alert = UserAlert::Exempted(exempted(context, *exemption, false));
        return Answer { alerts: vec![alert], ..Answer::nothing(Reason::Exempted) };
    }
    let Some(after) = noted_user(context, event) else { return Answer::nothing(Reason::LaterExemption) };
    let is_new = context.user.tag(UserTag::ExemptBy) != after.tag(UserTag::ExemptBy);
    let note = after.tag(UserTag::ExemptBy).filter(|_| is_new).map(str::to_owned);
    let steps: Vec<Step> = context.set_tag(UserTag::ExemptBy, note).into_iter().collect();
    if whose(context, event) == Relation::Oneself {
        let alerts = vec![UserAlert::SelfExempted(*exemption)];
        return Answer { alerts, steps, ..Answer::nothing(Reason::SelfExempted) };
    }
    let after = Context::new(context.occasion, &after, context.settings, context.now);
    let release = released(&after, &act(context, event, mark));
    let alert = UserAlert::Exempted(exempted(context, *exemption, !release.steps.is_empty()));
    Answer {
        reason: release.reason,
        alerts: vec![alert],
        steps: [steps, release.steps, release.withheld].concat(),
        if_refused: release.if_refused,
        no_room: release.no_room,
    }
}

/// The user with the note that an event leads to; `None` if it is about no exemption, or a later act is known.
pub(super) fn noted_user(context: &Context<'_>, event: &Event) -> Option<UserFacts> {
    let user = context.user;
    if is_not_visible_yet(context, event) || context.is_break_glass() {
        return None;
    }
    let written = event.trigger.sets_tag(UserTag::ExemptBy.key());
    let is_own = whose(context, event) == Relation::Oneself;
    let is_forged = is_own && written == user.tag(UserTag::ExemptBy);
    // Nothing in it counts, least of all a time in the future.
    let note = if is_forged { ExemptBy::default() } else { ExemptBy::of(user) };
    let acts: Vec<Act> = granted(context, event).iter().map(|(_, mark)| act(context, event, mark)).collect();
    if acts.iter().all(|act| note.outranks(act, &user.id)) {
        return None;
    }
    let live = live_marks(context);
    let note = acts.into_iter().fold(note, |note, act| note.with(act, &user.id, &live));
    let mut tags = user.tags.clone();
    tags.insert(UserTag::ExemptBy.key().to_owned(), note.to_string());
    Some(UserFacts { tags, ..user.clone() })
}

/// What somebody else decided lifts a quarantine at once. An act from before the containment may come late.
fn released(after: &Context<'_>, act: &Act) -> Plan {
    let is_known = act.by != By::Unknown;
    let lifts = is_known && is_since_containment(after.user, act.at) && after.has_quarantine();
    if lifts && matches!(after.posture, Posture::Exempt(_)) {
        release(after, ReleasedBy::Exemption)
    } else {
        after.nothing(Reason::Exempted)
    }
}

fn act(context: &Context<'_>, event: &Event, mark: &Mark) -> Act {
    let by = By::of(&event.actor, name_then(context, event), &context.user.id);
    Act { at: event.source.time, by, event: Some(event.source.id.clone()), of: mark.clone() }
}

/// What the user is exempt by since this event.
fn granted(context: &Context<'_>, event: &Event) -> Vec<(Exemption, Mark)> {
    let note = UserTag::ExemptBy.key();
    let writes_note = event.trigger.sets_tag(note).is_some() || event.trigger.removes_tag(note);
    // Whoever writes or removes the note about themselves has decided about all of it.
    let forges = writes_note && whose(context, event) == Relation::Oneself;
    let mut grants = exemption::grants(context.user, context.settings, context.now);
    let sets_tag = event.trigger.sets_tag(EXEMPT_UNTIL_KEY).is_some();
    let renames = updated(event).is_some_and(|(from, _)| *from != context.user.name);
    let moves = updated(event).is_some_and(|(_, path)| path.is_some());
    grants.retain(|(exemption, _)| match exemption {
        Exemption::Until(_) => sets_tag || forges,
        Exemption::Name => renames || forges,
        Exemption::Path => moves || forges,
        Exemption::BreakGlass => moves,
    });
    grants
}

/// Whether IAM does not show yet what the event says, or shows something later.
fn is_not_visible_yet(context: &Context<'_>, event: &Event) -> bool {
    let value = context.user.tags.get(EXEMPT_UNTIL_KEY);
    let (set, removed) =
        (event.trigger.sets_tag(EXEMPT_UNTIL_KEY), event.trigger.removes_tag(EXEMPT_UNTIL_KEY));
    (set.is_some() && value != set)
        || (removed && value.is_some())
        || updated(event).is_some_and(|(_, path)| path.is_some_and(|path| path != context.user.path))
}

/// The name before a rename or a move, and the new path if there is one.
fn updated(event: &Event) -> Option<(&UserName, Option<&str>)> {
    if let Trigger::UserUpdated { from, path } = &event.trigger {
        Some((from, path.as_deref()))
    } else {
        None
    }
}

fn whose(context: &Context<'_>, event: &Event) -> Relation {
    event.actor.seen_from(name_then(context, event), &context.user.id)
}

/// The name that the user had when they may have called themselves.
fn name_then<'a>(context: &'a Context<'_>, event: &'a Event) -> &'a UserName {
    updated(event).map_or(&context.user.name, |(from, _)| from)
}

/// What exempts the user now, whoever decided it.
fn live_marks(context: &Context<'_>) -> Vec<Mark> {
    let grants = exemption::grants(context.user, context.settings, context.now);
    grants.into_iter().map(|(_, mark)| mark).collect()
}

/// What the administrators hear of an exemption.
fn exempted(context: &Context<'_>, exemption: Exemption, released: bool) -> Exempted {
    let tag = context.user.tags.get(EXEMPT_UNTIL_KEY).filter(|_| exemption.until().is_some());
    let why = tag.and_then(ExemptUntil::parse).and_then(|tag| tag.why.text().map(str::to_owned));
    Exempted { exemption, why, released }
}

/// What it means if the event leaves the user without an exemption.
fn ended(context: &Context<'_>, event: &Event) -> Answer {
    let value = context.user.tags.get(EXEMPT_UNTIL_KEY);
    let is_rename = updated(event).is_some_and(|(from, _)| context.settings.exempt_users.contains(from));
    let is_move = updated(event).is_some_and(|(_, path)| path.is_some());
    let (how, mark) = if event.trigger.sets_tag(EXEMPT_UNTIL_KEY).is_some() {
        let is_date = value.and_then(ExemptUntil::parse).is_some();
        (Some(if is_date { NotExempt::Past } else { NotExempt::Unreadable }), Mark::no_tag())
    } else if event.trigger.removes_tag(EXEMPT_UNTIL_KEY) {
        (Some(NotExempt::Removed), Mark::no_tag())
    } else if is_rename {
        (Some(NotExempt::Renamed), Mark::no_name())
    } else if is_move {
        // Whether the path before exempted the user, the event does not tell.
        (None, Mark::no_path())
    } else {
        return Answer::nothing(Reason::NotContained);
    };
    if matches!(context.posture, Posture::Exempt(_)) || context.is_break_glass() {
        return Answer::nothing(Reason::Exempt);
    }
    let note = ExemptBy::of(context.user);
    // Who exempted the user before does not matter any more. It would, if the event of that were still to come. A
    // quarantine that this very event has the guard put back counts as one.
    let has_quarantine =
        context.has_quarantine() || matches!(standing(context, event), Standing::Kept { .. });
    let ends = note.last.as_ref().is_some_and(|last| last.of.excludes(&mark)) || has_quarantine;
    let ended = note.clone().with(act(context, event, &mark), &context.user.id, &live_marks(context));
    let noting = context.set_tag(UserTag::ExemptBy, (ends && ended != note).then(|| ended.to_string()));
    // It did not count.
    if note.last.as_ref().is_some_and(|last| last.of.excludes(&mark) && last.is_own(&context.user.id)) {
        return Answer { steps: noting.into_iter().collect(), ..Answer::nothing(Reason::LaterExemption) };
    }
    let alerts: Vec<UserAlert> = how.map(UserAlert::NotExempt).into_iter().collect();
    let reason = if alerts.is_empty() { Reason::NotContained } else { Reason::ExemptionEnded };
    Answer { alerts, steps: noting.into_iter().collect(), ..Answer::nothing(reason) }
}

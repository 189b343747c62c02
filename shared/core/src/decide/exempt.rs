//! Exemptions: noted with who decided them, and acted on only if that was somebody else than the user.
//!
//! An exemption is honoured while nobody knows whose it is, so that an older one goes on working. It does not lift a
//! quarantine then: a contained user may have set it a moment ago, and neither the tag nor the note tells. What nobody
//! can forge is the event history, which is up to 20 minutes late. So a sweep lifts a quarantine only if the history
//! shows that somebody else exempted the user since. Where it does not tell at all, a sweep first notes that it has seen
//! the exemption. A later one believes that note only if the history shows that a sweep wrote it: by then the history
//! would show the user's own act as well.

use super::context::Context;
use super::hold::Hold;
use super::release::release;
use super::remind;
use crate::event::VISIBILITY_LAG;
use crate::exemption::{Act, By, ExemptBy, Exemption, Mark, Origin, grants, in_force};
use crate::facts::UserFacts;
use crate::history::LAG;
use crate::notice::ReleasedBy;
use crate::plan::{Plan, Step};
use crate::reason::Reason;
use crate::settings::{Mode, Settings};
use crate::tags::UserTag;
use jiff::Timestamp;

/// What a sweep does about a user who is exempt.
pub(super) fn swept(context: &Context<'_>) -> Plan {
    if !context.has_quarantine() {
        return remind::of_exemption(context);
    }
    // Without the policy the record is all that is left, and nothing is lifted by words alone either.
    let is_ours = context.hold == Hold::Ours || !context.is_contained();
    if !is_ours || is_proven(context) {
        return release(context, ReleasedBy::Exemption);
    }
    if context.user.devices.is_empty() {
        return context.nothing(Reason::ExemptionUnproven);
    }
    // MFA releases as it does without an exemption.
    if context.was_contained_just_now() {
        return context.nothing(Reason::ContainedJustNow);
    }
    release(context, ReleasedBy::Mfa)
}

/// The plan, after a note of what the event history tells of the user's exemptions. In mode `observe` nothing is noted.
pub(super) fn noted(context: &Context<'_>, plan: Plan) -> Plan {
    let Some(step) = note(context).filter(|_| context.settings.mode != Mode::Observe) else { return plan };
    let reason = if plan.steps.is_empty() { Reason::ExemptionNoted } else { plan.reason };
    let mut steps: Vec<Step> = [step].into_iter().chain(plan.steps).collect();
    steps.sort_by_key(Step::effect);
    Plan { reason, steps, ..plan }
}

/// Whether the user is exempt and stays contained, because nothing shows that somebody else decided it.
pub(super) fn is_unproven(user: &UserFacts, hold: Hold, settings: &Settings, now: Timestamp) -> bool {
    let exemption = in_force(user, settings, now);
    let is_ours = hold == Hold::Ours || (hold == Hold::Free && user.quarantine_record().is_some());
    is_ours && exemption.is_some_and(|(_, origin)| !proves(&origin, user))
}

fn is_proven(context: &Context<'_>) -> bool {
    !is_unproven(context.user, context.hold, context.settings, context.now)
}

/// Whether the event history shows that this exemption is somebody else's decision, made since the user was contained.
/// One from before was not honoured then, so it had ended, or was the user's own.
fn proves(origin: &Origin, user: &UserFacts) -> bool {
    let history = &user.exempted_by;
    let is_note_ours =
        history.our_note.is_some() && history.our_note.as_deref() == user.tag(UserTag::ExemptBy);
    match origin {
        Origin::Own(_) | Origin::Unknown(None) => false,
        Origin::Other(act) => {
            is_since_containment(user, act.at) && (is_note_ours || history.acts.contains(act))
        }
        Origin::Unknown(Some(act)) => {
            let is_seen = history.read.is_some_and(|read| read.duration_since(act.at) >= LAG);
            is_since_containment(user, act.at) && is_note_ours && is_seen && history.is_complete
        }
    }
}

/// Whether the user was contained before this moment, or so shortly after it that the containment did not know.
pub(super) fn is_since_containment(user: &UserFacts, at: Timestamp) -> bool {
    let recorded = user.quarantine_record().and_then(|record| record.since);
    let since = recorded.max(user.attached_by.by_us());
    since.is_none_or(|since| since.duration_since(at) <= VISIBILITY_LAG)
}

/// The step that brings the note up to date with the event history; `None` if it is.
fn note(context: &Context<'_>) -> Option<Step> {
    let user = context.user;
    let live = grants(user, context.settings, context.now);
    // Nothing more is written on break-glass users than has to be.
    if live.iter().any(|(exemption, _)| *exemption == Exemption::BreakGlass) {
        return None;
    }
    let marks: Vec<Mark> = live.into_iter().map(|(_, mark)| mark).collect();
    let before = ExemptBy::of(user);
    let mut acts = user.exempted_by.acts.clone();
    acts.retain(|act| marks.contains(&act.of));
    // The user's own first: a decision that they overrode must not displace one that counts.
    acts.sort_by_key(|act| (!act.is_own(&user.id), act.rank(&user.id)));
    let told = acts.into_iter().fold(before.clone(), |note, act| note.with(act, &user.id, &marks));
    let note = match open_question(context) {
        Some(act) => told.with(act, &user.id, &marks),
        None => told,
    };
    context.set_tag(UserTag::ExemptBy, (note != before).then(|| note.to_string()))
}

/// What there is to note of an exemption of which the history does not tell who decided it.
fn open_question(context: &Context<'_>) -> Option<Act> {
    let (user, read) = (context.user, context.user.exempted_by.read?);
    let (exemption, Origin::Unknown(noted)) = in_force(user, context.settings, context.now)? else {
        return None;
    };
    let mark =
        grants(user, context.settings, context.now).into_iter().find(|(grant, _)| *grant == exemption)?.1;
    let act = |by| Some(Act { at: context.now, by, event: None, of: mark });
    match (noted, exemption.until()) {
        // The settings exempt by name and path. Only a contained user may have taken the name a moment ago.
        (None, None) if !context.is_contained() => None,
        (None, _) => act(By::Seen),
        (Some(Act { by: By::Seen, at, .. }), _) if read.duration_since(at) >= LAG => act(By::Unknown),
        (Some(_), _) => None,
    }
}

//! `RELEASE=approval`: whose release somebody else has to approve, and what happens until then.
//!
//! After a sign-in without MFA, and after a removal of MFA, whoever has the password may be a thief, and a thief can
//! enrol a device too. So these users are under the strict quarantine from the beginning, which does not yield to MFA, and
//! stay there until a person who is not the user approves the device. So do users whom an operator contained.

use super::answer::Answer;
use super::contain::attaching;
use super::context::{Context, latest};
use super::hold;
use super::place::Place;
use super::release::release;
use crate::change::Change;
use crate::device::MfaDevice;
use crate::event::{Event, Occasion, Relation, Trigger};
use crate::facts::{Approval, UserFacts};
use crate::notice::{Done, ReleasedBy, UserAlert, UserMessage};
use crate::plan::{Plan, Step};
use crate::posture::{Posture, posture};
use crate::quarantine::Restriction;
use crate::reason::Reason;
use crate::settings::{Release, Settings};
use crate::tags::{self, Cause, NoticeKind, QuarantineRecord, UserTag};
use jiff::{SignedDuration, Timestamp};

/// For how long hourly sweeps tell of an approval whose event was lost. The history is some minutes late.
const IS_NEW: SignedDuration = SignedDuration::from_hours(2);

/// What the user has to be under, if they are to be contained for `cause`, or are already contained.
pub(super) fn restriction<'s>(
    user: &UserFacts,
    settings: &'s Settings,
    cause: Option<Cause>,
) -> &'s Restriction {
    strict(user, settings, cause).unwrap_or(&settings.quarantine.full)
}

/// The strict quarantine, if the user has to be under it.
///
/// A later cause never makes it less, nor does another value of the tag: whoever is under it stays. A cause that is not
/// known counts as a takeover.
pub(super) fn strict<'s>(
    user: &UserFacts,
    settings: &'s Settings,
    cause: Option<Cause>,
) -> Option<&'s Restriction> {
    let strict = settings.quarantine.strict.as_ref().filter(|_| settings.release == Release::Approval)?;
    let recorded = user.quarantine_record().map(|record| record.cause);
    // Or was, as what was said last tells of somebody who is to be contained again. Then the record is lost.
    let was_contained = || cause.is_some() && hold::is_recorded(user);
    let is_contained = || settings.quarantine.holds(user) || was_contained();
    let is_known_as_harmless = match recorded {
        Some(cause) => cause.is_some_and(|cause| !cause.may_be_a_takeover()),
        None => !is_contained(),
    };
    let is_under_it = settings.quarantine.holds_strictly(user);
    let applies = cause.is_some_and(Cause::may_be_a_takeover) || is_under_it || !is_known_as_harmless;
    applies.then_some(strict)
}

/// The cause to record: under the strict quarantine never one that would call for less.
pub(super) fn recorded_cause(context: &Context<'_>, cause: Cause) -> Option<Cause> {
    if cause.may_be_a_takeover() || strict(context.user, context.settings, Some(cause)).is_none() {
        return Some(cause);
    }
    let recorded = context.quarantine_record().and_then(|record| record.cause);
    recorded.filter(|cause| cause.may_be_a_takeover())
}

/// Whether the user has MFA and waits for an approval.
pub(super) fn is_awaited(user: &UserFacts, settings: &Settings, now: Timestamp) -> bool {
    matches!(posture(user, settings, now), Posture::Compliant { .. })
        && strict(user, settings, None).is_some()
        && approved(user, settings, now).is_none()
}

/// Whether it has to be looked up who set the tag that approves the release.
pub(super) fn is_to_be_looked_up(user: &UserFacts, settings: &Settings) -> bool {
    let is_open = settings.quarantine.holds_strictly(user)
        || user.quarantine_record().is_none_or(|record| record.approved.is_none());
    is_open
        && user.approval == Approval::NotLooked
        && user.tags.get(tags::APPROVED_KEY).is_some()
        && strict(user, settings, None).is_some()
}

/// When somebody else approved the release of this user with these devices; `None` if nobody did.
///
/// An approval is of what was there: a device that was enrolled later, perhaps by somebody else, needs another one. What
/// the record says counts only for a user who is not under the strict quarantine any more: anybody may write a tag. And
/// none counts without its tag, which stays until the end: whoever removes it takes the approval back.
pub(super) fn approved(user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Timestamp> {
    user.tags.get(tags::APPROVED_KEY)?;
    let is_plausible = |at: &Timestamp| *at <= latest(now);
    let newest = newest_device(user)?.enabled;
    let record = user.quarantine_record();
    let since = record.as_ref().and_then(|record| record.since).filter(is_plausible);
    let is_under_it = settings.quarantine.holds_strictly(user);
    let recorded = record.and_then(|record| record.approved).filter(|_| !is_under_it);
    let set = match &user.approval {
        Approval::Set { by: Relation::SomebodyElse, at, .. } => Some(*at),
        Approval::Set { .. } | Approval::NotFound | Approval::NotLooked => None,
    };
    let counts = |at: &Timestamp| *at > newest && since.is_none_or(|since| *at > since) && is_plausible(at);
    recorded.into_iter().chain(set).find(counts)
}

/// The user's newest device.
pub(super) fn newest_device(user: &UserFacts) -> Option<&MfaDevice> {
    user.devices.iter().max_by_key(|device| device.enabled)
}

/// The plan for a user who has enrolled and waits for an approval: nothing is lifted, and both sides hear what comes next.
pub(super) fn wait(context: &Context<'_>) -> Plan {
    let alert = own_approval(context);
    let cause = context.quarantine_record().and_then(|record| record.cause).unwrap_or(Cause::SignIn);
    let required = restriction(context.user, context.settings, None);
    let (attach, no_room) = attaching(context, required, cause);
    let done = vec![match attach {
        Some(Place::Policy(_)) => Done::PolicyAttached,
        Some(Place::Group(_)) => Done::GroupJoined,
        None => Done::WasContained,
    }];
    let contained = under_strict(context, required, attach);
    let mut steps = [alert, contained].concat();
    let enrolled = newest_device(context.user).map_or(Timestamp::MIN, |device| device.enabled);
    if !context.was_told(&[NoticeKind::AwaitingApproval], enrolled) || context.is_owed() {
        let (message, kind) = (UserMessage::AwaitingApproval, NoticeKind::AwaitingApproval);
        steps.extend(context.notify_and_record(message, kind, done));
    }
    let refused = context.alert(UserAlert::ContainmentFailed { cause });
    context.plan(Reason::AwaitsApproval, steps).or_refused(refused).or_elsewhere(no_room)
}

/// The steps that put a user under the strict quarantine who is not, and take a forged end from the record.
fn under_strict(context: &Context<'_>, strict: &Restriction, attach: Option<Place>) -> Vec<Step> {
    let (user, quarantine) = (context.user, &context.settings.quarantine);
    let record = match (user.tag(UserTag::Quarantined), user.quarantine_record()) {
        (Some(value), Some(record)) if record.release.is_some() || record.approved.is_some() => {
            Some(QuarantineRecord::without_release(value))
        }
        (Some(_), _) => None,
        (None, _) => {
            let since = user.attached_by.by_us().unwrap_or(context.now);
            // The containment was before the enrolment, or the approval of this device would not count.
            let since = newest_device(user).map_or(since, |device| since.min(device.enabled));
            Some(QuarantineRecord::value(since, None, context.occasion.id(), &context.episode))
        }
    };
    let record = record.filter(|_| !context.cannot_record(UserTag::Quarantined));
    let superseded = if context.occasion.is_sweep() { quarantine.others(strict, user) } else { Vec::new() };
    let record = record.map(|value| Change::SetTag(UserTag::Quarantined, value));
    let attach = attach.map(Place::attach);
    record.into_iter().chain(attach).chain(superseded).map(|change| context.change(change)).collect()
}

/// Somebody set or removed the tag that approves a release.
pub(super) fn answer(context: &Context<'_>, event: &Event) -> Answer {
    if !context.has_quarantine() || strict(context.user, context.settings, None).is_none() {
        return Answer::nothing(Reason::NotContained);
    }
    if context.user.tags.get(tags::APPROVED_KEY).is_none() {
        let is_late = event.is_fresh(context.now) && of_event(event, context.user).is_some();
        return Answer::nothing(if is_late { Reason::TagNotVisibleYet } else { Reason::AwaitsApproval });
    }
    let mut answer = match context.posture {
        Posture::Compliant { .. } if context.was_contained_just_now() => {
            Answer::nothing(Reason::DeviceMayBeGone)
        }
        Posture::Compliant { .. } => Answer::of(release(context, ReleasedBy::Mfa)),
        Posture::InGrace { .. } | Posture::Overdue { .. } => Answer::nothing(Reason::AlreadyContained),
        Posture::NotApplicable | Posture::Exempt(_) => return Answer::nothing(Reason::NotContained),
    };
    if matches!(context.user.approval, Approval::Set { by: Relation::Oneself, .. }) {
        answer.alerts.push(UserAlert::OwnApproval);
    }
    answer
}

/// What the event says of an approval; `None` if it is about something else.
pub(super) fn of_event(event: &Event, user: &UserFacts) -> Option<Approval> {
    let Trigger::UserTagged(tags) = &event.trigger else { return None };
    tags.iter().any(|(key, _)| key.eq_ignore_ascii_case(tags::APPROVED_KEY)).then(|| Approval::Set {
        by: event.actor.seen_from(&user.name, &user.id),
        at: event.source.time,
        event: event.source.id.clone(),
    })
}

/// The user with the approval that the event tells of, or without the one that it says was taken back, which IAM may
/// still show. What was approved again since is known by its own event, or by the history.
pub(super) fn as_event_says(user: &UserFacts, event: &Event) -> UserFacts {
    let mut user = user.clone();
    if let Some(approval) = of_event(event, &user) {
        user.approval = approval;
    }
    let is_later = matches!(&user.approval, Approval::Set { at, .. } if *at > event.source.time);
    if event.trigger.removes_tag(tags::APPROVED_KEY) && !is_later {
        user.tags.remove(tags::APPROVED_KEY);
        user.approval = Approval::NotFound;
    }
    user
}

/// The alert about a user who approved their own release, where the event of that was lost; empty if it was reported. Of
/// an event, the guard reports. An hourly sweep tells only what is new: where it cannot be recorded that it was told, it
/// would be told every hour.
fn own_approval(context: &Context<'_>) -> Vec<Step> {
    let is_due = |at: Timestamp| match context.occasion {
        Occasion::Event(_) => false,
        Occasion::Sweep(request) => !request.is_hourly() || context.now.duration_since(at) < IS_NEW,
    };
    match &context.user.approval {
        Approval::Set { by: Relation::Oneself, event, at } if is_due(*at) => {
            context.alert_about(UserAlert::OwnApproval, event)
        }
        Approval::Set { .. } | Approval::NotFound | Approval::NotLooked => Vec::new(),
    }
}

//! Contains a user: once, completely, and with one notice.

use super::approval;
use super::context::Context;
use super::hold::{self, Hold};
use super::place::Place;
use super::remind;
use crate::change::Change;
use crate::facts::AttachedBy;
use crate::notice::{Done, UserAlert, UserMessage};
use crate::plan::{NoRoom, Plan, Step};
use crate::posture::Posture;
use crate::quarantine::Restriction;
use crate::reason::Reason;
use crate::settings::Mode;
use crate::tags::{Cause, NoticeKind, QuarantineRecord, UserTag};
use jiff::Timestamp;

/// The plan to contain a user because of `cause`.
pub(super) fn contain(context: &Context<'_>, cause: Cause) -> Plan {
    match (context.settings.mode, context.hold) {
        // Adding ours would make all of it ours, to lift one day.
        (_, Hold::ByHand) => remind::of_quarantine_by_hand(context),
        (_, Hold::Unknown) => context.nothing(Reason::QuarantineOfUnknownOrigin),
        (Mode::Notify, Hold::Free | Hold::Ours) => warn_only(context, cause),
        (Mode::Observe | Mode::Enforce, Hold::Free | Hold::Ours) => enforce(context, cause),
    }
}

fn enforce(context: &Context<'_>, cause: Cause) -> Plan {
    let state = State::of(context);
    let Containment { mut steps, done, no_room } = containing(context, cause, &state);
    match state {
        State::Complete | State::Incomplete if !context.is_owed() => {
            // Repairing the quarantine does not delay the reminder.
            let reminder = remind::of_quarantine(context, cause);
            if steps.is_empty() {
                return reminder;
            }
            steps.extend(reminder.steps.into_iter().chain(reminder.withheld));
        }
        State::Untold | State::CutOff { .. } | State::Complete | State::Incomplete => {
            let message = UserMessage::Quarantined { cause };
            steps.extend(context.notify_and_record(message, NoticeKind::Quarantined, vec![done]));
        }
        State::Stripped { since } => {
            steps.extend(remind::after_lost_record(context));
            // Last: a record without a notice would mean that the user is still to be told.
            let cause = approval::recorded_cause(context, cause);
            let value = QuarantineRecord::value(since, cause, context.occasion.id(), &context.episode);
            let restore = context.change(Change::RestoreRecord(value));
            steps.extend((!context.cannot_record(UserTag::Quarantined)).then_some(restore));
        }
        // Access changes now, so the user hears of it whether or not that can be recorded.
        State::New => {
            steps.push(context.notify(UserMessage::Quarantined { cause }, vec![done]));
            steps.extend(context.record_notice(NoticeKind::Quarantined));
        }
    }
    let reason = if state == State::New { Reason::Contain(cause) } else { Reason::FinishContainment(cause) };
    let refused = context.alert(UserAlert::ContainmentFailed { cause });
    // Without any older trace, a quarantine that a run leaves without its record is known by the event history alone.
    let at_once = state == State::New && !hold::is_recorded(context.user);
    context.plan(reason, steps).or_refused(refused).or_elsewhere(no_room).at_once(at_once)
}

/// How far the quarantine of a user who has to be contained has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The user is not contained, or is about to be released and is not any more.
    New,
    /// The user is contained and has not been told.
    Untold,
    /// The user is contained and has been told, but the record is missing.
    Incomplete,
    /// The user is contained, and the run that did it ended before it recorded that or told anybody.
    CutOff {
        /// When the enforcer attached the quarantine.
        since: Timestamp,
    },
    /// The user is contained, and all traces of that are lost but for the event history. Infrastructure as code that
    /// owns a user's tags removes ours.
    Stripped {
        /// When the enforcer attached the quarantine.
        since: Timestamp,
    },
    /// The user is contained, has been told, and both are recorded.
    Complete,
}

impl State {
    fn of(context: &Context<'_>) -> Self {
        let record = context.quarantine_record();
        let is_told = has_been_told(context, record.as_ref());
        match (context.hold, record, context.user.attached_by) {
            (Hold::Free | Hold::ByHand | Hold::Unknown, ..)
            | (Hold::Ours, Some(QuarantineRecord { release: Some(_), .. }), _) => Self::New,
            (Hold::Ours, Some(_), _) if is_told => Self::Complete,
            (Hold::Ours, Some(_), _) => Self::Untold,
            (Hold::Ours, None, _) if is_told => Self::Incomplete,
            // Where nothing can be noted, the history shows no note either.
            (Hold::Ours, None, AttachedBy::CutOff(since))
                if !context.cannot_record(UserTag::Notified) && !context.is_their_day() =>
            {
                Self::CutOff { since }
            }
            (Hold::Ours, None, AttachedBy::Us(since) | AttachedBy::CutOff(since)) => Self::Stripped { since },
            (Hold::Ours, None, AttachedBy::SomebodyElse | AttachedBy::NotFound | AttachedBy::Unknown) => {
                Self::Incomplete
            }
        }
    }
}

/// The steps that contain a user, and what they do.
struct Containment {
    steps: Vec<Step>,
    done: Done,
    no_room: Option<NoRoom>,
}

/// Where to put the user under this restriction, unless they are under it, and what to do if there is no room.
pub(super) fn attaching(
    context: &Context<'_>,
    required: &Restriction,
    cause: Cause,
) -> (Option<Place>, Option<NoRoom>) {
    let (policies, groups) = (context.user.attached_policies.len(), context.user.groups.len());
    let attach = (!required.holds(context.user))
        .then(|| Place::of(required, policies, groups).unwrap_or(Place::Policy(required.policy.clone())));
    let no_room = attach.as_ref().filter(|_| required.group.is_some()).map(|place| {
        let instead = place.other(required, groups).map(|other| context.change(other.attach()));
        // Where another quarantine is in force, it would be wrong to say that there is none.
        let alert = if context.is_contained() {
            UserAlert::ContainmentFailed { cause }
        } else {
            UserAlert::NoRoom { cause }
        };
        NoRoom { instead, alert: context.alert(alert) }
    });
    (attach, no_room)
}

/// The steps that contain a user, without those that are already done.
fn containing(context: &Context<'_>, cause: Cause, state: &State) -> Containment {
    let quarantine = &context.settings.quarantine;
    let required = approval::restriction(context.user, context.settings, Some(cause));
    let (attach, no_room) = attaching(context, required, cause);
    let done = match (&attach, context.is_contained()) {
        (Some(Place::Policy(_)), false) => Done::PolicyAttached,
        (Some(Place::Group(_)), false) => Done::GroupJoined,
        (Some(_), true) | (None, _) => Done::WasContained,
    };
    let since = match (state, &context.last_notice) {
        // A run that could not write the record did record the notice, and with it the time.
        (State::Incomplete, Some(notice)) => notice.at,
        (State::CutOff { since }, _) => *since,
        (_, _) => context.now,
    };
    let is_recorded = matches!(state, State::Untold | State::Complete | State::Stripped { .. });
    let record = (!is_recorded && !context.cannot_record(UserTag::Quarantined)).then(|| {
        let cause = approval::recorded_cause(context, cause);
        let value = QuarantineRecord::value(since, cause, context.occasion.id(), &context.episode);
        Change::SetTag(UserTag::Quarantined, value)
    });
    // What the user is under besides is only detached by a sweep: the functions that contain at an event may not. Beside
    // ours, something wider may be somebody else's. The event history tells.
    let is_ours = context.user.attached_by.by_us().is_some();
    let is_superseded = attach.is_some() || is_ours || !quarantine.may_stop_more(context.user);
    let superseded = if context.occasion.is_sweep() && context.hold == Hold::Ours && is_superseded {
        quarantine.others(required, context.user)
    } else {
        Vec::new()
    };
    let changes = record.into_iter().chain(attach.map(Place::attach)).chain(superseded);
    Containment { steps: changes.map(|change| context.change(change)).collect(), done, no_room }
}

/// Whether the user has been notified of the current quarantine.
fn has_been_told(context: &Context<'_>, record: Option<&QuarantineRecord>) -> bool {
    const CONTAINED: [NoticeKind; 2] = [NoticeKind::Quarantined, NoticeKind::QuarantineReminder];
    match record {
        Some(record) => context.was_told(&CONTAINED, record.since.unwrap_or(Timestamp::MIN)),
        // There is no record because it could not be written. Then only a notice for this same event counts.
        None => context.has_reported_event() && context.was_told(&CONTAINED, Timestamp::MIN),
    }
}

/// Mode `notify`: warns the user, and lists the containment steps as withheld.
fn warn_only(context: &Context<'_>, cause: Cause) -> Plan {
    if context.is_contained() {
        return remind::of_quarantine(context, cause);
    }
    let deadline = match context.posture {
        Posture::InGrace { deadline } | Posture::Overdue { deadline } => deadline,
        Posture::NotApplicable | Posture::Exempt(_) | Posture::Compliant { .. } => context.now,
    };
    remind::instead_of_quarantine(
        context,
        cause,
        deadline,
        containing(context, cause, &State::of(context)).steps,
    )
}

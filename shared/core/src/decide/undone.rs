//! Puts back what somebody undid of a quarantine, and restores its records.
//!
//! The cause stays, and who was told of the quarantine is not told again. The administrators hear who it was.

use super::answer::Answer;
use super::contain::attaching;
use super::context::Context;
use super::kept::{Standing, noted, own_record, standing, touches, written};
use super::loop_breaker::{self, Count};
use super::place::Place;
use super::sweep_rules;
use crate::change::Change;
use crate::event::{Event, Trigger};
use crate::notice::{Done, UserAlert, UserMessage};
use crate::plan::Step;
use crate::quarantine::Restriction;
use crate::reason::Reason;
use crate::settings::Mode;
use crate::tags::{Cause, NoticeKind, QuarantineRecord, Undone, UserTag};
use jiff::Timestamp;

const CONTAINED: [NoticeKind; 2] = [NoticeKind::Quarantined, NoticeKind::QuarantineReminder];

/// What the event means for the user's quarantine.
pub(super) fn answer(context: &Context<'_>, event: &Event) -> Answer {
    let count = Count::of(context, event);
    let mut answer = match standing(context, event) {
        Standing::Nothing(reason) => Answer::nothing(reason),
        Standing::Kept { under, is_in_force, since, is_beside_unknown } => {
            let tampering =
                Tampering { context, event, under, is_off: !is_in_force, since, is_beside_unknown };
            let answer = tampering.answer(&count);
            // What has to be attached is attached now.
            if is_seen(context, event) {
                answer
            } else {
                answer.and(Answer::nothing(Reason::TagNotVisibleYet))
            }
        }
    };
    if loop_breaker::is_forged(event) {
        if answer.is_nothing() {
            answer.reason = Reason::CountCorrected;
        }
        answer.alerts.push(UserAlert::CountForged);
        let is_noted = answer.steps.iter().any(is_count);
        let is_live = loop_breaker::asks_history(context.user, event, false);
        if is_live && !is_noted {
            answer.steps.extend(loop_breaker::note(context, count.times).map(|note| context.change(note)));
        }
    }
    answer
}

/// Whether IAM shows the tags as they are after the event, as far as the quarantine depends on them. It may show them some
/// seconds late, unless it shows what an earlier delivery of the event wrote.
fn is_seen(context: &Context<'_>, event: &Event) -> bool {
    let (user, now) = (context.user, context.now);
    let is_old = |tag: UserTag| match (written(event, tag), user.tag(tag)) {
        (Some(written), value) => value != Some(written),
        (None, value) => value.is_some() && event.trigger.removes_tag(tag.key()),
    };
    let is_later = Context::has_reported(user, event) || loop_breaker::is_counted(user, event, now);
    let tags = [UserTag::Quarantined, UserTag::Notified, UserTag::Undone];
    is_later || !event.is_fresh(now) || !tags.into_iter().any(is_old)
}

fn is_count(step: &Step) -> bool {
    matches!(step, Step::Change { change: Change::CountPutBack(_), .. })
}

/// An event about a user who should be under a quarantine of ours.
struct Tampering<'c, 'a> {
    context: &'c Context<'a>,
    event: &'c Event,
    under: &'c Restriction,
    /// Whether the user is not under it.
    is_off: bool,
    since: Option<Timestamp>,
    /// Whether what they are under besides may be somebody else's.
    is_beside_unknown: bool,
}

impl Tampering<'_, '_> {
    fn answer(&self, count: &Count) -> Answer {
        let is_off = self.is_off;
        let is_lost = self.is_lost();
        if count.times > Undone::LIMIT {
            return Answer::nothing(Reason::LeftToTheSweep);
        }
        let is_due = is_off || (is_lost && touches(self.event, UserTag::Quarantined));
        // In mode `notify` nothing is put back, so there is nothing to limit.
        let is_counted = is_due && self.context.settings.mode != Mode::Notify && !count.by_this_event;
        if is_counted && count.times == Undone::LIMIT {
            return self.give_up();
        }
        let mut alerts = Vec::new();
        if is_off || count.by_this_event || self.is_undone() {
            let put_back = !(is_off && self.context.settings.mode == Mode::Notify);
            alerts.push(UserAlert::QuarantineUndone { put_back });
        }
        if touches(self.event, UserTag::Quarantined) {
            alerts.push(UserAlert::RecordRestored);
        }
        let cause = self.cause();
        let (place, no_room) = if is_off { attaching(self.context, self.under, cause) } else { (None, None) };
        let mut steps = self.steps(place.map(|place| self.as_it_was(place)), is_lost, count.by_this_event);
        if is_counted {
            let note = loop_breaker::note(self.context, count.times + 1);
            steps.extend(note.map(|note| self.context.change(note)));
        }
        let reason = match (is_off, steps.is_empty() && alerts.is_empty()) {
            (_, true) => Reason::QuarantineInForce,
            (true, _) => Reason::PutBack,
            (false, _) if alerts.contains(&UserAlert::QuarantineUndone { put_back: true }) => Reason::PutBack,
            (false, _) => Reason::RecordRestored,
        };
        let refused = || self.context.alert(UserAlert::ContainmentFailed { cause });
        Answer { reason, alerts, steps, if_refused: is_off.then(refused).unwrap_or_default(), no_room }
    }

    /// Where the user was before. Who was under the spare goes under it again: the text of the other policy may be lost.
    fn as_it_was(&self, place: Place) -> Place {
        match (&place, &self.event.trigger, &self.under.spare) {
            (Place::Policy(_), Trigger::PolicyDetached(gone), Some(spare)) if gone == spare => {
                Place::Policy(spare.clone())
            }
            (_, _, _) => place,
        }
    }

    /// Whether the event undid the very thing that the user should be under. It may be in force again by now.
    fn is_undone(&self) -> bool {
        let is_group =
            |left: &str| self.under.group.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(left));
        let trigger = &self.event.trigger;
        matches!(trigger, Trigger::PolicyDetached(arn) if self.under.has_policy(arn))
            || matches!(trigger, Trigger::GroupLeft(group) if is_group(group))
    }

    /// The administrators hear once in an hour that events do not put the quarantine back any more.
    fn give_up(&self) -> Answer {
        let value = Undone::value(self.context.now, Undone::GIVEN_UP, self.context.occasion.id());
        let note = Change::RecordReport(UserTag::Undone, value);
        let can_note = !self.context.cannot_record(UserTag::Undone);
        Answer {
            alerts: vec![UserAlert::KeepsBeingUndone { contained: !self.is_off }],
            steps: can_note.then(|| self.context.change(note)).into_iter().collect(),
            ..Answer::nothing(Reason::KeepsBeingUndone)
        }
    }

    fn steps(&self, place: Option<Place>, is_lost: bool, is_put_back: bool) -> Vec<Step> {
        let (context, is_off, mut steps) = (self.context, self.is_off, Vec::new());
        // IAM may still show a record that the event removed. What is attached now must not be without one.
        let is_gone = is_off && self.event.trigger.removes_tag(UserTag::Quarantined.key());
        if (is_lost || is_gone) && !context.cannot_record(UserTag::Quarantined) {
            let value = self.restored();
            // With the quarantine: before it, as ever. Without: last, since a record without a notice would mean that
            // the user is still to be told.
            let record = if is_off {
                Change::SetTag(UserTag::Quarantined, value)
            } else {
                Change::RestoreRecord(value)
            };
            steps.push(context.change(record));
        }
        if let Some(place) = place {
            let done = match place {
                Place::Policy(_) => Done::PolicyAttached,
                Place::Group(_) => Done::GroupJoined,
            };
            steps.push(context.change(place.attach()));
            steps.extend(self.tell(done));
        } else if self.is_untold() && (is_put_back || self.is_to_be_told(is_lost)) {
            // An earlier delivery was cut short after the containment, or nobody told the user of it so far.
            steps.extend(self.tell(Done::WasContained));
        } else if self.has_lost_notice(is_lost) {
            steps.extend(context.record_notice(NoticeKind::QuarantineReminder));
        }
        steps
    }

    /// Tells a user whose quarantine was off, unless they have been told of it.
    fn tell(&self, done: Done) -> Vec<Step> {
        let context = self.context;
        if !self.is_untold() {
            return Vec::new();
        }
        let notice = context.notify(UserMessage::Quarantined { cause: self.cause() }, vec![done]);
        [notice].into_iter().chain(context.record_notice(NoticeKind::Quarantined)).collect()
    }

    /// Whether the record is lost, and may be restored.
    fn is_lost(&self) -> bool {
        !self.is_beside_unknown && own_record(self.context.user, self.event).is_none()
    }

    fn is_untold(&self) -> bool {
        let is_told = self.context.was_told(&CONTAINED, Timestamp::MIN);
        !self.is_beside_unknown && self.needs_mfa() && !is_told && self.context.settings.mode != Mode::Notify
    }

    /// Whether the user hears of a quarantine that is in force, since the guard acts on its records. Where a tool strips
    /// all of them, nobody is told: the notice was among them.
    fn is_to_be_told(&self, is_lost: bool) -> bool {
        if is_lost { self.context.last_notice.is_some() } else { loop_breaker::is_forged(self.event) }
    }

    fn needs_mfa(&self) -> bool {
        self.context.user.devices.is_empty() && self.context.user.login_profile_created.is_some()
    }

    /// Whether the event took the note of the last notice with it. Without one, the next sweep would tell the user again.
    fn has_lost_notice(&self, is_lost: bool) -> bool {
        let is_stripped = is_lost || touches(self.event, UserTag::Notified);
        !self.is_beside_unknown
            && self.needs_mfa()
            && is_stripped
            && self.context.user.last_notice().is_none()
    }

    /// The record as the enforcer last wrote it, or what is left to say.
    fn restored(&self) -> String {
        if own_record(self.context.user, self.event).is_some()
            && let Some(value) = self.context.user.tag(UserTag::Quarantined)
        {
            return QuarantineRecord::with_episode(value, &self.context.episode);
        }
        if let Some(value) = noted(self.context) {
            return value.to_owned();
        }
        let notice = self.context.last_notice.as_ref().filter(|notice| CONTAINED.contains(&notice.kind));
        let since = self.since.or(notice.map(|notice| notice.at)).unwrap_or(self.context.now);
        let event = notice.map_or_else(|| self.context.occasion.id(), |notice| &notice.event);
        QuarantineRecord::value(since, None, event, &self.context.episode)
    }

    /// Why the user is contained, as far as anybody knows. For messages: a record says if it is not known.
    fn cause(&self) -> Cause {
        let record = own_record(self.context.user, self.event);
        let recorded = record.unwrap_or_else(|| QuarantineRecord::parse(&self.restored())).cause;
        recorded.unwrap_or_else(|| sweep_rules::cause(self.context))
    }
}

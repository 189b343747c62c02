//! Progress through a plan: what has been done, and what comes next. Makes every choice that comes up while a plan is
//! carried out.

mod action;
mod at_once;
mod order;
mod telling;

pub use action::{Action, Answer, Applied, Fault, SecondLook};
pub use at_once::LookAhead;

use crate::access_keys::KeysSeen;
use crate::change::Change;
use crate::effect::Effect;
use crate::facts::UserFacts;
use crate::notice::{self, Alert, Notice, UserNotice};
use crate::plan::{NoRoom, Plan, Step};
use crate::read_back::{Look, ReadBack};
use crate::tags::{self, UserTag};
use order::{needs_all_sent, needs_claim, needs_read_back};
use std::collections::VecDeque;
use telling::{Arrival, Told};

/// A plan that is being carried out: [`Progress::next_actions`] says what to do, [`Progress::record`] takes the result.
///
/// A containment or a release counts, and anything that builds on it goes on, only after it was read back. If it is not
/// seen, the run ends without another word, and its retry finishes it.
///
/// A failure to contain or release ends the run at once. After any other failure the remaining steps are still carried
/// out, except those that would record a notice that did not go out. A record that IAM refuses for good fails nothing:
/// the event would fail again, and send its notices again.
#[derive(Debug)]
pub struct Progress<'p, E> {
    steps: VecDeque<&'p Step>,
    current: Option<Current<'p, E>>,
    /// Whether all messages so far went out, so that they may be recorded.
    all_said: bool,
    arrival: Arrival,
    done: Vec<Step>,
    error: Option<E>,
    /// The first record that IAM refused for good.
    unrecorded: Option<E>,
    not_found: Option<Effect>,
    read_back: ReadBack,
    seen: Option<Box<UserFacts>>,
    /// The access keys, once they were read.
    keys: Option<KeysSeen>,
    /// The account's alias; `None` if it has none, if it could not be read, and before it was looked up.
    alias: Option<String>,
    /// Whether the alias was looked up.
    looked_for_alias: bool,
    /// How the look for the changes ended that are not in force.
    unseen: Option<Unseen>,
    /// Whether the next notice could be recorded. If not, it is not sent.
    claimed: bool,
    failed: Failed<'p>,
    /// The steps for a refusal by IAM, until they are added.
    if_refused: &'p [Step],
    containment: Containment,
    /// What to do if there is no room, until it is done.
    no_room: Option<&'p NoRoom>,
    place: Place,
}

/// When a containment goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Containment {
    /// In the same moment as its record.
    BesideRecord,
    /// Once its record was written.
    AfterRecord,
}

/// Where a user was put under a quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where the plan says.
    Planned,
    /// In the other place, because there was no room.
    Elsewhere,
}

/// The records that failed.
#[derive(Debug)]
enum Failed<'p> {
    /// They are to be tried again at the end.
    Once(VecDeque<&'p Step>),
    /// These are still to be tried again.
    Retried(VecDeque<&'p Step>),
}

/// Why changes that were written do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unseen {
    /// They could not be read back.
    Unverified,
    /// The user is gone.
    Gone,
}

/// The step that is being carried out.
#[derive(Debug)]
enum Current<'p, E> {
    /// A step that takes a single action.
    Simple(&'p Step),
    /// The record of a containment, and the containment.
    Both(&'p Step, &'p Step),
    /// A look at the user.
    ReadBack,
    /// A wait before the next look.
    Wait,
    /// A look at the account's alias.
    Alias,
    /// A notice to a user, which takes one action per channel and one for the administrators' copy.
    Notice(&'p Step, Box<UserNotice>, Told<'p, E>),
}

impl<'p, E: Fault> Progress<'p, E> {
    /// Starts to carry out a plan.
    #[must_use]
    pub fn of(plan: &'p Plan) -> Self {
        Self {
            steps: plan.steps.iter().collect(),
            current: None,
            all_said: true,
            arrival: Arrival { reached: true, by_text: false },
            done: Vec::new(),
            error: None,
            unrecorded: None,
            not_found: None,
            read_back: ReadBack::default(),
            seen: None,
            keys: None,
            alias: None,
            looked_for_alias: false,
            unseen: None,
            claimed: true,
            failed: Failed::Once(VecDeque::new()),
            if_refused: &plan.if_refused,
            containment: if plan.at_once { Containment::BesideRecord } else { Containment::AfterRecord },
            no_room: plan.no_room.as_ref(),
            place: Place::Planned,
        }
    }

    fn next_action(&mut self) -> Option<Action> {
        loop {
            if let Some(Current::Notice(..)) = self.current {
                if let Some(action) = self.next_message() {
                    return Some(action);
                }
                continue;
            }
            if let Some(action) = self.read_back() {
                return Some(action);
            }
            let step = self.steps.pop_front().or_else(|| self.record_again())?;
            match step {
                // A message that did not go out is not recorded, and a record that says one is due is kept.
                _ if !self.all_said && needs_all_sent(step.effect()) => {}
                _ if !self.claimed && needs_claim(step.effect()) => {}
                Step::Change { user, change } => {
                    self.current = Some(Current::Simple(step));
                    return Some(Action::Change(user.clone(), self.actual(change)));
                }
                Step::RecordRootAlert(value) => {
                    self.current = Some(Current::Simple(step));
                    return Some(Action::RecordRootAlert(value.clone()));
                }
                Step::Repair(repair) => {
                    self.current = Some(Current::Simple(step));
                    return Some(Action::Repair(repair.clone()));
                }
                Step::OrderSweep { queue, id, time } => {
                    self.current = Some(Current::Simple(step));
                    return Some(Action::OrderSweep(queue.clone(), id.clone(), *time));
                }
                Step::Notify(notice) if notice.wants_alias() && !self.looked_for_alias => {
                    self.steps.push_front(step);
                    self.looked_for_alias = true;
                    self.current = Some(Current::Alias);
                    return Some(Action::ReadAlias);
                }
                Step::Notify(notice) => match notice.as_ref() {
                    Notice::User(notice) => {
                        let told = Told::nothing(&notice.channels);
                        let mut notice = match self.place {
                            Place::Planned => notice.clone(),
                            Place::Elsewhere => notice.elsewhere(),
                        };
                        notice.background = notice.background.or_alias(self.alias.as_deref());
                        self.current = Some(Current::Notice(step, Box::new(notice), told));
                    }
                    Notice::Alert(alert) => {
                        self.current = Some(Current::Simple(step));
                        let background = alert.background.clone().or_alias(self.alias.as_deref());
                        return Some(send_alert(&Alert { background, ..alert.clone() }));
                    }
                },
            }
        }
    }

    /// The record of the quarantine once more, or its count, if that failed. Otherwise the next run would not know why the
    /// user is under it, perhaps not even whose it is, or that it was this event after which it was put back.
    fn record_again(&mut self) -> Option<&'p Step> {
        let (Failed::Once(failed) | Failed::Retried(failed)) = &mut self.failed;
        let mut failed = std::mem::take(failed);
        let next = if self.unseen == Some(Unseen::Gone) { None } else { failed.pop_front() };
        self.failed = Failed::Retried(failed);
        next
    }

    /// The look that is due before the next step.
    fn read_back(&mut self) -> Option<Action> {
        let user = self.read_back.user()?.clone();
        if self.steps.front().is_some_and(|step| !needs_read_back(step.effect())) {
            return None;
        }
        if let Some(wait) = self.read_back.take_wait() {
            self.current = Some(Current::Wait);
            return Some(Action::Wait(wait));
        }
        self.current = Some(Current::ReadBack);
        Some(Action::ReadBack(user))
    }

    fn record_one(&mut self, result: Result<Answer, E>) {
        match self.current.take() {
            Some(Current::ReadBack) => self.record_look(result),
            Some(Current::Simple(step)) => {
                if matches!(step, Step::Notify(_)) {
                    self.all_said &= result.is_ok();
                }
                self.finish_step(step, result.map(drop));
            }
            Some(Current::Both(record, containment)) => {
                self.finish_step(record, result.map(drop));
                self.current = Some(Current::Simple(containment));
            }
            Some(Current::Notice(step, notice, told)) => {
                self.current = Some(Current::Notice(step, notice, told));
                self.record_message(result);
            }
            Some(Current::Alias) => {
                // Without one, messages give the number.
                self.alias = if let Ok(Answer::Alias(alias)) = result { alias } else { None };
            }
            Some(Current::Wait) | None => {}
        }
    }

    /// Ends the run and returns what became of the plan.
    #[must_use]
    pub fn finish(self) -> Applied<E> {
        Applied {
            done: self.done,
            reached: self.arrival.reached,
            error: self.error,
            refused: self.unrecorded,
            not_found: self.not_found,
            seen: self.seen,
            is_unverified: self.unseen == Some(Unseen::Unverified),
            is_gone: self.unseen == Some(Unseen::Gone),
        }
    }

    fn record_look(&mut self, result: Result<Answer, E>) {
        let user = match result {
            Ok(Answer::Seen(user)) => user,
            Ok(Answer::Done | Answer::Keys(_) | Answer::Alias(_) | Answer::Delivered(_)) => None,
            Err(error) => {
                self.error.get_or_insert(error);
                self.end_unverified();
                return;
            }
        };
        match self.read_back.looked(user.as_deref()) {
            Look::Seen(steps) => {
                self.done.extend(steps);
                self.seen = user;
            }
            Look::Again => {}
            Look::NotSeen => self.end_unverified(),
            Look::Gone => {
                self.steps.clear();
                self.unseen = Some(Unseen::Gone);
            }
        }
    }

    /// Ends the run: what was written does not count, and nothing is said.
    fn end_unverified(&mut self) {
        self.steps.clear();
        self.read_back.give_up();
        self.unseen = Some(Unseen::Unverified);
    }

    fn finish_step(&mut self, step: &'p Step, result: Result<(), E>) {
        let Err(error) = result else {
            let mut done = step.clone();
            if let Step::Change { change, .. } = &mut done {
                *change = self.actual(change);
            }
            if step.effect().changes_access() {
                self.read_back.wrote(done);
            } else {
                self.done.push(done);
            }
            return;
        };
        if error.is_not_found() && matches!(step, Step::Change { .. }) {
            self.not_found.get_or_insert(step.effect());
        } else if let (Effect::RecordQuarantine | Effect::CountPutBack, Failed::Once(failed)) =
            (step.effect(), &mut self.failed)
        {
            failed.push_back(step);
        }
        match step.effect() {
            Effect::Contain | Effect::Release if error.is_quota() => {
                if let Some(NoRoom { instead: Some(instead), .. }) = self.no_room
                    && self.place == Place::Planned
                {
                    self.place = Place::Elsewhere;
                    self.steps.push_front(instead);
                    return;
                }
                self.steps.clear();
                let refused = std::mem::take(&mut self.if_refused);
                self.steps.extend(self.no_room.take().map_or(refused, |no_room| &no_room.alert));
                self.error = Some(error);
            }
            Effect::Contain | Effect::Release => {
                self.steps.clear();
                // The event fails in any case; this error matters more than an earlier one. If something was not found,
                // a second look tells what that means.
                if !error.is_transient() && !error.is_not_found() {
                    self.steps.extend(std::mem::take(&mut self.if_refused));
                }
                self.error = Some(error);
            }
            effect if effect.records() && !error.is_transient() && !error.is_not_found() => {
                self.claimed &= effect != Effect::ClaimNotice;
                // What approved the release goes with the record, or the user would wait for an approval once more.
                self.all_said &= effect != Effect::EndQuarantine;
                self.unrecorded.get_or_insert(error);
            }
            Effect::ClaimNotice => {
                self.claimed = false;
                self.all_said = false;
                self.error.get_or_insert(error);
            }
            // If a notice could not be recorded, the record that says it is due has to stay.
            Effect::RecordNotice | Effect::RestoreRecord | Effect::EndQuarantine => {
                self.all_said = false;
                self.error.get_or_insert(error);
            }
            Effect::Alert
            | Effect::RecordAlert
            | Effect::RecordExemption
            | Effect::RecordQuarantine
            | Effect::CountPutBack
            | Effect::Report
            | Effect::RecordReport
            | Effect::Repair
            | Effect::OrderSweep
            | Effect::ScheduleRelease
            | Effect::Notify => {
                self.error.get_or_insert(error);
            }
        }
    }

    /// The change to make now. The record of a notice says how the notice reached the user, or that it did not.
    fn actual(&self, change: &Change) -> Change {
        let Change::SetTag(UserTag::Notified, value) = change else { return change.clone() };
        let value = if self.arrival.by_text { tags::by_text(value) } else { value.clone() };
        let value = if self.arrival.reached { value } else { tags::unreached(&value) };
        Change::SetTag(UserTag::Notified, value)
    }
}

fn send_alert(alert: &Alert) -> Action {
    Action::TellAdmins(Box::new(notice::for_alert(alert)))
}

//! How far a plan was carried out, and what comes next. All that carrying out a plan has to weigh is here.

use crate::change::Change;
use crate::effect::Effect;
use crate::event::UserName;
use crate::facts::UserFacts;
use crate::notice::{self, Alert, Channel, Delivery, Notice, Reach, Rendered, UserNotice};
use crate::plan::{Plan, Step};
use crate::tags::{self, UserTag};
use std::collections::VecDeque;

/// A call that failed.
pub trait Fault {
    /// Whether trying again can help without anybody fixing something first.
    fn is_transient(&self) -> bool;

    /// Whether the address or number will never be accepted: a fact about the user, which no run will change.
    fn is_bad_address(&self) -> bool;
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Change a user in IAM.
    Change(UserName, Change),
    /// Tell a user on one channel.
    TellUser(Channel, Box<Rendered>),
    /// Tell the administrators.
    TellAdmins(Box<Rendered>),
    /// Set the tag of the alerts topic that records what was reported about root.
    RecordRootAlert(String),
}

/// What became of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It was done.
    Done,
    /// The message was handed over, and arrives or not.
    Delivered(Delivery),
}

/// How far a plan was carried out.
#[derive(Debug, PartialEq)]
pub struct Applied<E> {
    /// The steps that were carried out, in their order and as they went.
    pub done: Vec<Step>,
    /// Every message to the user was handed over.
    pub reached: bool,
    /// Messages that SNS accepted.
    pub notices_sent: usize,
    /// Messages that SNS refused.
    pub notices_failed: usize,
    /// The first call that failed.
    pub error: Option<E>,
}

/// A plan on its way: [`Progress::next_action`] says what to do, [`Progress::record`] takes what became of it.
///
/// A failure to contain or release ends the run at once; any other leaves the rest to be done, except that nothing is
/// recorded as said that was not said.
#[derive(Debug)]
pub struct Progress<'p, E> {
    plan: &'p Plan,
    steps: VecDeque<&'p Step>,
    current: Option<Current<'p, E>>,
    /// Nothing that was to be said has failed.
    all_said: bool,
    reached: bool,
    done: Vec<Step>,
    notices_sent: usize,
    notices_failed: usize,
    error: Option<E>,
    /// What to do if IAM refuses was added already.
    refused: bool,
}

/// The step that is being carried out.
#[derive(Debug)]
enum Current<'p, E> {
    /// One action.
    Simple(&'p Step),
    /// A notice to a user: the channels that are left, and how the others went.
    Notice(&'p Step, &'p UserNotice, Told<'p, E>),
}

#[derive(Debug)]
struct Told<'p, E> {
    channels: VecDeque<&'p Channel>,
    deliveries: Vec<Delivery>,
    admins: bool,
    error: Option<E>,
}

impl<'p, E: Fault> Progress<'p, E> {
    /// The beginning of a plan.
    #[must_use]
    pub fn of(plan: &'p Plan) -> Self {
        Self {
            plan,
            steps: plan.steps.iter().collect(),
            current: None,
            all_said: true,
            reached: true,
            done: Vec::new(),
            notices_sent: 0,
            notices_failed: 0,
            error: None,
            refused: false,
        }
    }

    /// What to do next; `None` at the end.
    pub fn next_action(&mut self) -> Option<Action> {
        loop {
            if let Some(Current::Notice(..)) = self.current {
                if let Some(action) = self.next_telling() {
                    return Some(action);
                }
                continue;
            }
            let step = self.steps.pop_front()?;
            match step {
                // What was not said is not recorded as said, and what is owed stays on record.
                _ if !self.all_said && records_what_was_said(step.effect()) => {}
                Step::Change { user, change } => {
                    self.current = Some(Current::Simple(step));
                    return Some(Action::Change(user.clone(), self.as_it_went(change)));
                }
                Step::RecordRootAlert(value) => {
                    self.current = Some(Current::Simple(step));
                    return Some(Action::RecordRootAlert(value.clone()));
                }
                Step::Notify(notice) => match notice.as_ref() {
                    Notice::User(notice) => {
                        let channels = notice.channels.iter().collect();
                        let told = Told { channels, deliveries: Vec::new(), admins: true, error: None };
                        self.current = Some(Current::Notice(step, notice, told));
                    }
                    Notice::Alert(alert) => {
                        self.current = Some(Current::Simple(step));
                        return Some(tell_of(alert));
                    }
                },
            }
        }
    }

    /// Takes what became of the last action.
    pub fn record(&mut self, result: Result<Answer, E>) {
        match self.current.take() {
            Some(Current::Simple(step)) => {
                if matches!(step, Step::Notify(_)) {
                    self.count_message(result.is_ok());
                    self.all_said &= result.is_ok();
                }
                self.finish_step(step, result.map(drop));
            }
            Some(Current::Notice(step, notice, told)) => {
                self.count_message(result.is_ok());
                self.current = Some(Current::Notice(step, notice, told));
                self.note_telling(result);
            }
            None => {}
        }
    }

    /// How far it came.
    #[must_use]
    pub fn finish(self) -> Applied<E> {
        Applied {
            done: self.done,
            reached: self.reached,
            notices_sent: self.notices_sent,
            notices_failed: self.notices_failed,
            error: self.error,
        }
    }

    /// The next channel of a notice, then the administrators, who hear whether the user was told.
    fn next_telling(&mut self) -> Option<Action> {
        let Some(Current::Notice(step, notice, told)) = &mut self.current else { return None };
        if let Some(channel) = told.channels.front() {
            return Some(Action::TellUser((*channel).clone(), Box::new(notice::for_user(notice))));
        }
        if told.admins {
            let reach = Reach::of(&told.deliveries);
            self.reached &= !reach.is_missed();
            // The first way tells the most. If it worked, another that is refused is no reason to say it all again.
            let enough = told.deliveries.first() == Some(&Delivery::Sent);
            self.all_said &= told.error.as_ref().is_none_or(|error| enough && !error.is_transient());
            told.admins = false;
            if let Some(copy) = notice::for_admins(notice, reach) {
                return Some(Action::TellAdmins(Box::new(copy)));
            }
        }
        let (step, error) = (*step, told.error.take());
        self.current = None;
        self.finish_step(step, error.map_or(Ok(()), Err));
        None
    }

    fn note_telling(&mut self, result: Result<Answer, E>) {
        let Some(Current::Notice(_, _, told)) = &mut self.current else { return };
        if told.channels.pop_front().is_none() {
            // That was the administrators' copy.
            if let Err(error) = result {
                self.all_said = false;
                told.error.get_or_insert(error);
            }
            return;
        }
        let (delivery, error) = match result {
            Ok(Answer::Delivered(delivery)) => (delivery, None),
            Ok(Answer::Done) => (Delivery::Sent, None),
            Err(error) if error.is_bad_address() => (Delivery::Refused, None),
            Err(error) => (Delivery::Failed, Some(error)),
        };
        told.deliveries.push(delivery);
        if told.error.is_none() {
            told.error = error;
        }
    }

    fn finish_step(&mut self, step: &'p Step, result: Result<(), E>) {
        let Err(error) = result else {
            let mut done = step.clone();
            if let Step::Change { change, .. } = &mut done {
                *change = self.as_it_went(change);
            }
            self.done.push(done);
            return;
        };
        match step.effect() {
            Effect::Contain | Effect::Release => {
                self.steps.clear();
                // The event fails in any case, with the error that matters more.
                if !error.is_transient() && !self.refused {
                    self.refused = true;
                    self.steps.extend(&self.plan.if_refused);
                }
                self.error = Some(error);
            }
            // Without the record of what was said, the one that says it is owed has to stay.
            Effect::RecordNotice | Effect::EndQuarantine => {
                self.all_said = false;
                self.error.get_or_insert(error);
            }
            Effect::Alert | Effect::RecordAlert | Effect::RecordQuarantine | Effect::Notify => {
                self.error.get_or_insert(error);
            }
        }
    }

    /// The change, with the record of a notice as it went: it may not have reached the user.
    fn as_it_went(&self, change: &Change) -> Change {
        if let (Change::SetTag(UserTag::Notified, value), false) = (change, self.reached) {
            Change::SetTag(UserTag::Notified, tags::unreached(value))
        } else {
            change.clone()
        }
    }

    fn count_message(&mut self, accepted: bool) {
        if accepted {
            self.notices_sent += 1;
        } else {
            self.notices_failed += 1;
        }
    }
}

impl<E> Applied<E> {
    /// The user, as far as the plan was carried out.
    #[must_use]
    pub fn user_after(&self, mut user: UserFacts) -> UserFacts {
        for step in &self.done {
            if let Step::Change { change, .. } = step {
                change.apply_to(&mut user);
            }
        }
        user
    }

    /// Whether any step of this effect was carried out.
    #[must_use]
    pub fn did(&self, effect: Effect) -> bool {
        self.done.iter().any(|step| step.effect() == effect)
    }
}

/// Such a step waits until everything was said.
fn records_what_was_said(effect: Effect) -> bool {
    match effect {
        Effect::RecordAlert | Effect::RecordNotice | Effect::EndQuarantine => true,
        Effect::Alert | Effect::Contain | Effect::Release | Effect::RecordQuarantine | Effect::Notify => {
            false
        }
    }
}

fn tell_of(alert: &Alert) -> Action {
    Action::TellAdmins(Box::new(notice::for_alert(alert)))
}

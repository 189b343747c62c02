//! What sweeps will do in the days to come if nobody does anything: nobody enrols a device, signs in, or is exempted.
//!
//! The rules are those of the sweeps themselves. Each sweep is decided with [`crate::sweep`] and [`crate::decide`] and
//! carried out by [`crate::progress`], on a copy of the account in which every call succeeds and every message arrives.

mod carried_out;
mod forms;
mod page;
mod prospect;
mod schedule;

pub use forms::{csv, json};
pub use page::page;
pub use prospect::{Day, Foreseen, Group, Person, Prospect, Question, RootProspect};
pub use schedule::Schedule;

use crate::decide::sweep_user;
use crate::digest::ChangeKind;
use crate::event::SweepRequest;
use crate::facts::UserFacts;
use crate::notice::MessageKind;
use crate::plan::{Plan, Step};
use crate::posture::{Posture, posture};
use crate::reason::Reason;
use crate::settings::Settings;
use crate::snapshot::UserSnapshot;
use crate::sweep::{Slots, Triage, Urgency, triage, user_change, withheld};
use crate::tags::NoticeKind;
use carried_out::carried_out;
use jiff::Timestamp;

/// What a sweep is expected to do about one user. What goes on in the same way, because `MODE` withholds it or because
/// users wait for a slot, is expected once.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    /// When the sweep is due.
    pub at: Timestamp,
    /// What is done, or withheld by `MODE`.
    pub what: ChangeKind,
    /// What the user or the administrators are told of it; empty if nothing.
    pub messages: Vec<MessageKind>,
    /// Why.
    pub reason: Reason,
}

/// One user's days to come.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// What is expected, in order.
    pub expected: Vec<Expected>,
    /// The user at the end.
    pub user: UserFacts,
}

/// A user while sweeps go by.
struct Course {
    snapshot: UserSnapshot,
    expected: Vec<Expected>,
    /// Whether nothing but a daily sweep does anything more: the user is contained, has no MFA, and an hourly sweep left
    /// them alone.
    is_quiet: bool,
}

/// Foretells what these sweeps do, in their order, about each of these users, given what is known of them before the
/// first one. The answers are in the order of the users.
///
/// A user whose password is of unknown age is taken to have the oldest possible one: pass users who were looked up.
///
/// ```
/// use mfa_enforcer_core::forecast::{Schedule, forecast};
/// # use mfa_enforcer_core::settings::Settings;
/// # use mfa_enforcer_core::snapshot::{AccountSnapshot, BulkAnswers};
/// # fn example(account: &AccountSnapshot, settings: &Settings) -> Option<()> {
/// let daily = Schedule::new("08:00", "Europe/Berlin")?;
/// let sweeps = daily.sweeps("2026-11-24T09:00:00Z".parse().ok()?, 30);
/// let outlooks = forecast(&account.users, &sweeps, settings);
/// # Some(())
/// # }
/// ```
#[must_use]
pub fn forecast(users: &[UserSnapshot], sweeps: &[SweepRequest], settings: &Settings) -> Vec<Outlook> {
    let course = |snapshot: &UserSnapshot| Course {
        snapshot: snapshot.clone(),
        expected: Vec::new(),
        is_quiet: false,
    };
    let mut courses: Vec<Course> = users.iter().map(course).collect();
    for request in sweeps {
        sweep(&mut courses, request, settings);
    }
    courses
        .into_iter()
        .map(|course| Outlook { expected: course.expected, user: course.snapshot.user })
        .collect()
}

/// One sweep: whoever needs something, the most urgent first, as long as there are slots.
fn sweep(courses: &mut [Course], request: &SweepRequest, settings: &Settings) {
    let now = request.time;
    let mut wanted: Vec<(Urgency, usize)> = Vec::new();
    for (index, course) in courses.iter_mut().enumerate() {
        if request.is_hourly() && (course.is_quiet || !may_concern(&course.snapshot.user, settings, now)) {
            continue;
        }
        let is_stuck = |user: &UserFacts| {
            let needs_mfa =
                matches!(posture(user, settings, now), Posture::InGrace { .. } | Posture::Overdue { .. });
            needs_mfa && settings.quarantine.holds(user)
        };
        match triage(&course.snapshot, request, settings, now) {
            Triage::Nothing if request.is_hourly() => course.is_quiet = is_stuck(&course.snapshot.user),
            Triage::Withheld(plan) => course.note(request, withheld(&plan), &plan, &[]),
            // Whether messages arrive is not known beforehand.
            Triage::Nothing | Triage::Mailbox(_) => {}
            Triage::Live(urgency) => wanted.push((urgency, index)),
        }
    }
    if wanted.is_empty() {
        return;
    }
    wanted.sort_unstable();
    let slots = Slots::left(courses.iter().map(|course| &course.snapshot.user), settings, now);
    for (_, index) in wanted {
        let Some(course) = courses.get_mut(index) else { continue };
        let plan = match slots.keeps_waiting(&course.snapshot, request, settings, now) {
            Some(plan) => plan,
            None => {
                slots.admit(sweep_user(request, &course.snapshot.user, settings, now), &course.snapshot.user)
            }
        };
        let before = course.snapshot.user.clone();
        let (done, after) = carried_out(&plan, before.clone());
        slots.give_back(&plan, &before, &after, settings);
        if let Some(what) = user_change(&before, &plan, &done) {
            course.note(request, what, &plan, &done);
        }
        course.snapshot.user = after;
        course.is_quiet = false;
    }
}

impl Course {
    fn note(&mut self, request: &SweepRequest, what: ChangeKind, plan: &Plan, done: &[Step]) {
        let is_withheld = matches!(what, ChangeKind::Withheld | ChangeKind::StaysContained);
        let steps = if is_withheld { &plan.withheld } else { done };
        let messages = steps.iter().filter_map(|step| match step {
            Step::Notify(notice) => Some(notice.kind()),
            Step::Change { .. } | Step::RecordRootAlert(_) | Step::Repair(_) | Step::OrderSweep { .. } => {
                None
            }
        });
        let next = Expected { at: request.time, what, messages: messages.collect(), reason: plan.reason };
        let goes_on = is_withheld || what == ChangeKind::Waiting;
        if !(goes_on && self.expected.last().is_some_and(|last| next.is_like(last))) {
            self.expected.push(next);
        }
    }
}

impl Expected {
    /// Whether it is the same as this one, only later.
    fn is_like(&self, earlier: &Self) -> bool {
        *self == Self { at: self.at, ..earlier.clone() }
    }
}

/// Whether an hourly sweep may do something about the user: not before the deadline of someone who is under no quarantine,
/// and not about those who need no MFA.
fn may_concern(user: &UserFacts, settings: &Settings, now: Timestamp) -> bool {
    let is_bound = || user.quarantine_record().is_some() || user.removal.is_some();
    let was_released = || user.last_notice().is_some_and(|last| last.kind == NoticeKind::PasswordRemoved);
    settings.quarantine.holds(user)
        || is_bound()
        || was_released()
        || matches!(posture(user, settings, now), Posture::Overdue { .. })
}

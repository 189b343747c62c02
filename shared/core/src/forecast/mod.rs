//! What sweeps will do in the days to come if nobody does anything: nobody enrols a device, signs in, or is exempted.
//!
//! The rules are those of the sweeps themselves. Each sweep is decided with [`crate::sweep`] and [`crate::decide`] and
//! carried out by [`crate::progress`], on a copy of the account in which every call succeeds and every message arrives.

mod carried_out;
mod forms;
mod page;
mod prospect;
mod schedule;

pub(crate) use carried_out::{carried_out, told};
pub use forms::{csv, csv_of_accounts, json};
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

/// What is expected of a user while sweeps go by.
#[derive(Debug, Clone, Default)]
pub(crate) struct Course {
    /// What sweeps did so far.
    pub(crate) expected: Vec<Expected>,
    /// Whether nothing but a daily sweep does anything more: the user is contained, was told so, has no MFA, and a
    /// sweep left them alone.
    pub(crate) is_quiet: bool,
    /// Whether too little is known of the user for a sweep.
    pub(crate) is_left_out: bool,
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
    let mut snapshots = users.to_vec();
    let mut courses = vec![Course::default(); users.len()];
    for request in sweeps {
        // What they need besides was looked up before.
        drop(sweep(&mut snapshots, &mut courses, request, settings, |_| {}));
    }
    let outlook = |(course, snapshot): (Course, UserSnapshot)| Outlook {
        expected: course.expected,
        user: snapshot.user,
    };
    courses.into_iter().zip(snapshots).map(outlook).collect()
}

/// One sweep: whoever needs something, the most urgent first, as long as there are slots. `look_up` completes what is known
/// of a user who needs something. There are as many courses as users, in the same order. Returns what was done.
pub(crate) fn sweep(
    users: &mut [UserSnapshot],
    courses: &mut [Course],
    request: &SweepRequest,
    settings: &Settings,
    look_up: impl Fn(&mut UserFacts),
) -> Vec<Step> {
    let now = request.time;
    let mut wanted: Vec<(Urgency, usize)> = Vec::new();
    for (index, (snapshot, course)) in users.iter().zip(courses.iter_mut()).enumerate() {
        let user = &snapshot.user;
        let is_passed_over = || request.is_hourly() && (course.is_quiet || !may_concern(user, settings, now));
        if course.is_left_out || is_passed_over() {
            continue;
        }
        let is_stuck = |user: &UserFacts| {
            let needs_mfa =
                matches!(posture(user, settings, now), Posture::InGrace { .. } | Posture::Overdue { .. });
            // What did not arrive is said again a day later, whatever the hour.
            let is_told = user.last_notice().is_none_or(|last| last.reached);
            needs_mfa && is_told && settings.quarantine.holds(user)
        };
        match triage(snapshot, request, settings, now) {
            Triage::Nothing => course.is_quiet = is_stuck(user),
            Triage::Withheld(plan) => course.note(request, withheld(&plan), &plan, &[]),
            // Whether messages arrive is not known beforehand.
            Triage::Mailbox(_) => {}
            Triage::Live(urgency) => wanted.push((urgency, index)),
        }
    }
    let mut all_done = Vec::new();
    if wanted.is_empty() {
        return all_done;
    }
    wanted.sort_unstable();
    let slots = Slots::left(users.iter().map(|snapshot| &snapshot.user), settings, now);
    for (_, index) in wanted {
        let (Some(snapshot), Some(course)) = (users.get_mut(index), courses.get_mut(index)) else { continue };
        let waits = slots.keeps_waiting(snapshot, request, settings, now);
        look_up(&mut snapshot.user);
        let plan = waits.unwrap_or_else(|| {
            slots.admit(sweep_user(request, &snapshot.user, settings, now), &snapshot.user)
        });
        let before = snapshot.user.clone();
        let (done, after) = carried_out(&plan, before.clone());
        slots.give_back(&plan, &before, &after, settings);
        if let Some(what) = user_change(&before, &plan, &done) {
            course.note(request, what, &plan, &done);
        }
        snapshot.user = after;
        course.is_quiet = false;
        all_done.extend(done);
    }
    all_done
}

impl Course {
    fn note(&mut self, request: &SweepRequest, what: ChangeKind, plan: &Plan, done: &[Step]) {
        let is_withheld = matches!(what, ChangeKind::Withheld | ChangeKind::StaysContained);
        let steps = if is_withheld { &plan.withheld } else { done };
        let next = Expected { at: request.time, what, messages: messages(steps), reason: plan.reason };
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

/// The kinds of the messages among these steps.
pub(crate) fn messages(steps: &[Step]) -> Vec<MessageKind> {
    let kind = |step: &Step| match step {
        Step::Notify(notice) => Some(notice.kind()),
        Step::Change { .. } | Step::RecordRootAlert(_) | Step::Repair(_) | Step::OrderSweep { .. } => None,
    };
    steps.iter().filter_map(kind).collect()
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

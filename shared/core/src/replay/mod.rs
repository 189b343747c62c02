//! What would have happened: the enforcer's own rules, on an account that is rebuilt from its records.
//!
//! Must never guess. What an archive does not tell is taken as it would be worst, and said.

mod entry;
mod member;
mod past;
mod snapshot;
mod state;

pub use entry::{Entry, Provided, Taken, Tally};
pub use snapshot::Snapshot;

use crate::decide::{Ask, AskUser, OwnStack, ask, lookups};
use crate::event::{
    Event, Ignored, Malformed, PastCall, Reading, Subject, SweepKind, SweepRequest, detail, enveloped,
    read_any, screen,
};
use crate::facts::UserFacts;
use crate::forecast::{Schedule, carried_out, sweep, told};
use crate::plan::{Plan, Step};
use crate::settings::Settings;
use crate::sweep::user_change;
use jiff::{SignedDuration, Timestamp};
use member::{Gaps, Member};
use past::Past;
use state::State;
use std::collections::VecDeque;

/// How long after a call its event is handled. `CloudTrail` takes a while, and the functions see what was done meanwhile.
pub const DELAY: SignedDuration = SignedDuration::from_mins(2);
/// After so long without a record the archive has a hole, in which nobody knows what sweeps would have found.
const HOLE: SignedDuration = SignedDuration::from_hours(100 * 24);
/// So many sweeps are scheduled at once.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// Calls of IAM that change a user and are no triggers.
const STATE_CALLS: [&str; 5] = [
    "AddUserToGroup",
    "AttachUserPolicy",
    "ChangePassword",
    "UpdateLoginProfile",
    "DeleteUserPermissionsBoundary",
];

/// Whether records of this service and name have to be handed to a [`Replay`]; why all of them are ignored otherwise.
///
/// # Errors
/// The reason.
pub fn wanted(event_source: &str, event_name: &str) -> Result<(), Ignored> {
    let is_state = event_source == "iam.amazonaws.com" && STATE_CALLS.contains(&event_name);
    screen(event_source, event_name).filter(|_| !is_state).map_or(Ok(()), Err)
}

/// The replay of the records of one account.
#[derive(Debug)]
pub struct Replay {
    settings: Settings,
    schedule: Schedule,
    state: State,
    past: Past,
    /// Events that have not arrived yet, in the order of their arrival.
    under_way: VecDeque<Event>,
    /// Sweeps that are due next.
    sweeps: VecDeque<SweepRequest>,
    /// Up to when sweeps are scheduled; `None` before the first record.
    scheduled: Option<Timestamp>,
    /// When events arrive; those outside are lost.
    lost: Option<(Timestamp, Timestamp)>,
    tally: Tally,
    entries: Vec<Entry>,
}

impl Replay {
    /// A replay in an account with these settings. Sweeps begin with the first record.
    #[must_use]
    pub fn new(settings: Settings, schedule: Schedule) -> Self {
        Self {
            settings,
            schedule,
            state: State::of(Vec::new()),
            past: Past::default(),
            under_way: VecDeque::new(),
            sweeps: VecDeque::new(),
            scheduled: None,
            lost: None,
            tally: Tally::default(),
            entries: Vec::new(),
        }
    }

    /// The same, if all is known of these users at this time, with which sweeps begin.
    #[must_use]
    pub fn with_users(mut self, users: impl IntoIterator<Item = UserFacts>, at: Timestamp) -> Self {
        self.state =
            State::of(users.into_iter().map(|user| (member::snapshot(user), Gaps::default())).collect());
        self.advance(at);
        self
    }

    /// The same, with the users of a plan, with whose time sweeps begin.
    #[must_use]
    pub fn with_snapshot(mut self, snapshot: &Snapshot) -> Self {
        self.state = State::of(snapshot.users(&self.settings));
        self.advance(snapshot.at());
        self
    }

    /// The same, if no event of calls from `from` on and before `until` arrives.
    #[must_use]
    pub fn without_events(mut self, from: Timestamp, until: Timestamp) -> Self {
        self.lost = Some((from, until));
        self
    }

    /// Takes the next record, in the order of time, in any form that an archive has. What would have happened by then is
    /// handed out by [`Replay::entries`].
    ///
    /// # Errors
    /// [`Malformed`] if it is no record, or lacks what a decision needs. Then it changes nothing.
    pub fn take(&mut self, record: &str) -> Result<Taken, Malformed> {
        let payload = enveloped(record)?;
        let reading = read_any(&payload, &self.settings.deployment);
        let detail = detail(&payload).unwrap_or_default();
        let call = PastCall::read_any(detail, &self.settings.deployment);
        let at = match (&reading, &call) {
            (Ok(Reading::Event(event)), _) => Some(event.source.time),
            (_, Some(call)) => Some(call.time),
            (_, None) => None,
        };
        if let Some(at) = at {
            self.advance(at);
        }
        if let Some(call) = call.filter(|call| !call.is_ours) {
            self.note(&call, detail, &reading);
        }
        let taken = match reading? {
            Reading::Ignored(reason) => Taken::Ignored(reason),
            Reading::Event(event) => {
                let at = event.source.time;
                if self.lost.is_none_or(|(from, until)| at < from || at >= until) {
                    self.under_way.push_back(*event);
                    Taken::Event
                } else {
                    Taken::Lost
                }
            }
        };
        Ok(taken)
    }

    /// Notes what the call changed.
    fn note(&mut self, call: &PastCall, record: &str, reading: &Result<Reading, Malformed>) {
        if call.is_sign_in() {
            match reading {
                Ok(Reading::Event(_)) => self.state.signed_in(call, false),
                Ok(Reading::Ignored(Ignored::MfaUsed)) => self.state.signed_in(call, true),
                Ok(Reading::Ignored(_)) | Err(_) => {}
            }
            return;
        }
        self.past.note(call, record, &self.settings);
        self.state.apply(call);
    }

    /// Lets everything happen that is due by the end of the archive, and until then.
    pub fn finish(&mut self, until: Timestamp) {
        self.advance(until);
        while let Some(event) = self.under_way.pop_front() {
            self.arrive(&event);
        }
    }

    /// What would have happened so far, in order. Each is handed out once.
    pub fn entries(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.entries)
    }

    /// What became of the records so far, beyond what the entries say.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let is_unknown = |member: &&Member| member.gaps.is_any();
        Tally {
            users: self.state.users.len(),
            users_in_doubt: self.state.members.iter().filter(is_unknown).count(),
            ..self.tally.clone()
        }
    }

    /// The users as they would be by now, in the order of their names.
    pub fn users(&self) -> impl Iterator<Item = &UserFacts> {
        self.state.users.iter().map(|snapshot| &snapshot.user)
    }

    /// Lets events arrive and sweeps run that are due by this time.
    fn advance(&mut self, now: Timestamp) {
        let Some(scheduled) = self.scheduled else {
            self.sweeps.extend(SweepRequest::due(SweepKind::Daily, now));
            self.scheduled = Some(now);
            self.run_until(now);
            return;
        };
        if now.duration_since(scheduled) > HOLE {
            self.tally.holes += 1;
            self.run_until(scheduled);
            self.scheduled = Some(now);
            return;
        }
        let mut scheduled = scheduled;
        loop {
            self.run_until(now.min(scheduled));
            if scheduled >= now {
                break;
            }
            let until = scheduled.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
            self.sweeps.extend(self.schedule.due(scheduled, until));
            scheduled = until;
        }
        self.scheduled = Some(scheduled);
    }

    /// Runs what is due by this time, one after the other.
    fn run_until(&mut self, now: Timestamp) {
        loop {
            let event = self.under_way.front().map(arrival).filter(|at| *at <= now);
            let sweep = self.sweeps.front().map(|request| request.time).filter(|at| *at <= now);
            match (event, sweep) {
                (None, None) => return,
                (Some(event), Some(sweep)) if event <= sweep => self.next_event(),
                (Some(_), None) => self.next_event(),
                (Some(_) | None, Some(_)) => self.next_sweep(),
            }
        }
    }

    fn next_event(&mut self) {
        if let Some(event) = self.under_way.pop_front() {
            self.arrive(&event);
        }
    }

    fn next_sweep(&mut self) {
        if let Some(request) = self.sweeps.pop_front() {
            self.sweep(&request);
        }
    }

    /// Decides an event, and carries the plan out.
    fn arrive(&mut self, event: &Event) {
        let now = arrival(event);
        match ask(event) {
            Ask::Settled(plan) => self.tally.decided(&plan),
            Ask::User(question) => self.about_user(event, &question, now),
            Ask::Root(question) => {
                // What an archive does not tell of root counts as the worse.
                let plan = question.answer(&self.state.ledger, None, &self.settings);
                self.tell(event, &plan, now);
            }
            Ask::Enforcer(question) => {
                let plan = question.answer(&self.state.ledger, &OwnStack::default(), &self.settings, now);
                self.tell(event, &plan, now);
            }
            // The texts of policies are not in an archive.
            Ask::Quarantine(_) => self.tally.of_quarantine += 1,
        }
    }

    fn about_user(&mut self, event: &Event, question: &AskUser<'_>, now: Timestamp) {
        let name = question.name();
        let Some((snapshot, member)) = self.state.user(name) else {
            self.tally.decided(&question.answer(None, &self.settings, now));
            return;
        };
        let gaps = member.gaps;
        let (user, plan) = self.decide(question, snapshot.user.clone(), now);
        let others = Provided::others(&snapshot.user, gaps, event.source.time);
        let provided = self.provided(question, others, &plan, now);
        let (done, after) = carried_out(&plan, user.clone());
        self.tally.decided(&plan);
        let what = user_change(&user, &plan, &done);
        self.carry(&done, now);
        self.state.put(after);
        let subject = name.to_string();
        self.entries.extend(Entry::of_event(event, now, subject, (what, &plan, &done), provided));
    }

    /// The plan for a user in this state, and the user with what was looked up for it.
    fn decide(&self, question: &AskUser<'_>, mut user: UserFacts, now: Timestamp) -> (UserFacts, Plan) {
        let lookups = question.lookups(&user, &self.settings, now);
        self.past.complete(&mut user, lookups, &self.settings, now);
        let plan = question.answer(Some(&user), &self.settings, now);
        (user, plan)
    }

    /// On what the plan depends that is not known: with any of it, another plan would come out.
    fn provided(
        &self,
        question: &AskUser<'_>,
        others: Vec<(Provided, UserFacts)>,
        plan: &Plan,
        now: Timestamp,
    ) -> Vec<Provided> {
        let differs = |other: &UserFacts| {
            let (_, other) = self.decide(question, other.clone(), now);
            entry::deeds(&other) != entry::deeds(plan) || other.reason != plan.reason
        };
        others.into_iter().filter(|(_, other)| differs(other)).map(|(provided, _)| provided).collect()
    }

    /// Tells of an event that is about no user.
    fn tell(&mut self, event: &Event, plan: &Plan, now: Timestamp) {
        let done = told(plan);
        self.tally.decided(plan);
        let ledger = std::mem::take(&mut self.state.ledger);
        self.state.ledger = ledger.after(&done);
        let subject = match &event.subject {
            Subject::Root => "root".to_owned(),
            Subject::User(name) => name.to_string(),
            Subject::Quarantine | Subject::Enforcer => "mfa-enforcer".to_owned(),
        };
        self.entries.extend(Entry::of_event(event, now, subject, (None, plan, &done), Vec::new()));
    }

    /// Notes the enforcer's own calls in the history.
    fn carry(&mut self, done: &[Step], at: Timestamp) {
        for step in done {
            if let Step::Change { user, change } = step {
                self.past.note_own(user, change, at, &self.settings);
            }
        }
    }

    fn sweep(&mut self, request: &SweepRequest) {
        let State { users, members, .. } = &mut self.state;
        self.past.note_for_sweep(users, request.kind, &self.settings, request.time);
        let mut courses: Vec<_> =
            members.iter_mut().map(|member| std::mem::take(&mut member.course)).collect();
        for (course, member) in courses.iter_mut().zip(members.iter()) {
            course.is_left_out = member.gaps.is_any();
        }
        let (past, settings, now) = (&self.past, &self.settings, request.time);
        let look_up = |user: &mut UserFacts| {
            let lookups = lookups(user, true, settings, now);
            past.complete(user, lookups, settings, now);
        };
        let done = sweep(users, &mut courses, request, settings, look_up);
        for ((snapshot, member), course) in users.iter_mut().zip(members.iter_mut()).zip(courses) {
            member.course = course;
            member::settle(snapshot);
            let name = &snapshot.user.name;
            // What goes on in the same way is expected once, so the last one stays.
            let new = member.course.expected.iter().filter(|expected| expected.at == now);
            self.entries.extend(new.map(|expected| Entry::of_sweep(name.to_string(), expected)));
            let kept = member.course.expected.len().saturating_sub(1);
            member.course.expected.drain(..kept);
        }
        self.carry(&done, now);
    }
}

/// When the event is handled.
fn arrival(event: &Event) -> Timestamp {
    event.source.time.checked_add(DELAY).unwrap_or(Timestamp::MAX)
}

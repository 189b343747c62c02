//! Reading back: a change to a quarantine counts once IAM shows it, and not before.
//!
//! Somebody may undo a change at once, and IAM's answers are some seconds behind its writes. So the user is looked up
//! again, a few times, and nothing is said before the change is seen.

use crate::event::UserName;
use crate::facts::UserFacts;
use crate::plan::Step;
use std::time::Duration;

/// How long to wait before the second look and each further one: seven seconds in all.
const WAITS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// The changes to a quarantine that were written and are not seen yet.
#[derive(Debug, Default)]
pub(crate) struct ReadBack {
    written: Vec<Step>,
    looks: usize,
    /// How long to wait before the next look.
    wait: Option<Duration>,
}

/// What a look at the user showed.
#[derive(Debug, PartialEq)]
pub(crate) enum Look {
    /// All changes are in force: these.
    Seen(Vec<Step>),
    /// Not yet. IAM may only be slow.
    Again,
    /// IAM does not show them, or somebody undid them.
    NotSeen,
    /// The user does not exist any more.
    Gone,
}

impl ReadBack {
    /// Adds a change that IAM accepted.
    pub(crate) fn wrote(&mut self, step: Step) {
        self.written.push(step);
    }

    /// The user to look up; `None` if there is no change to look for.
    pub(crate) fn user(&self) -> Option<&UserName> {
        self.written.iter().find_map(|step| match step {
            Step::Change { user, .. } => Some(user),
            Step::Notify(_) | Step::RecordRootAlert(_) | Step::Repair(_) | Step::OrderSweep { .. } => None,
        })
    }

    /// How long to wait before the next look; `None` if it may come at once, or the wait is over.
    pub(crate) fn take_wait(&mut self) -> Option<Duration> {
        self.wait.take()
    }

    /// Takes what IAM says about the user now. After the last look, nothing is due any more.
    pub(crate) fn looked(&mut self, user: Option<&UserFacts>) -> Look {
        let is_seen = |step: &Step| match step {
            Step::Change { change, .. } => user.is_some_and(|user| change.is_seen_in(user)),
            Step::Notify(_) | Step::RecordRootAlert(_) | Step::Repair(_) | Step::OrderSweep { .. } => true,
        };
        self.wait = WAITS.get(self.looks).copied();
        self.looks += 1;
        let look = match (self.written.iter().all(is_seen), user) {
            (true, _) => Look::Seen(std::mem::take(&mut self.written)),
            (false, _) if self.wait.is_some() => return Look::Again,
            (false, Some(_)) => Look::NotSeen,
            (false, None) => Look::Gone,
        };
        self.give_up();
        look
    }

    /// Forgets the changes: they do not count.
    pub(crate) fn give_up(&mut self) {
        *self = Self::default();
    }
}

//! A plan carried out where nothing fails.

use crate::access_keys::KeysSeen;
use crate::facts::UserFacts;
use crate::notice::{Channel, Delivery};
use crate::plan::{Plan, Step};
use crate::progress::{Action, Answer, Fault, Progress};

/// A call that failed: there is none.
#[derive(Debug)]
enum Never {}

impl Fault for Never {
    fn is_transient(&self) -> bool {
        match *self {}
    }

    fn is_not_found(&self) -> bool {
        match *self {}
    }

    fn is_quota(&self) -> bool {
        match *self {}
    }

    fn is_bad_address(&self) -> bool {
        match *self {}
    }

    fn is_sender_refused(&self) -> bool {
        match *self {}
    }
}

/// What is done of a plan, and the user afterwards: every call succeeds, and every message arrives.
pub(super) fn carried_out(plan: &Plan, mut user: UserFacts) -> (Vec<Step>, UserFacts) {
    let mut progress: Progress<'_, Never> = Progress::of(plan);
    while let Some(action) = progress.next_action() {
        let answer = match action {
            Action::Change(_, change) => {
                change.apply_to(&mut user);
                Answer::Done
            }
            Action::ReadBack { .. } => Answer::Seen(Some(Box::new(user.clone())), None),
            Action::ReadKeys(_) => Answer::Keys(KeysSeen::Unreadable),
            Action::ReadAlias => Answer::Alias(None),
            Action::TellUser(Channel::Sms { .. }, _) => Answer::Delivered(Delivery::HandedOver),
            Action::TellUser(Channel::Topic { .. } | Channel::Mail { .. }, _) => {
                Answer::Delivered(Delivery::Sent)
            }
            Action::Wait(_)
            | Action::TellAdmins(_)
            | Action::RecordRootAlert(_)
            | Action::Repair(_)
            | Action::OrderSweep(..) => Answer::Done,
        };
        progress.record(Ok(answer));
    }
    (progress.finish().done, user)
}

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
pub(crate) fn carried_out(plan: &Plan, user: UserFacts) -> (Vec<Step>, UserFacts) {
    let mut user = user;
    let done = carry_out(plan, Some(&mut user));
    (done, user)
}

/// What is done of a plan that is about no user.
pub(crate) fn told(plan: &Plan) -> Vec<Step> {
    carry_out(plan, None)
}

fn carry_out(plan: &Plan, mut user: Option<&mut UserFacts>) -> Vec<Step> {
    let mut progress: Progress<'_, Never> = Progress::of(plan);
    loop {
        let actions = progress.next_actions();
        if actions.is_empty() {
            return progress.finish().done;
        }
        progress.record(
            actions.into_iter().map(|action| Ok(answer(action, user.as_deref_mut()))).collect::<Vec<_>>(),
        );
    }
}

/// What comes of an action.
fn answer(action: Action, user: Option<&mut UserFacts>) -> Answer {
    match action {
        Action::Change(_, change) => {
            if let Some(user) = user {
                change.apply_to(user);
            }
            Answer::Done
        }
        Action::ReadBack(_) => Answer::Seen(user.map(|user| Box::new(user.clone()))),
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
    }
}

//! What goes to AWS at once, because none of it depends on the answer to the rest.

use super::{Action, Answer, Containment, Current, Fault, Progress};
use crate::effect::Effect;
use crate::event::UserName;
use crate::notice::{self, Channel, Notice};
use crate::plan::{Plan, Step};

/// What messages of a plan need to know, and no decision does. It can be looked up while the plan is carried out, so that
/// no message waits for it. What fails about it fails nothing else.
#[derive(Debug, Clone, PartialEq)]
pub enum LookAhead {
    /// The account's alias, which names the account.
    Alias,
    /// The active access keys of a user.
    Keys(UserName),
    /// Where the mail to a user goes.
    Mailbox(Channel),
}

impl LookAhead {
    /// What the messages of this plan need to know.
    #[must_use]
    pub fn of(plan: &Plan) -> Vec<Self> {
        let mut looks = Vec::new();
        for step in &plan.steps {
            let Step::Notify(notice) = step else { continue };
            if notice.wants_alias() {
                looks.push(Self::Alias);
            }
            let Notice::User(notice) = notice.as_ref() else { continue };
            if notice.names_access_keys() {
                looks.push(Self::Keys(UserName::listed(&notice.person.name)));
            }
            looks.extend(notice.channels.iter().cloned().map(Self::Mailbox));
        }
        looks
    }
}

impl<'p, E: Fault> Progress<'p, E> {
    /// The next actions, all of which go out at once; none when the plan is finished. Those are the messages to a user on
    /// all channels, and a containment beside its record.
    pub fn next_actions(&mut self) -> Vec<Action> {
        let mut actions: Vec<Action> = self.next_action().into_iter().collect();
        match &self.current {
            Some(Current::Notice(_, notice, told)) => {
                let others = told.channels.iter().skip(1);
                let tell = |channel: &&Channel| {
                    Action::TellUser((*channel).clone(), Box::new(notice::for_user(notice)))
                };
                actions.extend(others.map(tell));
            }
            Some(Current::Simple(record))
                if self.containment == Containment::BesideRecord
                    && record.effect() == Effect::RecordQuarantine =>
            {
                let record = *record;
                actions.extend(self.containment_beside(record));
            }
            Some(
                Current::Simple(_) | Current::Both(..) | Current::ReadBack | Current::Wait | Current::Alias,
            )
            | None => {}
        }
        actions
    }

    /// Whether a topic may be made by now for a message to the user. While something is under way that can keep the message
    /// back if IAM refuses it, that would be too soon.
    #[must_use]
    pub fn is_topic_wanted(&self) -> bool {
        match &self.current {
            Some(Current::Notice(..)) => true,
            Some(Current::ReadBack) => {
                let mut effects = self.steps.iter().map(|step| step.effect());
                effects.clone().all(|effect| effect != Effect::ClaimNotice)
                    && effects.any(|effect| effect == Effect::Notify)
            }
            Some(Current::Simple(_) | Current::Both(..) | Current::Wait | Current::Alias) | None => false,
        }
    }

    /// The containment, if that is the next step.
    fn containment_beside(&mut self, record: &'p Step) -> Option<Action> {
        let Some(Step::Change { user, change }) =
            self.steps.front().filter(|step| step.effect() == Effect::Contain)
        else {
            return None;
        };
        let containment = self.steps.pop_front()?;
        self.current = Some(Current::Both(record, containment));
        Some(Action::Change(user.clone(), self.actual(change)))
    }

    /// Records the results of the last actions, in their order.
    pub fn record(&mut self, results: impl IntoIterator<Item = Result<Answer, E>>) {
        for result in results {
            self.record_one(result);
        }
    }
}

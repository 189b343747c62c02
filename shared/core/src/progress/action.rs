//! What is to be done, what came of it, and what became of a plan.

use crate::access_keys::KeysSeen;
use crate::change::Change;
use crate::effect::Effect;
use crate::event::{EventId, UserName};
use crate::facts::UserFacts;
use crate::notice::{Channel, Delivery, Rendered};
use crate::plan::Step;
use crate::repair::Repair;
use crate::tags::{self, UserTag};
use jiff::Timestamp;
use std::time::Duration;

/// A call that failed.
pub trait Fault {
    /// Whether a retry may help although nobody fixes anything first.
    fn is_transient(&self) -> bool;

    /// Whether AWS does not know the user, the policy or the group.
    fn is_not_found(&self) -> bool;

    /// Whether a quota of the user or the account stops it.
    fn is_quota(&self) -> bool;

    /// Whether the address or number will never be accepted, so that no retry can help.
    fn is_bad_address(&self) -> bool;

    /// Whether SES sends nothing in the company's name for now, which only an administrator can change.
    fn is_sender_refused(&self) -> bool;
}

/// The next thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Change a user in IAM.
    Change(UserName, Change),
    /// Look up the user once more.
    ReadBack(UserName),
    /// Look up the active access keys of the user. What fails about them fails nothing else.
    ReadKeys(UserName),
    /// Look up the account's alias, which names the account in messages.
    ReadAlias,
    /// Wait for so long.
    Wait(Duration),
    /// Send a message to a user on one channel.
    TellUser(Channel, Box<Rendered>),
    /// Send a message to the administrators.
    TellAdmins(Box<Rendered>),
    /// Set the tag of the alerts topic that records the reported events about root to this value.
    RecordRootAlert(String),
    /// Repair the quarantine itself.
    Repair(Repair),
    /// Order an hourly sweep that is due at this time, through the queue with this URL. The same event orders it once.
    OrderSweep(String, EventId, Timestamp),
}

/// The result of an action that did not fail.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The action was carried out.
    Done,
    /// What IAM says about the user; `None` if the user does not exist.
    Seen(Option<Box<UserFacts>>),
    /// What IAM says about the access keys of the user.
    Keys(KeysSeen),
    /// The account's alias; `None` if it has none, or if it could not be read.
    Alias(Option<String>),
    /// A message to a user was tried, with this result.
    Delivered(Delivery),
}

/// What became of a plan.
#[derive(Debug, PartialEq)]
pub struct Applied<E> {
    /// The steps that were carried out, in order, with the values actually written. A containment or a release is among
    /// them only if it was read back.
    pub done: Vec<Step>,
    /// Whether no notice to the user is still owed: each was sent by mail, or handed over as a text message where no mail
    /// can be sent.
    pub reached: bool,
    /// The error that the run fails with; `None` if it succeeded.
    pub error: Option<E>,
    /// The first record that IAM refused for good. No retry can help, so the run does not fail because of it.
    pub refused: Option<E>,
    /// What the change was for that failed because IAM did not know the user, the policy or the group.
    pub not_found: Option<Effect>,
    /// The user as they were read back after a containment or a release; `None` if neither was seen.
    pub seen: Option<Box<UserFacts>>,
    /// Whether a containment or a release was written and could not be read back. The run has to be retried, also if
    /// there is no error.
    pub is_unverified: bool,
    /// Whether the user was gone when they were to be read back.
    pub is_gone: bool,
}

/// Why there has to be a second plan after a plan was carried out.
#[derive(Debug, Clone, PartialEq)]
pub enum SecondLook {
    /// The user was contained, and was read back like this; `None` if they do not exist any more.
    ReadBack(Option<Box<UserFacts>>),
    /// IAM did not know the user, the policy or the group when it was to make a change for this.
    NotFound(Effect),
}

impl Action {
    /// Whether it sends a message.
    #[must_use]
    pub fn is_message(&self) -> bool {
        match self {
            Self::TellUser(..) | Self::TellAdmins(_) => true,
            Self::Change(..)
            | Self::ReadBack(_)
            | Self::ReadKeys(_)
            | Self::ReadAlias
            | Self::Wait(_)
            | Self::RecordRootAlert(_)
            | Self::Repair(_)
            | Self::OrderSweep(..) => false,
        }
    }
}

impl<E> Applied<E> {
    /// Whether there has to be a second plan, and why.
    #[must_use]
    pub fn second_look(&self) -> Option<SecondLook> {
        match self.not_found {
            Some(effect) => Some(SecondLook::NotFound(effect)),
            None if self.is_gone => Some(SecondLook::ReadBack(None)),
            None => self.did(Effect::Contain).then(|| SecondLook::ReadBack(self.seen.clone())),
        }
    }

    /// The state of the user after the steps that were carried out.
    #[must_use]
    pub fn user_after(&self, mut user: UserFacts) -> UserFacts {
        for step in &self.done {
            if let Step::Change { change, .. } = step {
                change.apply_to(&mut user);
            }
        }
        // Even where that could not be recorded, what the user was last told is not what was to be said now.
        if !self.reached
            && let Some(notice) = user.last_notice().filter(|notice| notice.reached)
        {
            let value = tags::unreached(&notice.to_string());
            user.tags.insert(UserTag::Notified.key().to_owned(), value);
        }
        user
    }

    /// Whether any step with this effect was carried out.
    #[must_use]
    pub fn did(&self, effect: Effect) -> bool {
        self.done.iter().any(|step| step.effect() == effect)
    }
}

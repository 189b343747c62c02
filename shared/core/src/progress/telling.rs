//! A notice to a user: a message on each channel, then the copy for the administrators, which says what came of them.

use super::action::{Action, Answer, Fault};
use super::{Current, Progress};
use crate::access_keys::KeysSeen;
use crate::event::UserName;
use crate::notice::{self, Channel, Delivery, Reach};
use std::collections::VecDeque;

/// Progress of a notice to a user: the remaining channels, the results so far, and whether the administrators' copy is
/// still to be sent.
#[derive(Debug)]
pub(super) struct Told<'p, E> {
    pub(super) channels: VecDeque<&'p Channel>,
    deliveries: Vec<Delivery>,
    /// Whether the access keys are being read.
    keys: bool,
    admins: bool,
    error: Option<E>,
}

/// What became of all notices to users so far.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    /// Whether none is still owed.
    pub(super) reached: bool,
    /// Whether one went out as a text message only.
    pub(super) by_text: bool,
}

impl<'p, E> Told<'p, E> {
    /// Nothing was sent so far.
    pub(super) fn nothing(channels: &'p [Channel]) -> Self {
        let channels = channels.iter().collect();
        Self { channels, deliveries: Vec::new(), keys: false, admins: true, error: None }
    }
}

impl<E: Fault> Progress<'_, E> {
    /// The next message of a notice: one per channel, then the administrators' copy, which says whether the user was
    /// told. `None` when the notice is finished.
    pub(super) fn next_message(&mut self) -> Option<Action> {
        let Some(Current::Notice(step, notice, told)) = &mut self.current else { return None };
        if let Some(channel) = told.channels.front() {
            return Some(Action::TellUser((*channel).clone(), Box::new(notice::for_user(notice))));
        }
        if told.admins && notice.names_access_keys() && self.keys.is_none() {
            told.keys = true;
            return Some(Action::ReadKeys(UserName::listed(&notice.person.name)));
        }
        if told.admins {
            let reach = Reach::of(&told.deliveries);
            self.arrival.reached &= !reach.is_missed();
            self.arrival.by_text |= matches!(reach, Reach::HandedOver { .. });
            // If a channel took the message, a permanent failure of another one is no reason to send everything again.
            // What is still owed, the note says.
            let enough = told.deliveries.iter().any(|delivery| *delivery >= Delivery::Unconfirmed);
            self.all_said &= told.error.as_ref().is_none_or(|error| enough && !error.is_transient());
            told.admins = false;
            if let Some(copy) = notice::for_admins(notice, reach, self.keys.as_ref()) {
                return Some(Action::TellAdmins(Box::new(copy)));
            }
        }
        let (step, error) = (*step, told.error.take());
        self.current = None;
        self.finish_step(step, error.map_or(Ok(()), Err));
        None
    }

    pub(super) fn record_message(&mut self, result: Result<Answer, E>) {
        let Some(Current::Notice(_, _, told)) = &mut self.current else { return };
        if std::mem::take(&mut told.keys) {
            // The message says so if they could not be read.
            self.keys = Some(match result {
                Ok(Answer::Keys(keys)) => keys,
                Ok(_) | Err(_) => KeysSeen::Unreadable,
            });
            return;
        }
        if told.channels.pop_front().is_none() {
            // That was the administrators' copy.
            if let Err(error) = result {
                // A copy that is refused for good is no reason to tell a user again who has been told.
                let is_told = told.deliveries.iter().any(|delivery| *delivery >= Delivery::Unconfirmed);
                self.all_said &= is_told && !error.is_transient();
                told.error.get_or_insert(error);
            }
            return;
        }
        let (delivery, error) = match result {
            Ok(Answer::Delivered(delivery)) => (delivery, None),
            Ok(Answer::Done | Answer::Seen(_) | Answer::Keys(_) | Answer::Alias(_)) => (Delivery::Sent, None),
            Err(error) if error.is_bad_address() => (Delivery::Refused, None),
            Err(error) if error.is_sender_refused() => (Delivery::SenderRefused, None),
            Err(error) => (Delivery::Failed, Some(error)),
        };
        told.deliveries.push(delivery);
        if told.error.is_none() {
            told.error = error;
        }
    }
}

//! What became of dead letters, for people and programs.

use super::dead_letter::{About, DeadLetter, Queue, Route};
use super::in_history::InHistory;
use crate::event::Function;
use crate::evidence::Product;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use strum::IntoStaticStr;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// What is to become of whatever is run again.
const TO_BE_RUN: &str = "to be run again";

/// What became of a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum FateState {
    /// It would be run again.
    Waiting,
    /// It is done with, and was removed from the queue.
    Done,
    /// It was tried, and is in the queue.
    Failed,
    /// Nothing was tried, and it is in the queue.
    Left,
}

impl FateState {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// What became of a dead letter, and what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// What became of it.
    pub state: FateState,
    /// In words.
    pub says: String,
}

impl Fate {
    /// What is to become of it, before anything is done.
    #[must_use]
    pub fn before(letter: &DeadLetter) -> Self {
        match &letter.route {
            Ok(Route::Outdated(order)) => {
                Self { state: FateState::Waiting, says: format!("to be {}", order.says_outdated()) }
            }
            Ok(Route::Function { .. } | Route::Sweep(_) | Route::List | Route::Account(_)) => {
                Self { state: FateState::Waiting, says: TO_BE_RUN.to_owned() }
            }
            Err(stays) => Self { state: FateState::Left, says: stays.to_string() },
        }
    }

    /// Whether it would be done with in another way than by running it again.
    #[must_use]
    pub fn is_to_be_dropped(&self) -> bool {
        self.state == FateState::Waiting && self.says != TO_BE_RUN
    }

    /// A function handled it. `removed` is the error if it could not be removed from the queue.
    #[must_use]
    pub fn handled(says: &str, removed: Result<(), String>) -> Self {
        match removed {
            Ok(()) => Self { state: FateState::Done, says: says.to_owned() },
            Err(error) => Self {
                state: FateState::Failed,
                says: format!(
                    "{says}. It is still in the queue ({error}): running it once more does no harm"
                ),
            },
        }
    }

    /// It is in the queue, because this failed.
    #[must_use]
    pub fn failed(why: impl Into<String>) -> Self {
        Self { state: FateState::Failed, says: why.into() }
    }

    /// It was not tried after something failed that fails for all.
    #[must_use]
    pub fn not_tried() -> Self {
        Self { state: FateState::Left, says: "not tried".to_owned() }
    }
}

/// A dead letter, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Id of the message.
    pub message_id: String,
    /// The queue.
    pub queue: Queue,
    /// When it was sent there.
    pub sent: Option<Timestamp>,
    /// The function that it is for; `None` if it is for none of the stack.
    #[serde(serialize_with = "function_name")]
    pub function: Option<Function>,
    /// What it is about.
    pub event: About,
    /// Why it is there; `None` if it does not say.
    pub error: Option<String>,
    /// What `CloudTrail`'s event history says of it; `None` if it would not go into a function.
    pub history: Option<InHistory>,
    /// What became of it.
    #[serde(flatten)]
    pub fate: Fate,
}

impl Row {
    /// The row of a dead letter.
    #[must_use]
    pub fn of(letter: &DeadLetter, fate: Fate) -> Self {
        Self {
            message_id: letter.id.clone(),
            queue: letter.queue,
            sent: letter.sent,
            function: letter.function(),
            event: letter.about.clone(),
            error: letter.error.clone(),
            history: letter.history,
            fate,
        }
    }
}

/// What became of all. `docs/redrive.schema.json` describes it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Redriven {
    /// Version of the form.
    schema_version: &'static str,
    /// What made it.
    product: Product,
    /// When the queues were read.
    pub at: Timestamp,
    /// ARN of whoever asked.
    pub caller: String,
    /// Number of the account.
    pub account: String,
    /// The region of the stack.
    pub region: String,
    /// Name of the stack.
    pub stack: String,
    /// Whether there may be more in the queues.
    pub may_be_more: bool,
    /// How many were taken and put back, since they are for other functions than the one that was asked for.
    pub left_out: usize,
    /// Why the event history could not be read; `None` if it could, or was not asked.
    pub history_error: Option<String>,
    /// The dead letters, as they were sent.
    pub dead_letters: Vec<Row>,
}

impl Redriven {
    /// Of a stack in this account, by this caller.
    #[must_use]
    pub fn of(at: Timestamp, caller: &str, account: &str, region: &str, stack: &str) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            product: Product::own(),
            at,
            caller: caller.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            stack: stack.to_owned(),
            may_be_more: false,
            left_out: 0,
            history_error: None,
            dead_letters: Vec::new(),
        }
    }

    /// Whether nothing is in the queues that was there.
    #[must_use]
    pub fn is_empty_now(&self) -> bool {
        !self.may_be_more && self.left_out == 0 && self.count(FateState::Done) == self.dead_letters.len()
    }

    /// How many came to this.
    #[must_use]
    pub fn count(&self, state: FateState) -> usize {
        self.dead_letters.iter().filter(|row| row.fate.state == state).count()
    }

    /// It as JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> String {
        // INVARIANT: all keys are strings, so this does not fail.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        format!("{text}\n")
    }
}

#[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn function_name<S: Serializer>(function: &Option<Function>, serializer: S) -> Result<S::Ok, S::Error> {
    match function {
        Some(function) => serializer.serialize_some(function.name()),
        None => serializer.serialize_none(),
    }
}

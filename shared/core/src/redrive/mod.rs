//! What lies in the dead-letter queues: what it is, where it goes, and what came of running it again.
//!
//! A body can be from anybody who may write to a queue. So it is never believed where it would have something called: only
//! the stack's own functions are, and an order for a sweep is written anew.

mod dead_letter;
mod function_answer;
mod in_history;
mod own_functions;
mod redriven;
mod sweep_orders;

pub use dead_letter::{About, DeadLetter, Message, Queue, Route, Stays};
pub use function_answer::judge;
pub use in_history::{InHistory, ToLookUp};
pub use own_functions::OwnFunctions;
pub use redriven::{Fate, FateState, Redriven, Row};
pub use sweep_orders::{NewOrder, Ordered, order_for_all, orders_of_accounts};

use crate::settings::is_unseen;

/// The text in one line of this length at most, without characters that nobody sees.
fn one_line(text: &str, limit: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() || is_unseen(c) { ' ' } else { c });
    if text.chars().count() <= limit {
        return plain.collect();
    }
    plain.take(limit.saturating_sub(3)).chain("...".chars()).collect()
}

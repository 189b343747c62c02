//! Which sweep makes up for those that did not finish.

use super::dead_letter::{DeadLetter, Route};
use crate::event::{SweepKind, SweepRequest};
use jiff::Timestamp;

/// An order to put into the queue of the orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// The sweep.
    pub request: SweepRequest,
    /// The message that it stands for. The queue takes it once in five minutes.
    pub message: String,
}

/// The order that makes up for the sweeps that these dead letters ask for; `None` if they ask for none.
///
/// A sweep looks at the account as it is then, so any later one does what an earlier one left undone, and a daily one does
/// what an hourly one does as well. More orders would only keep the queue busy, in which an order waits three hours at
/// most. It is due now: what is due at a time long ago would be taken for something of that day.
#[must_use]
pub fn order_for_all(letters: &[DeadLetter], now: Timestamp) -> Option<NewOrder> {
    let orders = letters.iter().filter_map(|letter| match &letter.route {
        Ok(Route::Sweep(request)) => Some((request, letter)),
        Ok(Route::Function { .. }) | Err(_) => None,
    });
    let rank = |request: &SweepRequest| match request.kind {
        SweepKind::Daily => 1,
        SweepKind::Hourly => 0,
    };
    let (newest, letter) = orders.max_by_key(|(request, _)| (rank(request), request.time))?;
    let request = SweepRequest::due(newest.kind, now)?;
    Some(NewOrder { request, message: letter.id.clone() })
}

impl NewOrder {
    /// What became of a dead letter with this id once the order was taken.
    #[must_use]
    pub fn says_of(&self, message: &str) -> String {
        let kind = self.request.kind.name();
        if message == self.message {
            format!("ordered: a new {kind} sweep")
        } else {
            format!("made up for by the new {kind} sweep")
        }
    }
}

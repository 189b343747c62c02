//! Which orders make up for those that did not finish.

use super::dead_letter::{DeadLetter, Route};
use crate::event::{SweepKind, SweepRequest};
use crate::organization::AccountOrder;
use crate::tags::second;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// An order to put into the queue of the orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// What it orders.
    pub ordered: Ordered,
    /// The message that it stands for. The queue takes it once in five minutes.
    pub message: String,
}

/// What an order asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ordered {
    /// A sweep.
    Sweep(SweepRequest),
    /// A list of the organization.
    List,
}

/// The order that makes up for the sweeps and lists that these dead letters ask for; `None` if they ask for none.
///
/// A sweep looks at the account as it is then, so any later one does what an earlier one left undone, and a daily one does
/// what an hourly one does as well. In a hub, each begins with a list. More orders would only keep the queue busy, in which
/// an order waits three hours at most. It is due now: what is due at a time long ago would be taken for something of that
/// day.
#[must_use]
pub fn order_for_all(letters: &[DeadLetter], now: Timestamp) -> Option<NewOrder> {
    let orders = letters.iter().filter_map(|letter| match &letter.route {
        Ok(Route::Sweep(request)) => Some((rank(request), letter)),
        Ok(Route::List) => Some(((0, Timestamp::MIN), letter)),
        Ok(Route::Function { .. } | Route::Account(_) | Route::Outdated(_)) | Err(_) => None,
    });
    let (_, letter) = orders.max_by_key(|(rank, _)| *rank)?;
    let ordered = match &letter.route {
        Ok(Route::Sweep(request)) => Ordered::Sweep(SweepRequest::due(request.kind, now)?),
        Ok(_) | Err(_) => Ordered::List,
    };
    Some(NewOrder { ordered, message: letter.id.clone() })
}

/// The orders of accounts that these dead letters ask for, each with its message: one an account, since a later sweep does
/// what an earlier one left undone.
#[must_use]
pub fn orders_of_accounts(letters: &[DeadLetter]) -> Vec<(AccountOrder, String)> {
    let mut newest: BTreeMap<&str, (&AccountOrder, &str)> = BTreeMap::new();
    for letter in letters {
        let Ok(Route::Account(order)) = &letter.route else { continue };
        let known = newest.get(order.account.as_str());
        if known.is_none_or(|(known, _)| rank(&known.request) < rank(&order.request)) {
            newest.insert(&order.account, (order, &letter.id));
        }
    }
    newest.into_values().map(|(order, id)| (order.clone(), id.to_owned())).collect()
}

/// What does more comes first, and then what is newer.
fn rank(request: &SweepRequest) -> (u8, Timestamp) {
    let kind = match request.kind {
        SweepKind::Daily => 2,
        SweepKind::Hourly => 1,
    };
    (kind, request.time)
}

impl NewOrder {
    /// What became of a dead letter with this id once the order was taken.
    #[must_use]
    pub fn says_of(&self, message: &str) -> String {
        let what = match &self.ordered {
            Ordered::Sweep(request) => format!("{} sweep", request.kind.name()),
            Ordered::List => "list of the organization".to_owned(),
        };
        says(message == self.message, &what)
    }
}

impl AccountOrder {
    /// What became of a dead letter once this order was taken, which stands for it or for another one of the account.
    #[must_use]
    pub fn says_of(&self, is_its_own: bool) -> String {
        says(is_its_own, &format!("{} sweep of {}", self.request.kind.name(), self.account))
    }

    /// What becomes of a dead letter that came too late.
    #[must_use]
    pub fn says_outdated(&self) -> String {
        format!(
            "dropped: the {} sweep of {} was due at {}, and later ones have done the same",
            self.request.kind.name(),
            self.account,
            second(self.request.time)
        )
    }
}

fn says(is_its_own: bool, what: &str) -> String {
    if is_its_own { format!("ordered: a new {what}") } else { format!("made up for by the new {what}") }
}

//! The findings of a daily sweep.

use super::account_findings::of_account;
use super::body::Event;
use super::user_findings::of_users;
use super::{BusEvent, OpenFindings};
use crate::digest::{AlertsSubscribers, SweepResult, UserStatus};
use crate::event::SweepRequest;
use crate::evidence::Row;
use crate::settings::Settings;
use crate::snapshot::{RootStatus, UserSnapshot};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What a daily sweep found.
#[derive(Debug, Clone, Copy)]
pub struct Swept<'a> {
    /// The sweep.
    pub request: &'a SweepRequest,
    /// The settings.
    pub settings: &'a Settings,
    /// The users, and the status of each after the sweep, in the same order.
    pub users: &'a [UserSnapshot],
    /// The status of each user.
    pub statuses: &'a [UserStatus],
    /// Root.
    pub root: &'a RootStatus,
    /// Who gets the alerts.
    pub alerts_subscribers: AlertsSubscribers,
    /// What the sweep did.
    pub result: &'a SweepResult,
    /// The users in the record before, by their ids; `None` if there is none.
    pub rows: Option<&'a BTreeMap<String, Row>>,
    /// When it was found.
    pub at: Timestamp,
}

/// The entries about everything that was found, and what to note of it once they are on the bus.
#[must_use]
pub fn findings_of(swept: Swept<'_>, before: &OpenFindings) -> (Vec<BusEvent>, OpenFindings) {
    let (mut events, open) = of_account(swept, before);
    events.extend(of_users(swept));
    (events, open)
}

impl Event {
    pub(super) fn of_sweep(request: &SweepRequest) -> Self {
        Self { id: request.id.to_string(), name: SweepRequest::NAME.to_owned(), time: request.time }
    }
}

//! What a sweep puts on the event bus: its acts, and what a daily one found.

use super::gather::Known;
use super::{Sweep, SweepInvocation};
use crate::directory::AccountDirectory;
use crate::events;
use crate::messenger::TopicKeeper;
use mfa_enforcer_core::bus::{BusEvent, OpenFindings, Swept, findings_of};
use mfa_enforcer_core::digest::{AccountFinding, AlertsSubscribers, Note, SweepResult};
use mfa_enforcer_core::evidence::Row;
use std::collections::BTreeMap;
use std::sync::PoisonError;

/// The users in the record before, by their ids.
pub(super) type Rows = BTreeMap<String, Row>;

impl<D: AccountDirectory + Sync, M: TopicKeeper + Sync> Sweep<'_, D, M> {
    /// Puts the acts on the bus, and what was found. Returns what to note of it. What was lost is a finding.
    pub(super) async fn put_on_bus(
        &self,
        known: Known<'_>,
        rows: Option<&Rows>,
        alerts_subscribers: AlertsSubscribers,
        tags: Option<&BTreeMap<String, String>>,
        result: &mut SweepResult,
    ) -> Option<Note> {
        let SweepInvocation { settings, clock, .. } = self.invocation;
        settings.output_bus.as_ref()?;
        if self.request.is_hourly() {
            self.put(Vec::new(), result).await;
            return None;
        }
        let swept = Swept {
            request: self.request,
            settings,
            users: known.users,
            statuses: known.statuses,
            root: known.root,
            alerts_subscribers,
            result,
            rows,
            at: clock(),
        };
        let before = OpenFindings::of(tags);
        let (found, open) = findings_of(swept, &before);
        let all_is_put = self.put(found, result).await;
        (all_is_put && open != before).then(|| open.note())
    }

    /// Whether all is on the bus.
    pub(super) async fn put(&self, found: Vec<BusEvent>, result: &mut SweepResult) -> bool {
        let mut entries = {
            let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut gathered.notebook.events)
        };
        entries.extend(found);
        let lost = events::put(entries, self.messenger).await;
        let all_is_put = lost.is_none();
        result.findings.extend(lost.map(AccountFinding::EventsLost));
        all_is_put
    }
}

//! How a sweep ends that could not read the account.

use super::{Sweep, SweepInvocation};
use crate::directory::AccountDirectory;
use crate::error::AwsError;
use crate::measure;
use crate::messenger::TopicKeeper;
use mfa_enforcer_core::bus::{OpenFindings, event_of_alert};
use mfa_enforcer_core::digest::{Note, SweepResult};
use mfa_enforcer_core::notice::Alert;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::sweep::no_digest;
use std::collections::BTreeMap;

impl<D: AccountDirectory + Sync, M: TopicKeeper + Sync> Sweep<'_, D, M> {
    /// Tells people and machines, and keeps what was done before.
    pub(super) async fn end_without_account(
        &self,
        error: &AwsError,
        tags: Option<&BTreeMap<String, String>>,
        result: &mut SweepResult,
    ) {
        let told = self.say_there_is_no_digest(error, tags).await;
        self.keep_acts(result).await;
        let note = self.put_without_account(told, tags, result).await;
        self.write_notes(note.into_iter().collect()).await;
    }

    /// Tells the administrators, once a day, that the account cannot be read, and notes it. Returns the alert.
    async fn say_there_is_no_digest(
        &self,
        error: &AwsError,
        tags: Option<&BTreeMap<String, String>>,
    ) -> Option<Alert> {
        let now = (self.invocation.clock)();
        let error = error.to_string();
        let plan = |settings: &Settings| no_digest(self.request, &error, tags, settings, now);
        let settings = self.invocation.settings;
        plan(settings)?;
        let letterhead = settings.letterhead.clone().or_alias(self.alias().await.as_deref());
        let (alert, message, note) = plan(&Settings { letterhead, ..settings.clone() })?;
        let told = self.messenger.tell_admins(&message).await;
        measure::message(told.is_ok());
        if told.is_ok() {
            let (key, value) = note;
            drop(self.messenger.set_alerts_tag(key, &value).await);
        }
        Some(alert)
    }

    /// Puts the acts of a sweep that could not read the account on the bus, and that it could not, if that was told.
    async fn put_without_account(
        &self,
        told: Option<Alert>,
        tags: Option<&BTreeMap<String, String>>,
        result: &mut SweepResult,
    ) -> Option<Note> {
        let SweepInvocation { settings, clock, .. } = self.invocation;
        settings.output_bus.as_ref()?;
        let event = told.map(|alert| event_of_alert(&alert, clock(), settings));
        let note = event.as_ref().map(|_| OpenFindings::of(tags).and_unreadable().note());
        let all_is_put = self.put(event.into_iter().collect(), result).await;
        note.filter(|_| all_is_put)
    }
}

//! The digest: sent where it is due, and remembered.

use super::Sweep;
use crate::answer::DigestSent;
use crate::directory::AccountDirectory;
use crate::error::{AwsError, ErrorKind};
use crate::looks::alias_seen;
use crate::measure;
use crate::messenger::TopicKeeper;
use mfa_enforcer_core::digest::{
    AccountFinding, AlertsSubscribers, Digest, DigestMail, LAST_SWEEP_KEY, Memory, Note, Released, is_due,
    notes_after_daily, render,
};
use mfa_enforcer_core::evidence::Object;
use mfa_enforcer_core::notice::Rendered;
use mfa_enforcer_core::organization::{AccountResult, SweepRun, is_final, memory_after_result};
use mfa_enforcer_core::sender::{digest_finding, digest_recipient};
use std::collections::BTreeMap;

impl<D: AccountDirectory + Sync, M: TopicKeeper + Sync> Sweep<'_, D, M> {
    /// How many subscriptions of the alerts topic are confirmed. If they cannot be listed, that is a finding and not a
    /// failure: trying the sweep again would hardly help.
    pub(super) async fn alerts_subscribers(&self) -> AlertsSubscribers {
        let listed = self.messenger.alerts_subscriptions().await.ok();
        AlertsSubscribers::of(listed.as_deref())
    }

    /// Sends the digest if it is due, and records the sweep. Returns whether it was sent, and what failed.
    pub(super) async fn report_to_admins(
        &self,
        digest: &mut Digest,
        tags: Option<&BTreeMap<String, String>>,
    ) -> (DigestSent, Vec<AwsError>) {
        let now = digest.at;
        let before = memory_of(tags);
        let unfinished = !digest.result.remaining.is_empty();
        let earlier = Released::of(tags);
        let told = digest.result.clone().and_earlier(&digest.statuses, before.as_ref(), &earlier, now);
        let mut told = Digest { result: told, ..digest.clone() };
        if let Some(run) = self.invocation.run {
            return self.report_to_hub(run, &told, tags, before.as_ref()).await;
        }
        let due = is_due(before.as_ref(), self.invocation.settings.digest, &told);
        let mut failures = Vec::new();
        let mut sent = Ok(());
        let mut mailed = false;
        if due {
            let letterhead = self.invocation.settings.letterhead.clone();
            told.account_name = letterhead.or_alias(self.alias().await.as_deref()).account_name;
            // Before the topic, where it is said if a mail was not sent.
            let known = DigestMail::of(tags, now);
            let (is_mailed, unsent) = self.mail_digest(&render(&told, before.as_ref()), &known).await;
            mailed = is_mailed;
            told.result.findings.extend(unsent.clone());
            digest.result.findings.extend(unsent);
            let message = render(&told, before.as_ref());
            sent = self.messenger.tell_admins(&message).await;
            measure::message(sent.is_ok());
        }
        let (digest_sent, memory) = match (due, sent) {
            (true, Ok(())) => (DigestSent::Sent, Memory::after_digest(digest, before.as_ref())),
            (false, Ok(())) => (DigestSent::NotDue, Memory::after_sweep(now, before.as_ref())),
            (_, Err(error)) => {
                failures.push(error);
                (DigestSent::Failed, Memory::digest_owed(now, before.as_ref()))
            }
        };
        let is_told = digest_sent == DigestSent::Sent;
        let notes = notes_after_daily(tags, &memory.unfinished(unfinished), is_told, &digest.result);
        let notes = notes.into_iter().chain(DigestMail::note(mailed, is_told, now)).collect();
        failures.extend(self.write_notes(notes).await);
        (digest_sent, failures)
    }

    /// Keeps the result for the hub's digest. It counts as told if it is final, and that digest is still to come.
    async fn report_to_hub(
        &self,
        run: &SweepRun,
        told: &Digest,
        tags: Option<&BTreeMap<String, String>>,
        before: Option<&Memory>,
    ) -> (DigestSent, Vec<AwsError>) {
        let result = AccountResult::swept(run, told);
        let is_final = is_final(told);
        let key = if is_final { run.result_key(&told.account) } else { run.attempt_key(&told.account) };
        let object = Object { key, bytes: result.json(), media: "application/json" };
        let kept = self.messenger.put_object(&object).await;
        // Another sweep of the same run may have been first. Then its result counts.
        let found = self.messenger.get_object(&object.key).await;
        let is_ours = found.is_ok_and(|found| found == object.bytes);
        let claim = self.messenger.get_object(&run.told_key()).await;
        let is_open = claim.is_err_and(|error| error.kind == ErrorKind::NotFound);
        let is_told = is_final && is_ours && is_open;
        let memory = memory_after_result(told, before, is_told).unfinished(!told.result.remaining.is_empty());
        let notes = notes_after_daily(tags, &memory, is_told, &told.result);
        let failures = kept.err().into_iter().chain(self.write_notes(notes).await).collect();
        (if is_told { DigestSent::Sent } else { DigestSent::NotDue }, failures)
    }

    /// The account's alias, for a message; `None` if a setting names the account.
    pub(super) async fn alias(&self) -> Option<String> {
        match &self.invocation.settings.letterhead.account_name {
            Some(_) => None,
            None => alias_seen(self.directory).await,
        }
    }

    /// Mails the digest to `DIGEST_TO`. Returns whether it was sent, and a finding if somebody does not get it.
    async fn mail_digest(&self, message: &Rendered, known: &DigestMail) -> (bool, Option<AccountFinding>) {
        let Some(sender) = self.invocation.settings.sender.as_ref() else { return (false, None) };
        let Some(channel) = digest_recipient(sender, known) else {
            return (false, digest_finding(sender, known, None));
        };
        let sent = self.messenger.tell_user(&channel, None, message).await;
        measure::message(sent.is_ok());
        (sent.is_ok(), digest_finding(sender, known, sent.err().map(|error| error.to_string())))
    }

    /// Writes tags of the alerts topic. Returns what failed.
    pub(super) async fn write_notes(&self, notes: Vec<Note>) -> Vec<AwsError> {
        let mut failures = Vec::new();
        for (key, value) in notes {
            failures.extend(self.messenger.set_alerts_tag(key, &value).await.err());
        }
        failures
    }
}

/// What the last sweep remembered.
pub(super) fn memory_of(tags: Option<&BTreeMap<String, String>>) -> Option<Memory> {
    tags.and_then(|tags| tags.get(LAST_SWEEP_KEY)).and_then(|value| Memory::parse(value))
}

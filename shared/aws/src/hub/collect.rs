//! The collector: one digest of all accounts, when all have reported or the time is up. The core decides when, and who.

use super::Hub;
use super::ledger::Ledger;
use crate::error::{AwsError, ErrorKind};
use crate::evidence::EvidenceStore;
use crate::measure;
use crate::messenger::{Messenger, TopicKeeper};
use crate::s3::Versioned;
use futures_util::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::digest::{AccountFinding, AlertsSubscribers, DigestMail};
use mfa_enforcer_core::notice::Rendered;
use mfa_enforcer_core::organization::{
    AccountResult, Claim, Claimed, Collecting, ORGANIZATION_MEMORY_KEY, OrganizationDigest,
    OrganizationMemory, SweepPlan, SweepRun, collect, is_organization_digest_due, render_organization,
};
use mfa_enforcer_core::sender::{digest_finding, digest_recipient};
use std::sync::Arc;

/// How long the accounts of a run are waited for. Each sweep takes up to a quarter of an hour, and is tried again.
const LIMIT: SignedDuration = SignedDuration::from_mins(50);
/// Objects read at once.
const AT_ONCE: usize = 16;

/// An account that had not reported when the results were listed.
#[derive(Debug, Clone)]
pub(super) struct Awaited {
    run: String,
    /// The key of its result.
    result: String,
    /// When the time of the run is up.
    until: Timestamp,
}

impl Hub {
    /// Sends the digest of a run if it is time. What fails is tried again by the next, and costs no sweep anything.
    pub(super) async fn collect_or_warn(&self, run: &SweepRun, by: &str, now: Timestamp) {
        if let Err(error) = self.collect(run, by, now).await {
            tracing::error!(run = run.to_string(), %error, "digest of the organization not sent");
        }
    }

    /// Sends the digest of a run if it is time and nobody else does. What fails is tried again by the next.
    async fn collect(&self, run: &SweepRun, by: &str, now: Timestamp) -> Result<(), AwsError> {
        if self.is_awaited(run, now).await? {
            return Ok(());
        }
        let known = self.planned.lock().await.clone().filter(|plan| plan.run == run.to_string());
        let is_known = known.is_some();
        let plan = if is_known { known } else { self.plan_of(run).await? };
        let Some(mut plan) = plan else { return Ok(()) };
        let finals = self.bucket.list_objects(&run.results_prefix(), "").await?;
        let wait = |last: &str, until| Awaited { run: run.to_string(), result: run.result_key(last), until };
        let missing = |plan: &SweepPlan| {
            let reported = finals.iter().filter_map(|key| run.account_of(key));
            match collect(plan, reported, now, LIMIT) {
                Collecting::Wait { last, until, .. } => Err(wait(last, until)),
                Collecting::Report { missing } => Ok(missing),
            }
        };
        if is_known && missing(&plan).is_ok() {
            // It may have been made anew since this process read it.
            let Some(now_there) = self.plan_of(run).await? else { return Ok(()) };
            plan = now_there;
        }
        let missing = match missing(&plan) {
            Ok(missing) => missing,
            Err(awaited) => {
                *self.awaited.lock().await = Some(awaited);
                return Ok(());
            }
        };
        let Some(mut claim) = self.claim(run, by, now).await? else { return Ok(()) };
        let told = self.tell_run(run, &plan, &mut claim, now).await;
        tracing::info!(run = run.to_string(), missing, told = told.is_ok(), "run collected");
        self.bucket.put(&run.told_key(), claim.ended(told.is_ok(), now).json()).await?;
        told
    }

    /// Whether an account has still not reported, which had not when the results were listed last. Then there is no need to
    /// list them again: a list costs as much as a dozen reads, and each account of a run would make one.
    async fn is_awaited(&self, run: &SweepRun, now: Timestamp) -> Result<bool, AwsError> {
        let awaited = self.awaited.lock().await.clone();
        let Some(awaited) = awaited.filter(|awaited| awaited.run == run.to_string() && now < awaited.until)
        else {
            return Ok(false);
        };
        Ok(self.read_if_there(&awaited.result).await?.is_none())
    }

    /// The plan of a run, as it is now; `None` if there is none that can be used.
    async fn plan_of(&self, run: &SweepRun) -> Result<Option<Arc<SweepPlan>>, AwsError> {
        let Some(object) = self.read_if_there(&run.plan_key()).await? else { return Ok(None) };
        match SweepPlan::read(&object.bytes, run) {
            Ok(plan) => {
                let plan = Arc::new(plan);
                *self.planned.lock().await = Some(plan.clone());
                Ok(Some(plan))
            }
            Err(problem) => {
                tracing::error!(run = run.to_string(), problem, "run cannot be collected");
                Ok(None)
            }
        }
    }

    /// The claim on a run; `None` if it is told, or another collector is at work.
    async fn claim(&self, run: &SweepRun, by: &str, now: Timestamp) -> Result<Option<Claim>, AwsError> {
        let key = run.told_key();
        let first = Claim::first(by, now);
        if self.bucket.replace(&key, first.json(), None).await?.is_some() {
            return Ok(Some(first));
        }
        let Some(Versioned { bytes, tag, .. }) = self.read_if_there(&key).await? else { return Ok(None) };
        match Claim::after(&bytes, by, now) {
            Claimed::Told | Claimed::ByAnother(_) => Ok(None),
            Claimed::TakeOver(claim) => {
                Ok(self.bucket.replace(&key, claim.json(), Some(&tag)).await?.map(|_| claim))
            }
        }
    }

    async fn tell_run(
        &self,
        run: &SweepRun,
        plan: &SweepPlan,
        claim: &mut Claim,
        now: Timestamp,
    ) -> Result<(), AwsError> {
        let settings = &self.settings.base;
        let results = self.results(run).await?;
        let mut digest = OrganizationDigest::of(plan, &self.settings.account, results, now);
        let listed = self.messenger.alerts_subscriptions().await.ok();
        digest.alerts_subscribers = AlertsSubscribers::of(listed.as_deref());
        digest.sender.clone_from(&settings.sender);
        let doubts = match self.store.books().await {
            Ok(books) => books.doubts(now),
            Err(unread) => vec![unread.to_string()],
        };
        digest.findings.extend(doubts.into_iter().map(AccountFinding::SettingsInDoubt));
        let before = self.read_if_there(ORGANIZATION_MEMORY_KEY).await?;
        let before = before.and_then(|object| OrganizationMemory::read(&object.bytes));
        measure::organization(&digest.readings(before.as_ref()));
        if !is_organization_digest_due(before.as_ref(), settings.digest, &digest) {
            return Ok(());
        }
        // Before the topic, where it is said if a mail was not sent.
        let unsent =
            self.mail_digest(&render_organization(&digest, before.as_ref()), run, claim, now).await?;
        digest.findings.extend(unsent);
        let message = render_organization(&digest, before.as_ref());
        if !claim.published {
            let sent = self.messenger.tell_admins(&message).await;
            measure::message(sent.is_ok());
            sent?;
            *claim = claim.published();
            self.bucket.put(&run.told_key(), claim.json()).await?;
        }
        let memory = OrganizationMemory::of(&digest, before.as_ref());
        self.bucket.put(ORGANIZATION_MEMORY_KEY, memory.json()).await
    }

    /// Mails the digest to `DIGEST_TO`, unless that was done. Returns a finding if somebody does not get it.
    async fn mail_digest(
        &self,
        message: &Rendered,
        run: &SweepRun,
        claim: &mut Claim,
        now: Timestamp,
    ) -> Result<Option<AccountFinding>, AwsError> {
        let Some(sender) = self.settings.base.sender.as_deref() else { return Ok(None) };
        // The note of a bounce, which SES tells to the account of the hub.
        let ledger = Ledger::new(self.bucket.clone(), &self.settings.account);
        let known = DigestMail::of(ledger.notes().await.ok().as_ref(), now);
        let channel = digest_recipient(sender, &known).filter(|_| !claim.mailed);
        let Some(channel) = channel else { return Ok(digest_finding(sender, &known, None)) };
        let sent = self.messenger.tell_user(&channel, None, message).await;
        measure::message(sent.is_ok());
        if sent.is_ok() {
            *claim = claim.mailed();
            self.bucket.put(&run.told_key(), claim.json()).await?;
        }
        Ok(digest_finding(sender, &known, sent.err().map(|error| error.to_string())))
    }

    /// What every account reported, or left after an attempt.
    async fn results(
        &self,
        run: &SweepRun,
    ) -> Result<Vec<(String, Result<AccountResult, String>)>, AwsError> {
        let mut keys = self.bucket.list_objects(&run.results_prefix(), "").await?;
        keys.extend(self.bucket.list_objects(&run.attempts_prefix(), "").await?);
        let reads = keys.iter().filter_map(|key| Some((key, run.account_of(key)?))).map(
            |(key, account)| async move {
                let read = match self.bucket.get_object(key).await {
                    Ok(bytes) => AccountResult::read(&bytes, run, account),
                    Err(error) => Err(error.to_string()),
                };
                (account.to_owned(), read)
            },
        );
        Ok(stream::iter(reads).buffered(AT_ONCE).collect().await)
    }

    pub(super) async fn read_if_there(&self, key: &str) -> Result<Option<Versioned>, AwsError> {
        match self.bucket.get_version(key, None).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

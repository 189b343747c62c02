//! Keeps evidence: the acts of a run, and the record of a daily sweep. Without a bucket nothing of it happens, and whatever
//! fails here is a finding and fails nothing else.

use crate::error::AwsError;
use crate::invocation::Invocation;
use futures_util::stream::{self, TryStreamExt};
use jiff::Timestamp;
use mfa_enforcer_core::bus::{BusEvent, events_of};
use mfa_enforcer_core::event::Event;
use mfa_enforcer_core::event::Occasion;
use mfa_enforcer_core::evidence::{
    Before, Deed, HEAD_KEY, Listing, Object, Remembered, Run, account_prefix, acts, look_after,
};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::settings::Settings;
use std::collections::BTreeMap;
use std::future::Future;

/// Objects written at once.
const AT_ONCE: usize = 8;

/// The bucket of the evidence.
pub trait EvidenceStore {
    /// Writes an object, and never over another one. One that is there already was written by an earlier try.
    ///
    /// # Errors
    /// If S3 refuses or does not answer.
    fn put_object(&self, object: &Object) -> impl Future<Output = Result<(), AwsError>> + Send;

    /// The keys that begin with `prefix` and come after `after`.
    ///
    /// # Errors
    /// If they cannot be listed in full.
    fn list_objects(
        &self,
        prefix: &str,
        after: &str,
    ) -> impl Future<Output = Result<Vec<String>, AwsError>> + Send;

    /// The content of an object.
    ///
    /// # Errors
    /// As [`EvidenceStore::put_object`].
    fn get_object(&self, key: &str) -> impl Future<Output = Result<Vec<u8>, AwsError>> + Send;
}

/// The acts of one run, as they are made.
#[derive(Debug)]
pub(crate) struct Notebook {
    run: Run,
    is_kept: bool,
    pub(crate) acts: Vec<Object>,
    /// The settings, where acts are put on a bus.
    for_bus: Option<Box<Settings>>,
    pub(crate) events: Vec<BusEvent>,
}

impl Notebook {
    /// The acts of this invocation.
    pub(crate) fn of(invocation: Invocation<'_>) -> Self {
        let Invocation { settings, now, request_id, .. } = invocation;
        Self {
            run: Run::new(&settings.deployment.account, now, request_id),
            is_kept: settings.evidence_bucket.is_some(),
            acts: Vec::new(),
            for_bus: settings.output_bus.as_ref().map(|_| Box::new(settings.clone())),
            events: Vec::new(),
        }
    }

    /// Notes what was done because of an event.
    pub(crate) fn note_event(
        &mut self,
        event: &Event,
        users: Option<(&UserFacts, &UserFacts)>,
        plan: &Plan,
        done: &[Step],
    ) {
        if self.is_kept || self.for_bus.is_some() {
            self.note(&Occasion::Event(Box::new(event.clone())), users, plan, done);
        }
    }

    /// Notes what was done, given the user before and after it.
    pub(crate) fn note(
        &mut self,
        occasion: &Occasion,
        users: Option<(&UserFacts, &UserFacts)>,
        plan: &Plan,
        done: &[Step],
    ) {
        let deed = Deed {
            occasion,
            before: users.map(|(before, _)| before),
            after: users.map(|(_, after)| after),
            episode: plan.episode.as_ref(),
            reason: plan.reason,
            planned: &plan.steps,
            done,
        };
        if let Some(settings) = &self.for_bus {
            self.events.extend(events_of(&self.run, deed, settings));
        }
        if self.is_kept {
            let acts = acts(&self.run, deed, self.acts.len());
            self.acts.extend(acts);
        }
    }
}

/// Writes these objects, in any order. Gives up at the first one that cannot be written: the others would fare the same.
pub(crate) async fn keep<S: EvidenceStore + Sync>(objects: &[Object], store: &S) -> Result<(), AwsError> {
    let objects = objects.iter().map(Ok);
    stream::iter(objects).try_for_each_concurrent(AT_ONCE, |object| store.put_object(object)).await
}

/// What the bucket has of the last record, given the tags of the alerts topic, which say what it should be.
///
/// # Errors
/// If the bucket cannot be read.
pub async fn look_at_evidence<S: EvidenceStore + Sync>(
    settings: &Settings,
    tags: Option<&BTreeMap<String, String>>,
    now: Timestamp,
    store: &S,
) -> Result<(Before, Listing), AwsError> {
    let named = settings.evidence_bucket.as_deref().zip(tags.and_then(|tags| tags.get(HEAD_KEY)));
    let remembered = named.and_then(|(bucket, value)| Remembered::parse(value, bucket));
    look(settings, remembered, now, store).await
}

/// What the bucket has of the record before. Only if the last days have none, all objects are listed.
pub(crate) async fn look<S: EvidenceStore + Sync>(
    settings: &Settings,
    remembered: Option<Remembered>,
    now: Timestamp,
    store: &S,
) -> Result<(Before, Listing), AwsError> {
    let account = &settings.deployment.account;
    let prefix = account_prefix(account);
    let mut listing = Listing::of(store.list_objects(&prefix, &look_after(account, now)).await?);
    if listing.last_record().is_none() {
        listing = Listing::of(store.list_objects(&prefix, &prefix).await?);
    }
    let Some(key) = listing.last_record() else {
        return Ok((Before::of(&listing, None, None, remembered), listing));
    };
    let record = store.get_object(key).await?;
    // Without the rows, dates of enrolment are looked up anew.
    let rows = store.get_object(&Listing::rows_of(key)).await.ok();
    Ok((Before::of(&listing, Some(&record), rows.as_deref(), remembered), listing))
}

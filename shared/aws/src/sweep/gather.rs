//! What a sweep gathers for its evidence, and how it writes it.

use super::{AT_ONCE, Sweep, SweepInvocation};
use crate::directory::AccountDirectory;
use crate::error::AwsError;
use crate::evidence::{self, Notebook};
use crate::invocation::Invocation;
use crate::messenger::TopicKeeper;
use futures_util::StreamExt;
use futures_util::stream;
use jiff::Timestamp;
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::digest::{AccountFinding, SweepResult, UserStatus};
use mfa_enforcer_core::event::{Occasion, SweepRequest, UserName};
use mfa_enforcer_core::evidence::{
    Before, Findings, HEAD_KEY, Link, LookedUp, Remembered, Run, Sources, Standing, record, to_list,
};
use mfa_enforcer_core::exemption::day;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::snapshot::{RootStatus, UserSnapshot};
use mfa_enforcer_core::sweep::{set_devices, wants_factors};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Why there is no record without the tags of the alerts topic.
const NO_TAGS: &str = "the tags of the alerts topic, which name the last record, could not be read";

/// What was looked up and done so far.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) looked_up: LookedUp,
    pub(super) notebook: Notebook,
}

impl Gathered {
    pub(super) fn of(invocation: Invocation<'_>) -> Self {
        Self { looked_up: LookedUp::default(), notebook: Notebook::of(invocation) }
    }
}

/// What a record says besides what was gathered.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) users: &'a [UserSnapshot],
    pub(super) statuses: &'a [UserStatus],
    pub(super) root: &'a RootStatus,
    pub(super) sources: Sources,
}

/// Notes what was done because of the sweep.
pub(super) fn note(
    gathered: &Mutex<Gathered>,
    request: &SweepRequest,
    users: Option<(&UserFacts, &UserFacts)>,
    plan: &Plan,
    done: &[Step],
) {
    let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
    gathered.notebook.note(&Occasion::Sweep(request.clone()), users, plan, done);
}

impl<D: AccountDirectory + Sync, M: TopicKeeper + Sync> Sweep<'_, D, M> {
    /// Notes what was done.
    pub(super) fn note(&self, users: Option<(&UserFacts, &UserFacts)>, plan: &Plan, done: &[Step]) {
        note(self.gathered, self.request, users, plan, done);
    }

    /// Notes how a user is now.
    pub(super) fn saw(&self, user: &UserFacts, at: Timestamp) {
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.looked_up.saw(user.clone(), at);
    }

    /// Notes which devices a user has now.
    pub(super) fn saw_devices(&self, id: &str, devices: &[MfaDevice], at: Timestamp) {
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.looked_up.listed(id, devices, at);
    }

    /// Looks up the kinds of devices, where that takes few calls, or for the record. What cannot be looked up is shown as
    /// unknown in the digest; nothing else depends on it.
    pub(super) async fn name_factors(&self, statuses: &mut [UserStatus], evidence: Option<&Before>) {
        let for_record = evidence.map(|before| to_list(statuses, &before.rows)).unwrap_or_default();
        let indexes: BTreeSet<usize> = wants_factors(statuses).into_iter().chain(for_record).collect();
        let wanted: Vec<(usize, UserName)> = indexes
            .into_iter()
            .filter_map(|index| Some((index, UserName::listed(&statuses.get(index)?.name))))
            .collect();
        let lookups = wanted.iter().map(|(index, name)| async move {
            if self.is_out_of_time() {
                None
            } else {
                Some((*index, self.directory.devices(name).await.ok()?))
            }
        });
        let mut found = stream::iter(lookups).buffered(AT_ONCE);
        while let Some(answer) = found.next().await {
            let Some((index, devices)) = answer else { continue };
            if let Some(status) = statuses.get_mut(index) {
                self.saw_devices(&status.id, &devices, (self.invocation.clock)());
                set_devices(status, &devices);
            }
        }
    }

    /// What the bucket has of the record before. `None` without a bucket, and if it could not be read.
    pub(super) async fn look_at_evidence(
        &self,
        tags: Option<&BTreeMap<String, String>>,
        result: &mut SweepResult,
    ) -> Option<Before> {
        let SweepInvocation { settings, clock, .. } = self.invocation;
        settings.evidence_bucket.as_ref()?;
        let Some(tags) = tags else {
            // A record that follows whatever is in the bucket would hide that it was changed. The sweep fails without the
            // tags, and is tried again.
            result.findings.push(AccountFinding::EvidenceUnwritten(NO_TAGS.to_owned()));
            return None;
        };
        let now = clock();
        let looked = evidence::look_at_evidence(settings, Some(tags), now, self.messenger);
        let (before, listing) = match looked.await {
            Ok(found) => found,
            Err(error) => {
                result.findings.push(AccountFinding::EvidenceUnwritten(error.to_string()));
                return None;
            }
        };
        result.findings.extend(before.is_to_be_told().then_some(AccountFinding::EvidenceChanged));
        let standing = settings.review_period.map(|period| period.standing(&listing, day(now)));
        if let Some(Standing::Open(since)) = standing {
            result.findings.push(AccountFinding::ReviewOpen(since));
        }
        Some(before)
    }

    /// Writes the acts, and the record of a daily sweep, for which `before` is what the bucket has. Returns the record, and
    /// what was noted of it. What could not be written is a finding.
    pub(super) async fn keep_evidence(
        &self,
        before: Option<Before>,
        known: Known<'_>,
        result: &mut SweepResult,
    ) -> Option<(Link, Remembered)> {
        let written = self.keep_acts(result).await?;
        let (before, bucket) = before.zip(self.invocation.settings.evidence_bucket.as_ref())?;
        let SweepInvocation { settings, clock, request_id, .. } = self.invocation;
        let run = Run::new(&settings.deployment.account, clock(), request_id);
        let alias = self.alias().await;
        let looked_up = {
            let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut gathered.looked_up)
        };
        let findings = Findings {
            request: self.request,
            settings,
            alias: alias.as_deref(),
            users: known.users,
            statuses: known.statuses,
            root: known.root,
            looked_up: &looked_up,
            sources: known.sources,
            result,
        };
        let before = before.and_acts(&written);
        let record = record(&run, findings, &before);
        // The next sweep takes no other record for ours, so one that was not announced is not written.
        let announced = before.announce(&record.head, bucket);
        if let Some(error) = self.write_notes(vec![(HEAD_KEY, announced.to_string())]).await.pop() {
            unwritten(&error, result);
            return None;
        }
        let (last, files) = record.objects.split_last()?;
        // Files without a record are none, so it comes last.
        let kept = match evidence::keep(files, self.messenger).await {
            Ok(()) => evidence::keep(std::slice::from_ref(last), self.messenger).await,
            Err(error) => Err(error),
        };
        kept.map_err(|error| unwritten(&error, result)).ok()?;
        Some((record.head, announced))
    }

    /// Writes the acts, and returns them; `None` if they could not all be written. They are written once.
    pub(super) async fn keep_acts(
        &self,
        result: &mut SweepResult,
    ) -> Option<Vec<mfa_enforcer_core::evidence::Object>> {
        let acts = {
            let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut gathered.notebook.acts)
        };
        evidence::keep(&acts, self.messenger).await.map_err(|error| unwritten(&error, result)).ok()?;
        Some(acts)
    }
}

/// Says once that evidence could not be written.
pub(super) fn unwritten(error: &AwsError, result: &mut SweepResult) {
    if !result.findings.iter().any(|finding| matches!(finding, AccountFinding::EvidenceUnwritten(_))) {
        result.findings.push(AccountFinding::EvidenceUnwritten(error.to_string()));
    }
}

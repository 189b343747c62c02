//! The whole account: root, every user, stale topics, and the digest.

use super::digest::memory_of;
use super::gather::{Known, unwritten};
use super::one_user::{Outcome, change_of, urgency_of};
use super::summary::{finished, send_metrics, sweep_report};
use super::{AT_ONCE, Sweep};
use crate::answer::{DigestSent, Report};
use crate::apply::apply;
use crate::directory::AccountDirectory;
use crate::error::{AwsError, Failure};
use crate::messenger::TopicKeeper;
use crate::past;
use futures_util::StreamExt;
use futures_util::stream;
use mfa_enforcer_core::decide::{no_trail, quarantines_held, sweep_root};
use mfa_enforcer_core::digest::{
    AccountFinding, AlertsSubscribers, Digest, Figures, Memory, SweepResult, UserStatus, notes_after_hourly,
};
use mfa_enforcer_core::event::SweepKind;
use mfa_enforcer_core::evidence::{HEAD_KEY, Sources};
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::history::Look;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::sender::sender_finding;
use mfa_enforcer_core::snapshot::{AccountSnapshot, BulkAnswers, ReportFile, RootStatus, UserSnapshot};
use mfa_enforcer_core::sweep::{
    Slots, Triage, boundaries_to_read, dealt_with_removals, is_day_of_stale_topics, note_boundaries,
    root_devices, stale_topics, status_from_snapshot, triage, unused_exemptions, withheld,
};
use mfa_enforcer_core::trail::Trails;
use std::collections::{BTreeMap, BTreeSet};

/// The tags of the alerts topic; `None` if they could not be read.
type Tags = Option<BTreeMap<String, String>>;

impl<D: AccountDirectory + Sync, M: TopicKeeper + Sync> Sweep<'_, D, M> {
    /// Runs the sweep, given the tags of the alerts topic and what was found so far, and fills in `report` on the way.
    pub(super) async fn run(
        &self,
        tags: Result<BTreeMap<String, String>, AwsError>,
        mut result: SweepResult,
        report: &mut Report,
    ) -> Result<(), Failure> {
        let settings = self.invocation.settings;
        *report = Report::of_sweep(self.request, &settings.deployment.account);
        let tags: Tags = record_failure(tags, &mut result);
        let before = memory_of(tags.as_ref());
        // First of all: without a trail nothing but sweeps finds out anything, and this one may fail.
        let trails = Trails::of(&self.directory.trails().await.map_err(|error| error.to_string()));
        result.findings.extend(trails.finding());
        let mut ledger = RootLedger::of(tags.as_ref());
        let alert = no_trail(self.request, &trails, &ledger, settings);
        ledger = self.apply_alert(&alert, ledger, &mut result).await;
        // Listed before the users, so that a topic without its owner among them is really stale.
        let mut topics = Ok(Vec::new());
        if is_day_of_stale_topics(self.request, before.as_ref(), settings) {
            topics = self.messenger.user_topics(&settings.user_topic_prefix).await;
        }
        let (mut account, sources, without_report) = match self.read_account().await {
            Ok(read) => read,
            Err(error) => {
                self.end_without_account(&error, tags.as_ref(), &mut result).await;
                report.findings.extend(result.findings.iter().map(ToString::to_string));
                return Err(error.into());
            }
        };
        let error = without_report.as_ref().map(ToString::to_string);
        result.findings.extend(error.map(AccountFinding::ReportUnreadable));
        let look =
            self.look_for_removals(&mut account.users, tags.as_ref(), before.as_ref(), &mut result).await;
        self.look_for_exemptions(&mut account.users, &mut result).await;
        let topics = record_failure(topics, &mut result).unwrap_or_default();

        // Root first: it is one call, and nobody matters more.
        if !self.request.is_hourly() {
            ledger = self.sweep_root(&account.root, ledger, &mut result).await;
        }
        let mut statuses = self.sweep_users(&account.users, &mut result).await;
        let held = quarantines_held(self.request, result.waiting_for_day(), &ledger, settings);
        let applied = apply(&held, self.directory, self.messenger).await;
        self.note(None, &held, &applied.done);
        record_failure(applied.error.map_or(Ok(()), Err), &mut result);
        let mut evidence = None;
        if !self.request.is_hourly() {
            evidence = self.look_at_evidence(tags.as_ref(), &mut result).await;
            result.findings.extend(unused_exemptions(&account.users, settings));
            result.findings.extend(self.look_at_sender().await);
            self.name_factors(&mut statuses, evidence.as_ref()).await;
            self.judge_boundaries(&mut statuses, &account.users).await;
        }
        self.delete_stale_topics(&topics, &account.users, &mut result).await;

        let alerts_subscribers = match self.request.kind {
            SweepKind::Hourly => AlertsSubscribers::NotAsked,
            SweepKind::Daily => self.alerts_subscribers().await,
        };

        // The time of the digest: the next one does not report what was done before it.
        let now = (self.invocation.clock)();
        let figures = Figures::of(&statuses, now);
        let root = RootStatus {
            devices: root_devices(account.root.mfa, account.devices_in_use, &statuses),
            ..account.root
        };
        let known = Known { users: &account.users, statuses: &statuses, root: &root, sources };
        let rows = evidence.as_ref().map(|before| before.rows.clone());
        let kept = self.keep_evidence(evidence, known, &mut result).await;
        let (record, announced) = kept.unzip();
        // After the evidence, so that what could not be written is put as well.
        let put = self.put_on_bus(known, rows.as_ref(), alerts_subscribers, tags.as_ref(), &mut result).await;
        // Without the note, what is open is called new again.
        self.write_notes(put.into_iter().collect()).await;
        let mut digest = Digest {
            account: settings.deployment.account.clone(),
            account_name: settings.letterhead.account_name.clone(),
            partition: settings.partition(),
            mode: settings.mode,
            sweep: self.request.id.clone(),
            at: now,
            root,
            statuses,
            alerts_subscribers,
            result,
            evidence: record,
            sender: settings.sender.clone(),
        };
        let (sent, mut failures) = match self.request.kind {
            SweepKind::Hourly => {
                let notes = notes_after_hourly(tags.as_ref(), &digest.result, now);
                (DigestSent::NotDue, self.write_notes(notes).await)
            }
            SweepKind::Daily => self.report_to_admins(&mut digest, tags.as_ref()).await,
        };
        // Until this is noted, the announcement stands, and the next sweep accepts the record all the same.
        if let Some(announced) = announced {
            let note = (HEAD_KEY, announced.written(sent == DigestSent::Sent).to_string());
            if let Some(error) = self.write_notes(vec![note]).await.pop() {
                unwritten(&error, &mut digest.result);
            }
        }
        // A removal that was not dealt with is looked for again.
        let dealt_with = look.filter(|_| dealt_with_removals(&account.users, &digest.result));
        if let Some(note) = dealt_with.and_then(|look| look.note(tags.as_ref())) {
            failures.extend(self.write_notes(vec![note]).await);
        }
        let sweep = sweep_report(self.request.kind, &digest, &figures, sent, &failures);
        let result = finished(&sweep, &digest.result, &failures);
        send_metrics(self.invocation, self.request.kind, &sweep, &digest.result, &trails);
        report.findings.extend(digest.result.findings.iter().map(ToString::to_string));
        report.findings.extend(digest.alerts_subscribers.finding().map(str::to_owned));
        report.set_sweep(sweep);
        // The rest was done. But this has to be fixed, so the run fails.
        without_report.map_or(result, Err)
    }

    /// Reads the account, if need be without the credential report. Then also returns why.
    async fn read_account(&self) -> Result<(AccountSnapshot, Sources, Option<Failure>), AwsError> {
        let partition = self.invocation.settings.partition();
        let (answers, report) =
            tokio::join!(self.directory.bulk_answers(self.request.kind), self.directory.credential_report());
        let (report, missing) = match report {
            Ok(report) => (report, None),
            Err(error) => (ReportFile::default(), Some(Failure::Aws(error))),
        };
        let sources = Sources { read: (self.invocation.clock)(), report: report.made };
        let (account, unreadable) =
            AccountSnapshot::as_far_as_known(BulkAnswers { report: report.csv, ..answers? }, partition);
        Ok((account, sources, missing.or(unreadable.map(Failure::Report))))
    }

    /// Sends an alert that is recorded in the ledger, and returns the ledger as it is afterwards.
    async fn apply_alert(&self, plan: &Plan, ledger: RootLedger, result: &mut SweepResult) -> RootLedger {
        let applied = apply(plan, self.directory, self.messenger).await;
        self.note(None, plan, &applied.done);
        record_failure(applied.error.map_or(Ok(()), Err), result);
        ledger.after(&applied.done)
    }

    /// Notes on each user a removal that the event history tells of. Returns the look if it succeeded. A history that
    /// cannot be read is a finding, and the rest of the sweep goes on.
    async fn look_for_removals(
        &self,
        users: &mut [UserSnapshot],
        tags: Option<&BTreeMap<String, String>>,
        before: Option<&Memory>,
        result: &mut SweepResult,
    ) -> Option<Look> {
        let look = Look::of(self.request.kind, tags?, before, (self.invocation.clock)());
        match past::note_removals(self.directory, users, &look, self.invocation.settings).await {
            Ok(true) => Some(look),
            Ok(false) => {
                result.findings.push(AccountFinding::HistoryCutOff);
                None
            }
            Err(error) => {
                result.findings.push(AccountFinding::HistoryUnreadable(error.to_string()));
                None
            }
        }
    }

    /// Notes on each user who exempted them, as far as that is in question. Without the history, nobody is released by an
    /// exemption, and the rest of the sweep goes on.
    async fn look_for_exemptions(&self, users: &mut [UserSnapshot], result: &mut SweepResult) {
        let (settings, now) = (self.invocation.settings, (self.invocation.clock)());
        let noted = past::note_exemptions(self.directory, users, self.request.kind, settings, now).await;
        let finding = noted.err().map(|error| AccountFinding::HistoryUnreadable(error.to_string()));
        result.findings.extend(finding.filter(|finding| !result.findings.contains(finding)));
    }

    /// Handles all users who may need something, the most urgent first. Returns the status of every user.
    async fn sweep_users(&self, users: &[UserSnapshot], result: &mut SweepResult) -> Vec<UserStatus> {
        let (settings, now) = (self.invocation.settings, (self.invocation.clock)());
        let mut statuses: Vec<UserStatus> =
            users.iter().map(|user| status_from_snapshot(user, settings, now)).collect();
        let mut wanted = Vec::new();
        for (index, snapshot) in users.iter().enumerate() {
            let triage = triage(snapshot, self.request, settings, now);
            if let Some(urgency) = urgency_of(&triage) {
                wanted.push((urgency, index, snapshot, triage));
            } else if let Triage::Withheld(plan) = triage {
                result.users.push(change_of(&snapshot.user, Some(&plan), withheld(&plan), String::new()));
            }
        }
        wanted.sort_by_key(|(urgency, index, ..)| (*urgency, *index));
        let slots = &Slots::left(users.iter().map(|snapshot| &snapshot.user), settings, now);
        let sweeps = wanted.iter().map(|(_, index, snapshot, triage)| async move {
            (*index, *snapshot, self.sweep_one(snapshot, triage, slots).await)
        });
        let mut outcomes = stream::iter(sweeps).buffered(AT_ONCE);
        while let Some((index, snapshot, outcome)) = outcomes.next().await {
            let Some(status) = statuses.get_mut(index) else { continue };
            match outcome {
                // Deleted or renamed in the meantime. If renamed, the next sweep finds the user.
                Outcome::Gone => status.posture = None,
                Outcome::Remaining => result.remaining.push(snapshot.user.name.to_string()),
                Outcome::Handled(now, done) => {
                    *status = *now;
                    result.users.extend(done);
                }
                Outcome::Failed(change) => result.users.push(change),
            }
        }
        drop(outcomes);
        statuses
    }

    /// Notes for whom a permissions boundary stands in the way of an enrolment. One that cannot be read is unclear.
    async fn judge_boundaries(&self, statuses: &mut [UserStatus], users: &[UserSnapshot]) {
        let mut documents = BTreeMap::new();
        for arn in boundaries_to_read(statuses, users) {
            if self.is_out_of_time() {
                break;
            }
            if let Ok(document) = self.directory.policy_document(&arn).await {
                documents.insert(arn, document);
            }
        }
        note_boundaries(statuses, users, &documents);
    }

    async fn delete_stale_topics(&self, topics: &[String], users: &[UserSnapshot], result: &mut SweepResult) {
        let ids: BTreeSet<&str> = users.iter().map(|user| user.user.id.as_str()).collect();
        let settings = self.invocation.settings;
        let stale_topics = stale_topics(topics, &settings.user_topic_prefix, &ids);
        let deletions = stale_topics.iter().map(|topic| async move {
            let deletion = tokio::time::timeout(self.time_for_users(), self.messenger.delete_topic(topic));
            if self.is_out_of_time() { None } else { deletion.await.ok() }
        });
        let mut answers = stream::iter(deletions).buffered(AT_ONCE);
        while let Some(answer) = answers.next().await {
            // If time runs out, the next sweep finds the topic again.
            if let Some(answer) = answer
                && record_failure(answer, result).is_some()
            {
                result.topics_deleted += 1;
            }
        }
    }

    /// What stands in the way of mail from the company's own address. Nothing else depends on it.
    async fn look_at_sender(&self) -> Option<AccountFinding> {
        let sender = self.invocation.settings.sender.as_ref()?;
        let seen = self.messenger.sender(sender).await;
        sender_finding(sender, &seen.map_err(|error| error.to_string()))
    }

    /// Returns the ledger as it is afterwards.
    async fn sweep_root(
        &self,
        root: &RootStatus,
        ledger: RootLedger,
        result: &mut SweepResult,
    ) -> RootLedger {
        let plan = sweep_root(self.request, root.mfa, &ledger, self.invocation.settings);
        self.apply_alert(&plan, ledger, result).await
    }
}

/// Returns the value. An error is added to the failures, and the sweep goes on.
fn record_failure<T>(answer: Result<T, AwsError>, result: &mut SweepResult) -> Option<T> {
    answer.map_err(|error| result.failures.push(error.to_string())).ok()
}

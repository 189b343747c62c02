//! One user of a sweep: look up, decide, apply.

use super::Sweep;
use crate::admit::admit;
use crate::answer::Report;
use crate::carry_out::{CarriedOut, carry_out, complete};
use crate::directory::AccountDirectory;
use crate::error::{AwsError, Failure};
use crate::messenger::TopicKeeper;
use crate::telemetry;
use mfa_enforcer_core::decide::{After, contain_unrecorded, look_again, lookups, sweep_user};
use mfa_enforcer_core::digest::{ChangeKind, UserChange, UserStatus};
use mfa_enforcer_core::event::Occasion;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_core::sweep::{
    Slots, Triage, Urgency, status_after, status_from_snapshot, triage, user_change, wants_mailbox,
};
use std::time::Instant;

/// How the sweep of one user ended.
pub(super) enum Outcome {
    /// The user no longer exists.
    Gone,
    /// There was no time left.
    Remaining,
    /// The user's status now, what was done, and what failed.
    Handled(Box<UserStatus>, Vec<UserChange>),
    /// It failed, and the user's status is no better known than before.
    Failed(UserChange),
}

impl<D: AccountDirectory + Sync, M: TopicKeeper + Sync> Sweep<'_, D, M> {
    /// Handles one user, and logs it if anything was done or failed.
    pub(super) async fn sweep_one(&self, snapshot: &UserSnapshot, triage: &Triage, slots: &Slots) -> Outcome {
        if self.is_out_of_time() {
            return Outcome::Remaining;
        }
        let started = Instant::now();
        let account = &self.invocation.settings.deployment.account;
        let mut report = Report::of_user(self.request, account, &snapshot.user);
        // If time runs out halfway, the next run sees in IAM how far this one got.
        let handled =
            tokio::time::timeout(self.time_for_users(), self.try_one(snapshot, triage, slots, &mut report));
        let (outcome, failure) = match handled.await {
            Ok(Ok((outcome, error))) => (outcome, error.map(Failure::Aws)),
            Ok(Err(error)) => {
                let failure = Failure::Aws(error);
                let change =
                    change_of(&snapshot.user, None, failed(failure.is_transient()), failure.to_string());
                (Outcome::Failed(change), Some(failure))
            }
            Err(_) => (Outcome::Remaining, Some(Failure::OutOfTime)),
        };
        let acted = matches!(&outcome, Outcome::Handled(_, result) if !result.is_empty());
        if acted || failure.is_some() {
            telemetry::log(&report, failure.as_ref(), self.invocation.of_function(), started.elapsed());
        }
        outcome
    }

    /// Returns the outcome, and the error that left it incomplete.
    async fn try_one(
        &self,
        snapshot: &UserSnapshot,
        reason: &Triage,
        slots: &Slots,
        report: &mut Report,
    ) -> Result<(Outcome, Option<AwsError>), AwsError> {
        // The time now, not of the sweep: a sweep can take minutes, and events go on meanwhile.
        let (settings, now) = (self.invocation.settings, (self.invocation.clock)());
        if let Triage::Mailbox(channel) = reason {
            let mut seen = snapshot.clone();
            seen.user.mailbox = self.messenger.mailbox(channel).await?;
            if !matches!(triage(&seen, self.request, settings, now), Triage::Live(_)) {
                let status = status_after(&seen.user, &seen, settings, now);
                return Ok((Outcome::Handled(Box::new(status), Vec::new()), None));
            }
        }
        if let Some(plan) = slots.keeps_waiting(snapshot, self.request, settings, now) {
            report.set_plan(&plan);
            let waits = change_of(&snapshot.user, Some(&plan), ChangeKind::Waiting, String::new());
            let status = status_from_snapshot(snapshot, settings, now);
            return Ok((Outcome::Handled(Box::new(status), vec![waits]), None));
        }
        let Some(mut user) = self.directory.user(&snapshot.user.name).await? else {
            return Ok((Outcome::Gone, None));
        };
        user.removal.clone_from(&snapshot.user.removal);
        user.rights = snapshot.user.rights;
        user.exempted_by.clone_from(&snapshot.user.exempted_by);
        if let Some(channel) = wants_mailbox(self.request, &user, settings, now) {
            user.mailbox = self.messenger.mailbox(&channel).await?;
        }
        let lookups = lookups(&user, true, settings, now);
        complete(&mut user, lookups, settings, now, self.directory).await?;
        let plan = self.admit(sweep_user(self.request, &user, settings, now), &user, slots).await?;
        report.set_plan(&plan);
        let look_again = |after: After<'_>, first: &UserFacts, second: Option<&UserFacts>| {
            look_again(after, self.request, first, second, settings, (self.invocation.clock)())
        };
        let carried_out = carry_out(&plan, user.clone(), look_again, self.directory, self.messenger).await;
        report.set_carried_out(&carried_out);
        self.note(Some((&user, &carried_out.user)), &plan, &carried_out.done);
        // Who cannot be told on record is contained a day after the deadline.
        let unrecordable = UserFacts { is_unrecordable: carried_out.is_unrecorded, ..user.clone() };
        if let Some(plan) = contain_unrecorded(&plan, self.request, &unrecordable, settings, now) {
            let plan = self.admit(plan, &user, slots).await?;
            report.set_plan(&plan);
            let then =
                carry_out(&plan, unrecordable.clone(), look_again, self.directory, self.messenger).await;
            self.note(Some((&unrecordable, &then.user)), &plan, &then.done);
            // This plan records nothing, because IAM refused that a moment ago.
            let then = CarriedOut { is_unrecorded: true, ..then };
            report.set_carried_out(&then);
            return Ok(self.handled(&user, snapshot, &plan, then, slots));
        }
        Ok(self.handled(&user, snapshot, &plan, carried_out, slots))
    }

    /// The plan for a user, as far as the limits of a day and of an hour let it be carried out.
    async fn admit(&self, plan: Plan, user: &UserFacts, slots: &Slots) -> Result<Plan, AwsError> {
        let (settings, now) = (self.invocation.settings, (self.invocation.clock)());
        let plan = slots.admit(plan, user);
        let occasion = Occasion::Sweep(self.request.clone());
        let planned = plan.clone();
        let admitted = admit(plan, &occasion, user, (settings, now), self.directory, self.messenger).await;
        if admitted.as_ref().map_or(true, |plan| plan.reason.is_limit()) {
            // Whoever waits for the next hour leaves the slot of the day to others.
            slots.give_back(&planned, user, user, settings);
        }
        admitted
    }

    /// What became of the plan for a user.
    fn handled(
        &self,
        before: &UserFacts,
        snapshot: &UserSnapshot,
        plan: &Plan,
        carried_out: CarriedOut,
        slots: &Slots,
    ) -> (Outcome, Option<AwsError>) {
        let (settings, now) = (self.invocation.settings, (self.invocation.clock)());
        let after = &carried_out.user;
        self.saw(after, now);
        let done = user_change(before, plan, &carried_out.done);
        // After a failure of another kind the quarantine may be attached all the same.
        if !carried_out.needs_retry {
            slots.give_back(plan, before, after, settings);
        }
        let done = done.map(|what| change_of(after, Some(plan), what, String::new()));
        let failed = carried_out
            .error
            .as_ref()
            .map(|error| change_of(after, Some(plan), failed(carried_out.needs_retry), error.to_string()));
        let mut status = status_after(after, snapshot, settings, now);
        status.findings.extend(carried_out.is_unrecorded.then_some(Finding::RecordRefused));
        let result = done.into_iter().chain(failed).collect();
        (Outcome::Handled(Box::new(status), result), carried_out.error)
    }
}

/// A refusal for good is no reason to sweep the whole account again, which would be refused again.
fn failed(is_transient: bool) -> ChangeKind {
    if is_transient { ChangeKind::Failed } else { ChangeKind::Refused }
}

/// What was done to a user, or failed. `plan` is `None` if it failed before there was one.
pub(super) fn change_of(
    user: &UserFacts,
    plan: Option<&Plan>,
    what: ChangeKind,
    error: String,
) -> UserChange {
    let episode = plan.and_then(|plan| plan.episode.clone());
    let reason = plan.map(|plan| plan.reason);
    UserChange { name: user.name.to_string(), id: user.id.clone(), episode, what, reason, error }
}

/// How urgently a user needs handling, for the order; `None` if not at all.
pub(super) fn urgency_of(triage: &Triage) -> Option<Urgency> {
    match triage {
        Triage::Live(urgency) => Some(*urgency),
        Triage::Mailbox(_) => Some(Urgency::Mailbox),
        Triage::Nothing | Triage::Withheld(_) => None,
    }
}

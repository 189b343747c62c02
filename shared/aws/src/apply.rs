//! Carries a plan out, in its order, without a choice of its own.

use crate::directory::Directory;
use crate::error::{AwsError, ErrorKind};
use crate::messenger::Messenger;
use mfa_enforcer_core::mark::unreached;
use mfa_enforcer_core::notice::{self, Delivery, Notice, Reach};
use mfa_enforcer_core::plan::{Phase, Plan, Step};

/// Carries out `plan`: alert, contain, record, notify, mark.
///
/// # Errors
/// The first call that failed. A failure to contain ends the run at once; any other leaves the rest to be
/// done, except that nothing is marked as said that was not said. Running the event again does what is left.
pub async fn apply<D, M>(plan: &Plan, directory: &D, messenger: &M) -> Result<(), AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let mut run = Run { directory, messenger, all_said: true, reached: true, first: None };
    for step in &plan.steps {
        if let Err(error) = run.step(step).await {
            if !error.is_transient() {
                // The event fails in any case, with the error that matters more.
                for step in &plan.if_refused {
                    let _ = run.step(step).await;
                }
            }
            return Err(error);
        }
    }
    run.first.map_or(Ok(()), Err)
}

struct Run<'a, D, M> {
    directory: &'a D,
    messenger: &'a M,
    /// Nothing that was to be said has failed.
    all_said: bool,
    /// Every message to the user so far was handed over.
    reached: bool,
    /// The first error that did not end the run.
    first: Option<AwsError>,
}

impl<D: Directory + Sync, M: Messenger + Sync> Run<'_, D, M> {
    /// Carries out one step. An error ends the run; others are kept for its end.
    async fn step(&mut self, step: &Step) -> Result<(), AwsError> {
        let marks = matches!(step, Step::MarkUser { .. } | Step::MarkRoot { .. } | Step::RemoveTag { .. });
        if marks && !self.all_said {
            return Ok(());
        }
        let result = self.carry_out(step).await;
        match step.phase() {
            Phase::Contain => result?,
            Phase::Alert | Phase::Record | Phase::Notify | Phase::Mark => {
                if let Err(error) = result {
                    self.first.get_or_insert(error);
                }
            }
        }
        Ok(())
    }

    async fn carry_out(&mut self, step: &Step) -> Result<(), AwsError> {
        let directory = self.directory;
        match step {
            Step::AttachPolicy { user, policy_arn } => directory.attach_policy(user, policy_arn).await,
            Step::JoinGroup { user, group } => directory.join_group(user, group).await,
            Step::DetachPolicy { user, policy_arn } => directory.detach_policy(user, policy_arn).await,
            Step::LeaveGroup { user, group } => directory.leave_group(user, group).await,
            Step::SetTag { user, key, value } => directory.set_tag(user, key, value).await,
            Step::RemoveTag { user, key } => directory.remove_tag(user, key).await,
            Step::Notify(notice) => self.tell(notice).await,
            Step::MarkUser { user, key, value } if self.reached => directory.set_tag(user, key, value).await,
            Step::MarkUser { user, key, value } => directory.set_tag(user, key, &unreached(value)).await,
            Step::MarkRoot { topic_arn, value } => self.messenger.write_root_ledger(topic_arn, value).await,
        }
    }

    /// Tells the user on every channel, then the administrators, who hear whether the user was told.
    async fn tell(&mut self, notice: &Notice) -> Result<(), AwsError> {
        let mut first: Option<AwsError> = None;
        let mut deliveries = Vec::new();
        if let Some(message) = notice::for_user(notice) {
            for channel in &notice.channels {
                let (delivery, error) = match self.messenger.tell_user(channel, &message).await {
                    Ok(delivery) => (delivery, None),
                    // An address that SNS will not have is a fact about the user; no run will change it.
                    Err(error) if error.kind == ErrorKind::BadAddress => (Delivery::Refused, None),
                    Err(error) => (Delivery::Failed, Some(error)),
                };
                deliveries.push(delivery);
                first = first.or(error);
            }
        }
        let reach = Reach::of(notice, &deliveries);
        self.reached &= !reach.is_missed();
        // The first way tells the most. If it worked, another that is refused is no reason to say it all again.
        let enough = deliveries.first() == Some(&Delivery::Sent);
        self.all_said &= first.as_ref().is_none_or(|error| enough && !error.is_transient());
        if let Some(message) = notice::for_admins(notice, reach)
            && let Err(error) = self.messenger.tell_admins(&message).await
        {
            self.all_said = false;
            first = first.or(Some(error));
        }
        first.map_or(Ok(()), Err)
    }
}

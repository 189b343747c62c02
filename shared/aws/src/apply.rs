//! Carries a plan out, in its order, without a choice of its own.

use crate::directory::Directory;
use crate::error::{AwsError, ErrorKind};
use crate::measure;
use crate::messenger::Messenger;
use mfa_enforcer_core::notice::{self, Delivery, Notice, Reach};
use mfa_enforcer_core::plan::{Phase, Plan, Step};
use mfa_enforcer_core::tags::{ROOT_NOTIFIED_KEY, unreached};

/// How far a plan was carried out.
#[derive(Debug)]
pub struct Applied<'p> {
    /// The steps that were carried out, in their order.
    pub done: Vec<&'p Step>,
    /// Every message to the user was handed over.
    pub reached: bool,
    /// The first call that failed.
    pub error: Option<AwsError>,
}

impl Applied<'_> {
    /// The error, if not everything was done. Running the event again does what is left.
    ///
    /// # Errors
    /// The first call that failed.
    pub fn finished(self) -> Result<(), AwsError> {
        self.error.map_or(Ok(()), Err)
    }
}

/// Carries out `plan`: alert, contain, record, notify, mark.
///
/// A failure to contain ends the run at once; any other leaves the rest to be done, except that nothing is
/// marked as said that was not said.
pub async fn apply<'p, D, M>(plan: &'p Plan, directory: &D, messenger: &M) -> Applied<'p>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let mut run = Run { directory, messenger, all_said: true, reached: true, done: Vec::new(), first: None };
    for step in &plan.steps {
        if let Err(error) = run.step(step).await {
            if !error.is_transient() {
                // The event fails in any case, with the error that matters more.
                for step in &plan.if_refused {
                    let _ = run.step(step).await;
                }
            }
            run.first = Some(error);
            break;
        }
    }
    measure::containment(&run.done);
    Applied { done: run.done, reached: run.reached, error: run.first }
}

struct Run<'a, 'p, D, M> {
    directory: &'a D,
    messenger: &'a M,
    /// Nothing that was to be said has failed.
    all_said: bool,
    /// Every message to the user so far was handed over.
    reached: bool,
    /// The steps that were carried out.
    done: Vec<&'p Step>,
    /// The first error that did not end the run.
    first: Option<AwsError>,
}

impl<'p, D: Directory + Sync, M: Messenger + Sync> Run<'_, 'p, D, M> {
    /// Carries out one step. An error ends the run; others are kept for its end.
    async fn step(&mut self, step: &'p Step) -> Result<(), AwsError> {
        let marks = matches!(step, Step::MarkUser { .. } | Step::MarkRoot { .. } | Step::RemoveTag { .. });
        if marks && !self.all_said {
            return Ok(());
        }
        let result = self.carry_out(step).await;
        if result.is_ok() {
            self.done.push(step);
        }
        match step.phase() {
            Phase::Contain => result?,
            Phase::Alert | Phase::Record | Phase::Notify | Phase::Mark => {
                if let Err(error) = result {
                    // Without the note of what was said, the tag that says it is owed has to stay.
                    self.all_said &= step.phase() != Phase::Mark;
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
            Step::MarkRoot { value } => self.messenger.set_alerts_tag(ROOT_NOTIFIED_KEY, value).await,
        }
    }

    /// Tells the user on every channel, then the administrators, who hear whether the user was told.
    async fn tell(&mut self, notice: &Notice) -> Result<(), AwsError> {
        let mut first: Option<AwsError> = None;
        let mut deliveries = Vec::new();
        if let Some(message) = notice::for_user(notice) {
            for channel in &notice.channels {
                let told = self.messenger.tell_user(channel, &message).await;
                measure::notice(told.is_ok());
                let (delivery, error) = match told {
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
        if let Some(message) = notice::for_admins(notice, reach) {
            let told = self.messenger.tell_admins(&message).await;
            measure::notice(told.is_ok());
            if let Err(error) = told {
                self.all_said = false;
                first = first.or(Some(error));
            }
        }
        first.map_or(Ok(()), Err)
    }
}

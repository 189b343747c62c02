//! Carries a plan out, in its order, without a choice of its own.

use crate::directory::Directory;
use crate::error::AwsError;
use crate::messenger::Messenger;
use mfa_enforcer_core::notice::{self, Delivery, Notice, Reach};
use mfa_enforcer_core::plan::{Phase, Plan, Step};

/// Carries out `plan`: contain, record, notify, mark.
///
/// # Errors
/// The first call that failed. A failure to contain ends the run at once; any later one leaves the rest to
/// be done, except that what was said is only marked once all of it was said. Running the event again does
/// what is left.
pub async fn apply<D, M>(plan: &Plan, directory: &D, messenger: &M) -> Result<(), AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let mut first: Option<AwsError> = None;
    let mut all_said = true;
    for step in &plan.steps {
        let result = match step.phase() {
            Phase::Contain => {
                if let Err(error) = carry_out(step, directory, messenger).await {
                    return Err(refused(error, plan, messenger).await);
                }
                Ok(())
            }
            Phase::Mark if !all_said => Ok(()),
            Phase::Record | Phase::Notify | Phase::Mark => carry_out(step, directory, messenger).await,
        };
        if let Err(error) = result {
            all_said &= step.phase() != Phase::Notify;
            first = first.or(Some(error));
        }
    }
    first.map_or(Ok(()), Err)
}

/// Containment failed. If trying again will not help, the administrators have to know now.
async fn refused<M: Messenger + Sync>(error: AwsError, plan: &Plan, messenger: &M) -> AwsError {
    if let (false, Some(notice)) = (error.is_transient(), &plan.if_refused) {
        // The event fails in any case, with the error that matters more.
        let _ = tell(notice, messenger).await;
    }
    error
}

async fn carry_out<D, M>(step: &Step, directory: &D, messenger: &M) -> Result<(), AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    match step {
        Step::AttachPolicy { user, policy_arn } => directory.attach_policy(user, policy_arn).await,
        Step::JoinGroup { user, group } => directory.join_group(user, group).await,
        Step::DetachPolicy { user, policy_arn } => directory.detach_policy(user, policy_arn).await,
        Step::LeaveGroup { user, group } => directory.leave_group(user, group).await,
        Step::SetTag { user, key, value } => directory.set_tag(user, key, value).await,
        Step::RemoveTag { user, key } => directory.remove_tag(user, key).await,
        Step::Notify(notice) => tell(notice, messenger).await,
        Step::MarkUser { user, value } => {
            directory.set_tag(user, mfa_enforcer_core::mark::NOTIFIED_KEY, value).await
        }
        Step::MarkRoot { topic_arn, value } => messenger.write_root_ledger(topic_arn, value).await,
    }
}

/// Tells the user on every channel, then the administrators, who hear whether the user was told.
async fn tell<M: Messenger + Sync>(notice: &Notice, messenger: &M) -> Result<(), AwsError> {
    let mut first: Option<AwsError> = None;
    let mut deliveries = Vec::new();
    if let Some(message) = notice::for_user(notice) {
        for channel in &notice.channels {
            match messenger.tell_user(channel, &message).await {
                Ok(delivery) => deliveries.push(delivery),
                Err(error) => {
                    deliveries.push(Delivery::Failed);
                    first = first.or(Some(error));
                }
            }
        }
    }
    let reach = Reach::of(notice, &deliveries);
    if let Some(message) = notice::for_admins(notice, reach)
        && let Err(error) = messenger.tell_admins(&message).await
    {
        first = first.or(Some(error));
    }
    first.map_or(Ok(()), Err)
}

//! Carries out a plan. [`Progress`] decides what comes next and what a failure means.

use crate::directory::Directory;
use crate::error::AwsError;
use crate::measure;
use crate::messenger::Messenger;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::progress::{Action, Answer, Applied, Progress};
use mfa_enforcer_core::tags::ROOT_NOTIFIED_KEY;

/// Carries out `plan`, step by step.
pub async fn apply<D, M>(plan: &Plan, directory: &D, messenger: &M) -> Applied<AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let mut progress = Progress::of(plan);
    while let Some(action) = progress.next_action() {
        let result = carry_out(&action, directory, messenger).await;
        // At once: a sweep that runs out of time drops this future.
        measure::action(&action, result.is_ok());
        progress.record(result);
    }
    let mut applied = progress.finish();
    if applied.is_unverified {
        applied.error.get_or_insert_with(AwsError::not_seen);
    }
    measure::applied(&applied);
    applied
}

async fn carry_out<D, M>(action: &Action, directory: &D, messenger: &M) -> Result<Answer, AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    match action {
        Action::Change(user, change) => directory.change(user, change).await.map(|()| Answer::Done),
        Action::ReadBack(user) => directory.user(user).await.map(|user| Answer::Seen(user.map(Box::new))),
        Action::Wait(wait) => {
            tokio::time::sleep(*wait).await;
            Ok(Answer::Done)
        }
        Action::TellUser(channel, message) => {
            messenger.tell_user(channel, message).await.map(Answer::Delivered)
        }
        Action::TellAdmins(message) => messenger.tell_admins(message).await.map(|()| Answer::Done),
        Action::RecordRootAlert(value) => {
            messenger.set_alerts_tag(ROOT_NOTIFIED_KEY, value).await.map(|()| Answer::Done)
        }
    }
}

//! Carries out a plan. [`Progress`] decides what comes next and what a failure means.

use crate::directory::Directory;
use crate::error::AwsError;
use crate::measure;
use crate::messenger::Messenger;
use mfa_enforcer_core::access_keys::KeysSeen;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::progress::{Action, Answer, Applied, Progress};
use mfa_enforcer_core::tags::ROOT_NOTIFIED_KEY;
use std::time::Duration;

/// How long a message waits for the access keys or the alias that it names.
const PATIENCE: Duration = Duration::from_secs(3);

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

/// The active access keys of a user. They are for a message only, so no failure counts, and nothing waits long.
async fn keys_seen<D: Directory + Sync>(user: &UserName, directory: &D) -> KeysSeen {
    match tokio::time::timeout(PATIENCE, directory.active_keys(user)).await {
        Ok(Ok(keys)) => KeysSeen::Active(keys),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the access keys of a user are not known");
            KeysSeen::Unreadable
        }
        Err(_) => KeysSeen::Unreadable,
    }
}

/// The account's alias, for a message.
pub(crate) async fn alias_seen<D: Directory + Sync>(directory: &D) -> Option<String> {
    tokio::time::timeout(PATIENCE, directory.account_alias()).await.unwrap_or_default()
}

async fn carry_out<D, M>(action: &Action, directory: &D, messenger: &M) -> Result<Answer, AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    match action {
        Action::Change(user, change) => directory.change(user, change).await.map(|()| Answer::Done),
        Action::ReadBack { user, keys } => {
            let looks = async { if *keys { Some(keys_seen(user, directory).await) } else { None } };
            let (user, keys) = tokio::join!(directory.user(user), looks);
            user.map(|user| Answer::Seen(user.map(Box::new), keys))
        }
        Action::ReadKeys(user) => Ok(Answer::Keys(keys_seen(user, directory).await)),
        Action::ReadAlias => Ok(Answer::Alias(alias_seen(directory).await)),
        Action::Wait(wait) => {
            tokio::time::sleep(*wait).await;
            Ok(Answer::Done)
        }
        Action::TellUser(channel, message) => {
            messenger.tell_user(channel, None, message).await.map(Answer::Delivered)
        }
        Action::TellAdmins(message) => messenger.tell_admins(message).await.map(|()| Answer::Done),
        Action::RecordRootAlert(value) => {
            messenger.set_alerts_tag(ROOT_NOTIFIED_KEY, value).await.map(|()| Answer::Done)
        }
        Action::Repair(repair) => directory.repair(repair).await.map(|()| Answer::Done),
        Action::OrderSweep(queue, id, time) => {
            messenger.order_sweep(queue, id, *time).await.map(|()| Answer::Done)
        }
    }
}

//! Carries out a plan. [`Progress`] decides what comes next and what a failure means.

use crate::directory::Directory;
use crate::error::AwsError;
use crate::looks::Looks;
use crate::measure;
use crate::messenger::Messenger;
use futures_util::future::join_all;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::progress::{Action, Answer, Applied, LookAhead, Progress};
use mfa_enforcer_core::tags::ROOT_NOTIFIED_KEY;

/// Carries out `plan`, step by step, and looks up what its messages need to know at the same time.
pub async fn apply<D, M>(plan: &Plan, directory: &D, messenger: &M) -> Applied<AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let ahead = LookAhead::of(plan);
    let looks = Looks::of(&ahead, directory, messenger);
    let mut progress = Progress::of(plan);
    let steps = async {
        loop {
            let actions = progress.next_actions();
            if actions.is_empty() {
                break;
            }
            if progress.is_topic_wanted() {
                looks.want_topic();
            }
            let results = join_all(actions.iter().map(|action| async {
                let result = carry_out(action, &looks, directory, messenger).await;
                // At once: a sweep that runs out of time drops this future.
                measure::action(action, result.is_ok());
                result
            }));
            progress.record(results.await);
        }
    };
    looks.beside(steps).await;
    let mut applied = progress.finish();
    if applied.is_unverified {
        applied.error.get_or_insert_with(AwsError::not_seen);
    }
    measure::applied(&applied);
    applied
}

async fn carry_out<D, M>(
    action: &Action,
    looks: &Looks<'_>,
    directory: &D,
    messenger: &M,
) -> Result<Answer, AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    match action {
        Action::Change(user, change) => directory.change(user, change).await.map(|()| Answer::Done),
        Action::ReadBack(user) => directory.user(user).await.map(|user| Answer::Seen(user.map(Box::new))),
        Action::ReadKeys(_) => Ok(Answer::Keys(looks.keys().await)),
        Action::ReadAlias => Ok(Answer::Alias(looks.alias().await)),
        Action::Wait(wait) => {
            tokio::time::sleep(*wait).await;
            Ok(Answer::Done)
        }
        Action::TellUser(channel, message) => {
            let prepared = looks.mailbox().await;
            messenger.tell_user(channel, prepared, message).await.map(Answer::Delivered)
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

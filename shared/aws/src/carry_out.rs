//! Carries out a plan about a user, and a second one where what IAM says then asks for it.

use crate::apply::apply;
use crate::directory::Directory;
use crate::error::AwsError;
use crate::messenger::Messenger;
use jiff::Timestamp;
use mfa_enforcer_core::decide::{After, Lookup, SecondPlan, lookups};
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::{BoundaryText, UserFacts};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::progress::SecondLook;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::Settings;

/// What became of a plan about a user.
pub(crate) struct CarriedOut {
    /// The steps that were carried out, of both plans.
    pub(crate) done: Vec<Step>,
    /// The state of the user afterwards.
    pub(crate) user: UserFacts,
    /// Why the run has to be retried although no call failed.
    pub(crate) not_yet: Option<Reason>,
    /// Whether IAM refused for good to record something.
    pub(crate) is_unrecorded: bool,
    /// Whether a retry can help. It can where something was written and not read back, whatever the error.
    pub(crate) needs_retry: bool,
    /// The error that the run fails with.
    pub(crate) error: Option<AwsError>,
}

/// The user of this name, with all that a decision about them needs; `None` if there is none.
///
/// # Errors
/// If IAM does not answer.
pub async fn user_in_full<D: Directory + Sync>(
    directory: &D,
    name: &UserName,
    settings: &Settings,
    now: Timestamp,
) -> Result<Option<UserFacts>, AwsError> {
    let Some(mut user) = directory.user(name).await? else { return Ok(None) };
    let lookups = lookups(&user, true, settings, now);
    complete(&mut user, lookups, settings, now, directory).await?;
    Ok(Some(user))
}

/// Makes these lookups, which the decision about the user needs besides.
///
/// # Errors
/// If IAM does not answer.
pub(crate) async fn complete<D: Directory + Sync>(
    user: &mut UserFacts,
    lookups: Vec<Lookup>,
    settings: &Settings,
    now: Timestamp,
    directory: &D,
) -> Result<(), AwsError> {
    for lookup in lookups {
        match lookup {
            Lookup::AttachedBy => user.attached_by = directory.attached_by(user, settings, now).await,
            Lookup::Approval => user.approval = directory.approval(user, settings, now).await,
            Lookup::AccessKeys => user.keys = directory.access_keys(&user.name).await?,
            Lookup::Traces => user.traces = directory.traces(user, settings, now).await,
            Lookup::Boundary(arn) => user.boundary = boundary(directory.policy_document(&arn).await),
        }
    }
    Ok(())
}

/// A boundary that cannot be read is an answer: whatever else the event asks for must not wait for it.
fn boundary(document: Result<String, AwsError>) -> BoundaryText {
    match document {
        Ok(document) => BoundaryText::Document(document),
        Err(error) => {
            tracing::warn!(%error, "nobody knows what a permissions boundary allows");
            BoundaryText::Unreadable
        }
    }
}

/// Carries out `plan` for `user`. `look_again` makes the second plan from what IAM says then.
pub(crate) async fn carry_out<D, M>(
    plan: &Plan,
    user: UserFacts,
    look_again: impl Fn(After<'_>, &UserFacts, Option<&UserFacts>) -> SecondPlan + Send,
    directory: &D,
    messenger: &M,
) -> CarriedOut
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let mut applied = apply(plan, directory, messenger).await;
    let second = match applied.second_look() {
        Some(SecondLook::ReadBack(seen)) => Some(Ok((After::Containment, seen.map(|seen| *seen)))),
        Some(SecondLook::NotFound(effect)) => {
            let seen = directory.user(&user.name).await;
            Some(seen.map(|seen| (After::NotFound(plan, effect), seen)))
        }
        None => None,
    };
    let mut not_yet = None;
    let mut now = applied.user_after(user.clone());
    match second {
        Some(Ok((after, seen))) => {
            let second = look_again(after, &user, seen.as_ref());
            not_yet = Some(second.plan.reason).filter(|reason| reason.is_transient());
            let mut then = apply(&second.plan, directory, messenger).await;
            // The spare of a policy is gone as well.
            if let Some(SecondLook::NotFound(effect)) = then.second_look() {
                let third = look_again(After::NotFound(&second.plan, effect), &user, seen.as_ref());
                not_yet = Some(third.plan.reason).filter(|reason| reason.is_transient());
                let last = apply(&third.plan, directory, messenger).await;
                then.error = then.error.filter(|_| !third.settles).or(last.error);
                then.done.extend(last.done);
            }
            now = then.user_after(now);
            if second.settles {
                applied.error = None;
                applied.is_unverified = false;
            }
            applied.error = applied.error.or(then.error);
            applied.refused = applied.refused.or(then.refused);
            applied.is_unverified |= then.is_unverified;
            applied.done.extend(then.done);
        }
        // What was done is done, and has to be reported. Nobody knows what it means that something was not found, so the
        // look counts: a retry may help where the first error alone says that it does not.
        Some(Err(error)) => applied.error = applied.error.filter(AwsError::is_transient).or(Some(error)),
        None => {}
    }
    CarriedOut {
        done: applied.done,
        user: now,
        not_yet,
        is_unrecorded: applied.refused.is_some(),
        needs_retry: applied.is_unverified || applied.error.as_ref().is_some_and(AwsError::is_transient),
        error: applied.error,
    }
}

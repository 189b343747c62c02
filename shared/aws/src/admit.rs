//! Takes the slots that a quarantine needs first, where there are limits to an hour. The core decides.

use crate::directory::Directory;
use crate::error::AwsError;
use crate::messenger::Messenger;
use jiff::Timestamp;
use mfa_enforcer_core::event::Occasion;
use mfa_enforcer_core::facts::{RootLedger, UserFacts};
use mfa_enforcer_core::organization::Admission;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::settings::Settings;

/// What may be carried out of `plan` for this user. Makes no call where there is no limit, or the plan begins no
/// quarantine.
///
/// # Errors
/// If it is not known whether there is a slot: then nobody is to be contained.
pub(crate) async fn admit<D, M>(
    plan: Plan,
    occasion: &Occasion,
    user: &UserFacts,
    (settings, now): (&Settings, Timestamp),
    directory: &D,
    messenger: &M,
) -> Result<Plan, AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let Some(mut admission) = Admission::of(&plan, occasion, user, settings, now) else { return Ok(plan) };
    while let Some(slot) = admission.next_slot() {
        admission.record(&directory.take_slot(&slot).await?);
    }
    let ledger = if admission.needs_ledger() {
        RootLedger::of(messenger.alerts_tags().await.ok().as_ref())
    } else {
        RootLedger::Unreadable
    };
    Ok(admission.admitted(plan, occasion, &ledger, settings))
}

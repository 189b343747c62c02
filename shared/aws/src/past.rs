//! What the event history tells about many users at once.

use crate::directory::History;
use crate::error::AwsError;
use jiff::Timestamp;
use mfa_enforcer_core::event::{PastCall, SweepKind};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::history::{
    self, Look, calls_about, calls_to_look_up, exemptions_to_look_up, removals, renames, renames_to_look_up,
};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::UserSnapshot;

/// Notes on each user a removal of a device that the history tells of. Returns whether it was read in full.
///
/// # Errors
/// If `CloudTrail` refuses or does not answer.
pub(crate) async fn note_removals<H: History + Sync>(
    history: &H,
    users: &mut [UserSnapshot],
    look: &Look,
    settings: &Settings,
) -> Result<bool, AwsError> {
    let looked_up = history.look_up(look.lookup()).await?;
    let removals = removals(&looked_up, settings);
    let mut is_complete = looked_up.is_complete;
    let mut named = Vec::new();
    if let Some(lookup) = renames_to_look_up(&removals) {
        let looked_up = history.look_up(lookup).await?;
        is_complete &= looked_up.is_complete;
        named = renames(&looked_up, settings);
    }
    history::note_removals(users, &removals, &named, look);
    Ok(is_complete)
}

/// Notes on each user who exempted them, as far as that is in question for a sweep of this kind.
///
/// # Errors
/// If `CloudTrail` refuses or does not answer. Then nothing is noted.
pub(crate) async fn note_exemptions<H: History + Sync>(
    history: &H,
    users: &mut [UserSnapshot],
    kind: SweepKind,
    settings: &Settings,
    now: Timestamp,
) -> Result<(), AwsError> {
    let mut answers = Vec::new();
    for lookup in exemptions_to_look_up(users, kind, settings, now) {
        answers.push((lookup, history.look_up(lookup).await?));
    }
    history::note_exemptions(users, &answers, kind, settings, now);
    Ok(())
}

/// The calls about a user that the event history tells of, the oldest first, and what it does not tell, in words.
pub async fn user_calls<H: History + Sync>(
    history: &H,
    user: &UserFacts,
    settings: &Settings,
    now: Timestamp,
) -> (Vec<PastCall>, Vec<String>) {
    let (mut answers, mut unknown) = (Vec::new(), Vec::new());
    for lookup in calls_to_look_up(now) {
        match history.look_up(lookup).await {
            Ok(records) => {
                let gap = format!("earlier calls of {}: the event history was cut off", lookup.name);
                unknown.extend((!records.is_complete).then_some(gap));
                answers.push(records);
            }
            Err(error) => unknown.push(format!("calls of {}: {error}", lookup.name)),
        }
    }
    (calls_about(&answers, user, settings, now), unknown)
}

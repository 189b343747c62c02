//! Sums up what a plan did to a user, for the digest.

use crate::digest::ChangeKind;
use crate::effect::Effect;
use crate::facts::UserFacts;
use crate::plan::{Plan, Step};
use crate::reason::Reason;

/// What the `done` steps of the plan did to a user, given their state `before`; `None` if nothing.
#[must_use]
pub fn user_change(before: &UserFacts, plan: &Plan, done: &[Step]) -> Option<ChangeKind> {
    let any = |effects: &[Effect]| done.iter().any(|step| effects.contains(&step.effect()));
    // A record means that the user was quarantined before, even if somebody has undone it.
    let was_contained =
        before.quarantine_record().is_some() || matches!(plan.reason, Reason::FinishContainment(_));
    if any(&[Effect::Contain]) && !was_contained {
        Some(ChangeKind::Contained)
    } else if any(&[Effect::Contain, Effect::RecordQuarantine]) {
        Some(ChangeKind::Repaired)
    } else if any(&[Effect::Release, Effect::EndQuarantine]) {
        Some(ChangeKind::Released)
    } else if any(&[Effect::Notify]) {
        Some(ChangeKind::Told)
    } else if plan.steps.is_empty() && !plan.withheld.is_empty() {
        Some(ChangeKind::Withheld)
    } else {
        None
    }
}

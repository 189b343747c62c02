//! What a plan comes to, in the words of the digest.

use crate::digest::ChangeKind;
use crate::effect::Effect;
use crate::facts::UserFacts;
use crate::plan::{Plan, Step};
use crate::reason::Reason;

/// What was done to a user, who was like this `before`, when these steps of the plan were carried out; `None` if
/// nothing was.
#[must_use]
pub fn user_change(before: &UserFacts, plan: &Plan, done: &[Step]) -> Option<ChangeKind> {
    let any = |effects: &[Effect]| done.iter().any(|step| effects.contains(&step.effect()));
    // With the record there was a quarantine before, which somebody undid.
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

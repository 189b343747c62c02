//! What a plan comes to, in the words of the digest.

use crate::digest::ChangeKind;
use crate::facts::UserFacts;
use crate::plan::{Plan, Reason, Step};

/// What was done to a user, who stood like this `before`, of whose plan these steps were carried out; `None` where
/// nothing was.
#[must_use]
pub fn user_change(before: &UserFacts, plan: &Plan, done: &[&Step]) -> Option<ChangeKind> {
    let any = |is: fn(&Step) -> bool| done.iter().copied().any(is);
    let contains = any(|step| matches!(step, Step::AttachPolicy { .. } | Step::JoinGroup { .. }));
    let releases = any(|step| {
        matches!(step, Step::DetachPolicy { .. } | Step::LeaveGroup { .. } | Step::RemoveTag { .. })
    });
    let tags = any(|step| matches!(step, Step::SetTag { .. }));
    // With the tag there was a quarantine before, which somebody undid.
    let was_contained = before.containment().is_some() || matches!(plan.reason, Reason::FinishContainment(_));
    if contains && !was_contained {
        Some(ChangeKind::Contained)
    } else if contains || tags {
        Some(ChangeKind::Repaired)
    } else if releases {
        Some(ChangeKind::Released)
    } else if any(|step| matches!(step, Step::Notify(_))) {
        Some(ChangeKind::Told)
    } else if plan.steps.is_empty() && !plan.withheld.is_empty() {
        Some(ChangeKind::Withheld)
    } else {
        None
    }
}

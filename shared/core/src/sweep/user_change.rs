//! Sums up what a plan did to a user, for the digest.

use crate::digest::{ChangeKind, SweepResult, UserChange};
use crate::effect::Effect;
use crate::evidence::knew_of_quarantine;
use crate::facts::UserFacts;
use crate::plan::{Plan, Step};
use crate::reason::Reason;
use crate::snapshot::UserSnapshot;
use std::collections::BTreeSet;

/// What the `done` steps of the plan did to a user, given their state `before`; `None` if nothing.
#[must_use]
pub fn user_change(before: &UserFacts, plan: &Plan, done: &[Step]) -> Option<ChangeKind> {
    let any = |is: fn(Effect) -> bool| done.iter().any(|step| is(step.effect()));
    let attaches = any(|effect| effect == Effect::Contain);
    // A record alone contains nobody.
    let wanted = plan.steps.iter().any(|step| step.effect() == Effect::Contain);
    // Somebody undid a quarantine only if there was one: a first try that failed has written the record and no more.
    let is_first = plan.reason != Reason::PutBack && !knew_of_quarantine(before);
    if plan.reason.is_limit() {
        // Whatever else was done: an alert goes to the administrators.
        Some(ChangeKind::Waiting)
    } else if attaches && is_first {
        Some(ChangeKind::Contained)
    } else if any(Effect::contains) && (attaches || !wanted) {
        Some(ChangeKind::Repaired)
    } else if any(Effect::releases) && !(is_end_of_approved(before) && done.iter().all(ends)) {
        Some(ChangeKind::Released)
    } else if any(|effect| effect == Effect::Notify) {
        Some(ChangeKind::Told)
    } else if plan.steps.is_empty() && !plan.withheld.is_empty() {
        Some(withheld(plan))
    } else {
        None
    }
}

/// Whether the user was released after somebody approved that, and only the record is left. They were counted then.
fn is_end_of_approved(before: &UserFacts) -> bool {
    before.quarantine_record().is_some_and(|record| record.approved.is_some())
}

fn ends(step: &Step) -> bool {
    step.effect() == Effect::EndQuarantine
}

/// What it means that `MODE` withholds a plan.
#[must_use]
pub fn withheld(plan: &Plan) -> ChangeKind {
    let releases = plan.withheld.iter().any(|step| step.effect().releases());
    if releases { ChangeKind::StaysContained } else { ChangeKind::Withheld }
}

/// Whether the sweep dealt with every removal that the event history tells of. If not, the next one looks for it again.
#[must_use]
pub fn dealt_with_removals(users: &[UserSnapshot], result: &SweepResult) -> bool {
    let failed = |change: &UserChange| matches!(change.what, ChangeKind::Failed | ChangeKind::Refused);
    let failed: BTreeSet<&str> =
        result.users.iter().filter(|change| failed(change)).map(|change| change.id.as_str()).collect();
    let is_open = |user: &UserFacts| {
        user.removal.as_ref().is_some_and(|removal| !removal.before_deployment)
            && failed.contains(user.id.as_str())
    };
    result.remaining.is_empty() && !users.iter().any(|snapshot| is_open(&snapshot.user))
}

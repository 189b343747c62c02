//! What an hourly sweep does of what is due: contain, release, repair, and tell contained users what did not reach
//! them.
//!
//! Reminders are for the daily sweep, so that nobody is told at four in the morning what can wait until eight.

use crate::effect::Effect;
use crate::plan::{Plan, Step};
use crate::reason::Reason;

/// The part of a sweep's plan that cannot wait for the daily sweep.
pub(super) fn narrowed(plan: Plan) -> Plan {
    let is_note = |step: &Step| step.effect() == Effect::RecordExemption;
    let about_quarantine = |steps: &[Step]| steps.iter().any(|step| step.effect().is_about_quarantine());
    // Whoever enrolled within the hour hears what comes next, and so do those who can approve it.
    let is_awaited = matches!(plan.reason, Reason::FinishContainment(_) | Reason::AwaitsApproval);
    if plan.steps.is_empty() || is_awaited || about_quarantine(&plan.steps) {
        return plan;
    }
    let (notes, wait): (Vec<Step>, Vec<Step>) = plan.steps.into_iter().partition(is_note);
    let reason = if wait.is_empty() { plan.reason } else { Reason::DailySweepFollows };
    // What the mode withholds is still reported.
    Plan { reason, steps: notes, if_refused: Vec::new(), no_room: None, ..plan }
}

//! What an hourly sweep does of what is due: contain, release, repair, and tell contained users what did not reach
//! them.
//!
//! Reminders are for the daily sweep, so that nobody is told at four in the morning what can wait until eight.

use crate::effect::Effect;
use crate::notice::{Notice, UserMessage};
use crate::plan::{Plan, Step};
use crate::reason::Reason;

/// The part of a sweep's plan that cannot wait for the daily sweep.
pub(super) fn narrowed(plan: Plan) -> Plan {
    let is_note = |step: &Step| step.effect() == Effect::RecordExemption;
    let about_quarantine = |steps: &[Step]| steps.iter().any(|step| step.effect().is_about_quarantine());
    // Whoever enrolled within the hour hears what comes next, and so do those who can approve it.
    let is_awaited = matches!(plan.reason, Reason::FinishContainment(_) | Reason::AwaitsApproval);
    if plan.steps.is_empty() || is_awaited || about_quarantine(&plan.steps) {
        return without_reminder(plan);
    }
    let (notes, wait): (Vec<Step>, Vec<Step>) = plan.steps.into_iter().partition(is_note);
    let reason = if wait.is_empty() { plan.reason } else { Reason::DailySweepFollows };
    // What the mode withholds is still reported.
    Plan { reason, steps: notes, ..plan }
}

/// The plan for a user who is moved from one policy to another without the reminder that is due besides.
fn without_reminder(mut plan: Plan) -> Plan {
    let reminds = |step: &Step| match step {
        Step::Notify(notice) => {
            matches!(notice.as_ref(), Notice::User(notice) if notice.message == UserMessage::QuarantineReminder)
        }
        Step::Change { .. } | Step::RecordRootAlert(_) | Step::Repair(_) | Step::OrderSweep { .. } => false,
    };
    if plan.steps.iter().any(reminds) {
        let is_of_it = |effect| matches!(effect, Effect::ClaimNotice | Effect::Notify | Effect::RecordNotice);
        plan.steps.retain(|step| !is_of_it(step.effect()));
    }
    plan
}

//! A second look at a user after a plan was carried out: IAM answers late, and people act at the same time.

use super::context::Context;
use super::release::release;
use crate::change::Change;
use crate::effect::Effect;
use crate::event::{Occasion, Trigger, VISIBILITY_LAG};
use crate::facts::UserFacts;
use crate::notice::ReleasedBy;
use crate::plan::{Plan, Step};
use crate::posture::Posture;
use crate::reason::Reason;
use crate::settings::Settings;
use jiff::Timestamp;

/// Why a user is looked up again.
#[derive(Debug, Clone, Copy)]
pub enum After<'p> {
    /// The user was contained. An enrolment may have crossed that.
    Containment,
    /// IAM did not know the user, the policy or the group when it was to make a change of this plan, for this.
    NotFound(&'p Plan, Effect),
}

/// What a second look leads to.
#[derive(Debug, PartialEq)]
pub struct SecondPlan {
    /// What to do.
    pub plan: Plan,
    /// Whether an error of the first plan does not count any more.
    pub settles: bool,
}

pub(super) fn decide(
    after: After<'_>,
    occasion: &Occasion,
    first: &UserFacts,
    second: Option<&UserFacts>,
    settings: &Settings,
    now: Timestamp,
) -> SecondPlan {
    let Some(second) = second.filter(|second| second.id == first.id) else {
        return SecondPlan { plan: Plan::nothing(Reason::UserGone), settles: true };
    };
    match after {
        After::Containment => {
            SecondPlan { plan: undo_crossing(occasion, first, second, settings, now), settles: false }
        }
        // The policy may be gone. Its spare is tried before anything else: if it was the user whom IAM did not know yet,
        // it will not know them now either.
        After::NotFound(plan, Effect::Contain | Effect::Release) if under_spare(plan, settings).is_some() => {
            let plan = under_spare(plan, settings).unwrap_or_else(|| plan.clone());
            SecondPlan { plan, settles: true }
        }
        After::NotFound(..) if is_fresh(occasion, now) => {
            SecondPlan { plan: Plan::nothing(Reason::UserNotWritableYet), settles: true }
        }
        // The user is there, so the policy or the group is gone. That is for a person to mend.
        After::NotFound(plan, effect) => {
            let has_failed = matches!(effect, Effect::Contain | Effect::Release);
            let steps = if has_failed { plan.if_refused.clone() } else { Vec::new() };
            SecondPlan { plan: Plan { steps, if_refused: Vec::new(), ..plan.clone() }, settles: false }
        }
    }
}

/// The rest of the plan, from the attachment on, with the spare of the policy; `None` if the plan attaches none that has a
/// spare.
fn under_spare(plan: &Plan, settings: &Settings) -> Option<Plan> {
    let with_spare = |step: &Step| match step {
        Step::Change { user, change: Change::AttachPolicy(arn) } => {
            let change = Change::AttachPolicy(settings.quarantine.spare_of(arn)?.clone());
            Some(Step::Change { user: user.clone(), change })
        }
        Step::Change { user, change: Change::NarrowToPolicy(arn) } => {
            let change = Change::NarrowToPolicy(settings.quarantine.spare_of(arn)?.clone());
            Some(Step::Change { user: user.clone(), change })
        }
        Step::Change { .. }
        | Step::Notify(_)
        | Step::RecordRootAlert(_)
        | Step::Repair(_)
        | Step::OrderSweep { .. } => None,
    };
    let at = plan.steps.iter().position(|step| with_spare(step).is_some())?;
    let steps = plan.steps.iter().skip(at).map(|step| with_spare(step).unwrap_or_else(|| step.clone()));
    Some(Plan { steps: steps.collect(), ..plan.clone() })
}

/// Whether IAM's answers may still be older than the event.
fn is_fresh(occasion: &Occasion, now: Timestamp) -> bool {
    match occasion {
        Occasion::Event(event) => event.is_fresh(now),
        Occasion::Sweep(_) => false,
    }
}

/// The release of a user who enrolled a device while they were being contained. The enrolment's own event found nothing
/// to release.
///
/// Only a device that is really new counts: IAM may still list one that was removed.
fn undo_crossing(
    occasion: &Occasion,
    first: &UserFacts,
    second: &UserFacts,
    settings: &Settings,
    now: Timestamp,
) -> Plan {
    let context = Context::new(occasion, second, settings, now);
    let is_new = second.devices.iter().any(|device| {
        !first.devices.contains(device) && now.duration_since(device.enabled).abs() < VISIBILITY_LAG
    });
    match context.posture {
        Posture::Compliant { .. } if is_new => {
            what_may_be_undone(release(&context, ReleasedBy::Mfa), occasion)
        }
        Posture::Compliant { .. }
        | Posture::NotApplicable
        | Posture::Exempt(_)
        | Posture::InGrace { .. }
        | Posture::Overdue { .. } => context.nothing(Reason::AlreadyContained),
    }
}

/// The part of the release that the function may carry out. The one for sign-ins may not lift anything: it sets the time
/// of the release, and the next sweep does the rest.
fn what_may_be_undone(plan: Plan, occasion: &Occasion) -> Plan {
    if !matches!(occasion, Occasion::Event(event) if event.trigger == Trigger::SignIn) {
        return plan;
    }
    let lifts = plan.steps.iter().any(|step| step.effect() == Effect::EndQuarantine);
    let may = |step: &Step| !lifts && step.effect() != Effect::Release;
    Plan { steps: plan.steps.into_iter().filter(may).collect(), ..plan }
}

//! A model of IAM that carries plans out on plain facts.

use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::plan::{Plan, Step};

/// The user after these steps of a plan.
pub(crate) fn after(user: &UserFacts, steps: &[Step]) -> UserFacts {
    let mut user = user.clone();
    for step in steps {
        step.change(&mut user);
    }
    user
}

/// Names of the notices of a plan.
pub(crate) fn notices(plan: &Plan) -> Vec<&'static str> {
    plan.steps
        .iter()
        .filter_map(|step| match step {
            Step::Notify(notice) => Some(notice.kind.code()),
            _ => None,
        })
        .collect()
}

/// One line: reason and steps.
pub(crate) fn summary(plan: &Plan) -> String {
    let list = |steps: &[Step]| steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut text = if plan.steps.is_empty() {
        format!("nothing: {}", plan.reason)
    } else {
        format!("{} [{}]", list(&plan.steps), plan.reason)
    };
    if plan.reason.is_transient() {
        text = format!("retry: {}", plan.reason);
    }
    if !plan.withheld.is_empty() {
        text = format!("{text} (withheld: {})", list(&plan.withheld));
    }
    text
}

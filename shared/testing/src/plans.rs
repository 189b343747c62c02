//! What tests look at in a plan, and its effect on a user.

use mfa_enforcer_core::access_keys::KeysSeen;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{self, Background, Delivery, Notice, Reach, Rendered, UserNotice};
use mfa_enforcer_core::plan::{Plan, Step};

/// The user after these steps of a plan.
pub fn after(user: &UserFacts, steps: &[Step]) -> UserFacts {
    let mut user = user.clone();
    for step in steps {
        if let Step::Change { change, .. } = step {
            change.apply_to(&mut user);
        }
    }
    user
}

/// The kinds of the notices and alerts in a plan.
pub fn notices(plan: &Plan) -> Vec<&'static str> {
    let kind = |step: &Step| if let Step::Notify(notice) = step { Some(notice.kind().code()) } else { None };
    plan.steps.iter().filter_map(kind).collect()
}

/// The changes in a plan, in order.
pub fn changes(plan: &Plan) -> Vec<&Change> {
    let mut changes = Vec::new();
    for step in &plan.steps {
        if let Step::Change { change, .. } = step {
            changes.push(change);
        }
    }
    changes
}

/// The notices to the user in a plan.
pub fn user_notices(plan: &Plan) -> Vec<&UserNotice> {
    let mut notices = Vec::new();
    for step in &plan.steps {
        if let Step::Notify(notice) = step
            && let Notice::User(notice) = notice.as_ref()
        {
            notices.push(notice);
        }
    }
    notices
}

/// The notice as the user gets it; `None` for an alert.
pub fn for_user(notice: &Notice) -> Option<Rendered> {
    match notice {
        Notice::User(notice) => Some(notice::for_user(notice)),
        Notice::Alert(_) => None,
    }
}

/// The notice as the administrators get it; `None` if they do not.
pub fn for_admins(notice: &Notice, reach: Reach) -> Option<Rendered> {
    match notice {
        Notice::User(notice) => notice::for_admins(notice, reach, None),
        Notice::Alert(alert) => Some(notice::for_alert(alert)),
    }
}

/// The notice as the administrators get it if these are the user's access keys; `None` if they do not get it.
pub fn for_admins_with_keys(notice: &Notice, keys: &KeysSeen) -> Option<Rendered> {
    match notice {
        Notice::User(notice) => notice::for_admins(notice, Reach::Tried(Delivery::Sent), Some(keys)),
        Notice::Alert(alert) => Some(notice::for_alert(alert)),
    }
}

/// The part that all messages share: occasion, account, mode, findings.
pub fn background(notice: &Notice) -> &Background {
    match notice {
        Notice::User(notice) => &notice.background,
        Notice::Alert(alert) => &alert.background,
    }
}

/// A plan in one line: steps, reason, and what was withheld.
pub fn summary(plan: &Plan) -> String {
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

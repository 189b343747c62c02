//! What one part of an event leads to, and how the parts become one plan.
//!
//! Somebody can change several things about a user in one call. Whoever reads about it gets one message.

use super::context::Context;
use crate::notice::UserAlert;
use crate::plan::{NoRoom, Plan, Step};
use crate::reason::Reason;

/// What one part of an event leads to.
#[derive(Debug)]
pub(super) struct Answer {
    /// Why these steps, or why none.
    pub(super) reason: Reason,
    /// What the administrators are told once the steps are done.
    pub(super) alerts: Vec<UserAlert>,
    /// What to do, in the order of the effects.
    pub(super) steps: Vec<Step>,
    /// What to do if IAM refuses for good to contain or to release.
    pub(super) if_refused: Vec<Step>,
    /// What to do if IAM has no room for a policy or a group.
    pub(super) no_room: Option<NoRoom>,
}

impl Answer {
    /// Nothing to do.
    pub(super) fn nothing(reason: Reason) -> Self {
        Self { reason, alerts: Vec::new(), steps: Vec::new(), if_refused: Vec::new(), no_room: None }
    }

    /// What this plan says.
    pub(super) fn of(plan: Plan) -> Self {
        let steps = plan.steps.into_iter().chain(plan.withheld).collect();
        let Plan { reason, if_refused, no_room, .. } = plan;
        Self { reason, alerts: Vec::new(), steps, if_refused, no_room }
    }

    /// Whether there is nothing to do and nothing to tell.
    pub(super) fn is_nothing(&self) -> bool {
        self.alerts.is_empty() && self.steps.is_empty()
    }

    /// Both answers. The reason is that of the first one with something to do, unless one has to be tried again.
    pub(super) fn and(mut self, other: Self) -> Self {
        let says_more = other.reason != Reason::NotContained;
        let is_silent = says_more && [Reason::NotContained, Reason::QuarantineInForce].contains(&self.reason);
        let is_more = self.is_nothing() && (is_silent || !other.is_nothing());
        if !self.reason.is_transient() && (is_more || other.reason.is_transient()) {
            self.reason = other.reason;
        }
        self.alerts.extend(other.alerts);
        self.steps.extend(other.steps);
        self.if_refused.extend(other.if_refused);
        self.no_room = self.no_room.or(other.no_room);
        self
    }

    /// The plan, with one message for all alerts.
    pub(super) fn into_plan(self, context: &Context<'_>) -> Plan {
        let is_told = self.steps.is_empty() && !self.alerts.is_empty();
        // Told once, when the event is not to be tried again.
        let is_final = !self.reason.is_transient();
        let report = context.report(if is_final { self.alerts } else { Vec::new() });
        let reason = if is_told && is_final && report.is_empty() { Reason::AlreadySaid } else { self.reason };
        let mut steps: Vec<Step> = self.steps.into_iter().chain(report).collect();
        let mut if_refused = self.if_refused;
        for steps in [&mut steps, &mut if_refused] {
            steps.sort_by_key(Step::effect);
            // Two parts can call for the same.
            steps.dedup();
        }
        context.plan(reason, steps).or_refused(if_refused).or_elsewhere(self.no_room)
    }
}

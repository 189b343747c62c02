//! What others do to the enforcer itself: what is told, and what is only a part of an update of the own stack.

use super::root_alert::Reporter;
use crate::event::{Event, Occasion, Part, Touched, Weight};
use crate::facts::RootLedger;
use crate::notice::AccountAlert;
use crate::plan::Plan;
use crate::reason::Reason;
use crate::settings::{Settings, Stack};
use crate::stack::StackState;
use jiff::{SignedDuration, Timestamp};

/// Records give times to the second, and `CloudFormation` notes the begin and the end of a change a moment early or
/// late.
const ROUNDING: SignedDuration = SignedDuration::from_secs(5);
/// How far the begin of an update may be from the call that asked for it.
const UPDATE_BEGINS_WITHIN: SignedDuration = SignedDuration::from_mins(1);

/// A lookup of what was told already, and of the stack, that is still to be answered.
#[derive(Debug)]
pub struct AskEnforcer<'a> {
    pub(super) event: &'a Event,
    pub(super) touched: &'a Touched,
}

/// What `CloudFormation` says of the own stack. What could not be read is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnStack {
    /// The stack.
    pub state: Option<StackState>,
    /// When the last change ended, if it has.
    pub ended: Option<Timestamp>,
}

impl AskEnforcer<'_> {
    /// ARN of the stack that has to be looked up; `None` if the answer does not depend on it.
    #[must_use]
    pub fn stack<'s>(&self, settings: &'s Settings) -> Option<&'s str> {
        let depends = self.may_be_an_update() || self.names_no_stack();
        settings.stack.as_ref().filter(|_| depends).map(|Stack { id, .. }| id.as_str())
    }

    /// Whether it matters when the last change of the stack ended. A record often arrives after that.
    #[must_use]
    pub fn needs_end(&self, state: Option<&StackState>, now: Timestamp) -> bool {
        let is_over = state.is_some_and(|state| !state.is_in_progress(now) && self.is_after_begin(state));
        self.may_be_an_update() && is_over
    }

    /// The plan, given which events have already been told. What was to be looked up and could not be is told.
    #[must_use]
    pub fn answer(&self, ledger: &RootLedger, stack: &OwnStack, settings: &Settings, now: Timestamp) -> Plan {
        if self.is_of_stack_set() || self.may_be_an_update() && self.is_in_update(stack, now) {
            return Plan::nothing(Reason::UpdateOfTheStack);
        }
        if self.names_no_stack() && stack.state.as_ref().is_some_and(|state| !self.began(state)) {
            return Plan::nothing(Reason::OtherStack);
        }
        let region = &self.event.source.region;
        let is_here = region.is_empty() || settings.alerts_topic_arn.split(':').nth(3) == Some(region);
        let alert = AccountAlert::EnforcerTouched {
            touched: self.touched.clone(),
            elsewhere: (!is_here).then(|| region.clone()),
        };
        Reporter { occasion: &Occasion::Event(Box::new(self.event.clone())), ledger, settings }.defence(alert)
    }

    /// Whether the call may be a part of an update of the own stack, of which the administrators heard once. Nobody's
    /// update of our stack touches a trail.
    fn may_be_an_update(&self) -> bool {
        let Touched { call, by_cloudformation, .. } = self.touched;
        *by_cloudformation && !matches!(call.part, Part::Trail | Part::Stack)
            || *by_cloudformation && call.part == Part::Stack && self.is_a_stack_elsewhere()
    }

    /// Whether a stack set changed what it deployed to an account of an organization. There is no stack to look up: its
    /// role says enough. Where it takes the stack away, nobody watches over the account any more, so that is told.
    fn is_of_stack_set(&self) -> bool {
        let Touched { call, by_cloudformation, in_member, .. } = self.touched;
        let takes_away = call.part == Part::Stack && call.name == "DeleteStack";
        let is_its_role = self.event.actor.is_stack_set(&self.event.source.account);
        *in_member && *by_cloudformation && is_its_role && !takes_away
    }

    /// Whether it is about a stack that forwards from another region.
    fn is_a_stack_elsewhere(&self) -> bool {
        let is_of_set = self.touched.name.as_deref().is_some_and(|name| name.starts_with("StackSet-"));
        is_of_set && !self.touched.in_member
    }

    /// Whether it is about some stack, and the record does not say about which.
    fn names_no_stack(&self) -> bool {
        self.touched.name.is_none() && self.touched.weight == Weight::Deployment
    }

    /// Whether the stack is being changed, or was at the time of the call.
    fn is_in_update(&self, stack: &OwnStack, now: Timestamp) -> bool {
        let Some(state) = &stack.state else { return false };
        let before_end = stack.ended.is_some_and(|ended| self.since(ended) <= ROUNDING);
        self.is_after_begin(state) && (state.is_in_progress(now) || before_end)
    }

    fn is_after_begin(&self, state: &StackState) -> bool {
        state.changed.is_some_and(|changed| self.since(changed) >= -ROUNDING)
    }

    /// Whether the last change of the stack began with this call.
    fn began(&self, state: &StackState) -> bool {
        state.changed.is_some_and(|changed| self.since(changed).abs() <= UPDATE_BEGINS_WITHIN)
    }

    /// How long after this time the call was made.
    fn since(&self, time: Timestamp) -> SignedDuration {
        self.event.source.time.duration_since(time)
    }
}

//! A plan: what to do, as plain data that leaves no choices to the code that carries it out.

use crate::change::Change;
use crate::effect::Effect;
use crate::episode::Episode;
use crate::event::{EventId, UserName};
use crate::notice::Notice;
use crate::operation::Operation;
use crate::posture::{Finding, Posture};
use crate::reason::Reason;
use crate::repair::Repair;
use jiff::Timestamp;
use std::fmt;

/// What to do about an event, or a user that a sweep checks. An empty plan has a reason too.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Posture of the subject; `None` for root, and for a user who was not found or not looked up.
    pub posture: Option<Posture>,
    /// The episode of the user; `None` if nothing is to be done and none is under way, and if it is about no user.
    pub episode: Option<Episode>,
    /// Why these steps, or why none.
    pub reason: Reason,
    /// What to do, in this order.
    pub steps: Vec<Step>,
    /// Steps that are due but that `MODE` does not allow.
    pub withheld: Vec<Step>,
    /// What to do if IAM permanently refuses [`Effect::Contain`] or [`Effect::Release`]: alert the administrators once.
    pub if_refused: Vec<Step>,
    /// What to do if IAM has no room for the policy or the group that the plan puts the user under; `None` if it is a
    /// refusal like any other.
    pub no_room: Option<NoRoom>,
    /// Whether the record of a containment and the containment may go out in the same moment. Not beside traces of an
    /// earlier quarantine, which a run that is cut off would leave as the record of this one.
    pub at_once: bool,
    /// What an administrator should fix.
    pub findings: Vec<Finding>,
}

/// What to do if a quota stops a plan from putting a user under a policy or into a group.
///
/// How many a user may have is not known for sure: the account's quota may have been changed, and IAM's answers lag.
#[derive(Debug, Clone, PartialEq)]
pub struct NoRoom {
    /// The same in the other place: by the group instead of the policy, or the other way round. `None` if there is no
    /// room either.
    pub instead: Option<Step>,
    /// What to do if that does not help: alert the administrators once.
    pub alert: Vec<Step>,
}

/// One step of a plan. Repeating a step does no harm.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Change a user in IAM.
    Change {
        /// Name of the user.
        user: UserName,
        /// What to change.
        change: Change,
    },
    /// Send a message to the user, the administrators, or both.
    Notify(Box<Notice>),
    /// Set the tag of the alerts topic that records the reported events about root to this value.
    RecordRootAlert(String),
    /// Repair the quarantine itself.
    Repair(Repair),
    /// Order an hourly sweep at once.
    OrderSweep {
        /// URL of the queue of the orders.
        queue: String,
        /// The event that calls for it: one event orders one sweep.
        id: EventId,
        /// When the sweep is due.
        time: Timestamp,
    },
}

impl Plan {
    /// An empty plan for a subject that was not looked up or not found.
    pub(crate) fn nothing(reason: Reason) -> Self {
        Self {
            posture: None,
            episode: None,
            reason,
            steps: Vec::new(),
            withheld: Vec::new(),
            if_refused: Vec::new(),
            no_room: None,
            at_once: false,
            findings: Vec::new(),
        }
    }

    /// The same plan, with steps in case IAM refuses it.
    pub(crate) fn or_refused(self, if_refused: Vec<Step>) -> Self {
        Self { if_refused, ..self }
    }

    /// The same plan, with what to do if there is no room.
    pub(crate) fn or_elsewhere(self, no_room: Option<NoRoom>) -> Self {
        Self { no_room, ..self }
    }

    /// The same plan, whose record and containment may go out in the same moment or not.
    pub(crate) fn at_once(self, at_once: bool) -> Self {
        Self { at_once, ..self }
    }
}

impl Step {
    /// What the step is for.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::Change { change, .. } => change.effect(),
            Self::Notify(notice) => notice.effect(),
            Self::RecordRootAlert(_) => Effect::RecordNotice,
            Self::Repair(_) => Effect::Repair,
            Self::OrderSweep { .. } => Effect::OrderSweep,
        }
    }

    /// The AWS calls that carry out the step.
    #[must_use]
    pub fn operations(&self) -> &'static [Operation] {
        match self {
            Self::Change { change, .. } => change.operations(),
            Self::Notify(notice) if notice.names_access_keys() => &Operation::NOTIFY_WITH_KEYS,
            Self::Notify(_) => &Operation::NOTIFY,
            Self::RecordRootAlert(_) => &[Operation::TagResource],
            Self::Repair(Repair::SetDefaultVersion { .. }) => &[Operation::SetDefaultPolicyVersion],
            Self::Repair(Repair::AttachToGroup { .. }) => &[Operation::AttachGroupPolicy],
            Self::OrderSweep { .. } => &[Operation::SendMessage],
        }
    }
}

impl fmt::Display for Step {
    /// For logs: what is done, but not to whom, which the log line says elsewhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change { change, .. } => write!(f, "{change}"),
            Self::Notify(notice) => write!(f, "notify {}", notice.kind().code()),
            Self::RecordRootAlert(_) => f.write_str("record-root-alert"),
            Self::Repair(repair) => write!(f, "{repair}"),
            Self::OrderSweep { .. } => f.write_str("order-sweep"),
        }
    }
}

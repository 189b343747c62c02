//! A plan: what to do, as plain data that leaves no choice to whoever carries it out.

use crate::change::Change;
use crate::effect::Effect;
use crate::event::UserName;
use crate::notice::Notice;
use crate::operation::Operation;
use crate::posture::{Finding, Posture};
use crate::reason::Reason;
use std::fmt;

/// What one event calls for. The empty plan carries its reason too.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Posture of the subject; `None` for root and where there is no such user.
    pub posture: Option<Posture>,
    /// Why these steps, or why none.
    pub reason: Reason,
    /// What to do, in this order.
    pub steps: Vec<Step>,
    /// What `MODE` keeps from being done.
    pub withheld: Vec<Step>,
    /// What to do if [`Effect::Contain`] or [`Effect::Release`] is refused for good: tell the administrators, once.
    pub if_refused: Vec<Step>,
    /// What an administrator should mend.
    pub findings: Vec<Finding>,
}

/// One thing to do. Each can be done twice without harm.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Change a user in IAM.
    Change {
        /// The user.
        user: UserName,
        /// What to change.
        change: Change,
    },
    /// Tell the user, the administrators, or both.
    Notify(Box<Notice>),
    /// Record on the alerts topic which events about root were reported: the value of its tag.
    RecordRootAlert(String),
}

impl Plan {
    /// The empty plan for a subject of whom nothing is known.
    pub(crate) fn nothing(reason: Reason) -> Self {
        Self {
            posture: None,
            reason,
            steps: Vec::new(),
            withheld: Vec::new(),
            if_refused: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The same plan, with something to do if IAM refuses it.
    pub(crate) fn or_refused(self, if_refused: Vec<Step>) -> Self {
        Self { if_refused, ..self }
    }
}

impl Step {
    /// What it is for.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::Change { change, .. } => change.effect(),
            Self::Notify(notice) => notice.effect(),
            Self::RecordRootAlert(_) => Effect::RecordNotice,
        }
    }

    /// The calls to AWS that carry it out.
    #[must_use]
    pub fn operations(&self) -> &'static [Operation] {
        match self {
            Self::Change { change, .. } => change.operations(),
            Self::Notify(_) => &Operation::NOTIFY,
            Self::RecordRootAlert(_) => &[Operation::TagResource],
        }
    }
}

impl fmt::Display for Step {
    /// For logs: what, not to whom (the line says that elsewhere).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change { change, .. } => write!(f, "{change}"),
            Self::Notify(notice) => write!(f, "notify {}", notice.kind().code()),
            Self::RecordRootAlert(_) => f.write_str("record-root-alert"),
        }
    }
}

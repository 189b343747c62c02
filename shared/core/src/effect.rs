//! What the steps of a plan are for.

/// What a step is for, in the order of a plan. It says what the step's failure means, and what a plan comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// The administrators are alerted, whatever becomes of the rest.
    Alert,
    /// That alert is recorded.
    RecordAlert,
    /// The user is contained. If it fails, nothing is said about it, and the event is run again.
    Contain,
    /// The user is released. If it fails, nothing is said about it, and the event is run again.
    Release,
    /// The quarantine is recorded. A failure is remembered, and everything else still happens.
    RecordQuarantine,
    /// Somebody is told. A failure is remembered, and the other notices still go out.
    Notify,
    /// What was said is recorded. Only after every notice went out, so that one that failed is sent again.
    RecordNotice,
    /// The record of a quarantine is removed. Last of all: while it is there, the confirmation is still owed.
    EndQuarantine,
}

impl Effect {
    /// Whether it belongs to containing or releasing a user. The record of what was said does not.
    #[must_use]
    pub fn is_about_quarantine(self) -> bool {
        match self {
            Self::Contain | Self::Release | Self::RecordQuarantine | Self::EndQuarantine => true,
            Self::Alert | Self::RecordAlert | Self::Notify | Self::RecordNotice => false,
        }
    }
}

//! What the steps of a plan are for.

/// What a step is for, in the order of a plan. Determines what a failure means, and how a plan is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Alerts the administrators. Comes first, so that it happens whatever becomes of the rest.
    Alert,
    /// Records the alert.
    RecordAlert,
    /// Contains the user. If it fails, the user is not told, and the event is retried.
    Contain,
    /// Releases the user. If it fails, the user is not told, and the event is retried.
    Release,
    /// Records the quarantine. If it fails, the error is kept for the end and all other steps are still carried out.
    RecordQuarantine,
    /// Sends a notice. If it fails, the error is kept for the end and other notices still go out.
    Notify,
    /// Records a notice. Only done if every notice went out, so that a failed one is sent again.
    RecordNotice,
    /// Removes the record of a quarantine. Comes last: while the record is there, the confirmation is still due.
    EndQuarantine,
}

impl Effect {
    /// Whether it is a part of containing a user.
    #[must_use]
    pub fn contains(self) -> bool {
        matches!(self, Self::Contain | Self::RecordQuarantine)
    }

    /// Whether it is a part of releasing a user.
    #[must_use]
    pub fn releases(self) -> bool {
        matches!(self, Self::Release | Self::EndQuarantine)
    }

    /// Whether the effect is part of containing or releasing a user. Notices and their records are not.
    #[must_use]
    pub fn is_about_quarantine(self) -> bool {
        self.contains() || self.releases()
    }
}

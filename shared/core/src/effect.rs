//! What the steps of a plan are for.

/// What a step is for, in the order of a plan. Determines what a failure means, and how a plan is summed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Alerts the administrators. Comes first, so that it happens whatever becomes of the rest.
    Alert,
    /// Records the alert.
    RecordAlert,
    /// Repairs a policy or a group of the quarantine. If it fails, all other steps are still carried out.
    Repair,
    /// Records a decision about the user: who exempted them, or what an operator decides. Comes before a release, and is
    /// done whatever became of the alert.
    RecordExemption,
    /// Records the quarantine. Comes before it, so that a quarantine whose run was cut short is known to be ours. If it
    /// fails, the user is contained all the same.
    RecordQuarantine,
    /// Counts a quarantine that is about to be put back after somebody undid it. The count names the event, so that a run
    /// that was cut short after the containment neither counts twice nor forgets to tell.
    CountPutBack,
    /// Contains the user. If it fails, or is not seen when the user is read back, the user is not told, and the event is
    /// retried.
    Contain,
    /// Releases the user. The same holds if it fails.
    Release,
    /// Records when the rest of a quarantine ends. If it fails, all other steps are still carried out.
    ScheduleRelease,
    /// Tells the administrators what somebody did, and what was done about that. Comes after it, so that it is true.
    Report,
    /// Records the report.
    RecordReport,
    /// Orders a sweep. If it fails, all other steps are still carried out: one comes every hour.
    OrderSweep,
    /// Records a notice before it goes out. If IAM refuses for good, the notice is not sent: it could never be recorded,
    /// and would be sent by every sweep.
    ClaimNotice,
    /// Sends a notice. If it fails, the error is kept for the end and other notices still go out.
    Notify,
    /// Records a notice. Only done if every notice went out, so that a failed one is sent again.
    RecordNotice,
    /// Restores the record of a quarantine that was lost. Only done after the notice is on record.
    RestoreRecord,
    /// Removes the record of a quarantine. Comes last: while the record is there, the confirmation is still due.
    EndQuarantine,
}

impl Effect {
    /// Whether it is a part of containing a user.
    #[must_use]
    pub fn contains(self) -> bool {
        matches!(self, Self::Contain | Self::RecordQuarantine | Self::RestoreRecord)
    }

    /// Whether it limits or restores access. The rest of a quarantine is what is noted of it.
    #[must_use]
    pub fn changes_access(self) -> bool {
        matches!(self, Self::Contain | Self::Release)
    }

    /// Whether it is a part of releasing a user.
    #[must_use]
    pub fn releases(self) -> bool {
        matches!(self, Self::Release | Self::ScheduleRelease | Self::EndQuarantine)
    }

    /// Whether it only records what was done or said.
    #[must_use]
    pub fn records(self) -> bool {
        match self {
            Self::RecordAlert
            | Self::RecordExemption
            | Self::RecordQuarantine
            | Self::CountPutBack
            | Self::RecordReport
            | Self::ScheduleRelease
            | Self::ClaimNotice
            | Self::RecordNotice
            | Self::RestoreRecord
            | Self::EndQuarantine => true,
            Self::Alert
            | Self::Repair
            | Self::Contain
            | Self::Release
            | Self::OrderSweep
            | Self::Report
            | Self::Notify => false,
        }
    }

    /// Whether the effect is part of containing or releasing a user. Notices and their records are not.
    #[must_use]
    pub fn is_about_quarantine(self) -> bool {
        self.contains() || self.releases()
    }
}

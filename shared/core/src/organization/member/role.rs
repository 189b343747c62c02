//! The roles in an account, and which one a function acts with.

use crate::change::Change;
use crate::event::Function;
use crate::tags::UserTag;
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// A role in an account, which functions of the hub assume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum MemberRole {
    /// Reads a user, and contains them.
    Contain,
    /// Reads a user, and ends a quarantine. It contains nobody.
    Release,
    /// Reads the account. It changes nothing.
    Review,
    /// Puts back what somebody undid.
    Guard,
}

/// What a function does in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work<'a> {
    /// Look at a user.
    LookAtUser,
    /// Look at root, or at the event history.
    LookAtAccount,
    /// Look at the text of policies, and at groups.
    LookAtPolicies,
    /// Change a user.
    Change(&'a Change),
    /// Repair a policy or a group of the quarantine.
    Repair,
}

impl MemberRole {
    /// Its name, and the end of its ARN.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The names of all of them.
    #[must_use]
    pub fn names() -> Vec<String> {
        Self::iter().map(|role| role.name().to_owned()).collect()
    }

    /// Its ARN in an account.
    ///
    /// ```
    /// use mfa_enforcer_core::organization::MemberRole;
    ///
    /// let arn = MemberRole::Contain.arn("aws", "111122223333");
    /// assert_eq!(arn, "arn:aws:iam::111122223333:role/mfa-enforcer/contain");
    /// ```
    #[must_use]
    pub fn arn(self, partition: &str, account: &str) -> String {
        format!("arn:{partition}:iam::{account}:role{}{}", super::PATH, self.name())
    }

    /// The role with which a function does this. A function that a sign-in starts can release nobody, whatever it does.
    #[must_use]
    pub fn of(function: Function, work: Work<'_>) -> Self {
        match function {
            Function::SignIn => Self::Contain,
            Function::Guard => Self::Guard,
            Function::UserLifecycle | Function::MfaDevice => match work {
                Work::Change(change) => Self::of_change(change),
                Work::LookAtUser => Self::Contain,
                Work::LookAtAccount | Work::LookAtPolicies | Work::Repair => Self::Release,
            },
            Function::Sweep => match work {
                Work::Change(change) => Self::of_change(change),
                Work::LookAtUser | Work::LookAtAccount | Work::LookAtPolicies => Self::Review,
                Work::Repair => Self::Guard,
            },
        }
    }

    fn of_change(change: &Change) -> Self {
        match change {
            // Narrowing attaches another quarantine before the wider one ends.
            Change::AttachPolicy(_)
            | Change::JoinGroup(_)
            | Change::NarrowToPolicy(_)
            | Change::NarrowToGroup(_)
            | Change::ScheduleRelease(_)
            | Change::RestoreRecord(_)
            | Change::ClaimNotice(_) => Self::Contain,
            Change::DetachPolicy(_)
            | Change::LeaveGroup(_)
            | Change::RemoveQuarantineTag
            | Change::RemoveApproval
            | Change::Exempt(_)
            | Change::Approve(_) => Self::Release,
            Change::CountPutBack(_) => Self::Guard,
            Change::SetTag(tag, _) | Change::RecordReport(tag, _) => match tag {
                UserTag::Quarantined | UserTag::Notified | UserTag::Alerted => Self::Contain,
                UserTag::ExemptBy | UserTag::Mail => Self::Release,
                UserTag::Undone => Self::Guard,
            },
        }
    }
}

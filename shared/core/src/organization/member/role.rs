//! The roles that the functions of the hub assume in an account of the organization.

use crate::change::Change;
use crate::event::Function;
use crate::operation::Operation;
use crate::tags::UserTag;
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// A role of `member.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum MemberRole {
    /// Quarantines users.
    Contain,
    /// Releases users, and reads why they were quarantined.
    Release,
    /// Reads the whole account, and changes nothing.
    Review,
    /// Puts the quarantine itself back into force, and users under it.
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

/// What every one of them reads: a user, the access keys, where the quarantine is, and how the account is called.
const LOOK: [Operation; 10] = [
    Operation::GetUser,
    Operation::GetLoginProfile,
    Operation::ListMfaDevices,
    Operation::ListAttachedUserPolicies,
    Operation::ListGroupsForUser,
    Operation::ListAccessKeys,
    Operation::GetAccessKeyLastUsed,
    Operation::ListPolicies,
    Operation::ListGroups,
    Operation::ListAccountAliases,
];
pub(super) const CONTAIN: [Operation; 3] =
    [Operation::AttachUserPolicy, Operation::AddUserToGroup, Operation::TagUser];
pub(super) const RELEASE: [Operation; 4] =
    [Operation::DetachUserPolicy, Operation::RemoveUserFromGroup, Operation::UntagUser, Operation::TagUser];
pub(super) const INSPECT: [Operation; 4] = [
    Operation::GetPolicy,
    Operation::GetPolicyVersion,
    Operation::ListPolicyVersions,
    Operation::ListAttachedGroupPolicies,
];
pub(super) const RESTORE: [Operation; 2] = [Operation::SetDefaultPolicyVersion, Operation::AttachGroupPolicy];
const REVIEW: [Operation; 9] = [
    Operation::LookupEvents,
    Operation::GetAccountSummary,
    Operation::GenerateCredentialReport,
    Operation::GetCredentialReport,
    Operation::GetAccountAuthorizationDetails,
    Operation::ListVirtualMfaDevices,
    Operation::DescribeTrails,
    Operation::GetTrailStatus,
    Operation::GetEventSelectors,
];

impl MemberRole {
    /// The end of its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The names of all of them in a stack of members with this name.
    pub fn names(member: &str) -> impl Iterator<Item = String> {
        Self::iter().map(move |role| format!("{member}-{}", role.name()))
    }

    /// Its ARN in an account with a stack of this name. Names of roles are unique in an account whatever their path, so they
    /// begin with that of the stack.
    ///
    /// ```
    /// use mfa_enforcer_core::organization::MemberRole;
    ///
    /// let arn = MemberRole::Contain.arn("aws", "111122223333", "mfa-enforcer-member");
    /// assert_eq!(arn, "arn:aws:iam::111122223333:role/mfa-enforcer/mfa-enforcer-member-contain");
    /// ```
    #[must_use]
    pub fn arn(self, partition: &str, account: &str, member: &str) -> String {
        format!("arn:{partition}:iam::{account}:role{}{member}-{}", super::PATH, self.name())
    }

    /// The roles that a function may assume, the one that can do least first.
    #[must_use]
    pub fn all_of(function: Function) -> &'static [Self] {
        match function {
            Function::SignIn => &[Self::Contain],
            Function::UserLifecycle | Function::MfaDevice => &[Self::Contain, Self::Release],
            Function::Guard => &[Self::Guard],
            Function::Sweep => &[Self::Review, Self::Contain, Self::Release, Self::Guard],
        }
    }

    /// The calls that it may make.
    #[must_use]
    pub fn operations(self) -> Vec<Operation> {
        let own: &[&[Operation]] = match self {
            Self::Contain => &[&CONTAIN],
            Self::Release => &[&RELEASE, &[Operation::LookupEvents, Operation::GetAccountSummary]],
            Self::Review => &[&INSPECT, &REVIEW],
            Self::Guard => &[&CONTAIN, &RELEASE, &[Operation::LookupEvents], &INSPECT, &RESTORE],
        };
        let mut all: Vec<Operation> = LOOK.iter().chain(own.iter().copied().flatten()).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The calls with which it repairs the quarantine in a sweep.
    pub(super) fn repairs(self) -> &'static [Operation] {
        if self == Self::Guard { &RESTORE } else { &[] }
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

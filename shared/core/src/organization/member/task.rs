//! What a function has to do in an account, so that its sessions can do that and nothing else.

use super::role::{CONTAIN, INSPECT, MemberRole, RELEASE, RESTORE};
use crate::change::Change;
use crate::event::{Subject, TriggerKind};
use crate::operation::Operation;
use crate::settings::Mode;
use crate::tags::UserTag;
use strum::IntoEnumIterator;

/// What tells how the quarantine and the account are called.
const NAMES: [Operation; 3] = [Operation::ListPolicies, Operation::ListGroups, Operation::ListAccountAliases];

/// What there is to do in an account because of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Something of this kind happened to a user.
    OfUser(TriggerKind),
    /// Mail to a user did not arrive.
    OfMail,
    /// Something happened to root.
    OfRoot,
    /// Something happened to a policy or a group of the quarantine, or to a part of the enforcer that may be one.
    OfQuarantine,
}

impl Task {
    /// What there is to do because of an event of this kind about this subject.
    #[must_use]
    pub fn of(kind: TriggerKind, subject: &Subject) -> Self {
        match subject {
            Subject::User(_) => Self::OfUser(kind),
            Subject::Root => Self::OfRoot,
            Subject::Quarantine | Subject::Enforcer => Self::OfQuarantine,
        }
    }

    /// Everything that there can be to do.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_user = TriggerKind::iter().filter(|kind| kind.is_about_users()).map(Self::OfUser);
        of_user.chain([Self::OfMail, Self::OfRoot, Self::OfQuarantine])
    }

    /// The calls of the session that a role has from the beginning: what is looked up, and what is mostly done then. Any
    /// other change has a session of its own.
    #[must_use]
    pub fn calls(self, role: MemberRole, mode: Mode) -> Vec<Operation> {
        match role {
            MemberRole::Contain => self.first(mode),
            MemberRole::Release => self.further(),
            MemberRole::Guard => [self.first(mode), self.further(), self.of_guard(mode)].concat(),
            // No event is looked at with it.
            MemberRole::Review => Vec::new(),
        }
    }

    /// Whether the session that a role has from the beginning makes this change.
    #[must_use]
    pub fn makes(self, change: &Change, role: MemberRole, mode: Mode) -> bool {
        let calls = self.calls(role, mode);
        change.operations().iter().all(|call| calls.contains(call))
    }

    /// What tells what there is to do, and what cannot wait for another session.
    fn first(self, mode: Mode) -> Vec<Operation> {
        let mut all = NAMES.to_vec();
        match self {
            // Whoever is gone is not looked at.
            Self::OfUser(TriggerKind::UserDeleted) | Self::OfRoot | Self::OfQuarantine => {}
            Self::OfMail => all.extend(Operation::READ_USER),
            Self::OfUser(_) => {
                all.extend(Operation::READ_USER);
                all.push(Operation::ListAccessKeys);
                if mode != Mode::Observe {
                    all.extend([Operation::GetAccessKeyLastUsed, Operation::TagUser]);
                }
            }
        }
        if mode == Mode::Enforce && self.mostly_contains() {
            all.extend(CONTAIN);
        }
        all
    }

    /// Whether it mostly leads to a quarantine, or to a narrower one.
    fn mostly_contains(self) -> bool {
        use TriggerKind as K;
        matches!(
            self,
            Self::OfUser(
                K::SignIn
                    | K::UserCreated
                    | K::LoginProfileCreated
                    | K::MfaDeactivated
                    | K::MfaEnabled
                    | K::PolicyDetached
                    | K::GroupLeft
            )
        )
    }

    /// What is looked up besides.
    fn further(self) -> Vec<Operation> {
        match self {
            Self::OfUser(TriggerKind::UserDeleted) | Self::OfMail | Self::OfQuarantine => Vec::new(),
            Self::OfUser(_) => vec![Operation::LookupEvents],
            Self::OfRoot => vec![Operation::GetAccountSummary],
        }
    }

    /// What only the guard does.
    fn of_guard(self, mode: Mode) -> Vec<Operation> {
        match self {
            Self::OfUser(TriggerKind::BoundarySet) => vec![Operation::GetPolicy, Operation::GetPolicyVersion],
            Self::OfQuarantine if mode == Mode::Observe => INSPECT.to_vec(),
            Self::OfQuarantine => [&INSPECT[..], &RESTORE].concat(),
            Self::OfUser(_) | Self::OfMail | Self::OfRoot => Vec::new(),
        }
    }
}

/// The calls of a session in which a role makes this change, and others that come with it; none if it may not.
pub(super) fn calls_of_change(change: &Change, role: MemberRole, mode: Mode) -> Vec<Operation> {
    let makes = |calls: &[Operation]| change.operations().iter().all(|call| calls.contains(call));
    let calls: &[Operation] = match role {
        // A sweep does both, one after the other: it tells a user, and contains or releases them.
        MemberRole::Contain if mode == Mode::Enforce => &CONTAIN,
        MemberRole::Release if !matches!(change, Change::SetTag(UserTag::Mail, _)) => &RELEASE,
        MemberRole::Contain | MemberRole::Release | MemberRole::Guard => {
            let sets = [&[Operation::TagUser][..], &CONTAIN, &RELEASE];
            sets.into_iter().find(|calls| makes(calls)).unwrap_or_default()
        }
        MemberRole::Review => &[],
    };
    let is_done = makes(calls) && change.is_possible_in(mode);
    let own = role.operations();
    calls.iter().copied().filter(|call| is_done && own.contains(call)).collect()
}

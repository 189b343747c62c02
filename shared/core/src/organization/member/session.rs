//! A session in an account: what it is called, what it may do, and for how long.

use super::role::MemberRole;
use super::session_policy::{Whom, session_policy};
use crate::operation::Operation;

/// The shortest that a session can be, in seconds: an event takes a fraction of it.
const FOR_AN_EVENT: i32 = 900;
/// As long as every role allows, in seconds: a sweep takes up to a quarter of an hour, and starts with its sessions.
const FOR_A_SWEEP: i32 = 3600;
/// `AssumeRole` takes a name of 2 to 64 characters.
const LONGEST_NAME: usize = 64;

/// A session that is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What the account's own `CloudTrail` calls it: the event because of which it was opened, or the run of a sweep.
    pub name: String,
    /// What it may do at most, as JSON.
    pub policy: String,
    /// For how long, in seconds.
    pub lasts: i32,
}

impl Session {
    /// The session in which a role makes these calls; `None` if there is none that could be narrowed to them.
    #[must_use]
    pub fn new(
        calls: impl IntoIterator<Item = Operation>,
        whom: Whom<'_>,
        because_of: &str,
        is_sweep: bool,
    ) -> Option<Self> {
        let allowed = |c: &char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(*c);
        let name: String = because_of.chars().filter(allowed).take(LONGEST_NAME).collect();
        Some(Self {
            name: if name.len() < 2 { "mfa-enforcer".to_owned() } else { name },
            policy: session_policy(calls, whom)?,
            lasts: if is_sweep { FOR_A_SWEEP } else { FOR_AN_EVENT },
        })
    }

    /// The session in which a role does all that it may about these users.
    #[must_use]
    pub fn of(role: MemberRole, whom: Whom<'_>, because_of: &str, is_sweep: bool) -> Option<Self> {
        Self::new(role.operations(), whom, because_of, is_sweep)
    }

    /// The session in which a role of a sweep looks at everybody, or repairs the quarantine. It changes no user.
    #[must_use]
    pub fn of_sweep(role: MemberRole, because_of: &str) -> Option<Self> {
        let calls = role.operations().into_iter().filter(|call| !changes_a_user(*call));
        Self::new(calls, Whom::Everybody, because_of, true)
    }

    /// The session in which a role does what it may about nobody: root, or the quarantine itself.
    #[must_use]
    pub fn about_nobody(role: MemberRole, because_of: &str) -> Option<Self> {
        Self::of_sweep(role, because_of).map(|session| Self { lasts: FOR_AN_EVENT, ..session })
    }

    /// The session that finds out how IAM spells the name of a user: IAM finds one in any spelling, and a policy does not.
    #[must_use]
    pub fn to_spell(because_of: &str) -> Option<Self> {
        Self::new([Operation::GetUser], Whom::Everybody, because_of, false)
    }
}

fn changes_a_user(call: Operation) -> bool {
    matches!(
        call,
        Operation::AttachUserPolicy
            | Operation::DetachUserPolicy
            | Operation::AddUserToGroup
            | Operation::RemoveUserFromGroup
            | Operation::TagUser
            | Operation::UntagUser
    )
}

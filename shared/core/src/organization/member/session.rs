//! A session in an account: what it is called, what it may do, and for how long.

use super::role::MemberRole;
use super::session_policy::{Whom, is_about_a_user, session_policy};
use super::task::{Task, calls_of_change};
use crate::change::Change;
use crate::event::UserName;
use crate::operation::Operation;
use crate::settings::Mode;

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

    /// The session that a role has from the beginning for an event, in this mode, about the user of the event.
    #[must_use]
    pub fn of_event(
        role: MemberRole,
        (task, mode): (Task, Mode),
        user: Option<&UserName>,
        because_of: &str,
    ) -> Option<Self> {
        let calls = task.calls(role, mode);
        // If it is about a user, and does not say about whom, no call about any is made.
        let is_about_one = matches!(task, Task::OfUser(_) | Task::OfMail);
        let calls =
            calls.into_iter().filter(|call| user.is_some() || !is_about_one || !is_about_a_user(*call));
        Self::new(calls, user.map_or(Whom::Everybody, Whom::User), because_of, false)
    }

    /// The session in which a role of a sweep looks at everybody, or repairs the quarantine. It changes no user.
    #[must_use]
    pub fn of_sweep(role: MemberRole, because_of: &str) -> Option<Self> {
        let calls = if role == MemberRole::Review { role.operations() } else { role.repairs().to_vec() };
        Self::new(calls, Whom::Everybody, because_of, true)
    }

    /// The session in which a role makes this change of a user, and others that come with it. It looks at nobody.
    #[must_use]
    pub fn of_change(
        role: MemberRole,
        (change, mode): (&Change, Mode),
        user: &UserName,
        because_of: &str,
    ) -> Option<Self> {
        Self::new(calls_of_change(change, role, mode), Whom::User(user), because_of, false)
    }

    /// The session that finds out how IAM spells the name of a user: IAM finds one in any spelling, and a policy does not.
    #[must_use]
    pub fn to_spell(because_of: &str) -> Option<Self> {
        Self::new([Operation::GetUser], Whom::Everybody, because_of, false)
    }
}

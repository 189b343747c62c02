//! A user as an archive tells of them, and what it does not tell.

use crate::event::UserName;
use crate::exemption::ExemptedBy;
use crate::facts::{AccessKeys, Approval, AttachedBy, UserFacts};
use crate::forecast::Course;
use crate::snapshot::{Factors, LastUse, UserSnapshot};
use jiff::Timestamp;

/// What an archive does not tell of a user, because it happened before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Gaps {
    /// About the password.
    pub(super) password: PasswordGap,
    /// Whether there are devices, besides those that are known.
    pub(super) devices: bool,
    /// Tags, path, policies and groups.
    pub(super) rest: bool,
}

/// What an archive does not tell of a password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum PasswordGap {
    /// It tells all.
    #[default]
    None,
    /// It does not tell when the password was created.
    Age,
    /// It does not tell whether there is one.
    All,
}

impl PasswordGap {
    /// What is left after a record shows that there is a password.
    pub(super) fn after_use(self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Age | Self::All => Self::Age,
        }
    }
}

impl Gaps {
    /// Nothing is known.
    pub(super) const ALL: Self = Self { password: PasswordGap::All, devices: true, rest: true };

    /// Whether anything is missing.
    pub(super) fn is_any(self) -> bool {
        self != Self::default()
    }
}

/// What is known of a user besides their state.
#[derive(Debug, Clone, Default)]
pub(super) struct Member {
    /// What sweeps do.
    pub(super) course: Course,
    /// What is not known.
    pub(super) gaps: Gaps,
}

/// A user of whom nothing is known but the name, and perhaps the id: as it would be worst, with an old password and
/// nothing else.
pub(super) fn stranger(name: UserName, id: Option<&str>) -> UserSnapshot {
    let user = UserFacts::bare(name, id.unwrap_or_default().to_owned(), Timestamp::MIN);
    snapshot(UserFacts { login_profile_created: Some(Timestamp::MIN), ..user })
}

/// The user as a sweep sees them that knows all about them.
pub(super) fn snapshot(user: UserFacts) -> UserSnapshot {
    let mut snapshot = UserSnapshot {
        password_latest: None,
        reported: true,
        factors: Factors::None,
        last_sign_in: LastUse::Unknown,
        arn: String::new(),
        boundary: None,
        access_keys: Vec::new(),
        user,
    };
    settle(&mut snapshot);
    snapshot
}

/// Brings what follows from the state of the user up to date, and forgets what was looked up for one decision.
pub(super) fn settle(snapshot: &mut UserSnapshot) {
    snapshot.password_latest = snapshot.user.login_profile_created;
    snapshot.factors = Factors::of(&snapshot.user.devices);
    let user = &mut snapshot.user;
    user.attached_by = AttachedBy::Unknown;
    user.approval = Approval::NotLooked;
    user.traces = None;
    user.keys = AccessKeys::NotLooked;
    user.removal = None;
    user.exempted_by = ExemptedBy::default();
}

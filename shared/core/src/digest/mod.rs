//! The digest: the review of the account's MFA use, for the administrators.
//!
//! Everything in it comes from [`UserStatus`]s, one a user, and from what the sweep did. It is counted, compared
//! with the last one, and rendered for people and for machines.

mod digest_chat;
mod digest_json;
mod digest_message;
mod digest_phrases;
mod digest_root;
mod due;
mod figures;
mod layout;
mod lists;
mod memory;
mod section;
mod sections;
mod text;
mod user_status;
mod view;

pub use digest_message::render;
pub use due::is_due;
pub use figures::{Coverage, Figures};
pub use memory::{Compared, LAST_SWEEP_KEY, Memory, Remembered, RootNote};

use crate::event::EventId;
use crate::partition::Partition;
use crate::posture::{Finding, Posture};
use crate::settings::Mode;
use crate::snapshot::{Factors, LastUse, RootStatus};
use jiff::Timestamp;
use strum::IntoStaticStr;

/// Where one user stands after a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct UserStatus {
    /// Name.
    pub name: String,
    /// Unique id (`AIDA...`).
    pub id: String,
    /// Posture; `None` where it could not be found out.
    pub posture: Option<Posture>,
    /// There is a console password.
    pub console: bool,
    /// Kinds of MFA device.
    pub factors: Factors,
    /// Contained (the policy is attached, the group joined, or the tag set).
    pub contained: bool,
    /// Since when, where a sweep contained the user: no message but the digest reports that.
    pub contained_by_sweep: Option<Timestamp>,
    /// Whether messages reach the user.
    pub reachable: Reachable,
    /// The last sign-in with the password.
    pub last_sign_in: LastUse,
    /// When the password was last set, for users who never signed in; `None` without a password.
    pub password_set: Option<Timestamp>,
    /// What an administrator should mend.
    pub findings: Vec<Finding>,
}

/// Whether messages reach a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Reachable {
    /// There is an address, and nothing is known that speaks against it.
    Yes,
    /// The last message did not reach the user: the address is not confirmed, or refused.
    NotYet,
    /// No address is known.
    NoAddress,
}

impl Reachable {
    /// Stable name for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// What one sweep did to one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserChange {
    /// Name of the user.
    pub name: String,
    /// Unique id.
    pub id: String,
    /// What.
    pub what: ChangeKind,
    /// In words, for what failed: the error, without anything personal. Empty for what was done.
    pub error: String,
}

/// The kinds of deeds, in the order in which an administrator wants to read them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Could not be finished.
    Failed,
    /// Contained.
    Contained,
    /// Contained before, made whole.
    Repaired,
    /// Released.
    Released,
    /// Told something: welcome, reminder, final notice, how to get back.
    Told,
    /// `MODE` kept it from being done.
    Withheld,
}

/// What a sweep did in all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SweepResult {
    /// One a user, or two: what was done before something failed, and the failure.
    pub users: Vec<UserChange>,
    /// Topics of users who are gone that were deleted.
    pub topics_deleted: usize,
    /// What could not be done and is about no single user, in words.
    pub failures: Vec<String>,
    /// Users for whom no time was left, most urgent first. A following run goes on with them.
    pub remaining: Vec<String>,
}

/// Everything that a digest says.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// Account id.
    pub account: String,
    /// Its partition.
    pub partition: Partition,
    /// Mode.
    pub mode: Mode,
    /// Id of the sweep.
    pub sweep: EventId,
    /// When the sweep looked.
    pub at: Timestamp,
    /// Everybody.
    pub statuses: Vec<UserStatus>,
    /// Root.
    pub root: RootStatus,
    /// What was done.
    pub result: SweepResult,
}

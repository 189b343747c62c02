//! The digest: a summary of the account's MFA use, for the administrators.
//!
//! Everything in it comes from one [`UserStatus`] per user and from what the sweep did. The figures are compared with
//! those of the last digest, and the result is rendered for people and for programs.

mod account_finding;
mod content;
mod decision;
mod digest_chat;
mod digest_html;
mod digest_json;
mod digest_mail;
mod digest_message;
mod digest_phrases;
mod digest_root;
mod due;
mod figures;
mod layout;
mod lists;
mod made_up;
mod memory;
mod section;
mod sections;
mod since_digest;
mod text;
mod user_status;
mod view;

pub use account_finding::AccountFinding;
pub(crate) use content::figures as figure_table;
pub use decision::{DecidedBy, Decision};
pub(crate) use digest_html::{heading, paragraph, shown, table as html_table};
pub(crate) use digest_json::change;
pub use digest_mail::{DIGEST_BOUNCED_KEY, DIGEST_MAILED_KEY, DigestMail};
pub use digest_message::render;
pub(crate) use digest_message::{LISTED_FOR_PEOPLE, SMS_LIMIT, fitting, protocols};
pub(crate) use digest_phrases::{SUBJECT_LIMIT, covered, fitted, minute};
pub use due::is_due;
pub(crate) use due::{News, day, is_news_of_root, latest};
pub use figures::{Coverage, Figures};
pub(crate) use layout::{Set, plain, table, wrapped};
pub use made_up::kind_to_run;
pub use memory::{Compared, LAST_SWEEP_KEY, Memory, Remembered, RootNote};
pub(crate) use section::{ERROR_LIMIT, FINDING_LIMIT, NAME_LIMIT, Section, name};
pub use since_digest::{Note, RELEASED_KEY, Released, notes_after_daily, notes_after_hourly};

use crate::episode::Episode;
use crate::event::EventId;
use crate::evidence::Link;
use crate::partition::Partition;
use crate::posture::{Finding, Posture};
use crate::reason::Reason;
use crate::rights::Rights;
use crate::settings::{Mode, Sender};
use crate::snapshot::{Factors, LastUse, ReportedKey, RootStatus};
use crate::subscription::{Subscription, count_confirmed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// The status of one user after a sweep.
#[derive(Debug, Clone, PartialEq)]
pub struct UserStatus {
    /// IAM user name.
    pub name: String,
    /// Unique id (`AIDA...`).
    pub id: String,
    /// The episode under way; `None` if there is none.
    pub episode: Option<Episode>,
    /// The episode of the last notice to the user, which may be over.
    pub last_episode: Option<Episode>,
    /// Posture; `None` if it could not be determined.
    pub posture: Option<Posture>,
    /// Whether the user has a console password.
    pub console: bool,
    /// Kinds of MFA device the user has.
    pub factors: Factors,
    /// How many MFA devices the user has; `None` if they were not looked up.
    pub devices: Option<usize>,
    /// Partition of the account, which determines the kinds of device that users can have.
    pub partition: Partition,
    /// Whether a quarantine policy is attached or the user is in the quarantine group.
    pub contained: bool,
    /// When a sweep contained the user; `None` if it was not a sweep. Only the digest reports such a quarantine.
    pub contained_by_sweep: Option<Timestamp>,
    /// Whether messages reach the user.
    pub reachable: Reachable,
    /// When the user last signed in with the password.
    pub last_sign_in: LastUse,
    /// When the password was last set, for users who never signed in; `None` without a password.
    pub password_set: Option<Timestamp>,
    /// The user's rights, as the documents of policies tell; `None` if they were not read.
    pub rights: Option<Rights>,
    /// The user's active access keys, as of the credential report.
    pub active_keys: Vec<ReportedKey>,
    /// Who exempted the user, and why; `None` if the user is not exempt.
    pub exempted: Option<Decision>,
    /// What an administrator should fix.
    pub findings: Vec<Finding>,
}

/// Whether messages reach a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Reachable {
    /// There is an e-mail address, and no message is known to have failed.
    Yes,
    /// Only a phone number is known. SNS does not say whether a text message arrives.
    ByText,
    /// The last message is still owed: the address is unconfirmed or was rejected.
    NotYet,
    /// No e-mail address or phone number is known.
    NoAddress,
}

impl Reachable {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// How many subscriptions of the alerts topic are confirmed. Without any, nobody gets the digest, the alerts and the
/// alarms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertsSubscribers {
    /// An hourly sweep does not count them.
    NotAsked,
    /// They could not be listed, which is not the same as none.
    Unknown,
    /// This many.
    Counted(usize),
}

impl AlertsSubscribers {
    /// Counts those that are confirmed. Pass `None` if they could not be listed.
    #[must_use]
    pub fn of(listed: Option<&[Subscription]>) -> Self {
        listed.map_or(Self::Unknown, |listed| Self::Counted(count_confirmed(listed)))
    }

    /// Their number, if it is known.
    #[must_use]
    pub fn count(self) -> Option<usize> {
        match self {
            Self::NotAsked | Self::Unknown => None,
            Self::Counted(count) => Some(count),
        }
    }

    /// What an administrator should fix; `None` if somebody gets the alerts.
    #[must_use]
    pub fn finding(self) -> Option<&'static str> {
        match self {
            Self::Counted(0) => Some(
                "no subscription of the alerts topic is confirmed, so nobody gets the alerts and the digest",
            ),
            Self::Unknown => Some(
                "the subscriptions of the alerts topic could not be listed, so it is unknown who gets the alerts",
            ),
            Self::NotAsked | Self::Counted(_) => None,
        }
    }
}

/// What one sweep did to one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserChange {
    /// IAM user name.
    pub name: String,
    /// Unique id (`AIDA...`).
    pub id: String,
    /// The episode that it belongs to; `None` if that is not known.
    pub episode: Option<Episode>,
    /// What was done, or that it failed.
    pub what: ChangeKind,
    /// Why; `None` if it is not known.
    pub reason: Option<Reason>,
    /// Error text of a failure, without personal data; empty otherwise.
    pub error: String,
}

/// What a sweep did to a user, in the order in which an administrator wants to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ChangeKind {
    /// A step failed, and a retry may help.
    Failed,
    /// A step was refused for good: somebody has to fix something first. The digest lists it with the failures.
    Refused,
    /// The user was contained.
    Contained,
    /// The user is due for quarantine and waits, because of `MAX_QUARANTINES`.
    Waiting,
    /// An existing quarantine was repaired.
    Repaired,
    /// The user was released.
    Released,
    /// Handed over to SNS: a welcome, a reminder, a final notice, or the way out of a quarantine.
    Told,
    /// The user could be released, and stays contained because `MODE` withholds it.
    StaysContained,
    /// `MODE` withheld what was due.
    Withheld,
}

impl ChangeKind {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

/// Everything a sweep did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SweepResult {
    /// One entry per user, or two: what was done before a failure, and the failure itself.
    pub users: Vec<UserChange>,
    /// How many more users hourly sweeps released since the last digest, whose names are not known.
    pub released_unnamed: usize,
    /// How many topics of deleted users were removed.
    pub topics_deleted: usize,
    /// What an administrator should fix that concerns no single user.
    pub findings: Vec<AccountFinding>,
    /// Error texts of failures that concern no single user.
    pub failures: Vec<String>,
    /// Names of users for whom no time was left, most urgent first. The next run continues with them.
    pub remaining: Vec<String>,
}

/// The content of a digest.
#[derive(Debug, Clone, PartialEq)]
pub struct Digest {
    /// Id of the account.
    pub account: String,
    /// What people call the account; `None` if it has no name.
    pub account_name: Option<String>,
    /// Partition of the account.
    pub partition: Partition,
    /// `MODE` during the sweep.
    pub mode: Mode,
    /// Id of the sweep.
    pub sweep: EventId,
    /// When the sweep read the account.
    pub at: Timestamp,
    /// Status of every user.
    pub statuses: Vec<UserStatus>,
    /// Status of the root user.
    pub root: RootStatus,
    /// Who gets the alerts.
    pub alerts_subscribers: AlertsSubscribers,
    /// What the sweep did.
    pub result: SweepResult,
    /// The record of the sweep in the evidence bucket; `None` if none was written.
    pub evidence: Option<Link>,
    /// Who sends it as mail; `None` if SNS alone does.
    pub sender: Option<Box<Sender>>,
}

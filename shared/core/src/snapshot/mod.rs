//! The whole account at a glance: what a sweep reads in a dozen calls, joined into one picture.
//!
//! Owns every rule about what the credential report looks like and how old its words are. Must never decide:
//! whoever looks as if something had to be done is looked up live first.

mod account_snapshot;
mod credential_report;
mod factors;
mod root_status;

pub use account_snapshot::{AccountSnapshot, UNLISTED_SERIAL, UserSnapshot};
pub use credential_report::ReportError;
pub use factors::Factors;
pub use root_status::{RootMfa, RootStatus};

use crate::device::Serial;
use crate::event::UserName;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What the bulk calls answered, as plain data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BulkAnswers {
    /// The credential report, as CSV. Up to four hours old.
    pub report: Vec<u8>,
    /// `GetAccountAuthorizationDetails` of all users, every page.
    pub users: Vec<UserDetail>,
    /// `ListVirtualMFADevices` that are assigned to somebody, every page.
    pub virtual_devices: Vec<VirtualDevice>,
    /// `GetAccountSummary`; `None` where it was not answered. Only root needs it, so the rest goes on without.
    pub summary: Option<AccountSummary>,
}

/// A user in `GetAccountAuthorizationDetails`.
#[derive(Debug, Clone, PartialEq)]
pub struct UserDetail {
    /// Name as IAM spells it.
    pub name: UserName,
    /// Unique id (`AIDA...`).
    pub id: String,
    /// ARN, by which the report and the list of devices name the user too.
    pub arn: String,
    /// Path, `/` where none was given.
    pub path: String,
    /// When the user was created.
    pub created: Timestamp,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// ARNs of the attached managed policies.
    pub attached_policies: Vec<String>,
    /// Names of the groups.
    pub groups: Vec<String>,
}

/// A virtual MFA device in `ListVirtualMFADevices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualDevice {
    /// Its serial number.
    pub serial: Serial,
    /// ARN of whom it belongs to: a user, or `arn:PARTITION:iam::ACCOUNT:root`.
    pub owner_arn: String,
    /// When it was enabled.
    pub enabled: Option<Timestamp>,
}

/// What `GetAccountSummary` says of root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountSummary {
    /// `AccountMFAEnabled`.
    pub root_mfa: bool,
    /// `AccountAccessKeysPresent`.
    pub root_access_keys: bool,
    /// `AccountPasswordPresent`; `None` where the answer lacks it.
    pub root_password: Option<bool>,
}

/// When a credential was last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastUse {
    /// At this time, or a little later: the report is up to four hours old.
    At(Timestamp),
    /// Never since AWS keeps track of it: of passwords since October 2014, of access keys since April 2015.
    Never,
    /// The report does not say.
    Unknown,
}

impl LastUse {
    /// The last use of either of two credentials. A known use counts even if the other's is not known.
    #[must_use]
    pub fn latest(self, other: Self) -> Self {
        match (self, other) {
            (Self::At(one), Self::At(two)) => Self::At(one.max(two)),
            (Self::At(at), Self::Never | Self::Unknown) | (Self::Never | Self::Unknown, Self::At(at)) => {
                Self::At(at)
            }
            (Self::Never, Self::Never) => Self::Never,
            (Self::Unknown, Self::Never | Self::Unknown) | (Self::Never, Self::Unknown) => Self::Unknown,
        }
    }
}

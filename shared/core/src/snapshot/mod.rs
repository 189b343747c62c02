//! The whole account in one structure: what a sweep reads in a dozen bulk calls, joined by user.
//!
//! Owns every rule about the format and the age of the credential report. Must never decide: a user who may need
//! something done is looked up live first.

mod account_snapshot;
mod credential_report;
mod factors;
mod root_status;

pub use account_snapshot::{AccountSnapshot, UNLISTED_SERIAL, UserSnapshot};
pub use credential_report::ReportError;
pub use factors::Factors;
pub use root_status::{RootCredentials, RootMfa, RootStatus};

use crate::device::Serial;
use crate::event::UserName;
use crate::facts::UserTags;
use crate::rights::{Grants, Permissions};
use jiff::Timestamp;

/// The answers of the bulk calls, as plain data.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BulkAnswers {
    /// The credential report as CSV, up to four hours old; empty if there is none.
    pub report: Vec<u8>,
    /// All pages of `GetAccountAuthorizationDetails` for users.
    pub users: Vec<UserDetail>,
    /// What the same call answers about groups and the account's own policies; `None` if it was not asked. Only a daily
    /// sweep does.
    pub permissions: Option<Permissions>,
    /// All pages of `ListVirtualMFADevices` for assigned devices.
    pub virtual_devices: Vec<VirtualDevice>,
    /// `GetAccountSummary`; `None` if the call failed or was not made. Only root needs it: an hourly sweep does
    /// without, and a daily one goes on without it.
    pub summary: Option<AccountSummary>,
}

/// The credential report as AWS sends it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReportFile {
    /// The report as CSV.
    pub csv: Vec<u8>,
    /// When AWS made it; `None` if the answer lacks it.
    pub made: Option<Timestamp>,
}

/// A user in `GetAccountAuthorizationDetails`.
#[derive(Debug, Clone, PartialEq)]
pub struct UserDetail {
    /// Name as IAM spells it.
    pub name: UserName,
    /// Unique id (`AIDA...`).
    pub id: String,
    /// ARN, which identifies the user in the report and the list of devices as well.
    pub arn: String,
    /// IAM path; `/` if none was given.
    pub path: String,
    /// When the user was created.
    pub created: Timestamp,
    /// Tags of the user.
    pub tags: UserTags,
    /// ARNs of the attached managed policies.
    pub attached_policies: Vec<String>,
    /// Names of the groups the user is in.
    pub groups: Vec<String>,
    /// ARN of the permissions boundary; `None` if there is none.
    pub boundary: Option<String>,
    /// What the documents within the user grant.
    pub inline: Grants,
}

/// A virtual MFA device in `ListVirtualMFADevices`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualDevice {
    /// Serial number of the device, an ARN.
    pub serial: Serial,
    /// ARN of its owner: a user, or `arn:PARTITION:iam::ACCOUNT:root`.
    pub owner_arn: String,
    /// When the device was enabled; `None` if the answer lacks it.
    pub enabled: Option<Timestamp>,
}

/// What `GetAccountSummary` says about root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountSummary {
    /// Whether root has MFA (`AccountMFAEnabled`).
    pub root_mfa: bool,
    /// Whether root has access keys (`AccountAccessKeysPresent`).
    pub root_access_keys: bool,
    /// Whether root has a password (`AccountPasswordPresent`); `None` if the answer lacks it.
    pub root_password: Option<bool>,
    /// MFA devices that are in use in the account (`MFADevicesInUse`), those of root among them; `None` if the answer
    /// lacks it.
    pub devices_in_use: Option<usize>,
}

/// When a credential was last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastUse {
    /// Used at this time, or later: the report is up to four hours old.
    At(Timestamp),
    /// Never used since AWS began to track it: October 2014 for passwords, April 2015 for access keys.
    Never,
    /// The report does not say.
    Unknown,
}

/// An access key as the credential report has it, which gives no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportedKey {
    /// 1 or 2: a user has at most two.
    pub number: u8,
    /// Whether it is active.
    pub active: bool,
    /// When it was made; `None` if the report does not say.
    pub rotated: Option<Timestamp>,
    /// When it was last used.
    pub used: LastUse,
}

impl LastUse {
    /// The last use of either of two credentials. A known use counts even if the other one's is unknown.
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

//! The status of root, as far as AWS tells.
//!
//! Must never rely on the name of a device: anyone can give their own device the name of root's.

use super::credential_report::RootRow;
use super::{AccountSummary, LastUse};
use crate::partition::{Partition, RootUser};
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

/// The root user, as far as AWS tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootStatus {
    /// What is known about root's MFA.
    pub mfa: RootMfa,
    /// Whether root has access keys, which it should not.
    pub access_keys: bool,
    /// When root's password or an access key was last used, according to the report.
    pub last_used: LastUse,
    /// About how many devices root has; `None` if that cannot be told.
    pub devices: Option<usize>,
}

/// Whether root has anything to sign in or to make calls with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootCredentials {
    /// A password or an access key.
    Present,
    /// Neither, as AWS recommends for the accounts of an organization.
    Gone,
    /// It could not be looked up.
    Unknown,
}

/// What can be known about root's MFA. AWS lists only its virtual devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumIter, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum RootMfa {
    /// Root has no MFA device.
    Missing,
    /// Root has an authenticator app, perhaps among other devices.
    #[serde(rename = "virtual")]
    #[strum(serialize = "virtual")]
    VirtualPresent,
    /// Root has only non-virtual devices: security keys, passkeys or hardware tokens.
    #[serde(rename = "non-virtual")]
    #[strum(serialize = "non-virtual")]
    NonVirtualOnly,
    /// Root has neither a password nor access keys, so there is nothing to protect.
    NoCredentials,
    /// In this partition root cannot sign in to the console and cannot have MFA.
    NoConsole,
    /// In this partition there is no root user.
    NotThere,
    /// `GetAccountSummary` failed, so nothing is known.
    Unknown,
}

impl RootMfa {
    /// Stable name for tags and programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl RootStatus {
    /// Combines the summary, root's row in the report, and whether a virtual device belongs to root.
    ///
    /// The summary is current and the report may be hours old, so only the summary decides whether root has MFA.
    /// An access key counts if either source shows one: a false alarm about a key that was just deleted is better
    /// than none about one that exists. Without a summary, the report still shows keys, but nothing about MFA.
    ///
    /// Where nobody can have MFA for root, the answers say nothing about it: `AccountMFAEnabled` is 0 there as well.
    pub(super) fn of(
        summary: Option<AccountSummary>,
        row: Option<&RootRow>,
        virtual_device: bool,
        partition: Partition,
    ) -> Self {
        let access_keys =
            summary.is_some_and(|summary| summary.root_access_keys) || row.is_some_and(|row| row.active_key);
        let mfa = match (partition.traits().root, summary) {
            (RootUser::NotThere, _) => RootMfa::NotThere,
            (RootUser::NoConsole, _) => RootMfa::NoConsole,
            (RootUser::Full, None) => RootMfa::Unknown,
            (RootUser::Full, Some(summary)) if summary.root_password == Some(false) && !access_keys => {
                RootMfa::NoCredentials
            }
            (RootUser::Full, Some(summary)) if !summary.root_mfa => RootMfa::Missing,
            (RootUser::Full, Some(_)) if virtual_device => RootMfa::VirtualPresent,
            (RootUser::Full, Some(_)) => RootMfa::NonVirtualOnly,
        };
        let last_used = row.map_or(LastUse::Unknown, |row| row.last_used);
        Self { mfa, access_keys, last_used, devices: None }
    }
}

impl RootMfa {
    /// Whether root has a device, or several.
    #[must_use]
    pub fn has_devices(self) -> bool {
        match self {
            Self::VirtualPresent | Self::NonVirtualOnly => true,
            Self::Missing | Self::NoCredentials | Self::NoConsole | Self::NotThere | Self::Unknown => false,
        }
    }
}

impl RootCredentials {
    /// What `GetAccountSummary` says; `None` if it could not be read.
    #[must_use]
    pub fn of(summary: Option<AccountSummary>) -> Self {
        match summary {
            Some(
                AccountSummary { root_access_keys: true, .. }
                | AccountSummary { root_password: Some(true), .. },
            ) => Self::Present,
            Some(AccountSummary { root_password: Some(false), .. }) => Self::Gone,
            Some(AccountSummary { root_password: None, .. }) | None => Self::Unknown,
        }
    }
}

/// Whether an ARN is exactly root's: `arn:PARTITION:iam::ACCOUNT:root`.
pub(super) fn is_root_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "iam", "", account, "root"] = parts.as_slice() else {
        return false;
    };
    // An account id has 12 digits.
    !partition.is_empty() && account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())
}

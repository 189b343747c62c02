//! The status of root, as far as AWS tells.
//!
//! Must never rely on the name of a device: anyone can give their own device the name of root's.

use super::credential_report::RootRow;
use super::{AccountSummary, LastUse};
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
}

/// What can be known about root's MFA. AWS lists only its virtual devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum RootMfa {
    /// Root has no MFA device.
    Missing,
    /// Root has an authenticator app, perhaps among other devices.
    #[strum(serialize = "virtual")]
    VirtualPresent,
    /// Root has only non-virtual devices: security keys, passkeys or hardware tokens.
    #[strum(serialize = "non-virtual")]
    NonVirtualOnly,
    /// Root has neither a password nor access keys, so there is nothing to protect.
    NoCredentials,
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
    pub(super) fn of(summary: Option<AccountSummary>, row: Option<&RootRow>, virtual_device: bool) -> Self {
        let access_keys =
            summary.is_some_and(|summary| summary.root_access_keys) || row.is_some_and(|row| row.active_key);
        let mfa = match summary {
            None => RootMfa::Unknown,
            Some(summary) if summary.root_password == Some(false) && !access_keys => RootMfa::NoCredentials,
            Some(summary) if !summary.root_mfa => RootMfa::Missing,
            Some(_) if virtual_device => RootMfa::VirtualPresent,
            Some(_) => RootMfa::NonVirtualOnly,
        };
        Self { mfa, access_keys, last_used: row.map_or(LastUse::Unknown, |row| row.last_used) }
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

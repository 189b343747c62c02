//! Where root stands, as far as AWS tells.
//!
//! Must never go by the name of a device: anybody may name their own device like root's.

use super::credential_report::RootRow;
use super::{AccountSummary, LastUse};
use strum::{EnumIter, IntoStaticStr};

/// The root user, as far as AWS tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootStatus {
    /// Its MFA.
    pub mfa: RootMfa,
    /// It has access keys, which nobody should.
    pub access_keys: bool,
    /// The last use of password or access key in the report.
    pub last_used: LastUse,
}

/// What can be known of root's MFA: nothing lists its devices but the virtual ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum RootMfa {
    /// Root has no MFA device.
    Missing,
    /// An authenticator app, perhaps among other devices.
    #[strum(serialize = "virtual")]
    VirtualPresent,
    /// Only devices that are not virtual: security keys, passkeys or hardware tokens.
    #[strum(serialize = "non-virtual")]
    NonVirtualOnly,
    /// Root has neither password nor access keys, so there is nothing to protect.
    NoCredentials,
    /// The summary was not answered, so nothing can be said.
    Unknown,
}

impl RootMfa {
    /// Stable name for tags and machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl RootStatus {
    /// From the summary, the report's row of root, and whether a virtual device belongs to root.
    ///
    /// The summary is fresh and the report may be hours old, so the summary alone says whether there is MFA.
    /// An active access key in either counts: a false alarm about a key that has just been deleted is better
    /// than none about one that is there. Without a summary the report alone speaks of keys, and nothing of MFA.
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

/// Whether an ARN is root's: `arn:PARTITION:iam::ACCOUNT:root`, and nothing before, between or behind.
pub(super) fn is_root_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", partition, "iam", "", account, "root"] = parts.as_slice() else {
        return false;
    };
    // An account id has 12 digits.
    !partition.is_empty() && account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())
}

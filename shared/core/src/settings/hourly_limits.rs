//! How many quarantines may begin in an hour, in a deployment for all accounts of an organization.

use std::num::NonZeroUsize;

/// The limits of an hour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HourlyLimits {
    /// In the account at hand: `MAX_QUARANTINES`. `None` for no limit.
    pub account: Option<NonZeroUsize>,
    /// In all accounts together: ten times what `MAX_QUARANTINES` is where no unit and no account says anything else.
    /// `None` for no limit.
    pub organization: Option<NonZeroUsize>,
}

/// How far a limit reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitOf {
    /// One account.
    Account,
    /// All accounts of an organization.
    Organization,
}

impl HourlyLimits {
    /// How many times the limit of an account the one of the organization is.
    const ACCOUNTS: usize = 10;

    /// The limits where `MAX_QUARANTINES` is this in the account, and this everywhere else.
    #[must_use]
    pub fn of(account: Option<usize>, everywhere: Option<usize>) -> Self {
        let organization = everywhere.map(|limit| limit.saturating_mul(Self::ACCOUNTS));
        Self {
            account: account.and_then(NonZeroUsize::new),
            organization: organization.and_then(NonZeroUsize::new),
        }
    }

    /// Whether there is one.
    pub(crate) fn any(self) -> bool {
        self.account.is_some() || self.organization.is_some()
    }
}

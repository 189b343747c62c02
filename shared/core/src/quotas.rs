//! How much IAM lets a user and an account have, as far as containing users takes any of it.

/// IAM allows 10 attached managed policies per user unless the quota was raised.
const ATTACHED_POLICIES: usize = 10;
/// IAM allows a user to be a member of 10 groups. That quota cannot be raised.
const GROUPS: usize = 10;

/// What `GetAccountSummary` says about quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountQuotas {
    /// Of each user.
    pub user: UserQuotas,
    /// Customer-managed policies of the account.
    pub policies: Stock,
    /// Groups of the account.
    pub groups: Stock,
}

/// How much a user may have. By default, what IAM allows where nobody raised it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserQuotas {
    /// Attached managed policies (`AttachedPoliciesPerUserQuota`).
    pub policies: usize,
    /// Groups that the user is in (`GroupsPerUserQuota`).
    pub groups: usize,
}

/// How much there is of something, and how much there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    /// There are so many.
    pub used: usize,
    /// There may be so many.
    pub quota: usize,
}

impl Default for UserQuotas {
    fn default() -> Self {
        Self { policies: ATTACHED_POLICIES, groups: GROUPS }
    }
}

impl Stock {
    /// How many more there may be.
    #[must_use]
    pub fn left(self) -> usize {
        self.quota.saturating_sub(self.used)
    }
}

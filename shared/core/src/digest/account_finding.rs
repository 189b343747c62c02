//! What an administrator should fix that concerns no single user.

use std::fmt;
use strum::IntoStaticStr;

/// A problem of the account or the deployment that an administrator should fix. The sweep went on without.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum AccountFinding {
    /// The event history could not be read, so removals of MFA whose events were lost stay unknown. With the error.
    HistoryUnreadable(String),
    /// The event history held more than a sweep reads.
    HistoryCutOff,
}

impl AccountFinding {
    /// Stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for AccountFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HistoryUnreadable(error) => write!(
                f,
                "the event history could not be read, so a removal of MFA whose event was lost stays unknown: {error}"
            ),
            Self::HistoryCutOff => f.write_str(
                "the event history has more removals of MFA than a sweep reads, so the oldest stay unknown",
            ),
        }
    }
}

//! Whether SES sends mail in the company's name, and what to do if it does not.

use crate::digest::AccountFinding;
use crate::settings::Sender;

/// What SES says about the account and the company's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SenderSeen {
    /// Whether the account is out of the sandbox, in this region.
    pub has_production_access: bool,
    /// Whether sending is switched on, by the account and by AWS.
    pub is_sending: bool,
    /// Whether the address or its domain is verified.
    pub is_verified: bool,
}

/// What an administrator should fix, given what SES says or why it did not answer; `None` if mail goes out.
#[must_use]
pub fn sender_finding(sender: &Sender, seen: &Result<SenderSeen, String>) -> Option<AccountFinding> {
    let region = sender.region.clone();
    match seen {
        Err(error) => Some(AccountFinding::SenderUnknown(error.clone())),
        Ok(seen) if !seen.is_verified => {
            Some(AccountFinding::SenderNotVerified { domain: sender.domain.clone(), region })
        }
        Ok(seen) if !seen.is_sending => Some(AccountFinding::SenderPaused(region)),
        Ok(seen) if !seen.has_production_access => Some(AccountFinding::SenderInSandbox(region)),
        Ok(_) => None,
    }
}

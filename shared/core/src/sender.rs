//! Whether SES sends mail in the company's name, and what to do if it does not.

use crate::digest::{AccountFinding, DigestMail};
use crate::notice::Channel;
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

/// To whom the digest is mailed; `None` if nobody is named, if the domain is not in `MAIL_DOMAINS`, and if `known` says
/// that it was mailed already or does not arrive.
#[must_use]
pub fn digest_recipient(sender: &Sender, known: &DigestMail) -> Option<Channel> {
    let email = sender.digest_to.as_deref().and_then(|email| sender.recipient(email))?;
    (!known.is_sent && known.undeliverable(&email).is_none()).then_some(Channel::Mail { email })
}

/// What an administrator should fix, given the error of sending the digest; `None` if whoever is named got it.
#[must_use]
pub fn digest_finding(sender: &Sender, known: &DigestMail, failed: Option<String>) -> Option<AccountFinding> {
    let undeliverable = sender.digest_to.as_deref().and_then(|email| known.undeliverable(email));
    let other = sender.digest_to.as_deref().filter(|email| sender.recipient(email).is_none());
    // The finding is logged, so it does not name the address.
    let other = other.and_then(|email| email.rsplit_once('@'));
    let other = other.map(|(_, domain)| format!("{domain} is not in MAIL_DOMAINS"));
    failed.or(other).or(undeliverable).map(AccountFinding::DigestNotMailed)
}

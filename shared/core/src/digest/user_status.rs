//! What a single [`UserStatus`] says: the questions that figures and lists ask of it.

use super::{Reachable, UserStatus};
use crate::posture::{Exemption, Posture};
use crate::snapshot::{Factors, LastUse};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Without a sign-in for longer than this, a user is dormant: 90 days, the bound that the field uses.
const DORMANT_AFTER: SignedDuration = SignedDuration::from_hours(90 * 24);
/// An exemption that ends this soon, in seven days at most, is marked.
const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

impl UserStatus {
    /// The user has a password and an MFA device, exempt or not.
    ///
    /// The posture is younger than the kinds of device, so it has the last word where it speaks of MFA.
    #[must_use]
    pub fn has_mfa(&self) -> bool {
        self.console
            && match self.posture {
                Some(Posture::Compliant { .. }) => true,
                Some(Posture::InGrace { .. } | Posture::Overdue { .. } | Posture::NotApplicable) => false,
                Some(Posture::Exempt(_)) | None => self.factors.any(),
            }
    }

    /// The user has a password and no MFA device that is known of.
    #[must_use]
    pub fn lacks_mfa(&self) -> bool {
        self.console && !self.has_mfa()
    }

    /// All devices are known, and none of them resists phishing.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.has_mfa()
            && match self.factors {
                Factors::Known { virtual_app, security_key, hardware_token } => {
                    !security_key && (virtual_app || hardware_token)
                }
                Factors::None | Factors::VirtualAtLeast | Factors::NotVirtual => false,
            }
    }

    /// The deadline is past, and nothing limits the user.
    #[must_use]
    pub fn is_overdue_and_free(&self) -> bool {
        !self.contained && matches!(self.posture, Some(Posture::Overdue { .. }))
    }

    /// Somebody who is asked for MFA and whom the messages about it do not reach, and why. An exempt user is
    /// asked for nothing.
    #[must_use]
    pub fn missed(&self) -> Option<Reachable> {
        let asked = self.lacks_mfa() && !matches!(self.posture, Some(Posture::Exempt(_)));
        (asked && self.reachable != Reachable::Yes).then_some(self.reachable)
    }

    /// A console user without MFA who has not signed in for 90 days: a door that nobody watches.
    #[must_use]
    pub fn is_dormant(&self, at: Timestamp) -> bool {
        let since = match self.last_sign_in {
            LastUse::At(time) => Some(time),
            LastUse::Never | LastUse::Unknown => self.password_set,
        };
        self.lacks_mfa() && since.is_some_and(|since| at.duration_since(since) > DORMANT_AFTER)
    }

    /// The exemption ends within seven days.
    #[must_use]
    pub fn is_exemption_ending(&self, at: Timestamp) -> bool {
        match self.exemption() {
            Some(Exemption::Until(date)) => {
                date.duration_since(at.to_zoned_datetime(TimeZone::UTC).date()) <= SOON
            }
            Some(Exemption::Name | Exemption::Path) | None => false,
        }
    }
}

impl Factors {
    /// Whether there is a device at all.
    #[must_use]
    pub fn any(self) -> bool {
        match self {
            Self::None => false,
            Self::Known { virtual_app, security_key, hardware_token } => {
                virtual_app || security_key || hardware_token
            }
            Self::VirtualAtLeast | Self::NotVirtual => true,
        }
    }
}

//! What figures and lists ask about a single [`UserStatus`].

use super::{Reachable, UserStatus};
use crate::posture::Posture;
use crate::rights::Rights;
use crate::snapshot::{Factors, LastUse};
use jiff::{SignedDuration, Timestamp};

/// A user who has not signed in for longer than this is dormant: 90 days, as is common practice.
const DORMANT_AFTER: SignedDuration = SignedDuration::from_hours(90 * 24);

impl UserStatus {
    /// Whether the user has a console password and an MFA device, exempt or not.
    ///
    /// The posture is more recent than the kinds of device, so it takes precedence if it says anything about MFA.
    #[must_use]
    pub fn has_mfa(&self) -> bool {
        self.console
            && match self.posture {
                Some(Posture::Compliant { .. }) => true,
                Some(Posture::InGrace { .. } | Posture::Overdue { .. } | Posture::NotApplicable) => false,
                Some(Posture::Exempt(_)) | None => self.factors.any(),
            }
    }

    /// Whether the user has a console password and no known MFA device.
    #[must_use]
    pub fn lacks_mfa(&self) -> bool {
        self.console && !self.has_mfa()
    }

    /// Whether the user has a console password and no exemption. A user whose posture is unknown counts.
    #[must_use]
    pub fn needs_mfa(&self) -> bool {
        self.console && !matches!(self.posture, Some(Posture::Exempt(_) | Posture::NotApplicable))
    }

    /// Whether the user needs MFA and either has it or is contained, so that the password alone is not enough.
    #[must_use]
    pub fn is_protected(&self) -> bool {
        self.needs_mfa() && (self.has_mfa() || self.contained)
    }

    /// Whether the user has MFA, all devices are known, and none of them resists phishing, although users can have such a
    /// device here.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.has_mfa()
            && self.partition.has_phishing_resistant_devices()
            && match self.factors {
                Factors::Known { virtual_app, security_key, hardware_token } => {
                    !security_key && (virtual_app || hardware_token)
                }
                Factors::None | Factors::VirtualAtLeast | Factors::NotVirtual => false,
            }
    }

    /// Whether the deadline has passed and the user is not contained.
    #[must_use]
    pub fn is_overdue_and_free(&self) -> bool {
        !self.contained && matches!(self.posture, Some(Posture::Overdue { .. }))
    }

    /// Why messages do not reach a user who has to set up MFA; `None` if they do, or if the user does not have to.
    /// Exempt users do not have to.
    #[must_use]
    pub fn missed(&self) -> Option<Reachable> {
        let needs_mfa = self.needs_mfa() && self.lacks_mfa();
        let is_missed = matches!(self.reachable, Reachable::NotYet | Reachable::NoAddress);
        (needs_mfa && is_missed).then_some(self.reachable)
    }

    /// Whether text messages are all that can be sent to a user who has to set up MFA.
    #[must_use]
    pub fn hears_by_text_only(&self) -> bool {
        let needs_mfa = self.needs_mfa() && self.lacks_mfa();
        needs_mfa && self.reachable == Reachable::ByText
    }

    /// Whether this is a console user without MFA who has not signed in for 90 days: a way in that nobody watches.
    #[must_use]
    pub fn is_dormant(&self, at: Timestamp) -> bool {
        let since = match self.last_sign_in {
            LastUse::At(time) => Some(time),
            LastUse::Never | LastUse::Unknown => self.password_set,
        };
        self.lacks_mfa() && since.is_some_and(|since| at.duration_since(since) > DORMANT_AFTER)
    }

    /// Whether the user has the rights of an administrator, nearly so, or can get them.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        self.rights.is_some_and(Rights::is_administrator)
    }

    /// Whether the exemption ends within 7 days.
    #[must_use]
    pub fn is_exemption_ending(&self, at: Timestamp) -> bool {
        self.exemption().is_some_and(|exemption| exemption.ends_soon(at))
    }
}

impl Factors {
    /// Whether there is any device.
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

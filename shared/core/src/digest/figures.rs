//! The figures: how many users there are of each kind, and two shares: of the console users who have MFA, and of those
//! who need it, who have it or are contained.
//!
//! Must only count [`UserStatus`]es, and never look anything up.

use super::{Reachable, UserStatus};
use crate::posture::Posture;
use crate::snapshot::Factors;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many users there are of each kind. As JSON, it is the object `figures` of a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// All users.
    pub users: usize,
    /// Users with a console password.
    pub console: usize,
    /// Console users with at least one device, exempt or not.
    pub with_mfa: usize,
    /// Users who need MFA: console users without an exemption, whose posture may be unknown.
    pub need_mfa: usize,
    /// Users who need MFA and either have it or are contained.
    pub protected: usize,
    /// Posture `compliant`.
    pub compliant: usize,
    /// Posture `in-grace`.
    pub in_grace: usize,
    /// Posture `overdue`, contained or not.
    pub overdue: usize,
    /// Posture `exempt`.
    pub exempt: usize,
    /// Users whose exemption ends within 7 days.
    pub exempt_ending: usize,
    /// Posture `not-applicable`.
    pub not_applicable: usize,
    /// Users whose posture could not be determined.
    pub unknown: usize,
    /// Contained users, whatever their posture.
    pub contained: usize,
    /// Posture `overdue` and not contained.
    pub overdue_and_free: usize,
    /// Users whose devices include an authenticator app. A user with two kinds of device counts under both.
    #[serde(rename = "authenticatorApp")]
    pub virtual_app: usize,
    /// Users whose devices include a security key or passkey.
    pub security_key: usize,
    /// Users whose devices include a hardware token.
    pub hardware_token: usize,
    /// Users with an authenticator app whose other devices were not looked up.
    #[serde(rename = "authenticatorAppAtLeast")]
    pub virtual_at_least: usize,
    /// Users with MFA but no authenticator app; which kind they have was not looked up.
    #[serde(rename = "notAuthenticatorApp")]
    pub not_virtual: usize,
    /// Users with MFA that is known not to resist phishing. Only users whose devices were looked up count;
    /// `virtual_at_least` and `not_virtual` count the others.
    pub weak: usize,
    /// Users who have to set up MFA and have no known address.
    pub unreachable: usize,
    /// Users who have to set up MFA and did not get the last message.
    pub unconfirmed: usize,
    /// Console users without MFA who have not signed in for 90 days.
    pub dormant: usize,
}

/// A share in tenths of a percent, rounded down, so that 100.0% always means everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coverage(u16);

impl Figures {
    /// Counts all users as of `at`.
    #[must_use]
    pub fn of(statuses: &[UserStatus], at: Timestamp) -> Self {
        let mut figures = Self::default();
        for status in statuses {
            figures.count(status, at);
        }
        figures
    }

    /// The figures of both together.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self {
            users: self.users.saturating_add(more.users),
            console: self.console.saturating_add(more.console),
            with_mfa: self.with_mfa.saturating_add(more.with_mfa),
            need_mfa: self.need_mfa.saturating_add(more.need_mfa),
            protected: self.protected.saturating_add(more.protected),
            compliant: self.compliant.saturating_add(more.compliant),
            in_grace: self.in_grace.saturating_add(more.in_grace),
            overdue: self.overdue.saturating_add(more.overdue),
            exempt: self.exempt.saturating_add(more.exempt),
            exempt_ending: self.exempt_ending.saturating_add(more.exempt_ending),
            not_applicable: self.not_applicable.saturating_add(more.not_applicable),
            unknown: self.unknown.saturating_add(more.unknown),
            contained: self.contained.saturating_add(more.contained),
            overdue_and_free: self.overdue_and_free.saturating_add(more.overdue_and_free),
            virtual_app: self.virtual_app.saturating_add(more.virtual_app),
            security_key: self.security_key.saturating_add(more.security_key),
            hardware_token: self.hardware_token.saturating_add(more.hardware_token),
            virtual_at_least: self.virtual_at_least.saturating_add(more.virtual_at_least),
            not_virtual: self.not_virtual.saturating_add(more.not_virtual),
            weak: self.weak.saturating_add(more.weak),
            unreachable: self.unreachable.saturating_add(more.unreachable),
            unconfirmed: self.unconfirmed.saturating_add(more.unconfirmed),
            dormant: self.dormant.saturating_add(more.dormant),
        }
    }

    /// The share of console users who have MFA; `None` if there are no console users.
    #[must_use]
    pub fn coverage(&self) -> Option<Coverage> {
        Coverage::of(self.with_mfa, self.console)
    }

    /// The share of users who need MFA and either have it or are contained; `None` if nobody needs it.
    #[must_use]
    pub fn protection(&self) -> Option<Coverage> {
        Coverage::of(self.protected, self.need_mfa)
    }

    /// Number of users by posture code, zeros included.
    #[must_use]
    pub fn by_posture(&self) -> [(&'static str, usize); 6] {
        [
            ("compliant", self.compliant),
            ("in-grace", self.in_grace),
            ("overdue", self.overdue),
            ("exempt", self.exempt),
            ("not-applicable", self.not_applicable),
            ("unknown", self.unknown),
        ]
    }

    fn count(&mut self, status: &UserStatus, at: Timestamp) {
        self.users += 1;
        self.console += usize::from(status.console);
        self.need_mfa += usize::from(status.needs_mfa());
        self.protected += usize::from(status.is_protected());
        self.contained += usize::from(status.contained);
        self.overdue_and_free += usize::from(status.is_overdue_and_free());
        self.exempt_ending += usize::from(status.is_exemption_ending(at));
        self.weak += usize::from(status.is_weak());
        self.dormant += usize::from(status.is_dormant(at));
        *match status.posture {
            Some(Posture::Compliant { .. }) => &mut self.compliant,
            Some(Posture::InGrace { .. }) => &mut self.in_grace,
            Some(Posture::Overdue { .. }) => &mut self.overdue,
            Some(Posture::Exempt(_)) => &mut self.exempt,
            Some(Posture::NotApplicable) => &mut self.not_applicable,
            None => &mut self.unknown,
        } += 1;
        match status.missed() {
            Some(Reachable::NoAddress) => self.unreachable += 1,
            Some(Reachable::NotYet) => self.unconfirmed += 1,
            Some(Reachable::Yes | Reachable::ByText) | None => {}
        }
        if status.has_mfa() {
            self.with_mfa += 1;
            self.count_kinds(status.factors);
        }
    }

    fn count_kinds(&mut self, factors: Factors) {
        match factors {
            Factors::None => {}
            Factors::Known { virtual_app, security_key, hardware_token } => {
                self.virtual_app += usize::from(virtual_app);
                self.security_key += usize::from(security_key);
                self.hardware_token += usize::from(hardware_token);
            }
            Factors::VirtualAtLeast => self.virtual_at_least += 1,
            Factors::NotVirtual => self.not_virtual += 1,
        }
    }
}

impl Coverage {
    /// The share of `part` in `whole`; `None` if `whole` is zero.
    #[must_use]
    pub fn of(part: usize, whole: usize) -> Option<Self> {
        let tenths = part.saturating_mul(1000).checked_div(whole)?;
        u16::try_from(tenths.min(1000)).ok().map(Self)
    }

    /// Tenths of a percent, 0 to 1000.
    #[must_use]
    pub fn tenths(self) -> u16 {
        self.0
    }

    /// Percent, with one decimal place.
    #[must_use]
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 10.0
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}%", self.0 / 10, self.0 % 10)
    }
}

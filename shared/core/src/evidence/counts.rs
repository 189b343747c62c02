//! The figures of a record. They are counted from its rows alone, so that whoever has the rows can count them again.

use super::row::Row;
use crate::device::DeviceKind;
use crate::digest::Coverage;
use serde::{Deserialize, Serialize};

/// How many users of each kind a record has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// All users.
    pub users: usize,
    /// Users with a console password.
    pub console: usize,
    /// Console users with MFA, exempt or not.
    pub with_mfa: usize,
    /// Console users without an exemption.
    pub not_exempt: usize,
    /// Console users without an exemption who have MFA.
    pub not_exempt_with_mfa: usize,
    /// Console users who are known to have no MFA.
    pub without_mfa: usize,
    /// Those of them who are exempt.
    pub without_mfa_exempt: usize,
    /// Those of them who are in quarantine.
    pub without_mfa_contained: usize,
    /// Those of them whose grace period has not ended.
    pub without_mfa_in_grace: usize,
    /// Users whose password or MFA is not known.
    pub unknown: usize,
    /// Posture `compliant`.
    pub compliant: usize,
    /// Posture `in-grace`.
    pub in_grace: usize,
    /// Posture `overdue`.
    pub overdue: usize,
    /// Posture `exempt`.
    pub exempt: usize,
    /// Posture `not-applicable`.
    pub not_applicable: usize,
    /// Posture `unknown`.
    pub posture_unknown: usize,
    /// Users in quarantine.
    pub contained: usize,
    /// Console users with an authenticator app. A user with two kinds of device counts under both.
    pub virtual_app: usize,
    /// Console users with a security key or passkey.
    pub security_key: usize,
    /// Console users with a hardware token.
    pub hardware_token: usize,
    /// Console users with MFA whose devices were never all listed.
    pub not_listed: usize,
}

/// A share of users, with what it is a share of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// Stable name.
    pub name: String,
    /// What is counted, in words.
    pub definition: String,
    /// How many.
    pub part: usize,
    /// Of how many.
    pub whole: usize,
    /// The share in percent, rounded down to a tenth; `None` if there is nobody.
    pub percent: Option<f64>,
}

impl Counts {
    /// Counts these rows.
    #[must_use]
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut counts = Self::default();
        for row in rows {
            counts.count(row);
        }
        counts
    }

    /// The two shares, each with its definition.
    #[must_use]
    pub fn shares(&self) -> Vec<Share> {
        vec![
            Share::of(
                "console-users",
                "users with a console password who have at least one MFA device, of all users with a console \
                 password, whether or not they are exempt",
                self.with_mfa,
                self.console,
            ),
            Share::of(
                "not-exempt",
                "users with a console password and no exemption who have at least one MFA device, of all users with \
                 a console password and no exemption",
                self.not_exempt_with_mfa,
                self.not_exempt,
            ),
        ]
    }

    fn count(&mut self, row: &Row) {
        let console = row.is_console();
        let has_mfa = console && row.mfa.has == Some(true);
        let lacks_mfa = row.lacks_mfa();
        let has = |kind: DeviceKind| row.mfa.devices.iter().any(|device| device.kind == kind.code());
        let kinds = |kind| usize::from(has_mfa && has(kind));
        self.users += 1;
        self.console += usize::from(console);
        self.with_mfa += usize::from(has_mfa);
        self.not_exempt += usize::from(console && !row.is_exempt());
        self.not_exempt_with_mfa += usize::from(has_mfa && !row.is_exempt());
        self.without_mfa += usize::from(lacks_mfa);
        self.without_mfa_exempt += usize::from(lacks_mfa && row.is_exempt());
        self.without_mfa_contained += usize::from(lacks_mfa && row.containment.is_some());
        self.without_mfa_in_grace += usize::from(lacks_mfa && row.posture == "in-grace");
        self.unknown += usize::from(!row.is_known());
        self.contained += usize::from(row.containment.is_some());
        self.virtual_app += kinds(DeviceKind::Virtual);
        self.security_key += kinds(DeviceKind::SecurityKeyOrPasskey);
        self.hardware_token += kinds(DeviceKind::HardwareTotp);
        self.not_listed += usize::from(has_mfa && row.mfa.listed.is_none());
        *match row.posture.as_str() {
            "compliant" => &mut self.compliant,
            "in-grace" => &mut self.in_grace,
            "overdue" => &mut self.overdue,
            "exempt" => &mut self.exempt,
            "not-applicable" => &mut self.not_applicable,
            _ => &mut self.posture_unknown,
        } += 1;
    }
}

impl Share {
    fn of(name: &str, definition: &str, part: usize, whole: usize) -> Self {
        Self {
            name: name.to_owned(),
            definition: definition.to_owned(),
            part,
            whole,
            percent: Coverage::of(part, whole).map(Coverage::percent),
        }
    }
}

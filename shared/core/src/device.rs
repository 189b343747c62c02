//! MFA devices, and what their serial numbers say about them.

use jiff::Timestamp;
use strum::IntoStaticStr;

/// Serial number of an MFA device: an ARN, or the number printed on a hardware token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serial(String);

/// Kind of MFA device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum DeviceKind {
    /// An authenticator app (TOTP in software).
    Virtual,
    /// A security key or passkey (FIDO2): the only kind that resists phishing.
    SecurityKeyOrPasskey,
    /// A hardware token that shows codes (TOTP in hardware).
    HardwareTotp,
}

/// A device that IAM lists for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MfaDevice {
    /// Serial number, which tells the kind of device.
    pub serial: Serial,
    /// When the device was enabled for the user.
    pub enabled: Timestamp,
}

impl Serial {
    /// `None` unless `serial` consists of 9 to 256 characters that IAM allows in a serial number.
    #[must_use]
    pub fn new(serial: &str) -> Option<Self> {
        // Source: IAM API reference, pattern [\w+=/:,.@-]*, length 9 to 256.
        let allowed = |c: char| c.is_alphanumeric() || "_+=/:,.@-".contains(c);
        ((9..=256).contains(&serial.chars().count()) && serial.chars().all(allowed))
            .then(|| Self(serial.to_owned()))
    }

    /// A serial number that IAM lists, taken without a check: a device that exists always counts.
    #[must_use]
    pub fn listed(serial: &str) -> Self {
        Self(serial.to_owned())
    }

    /// The serial number as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name that the user gave the device, or the number of a hardware token. A security key's ends in an id of AWS's.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit(['/', ':']).next().unwrap_or(&self.0)
    }

    /// Kind of the device. An ARN of unknown form counts as virtual, the weakest kind.
    #[must_use]
    pub fn kind(&self) -> DeviceKind {
        if !self.0.starts_with("arn:") {
            DeviceKind::HardwareTotp
        } else if self.0.contains(":u2f/") {
            DeviceKind::SecurityKeyOrPasskey
        } else {
            DeviceKind::Virtual
        }
    }
}

impl DeviceKind {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// Whether devices of this kind resist phishing.
    #[must_use]
    pub fn is_phishing_resistant(self) -> bool {
        match self {
            Self::SecurityKeyOrPasskey => true,
            Self::Virtual | Self::HardwareTotp => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DeviceKind, Serial};
    use rstest::rstest;

    #[rstest]
    #[case("arn:aws:iam::123456789012:mfa/alice", DeviceKind::Virtual)]
    #[case("arn:aws-cn:iam::123456789012:mfa/my phone".replace(' ', "-"), DeviceKind::Virtual)]
    #[case("arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEF", DeviceKind::SecurityKeyOrPasskey)]
    #[case("arn:aws:iam::123456789012:u2f/root/safe-ABCDEF", DeviceKind::SecurityKeyOrPasskey)]
    #[case("GAKT12345678", DeviceKind::HardwareTotp)]
    fn serial_number_tells_the_kind(#[case] serial: impl AsRef<str>, #[case] kind: DeviceKind) {
        assert_eq!(Serial::new(serial.as_ref()).unwrap().kind(), kind);
    }

    #[test]
    fn invalid_serial_numbers_are_refused() {
        for serial in ["", "short", "has a space in it", &"x".repeat(257)] {
            assert!(Serial::new(serial).is_none(), "{serial}");
        }
    }
}

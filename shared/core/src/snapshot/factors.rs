//! The kinds of MFA device a user has, and how much is known about them.
//!
//! Must never claim more than was looked up: the bulk calls only list virtual devices.

use crate::device::{DeviceKind, MfaDevice};

/// The kinds of MFA device a user has, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factors {
    /// The user has no MFA device.
    None,
    /// All devices were listed.
    Known {
        /// Whether there is an authenticator app.
        virtual_app: bool,
        /// Whether there is a security key or passkey.
        security_key: bool,
        /// Whether there is a hardware TOTP token.
        hardware_token: bool,
    },
    /// There is an authenticator app; whether there are other devices was not looked up.
    VirtualAtLeast,
    /// There is a security key, a passkey or a hardware TOTP token; which of them was not looked up.
    NotVirtual,
}

impl Factors {
    /// The kinds of these devices. They must be all the devices that IAM lists for the user.
    #[must_use]
    pub fn of(devices: &[MfaDevice]) -> Self {
        if devices.is_empty() {
            return Self::None;
        }
        let has = |kind: DeviceKind| devices.iter().any(|device| device.serial.kind() == kind);
        Self::Known {
            virtual_app: has(DeviceKind::Virtual),
            security_key: has(DeviceKind::SecurityKeyOrPasskey),
            hardware_token: has(DeviceKind::HardwareTotp),
        }
    }

    /// Whether the user has no device.
    #[must_use]
    pub fn is_none(self) -> bool {
        match self {
            Self::None => true,
            Self::Known { virtual_app, security_key, hardware_token } => {
                !(virtual_app || security_key || hardware_token)
            }
            Self::VirtualAtLeast | Self::NotVirtual => false,
        }
    }

    /// Whether none of the devices resists phishing; `None` without a device, or if they were not looked up.
    #[must_use]
    pub fn weak(self) -> Option<bool> {
        match self {
            Self::Known { virtual_app, security_key, hardware_token } => {
                let kinds = [
                    (virtual_app, DeviceKind::Virtual),
                    (security_key, DeviceKind::SecurityKeyOrPasskey),
                    (hardware_token, DeviceKind::HardwareTotp),
                ];
                let strong = kinds.iter().any(|(present, kind)| *present && kind.is_phishing_resistant());
                (!self.is_none()).then_some(!strong)
            }
            Self::None | Self::VirtualAtLeast | Self::NotVirtual => None,
        }
    }

    /// Stable name for logs, metrics and programs. If there are several kinds, `+` joins them.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Known { virtual_app, security_key, hardware_token } => {
                match (virtual_app, security_key, hardware_token) {
                    (false, false, false) => "none",
                    (true, false, false) => "app",
                    (false, true, false) => "key",
                    (false, false, true) => "token",
                    (true, true, false) => "app+key",
                    (true, false, true) => "app+token",
                    (false, true, true) => "key+token",
                    (true, true, true) => "app+key+token",
                }
            }
            Self::VirtualAtLeast => "app-at-least",
            Self::NotVirtual => "key-or-token",
        }
    }
}

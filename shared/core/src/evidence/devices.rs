//! MFA devices in a record: which, since when, and as of when that is known.
//!
//! One bulk call lists the virtual devices of everybody. Others have to be listed user by user, so a sweep lists some users
//! a day, and takes over from the record before what it does not look up.

use super::row::{Row, Seen};
use crate::device::{DeviceKind, MfaDevice};
use crate::digest::UserStatus;
use crate::facts::UserFacts;
use crate::snapshot::{Factors, UNLISTED_SERIAL};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// So many users are listed a day for the record, at one call each: all 5,000 that an account can have in ten days.
const LISTED_A_DAY: usize = 500;
/// Kind of a device that only the credential report knows of: it is not virtual.
const NOT_VIRTUAL: &str = "not-virtual";

/// The MFA devices of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mfa {
    /// Whether there is one; `None` if that is not known.
    pub has: Option<bool>,
    /// The devices, as far as they are known.
    pub devices: Vec<Device>,
    /// When all devices were last listed; `None` if they never were.
    pub listed: Option<Timestamp>,
}

/// An MFA device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Kind; `not-virtual` where only the credential report knows of it.
    pub kind: String,
    /// When it was enrolled.
    pub enrolled: Option<Timestamp>,
    /// As of when that is known.
    pub as_of: Timestamp,
}

/// The devices of a user as IAM listed them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    devices: Vec<MfaDevice>,
    at: Timestamp,
}

impl Listed {
    /// The kinds of the devices.
    pub(crate) fn factors(&self) -> Factors {
        Factors::of(&self.devices)
    }
}

/// What a sweep looked up about users, one by one. By their ids.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LookedUp {
    users: BTreeMap<String, UserFacts>,
    listed: BTreeMap<String, Listed>,
}

impl LookedUp {
    /// The user is like this now, after what was done.
    pub fn saw(&mut self, user: UserFacts, at: Timestamp) {
        self.listed.insert(user.id.clone(), Listed { devices: user.devices.clone(), at });
        self.users.insert(user.id.clone(), user);
    }

    /// The user has these devices. An empty list says nothing: the report knows of a device that the list does not show
    /// yet.
    pub fn listed(&mut self, id: &str, devices: &[MfaDevice], at: Timestamp) {
        if !devices.is_empty() {
            self.listed.insert(id.to_owned(), Listed { devices: devices.to_vec(), at });
        }
    }

    /// The user as they were looked up.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<&UserFacts> {
        self.users.get(id)
    }

    /// The devices as they were listed.
    #[must_use]
    pub fn devices(&self, id: &str) -> Option<&Listed> {
        self.listed.get(id)
    }
}

/// Indexes of the users whose devices a sweep lists for its record: those whose list is oldest, up to 500.
#[must_use]
pub fn to_list(statuses: &[UserStatus], before: &BTreeMap<String, Row>) -> Vec<usize> {
    let unlisted =
        |status: &UserStatus| matches!(status.factors, Factors::VirtualAtLeast | Factors::NotVirtual);
    let listed = |id: &str| before.get(id).and_then(|row| row.mfa.listed);
    let mut wanted: Vec<(Option<Timestamp>, usize)> = statuses
        .iter()
        .enumerate()
        .filter(|(_, status)| unlisted(status))
        .map(|(index, status)| (listed(&status.id), index))
        .collect();
    // Those who were never listed come first.
    wanted.sort_unstable();
    wanted.into_iter().take(LISTED_A_DAY).map(|(_, index)| index).collect()
}

/// The devices of a user, given when the bulk answers were read.
pub(super) fn mfa_of(seen: Seen<'_>, read: Timestamp) -> Mfa {
    if let Some(Listed { devices, at }) = seen.listed {
        let devices: Vec<Device> = devices.iter().map(|device| Device::of(device, *at)).collect();
        return Mfa { has: Some(!devices.is_empty()), devices, listed: Some(*at) };
    }
    let user = &seen.snapshot.user;
    let of_bulk = user.devices.iter().filter(|device| device.serial.as_str() != UNLISTED_SERIAL);
    let mut devices: Vec<Device> = of_bulk.map(|device| Device::of(device, read)).collect();
    for device in &mut devices {
        // Where the answer lacks the date, the snapshot takes the creation of the user for it.
        device.enrolled = device.enrolled.filter(|enrolled| *enrolled != user.created);
    }
    let before = seen.before.map(|row| &row.mfa);
    match seen.snapshot.factors {
        // Nothing is known where the report has no row, and the bulk call lists no virtual device.
        Factors::None if !seen.snapshot.reported => Mfa { has: None, devices, listed: None },
        // That there is none is known without a list, as of the report.
        Factors::None => Mfa { has: Some(false), devices, listed: None },
        Factors::NotVirtual | Factors::VirtualAtLeast | Factors::Known { .. } => {
            let known = before.into_iter().flat_map(|mfa| &mfa.devices);
            devices.extend(known.filter(|device| device.is_listed_singly()).cloned());
            if devices.is_empty() {
                devices.push(Device { kind: NOT_VIRTUAL.to_owned(), enrolled: None, as_of: read });
            }
            Mfa { has: Some(true), devices, listed: before.and_then(|mfa| mfa.listed) }
        }
    }
}

impl Device {
    fn of(device: &MfaDevice, as_of: Timestamp) -> Self {
        Self { kind: device.serial.kind().code().to_owned(), enrolled: Some(device.enabled), as_of }
    }

    /// Whether only a look at the user shows the device.
    fn is_listed_singly(&self) -> bool {
        [DeviceKind::SecurityKeyOrPasskey.code(), DeviceKind::HardwareTotp.code()]
            .contains(&self.kind.as_str())
    }
}

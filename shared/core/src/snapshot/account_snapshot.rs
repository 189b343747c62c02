//! Joins the answers of the bulk calls by user ARN.
//!
//! `GetAccountAuthorizationDetails` is current and says who exists, but the report may be four hours old. So passwords
//! and MFA are shown as of the report: a password created since is missing, and a non-virtual device removed since is
//! still there. The events of those changes, and the next sweep, take care of them.

use super::credential_report::{Report, UserRow};
use super::root_status::is_root_arn;
use super::{BulkAnswers, Factors, LastUse, ReportError, ReportedKey, RootStatus, UserDetail, VirtualDevice};
use crate::device::{MfaDevice, Serial};
use crate::facts::UserFacts;
use crate::partition::Partition;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Placeholder serial number for devices that only the report knows of: security keys, passkeys and hardware tokens.
/// Says nothing about their kind; see [`Factors::NotVirtual`]. No real serial number contains a space.
pub const UNLISTED_SERIAL: &str = "known from the credential report only";

/// AWS reports these times to the second, and two sources may round the same moment differently.
const ROUNDING: SignedDuration = SignedDuration::from_secs(1);

/// All users of the account, and root.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountSnapshot {
    /// All users that `GetAccountAuthorizationDetails` lists, in its order.
    pub users: Vec<UserSnapshot>,
    /// The root user, as far as AWS tells.
    pub root: RootStatus,
    /// MFA devices of users and root that are in use; `None` if that was not answered.
    pub devices_in_use: Option<usize>,
}

/// A user according to the bulk answers: enough to see that nothing has to be done about them.
#[derive(Debug, Clone, PartialEq)]
pub struct UserSnapshot {
    /// The user. `login_profile_created` is the earliest time at which the password may have been created,
    /// and a device with [`UNLISTED_SERIAL`] stands for those that only the report knows of.
    pub user: UserFacts,
    /// The latest time at which the password may have been created; `None` without a password,
    /// [`Timestamp::MAX`] if it may have been created at any time.
    pub password_latest: Option<Timestamp>,
    /// Whether the report has a readable row for this user. If not, nothing is known about password and MFA.
    pub reported: bool,
    /// Kinds of MFA device the user has.
    pub factors: Factors,
    /// When the user last signed in with the password.
    pub last_sign_in: LastUse,
    /// ARN of the user.
    pub arn: String,
    /// ARN of the user's permissions boundary; `None` if there is none.
    pub boundary: Option<String>,
    /// The user's access keys as of the report.
    pub access_keys: Vec<ReportedKey>,
}

impl AccountSnapshot {
    /// Joins the answers of the bulk calls.
    ///
    /// # Errors
    /// If the credential report as a whole cannot be read.
    pub fn of(answers: BulkAnswers, partition: Partition) -> Result<Self, ReportError> {
        let (account, error) = Self::as_far_as_known(answers, partition);
        error.map_or(Ok(account), Err)
    }

    /// The same, without the credential report if it cannot be read. Then nothing is known about passwords, nor about
    /// devices but virtual ones, and every user has to be looked up live.
    #[must_use]
    pub fn as_far_as_known(answers: BulkAnswers, partition: Partition) -> (Self, Option<ReportError>) {
        let BulkAnswers { report: bytes, users, permissions, virtual_devices, summary } = answers;
        let (report, error) = match Report::read(&bytes) {
            Ok(report) => (report, None),
            Err(error) => (Report::empty(), Some(error)),
        };
        // The rows hold everything needed, so the memory can be freed.
        drop(bytes);
        let root_device = virtual_devices.iter().any(|device| is_root_arn(&device.owner_arn));
        let root = RootStatus::of(summary, report.root.as_ref(), root_device, partition);
        let mut devices = by_owner(virtual_devices);
        let snapshot = |user: UserDetail| {
            let row = report.user(&user.arn).filter(|row| is_same_user(row, &user));
            let listed = devices.remove(&user.arn).unwrap_or_default();
            let rights = permissions.as_ref().map(|permissions| permissions.of_user(&user));
            let mut snapshot = UserSnapshot::of(user, row, listed);
            snapshot.user.rights = rights;
            snapshot
        };
        let devices_in_use = summary.and_then(|summary| summary.devices_in_use);
        (Self { users: users.into_iter().map(snapshot).collect(), root, devices_in_use }, error)
    }
}

impl UserSnapshot {
    /// Whether the time at which the password was created is known to the second.
    ///
    /// That is the case if the password was last set when the user was created. `false` without a password.
    #[must_use]
    pub fn is_password_age_exact(&self) -> bool {
        let ends = self.user.login_profile_created.zip(self.password_latest);
        ends.is_some_and(|(earliest, latest)| latest.duration_since(earliest) <= ROUNDING)
    }

    /// The user as if the password had been created at the latest possible time; `None` if that equals the earliest.
    #[must_use]
    pub fn with_the_latest_password(&self) -> Option<UserFacts> {
        let latest = self.password_latest.filter(|_| !self.is_password_age_exact())?;
        Some(UserFacts { login_profile_created: Some(latest), ..self.user.clone() })
    }

    /// The same user as they were looked up: nothing is left to guess. What only bulk answers and the event history tell
    /// stays.
    #[must_use]
    pub fn looked_up(&self, live: UserFacts) -> Self {
        let removal = self.user.removal.clone();
        let exempted_by = self.user.exempted_by.clone();
        let user = UserFacts { removal, exempted_by, rights: self.user.rights, ..live };
        Self {
            password_latest: user.login_profile_created,
            reported: true,
            factors: Factors::of(&user.devices),
            user,
            ..self.clone()
        }
    }

    fn of(user: UserDetail, row: Option<&UserRow>, listed: Vec<VirtualDevice>) -> Self {
        let created = user.created;
        let enabled_unlisted = row.is_some_and(|row| row.mfa) && listed.is_empty();
        let factors = if enabled_unlisted {
            Factors::NotVirtual
        } else if listed.is_empty() {
            Factors::None
        } else {
            // Regardless of the report: the list is current, so a device missing from the report was enrolled since.
            Factors::VirtualAtLeast
        };
        let device = |device: VirtualDevice| MfaDevice {
            serial: device.serial,
            enabled: device.enabled.unwrap_or(created),
        };
        let unlisted =
            enabled_unlisted.then(|| MfaDevice { serial: Serial::listed(UNLISTED_SERIAL), enabled: created });
        let devices = listed.into_iter().map(device).chain(unlisted).collect();
        let password = row.filter(|row| row.password);
        Self {
            password_latest: password.map(|row| latest_creation(row, created)),
            reported: row.is_some(),
            factors,
            last_sign_in: row.map_or(LastUse::Unknown, |row| row.password_used),
            arn: user.arn.clone(),
            boundary: user.boundary.clone(),
            access_keys: row.map(|row| row.keys.clone()).unwrap_or_default(),
            user: facts(user, row, devices),
        }
    }
}

/// The latest time at which the password may have been created: when it was last set.
///
/// If that cannot be read, the password may have been created at any time, which [`Timestamp::MAX`] stands for. Then
/// the user never looks overdue for certain and has to be looked up live. Any earlier time would be a guess that could
/// make a deadline look certain.
fn latest_creation(row: &UserRow, user_created: Timestamp) -> Timestamp {
    row.password_changed.map_or(Timestamp::MAX, |changed| changed.max(user_created))
}

/// Whether a row is about this user rather than an earlier one with the same ARN.
fn is_same_user(row: &UserRow, user: &UserDetail) -> bool {
    row.created.duration_since(user.created).unsigned_abs() <= ROUNDING.unsigned_abs()
}

/// Groups the devices by owner, including root.
fn by_owner(devices: Vec<VirtualDevice>) -> HashMap<String, Vec<VirtualDevice>> {
    let mut by_owner: HashMap<String, Vec<VirtualDevice>> = HashMap::new();
    for mut device in devices {
        let owner = std::mem::take(&mut device.owner_arn);
        by_owner.entry(owner).or_default().push(device);
    }
    by_owner
}

fn facts(user: UserDetail, row: Option<&UserRow>, devices: Vec<MfaDevice>) -> UserFacts {
    let created = user.created;
    UserFacts {
        path: user.path,
        tags: user.tags,
        // A password cannot be older than the user.
        login_profile_created: row.filter(|row| row.password).map(|_| created),
        password_used: row.and_then(|row| match row.password_used {
            LastUse::At(at) => Some(at),
            LastUse::Never | LastUse::Unknown => None,
        }),
        devices,
        attached_policies: user.attached_policies,
        groups: user.groups,
        ..UserFacts::bare(user.name, user.id, created)
    }
}

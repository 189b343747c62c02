//! Joins the answers of the bulk calls by the ARN of the user.
//!
//! `GetAccountAuthorizationDetails` is fresh and says who exists; the report may be four hours old. So what is
//! true here of password and MFA was true then: a password that was created since does not show, and a
//! device that is not virtual still shows when it was removed since. The events of those changes, and the
//! next sweep, see to that.

use super::credential_report::{Report, UserRow};
use super::root_status::is_root_arn;
use super::{BulkAnswers, Factors, LastUse, ReportError, RootStatus, UserDetail, VirtualDevice};
use crate::device::{MfaDevice, Serial};
use crate::facts::{Mailbox, UserFacts};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Stands for the devices of which the report speaks and no list does: security keys, passkeys and hardware
/// tokens. Says nothing about their kind; see [`Factors::NotVirtual`]. No device has it, as it has a space.
pub const UNLISTED_SERIAL: &str = "known from the credential report only";

/// AWS gives these times to the second, and two sources may round one moment differently.
const ROUNDING: SignedDuration = SignedDuration::from_secs(1);

/// Everybody in the account, and root.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountSnapshot {
    /// Every user that `GetAccountAuthorizationDetails` names, in its order.
    pub users: Vec<UserSnapshot>,
    /// Root.
    pub root: RootStatus,
}

/// A user as the bulk answers show one: enough to tell on whom nothing has to be done.
#[derive(Debug, Clone, PartialEq)]
pub struct UserSnapshot {
    /// The user. `login_profile_created` is the earliest time at which the password can have been created,
    /// and a device with [`UNLISTED_SERIAL`] stands for those of which only the report speaks.
    pub user: UserFacts,
    /// The latest time at which the password can have been created, where there is one;
    /// [`Timestamp::MAX`] if it can have been at any time.
    pub password_latest: Option<Timestamp>,
    /// The report has a row of this user that could be read. If not, nothing is known of password and MFA.
    pub reported: bool,
    /// Kinds of MFA device.
    pub factors: Factors,
    /// The last sign-in with the password.
    pub last_sign_in: LastUse,
}

impl AccountSnapshot {
    /// Joins the answers.
    ///
    /// # Errors
    /// Where the credential report as a whole cannot be read.
    pub fn of(answers: BulkAnswers) -> Result<Self, ReportError> {
        let BulkAnswers { report: bytes, users, virtual_devices, summary } = answers;
        let report = Report::read(&bytes)?;
        // All that matters of the bytes is in the rows now.
        drop(bytes);
        let root_device = virtual_devices.iter().any(|device| is_root_arn(&device.owner_arn));
        let root = RootStatus::of(summary, report.root.as_ref(), root_device);
        let mut devices = by_owner(virtual_devices);
        let snapshot = |user: UserDetail| {
            let row = report.user(&user.arn).filter(|row| is_same_user(row, &user));
            let listed = devices.remove(&user.arn).unwrap_or_default();
            UserSnapshot::of(user, row, listed)
        };
        Ok(Self { users: users.into_iter().map(snapshot).collect(), root })
    }
}

impl UserSnapshot {
    /// Whether the time at which the password was created is known, to the second.
    ///
    /// It is if the password was last set when the user was created. `false` without a password.
    #[must_use]
    pub fn is_password_age_exact(&self) -> bool {
        let ends = self.user.login_profile_created.zip(self.password_latest);
        ends.is_some_and(|(earliest, latest)| latest.duration_since(earliest) <= ROUNDING)
    }

    /// The user, if the password was created at the latest possible time; `None` if that is the earliest, too.
    #[must_use]
    pub fn with_the_latest_password(&self) -> Option<UserFacts> {
        let latest = self.password_latest.filter(|_| !self.is_password_age_exact())?;
        Some(UserFacts { login_profile_created: Some(latest), ..self.user.clone() })
    }

    fn of(user: UserDetail, row: Option<&UserRow>, listed: Vec<VirtualDevice>) -> Self {
        let created = user.created;
        let enabled_unlisted = row.is_some_and(|row| row.mfa) && listed.is_empty();
        let factors = if enabled_unlisted {
            Factors::NotVirtual
        } else if listed.is_empty() {
            Factors::None
        } else {
            // Whatever the report says: the list is fresh, so a device that the report lacks was enrolled since.
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
            // A password cannot be older than its user.
            user: facts(user, password.map(|_| created), devices),
        }
    }
}

/// The latest time at which the password can have been created: when it was last set.
///
/// If that cannot be read, the password can have been created at any time, and the end of time says so. Then
/// nobody looks overdue for certain, and a live look has to tell. Any earlier time would be a guess that could
/// make a deadline look certain.
fn latest_creation(row: &UserRow, user_created: Timestamp) -> Timestamp {
    row.password_changed.map_or(Timestamp::MAX, |changed| changed.max(user_created))
}

/// Whether a row is about this user, and not about an earlier one of the same ARN.
fn is_same_user(row: &UserRow, user: &UserDetail) -> bool {
    row.created.duration_since(user.created).unsigned_abs() <= ROUNDING.unsigned_abs()
}

/// The devices of every owner, root among them.
fn by_owner(devices: Vec<VirtualDevice>) -> HashMap<String, Vec<VirtualDevice>> {
    let mut by_owner: HashMap<String, Vec<VirtualDevice>> = HashMap::new();
    for mut device in devices {
        let owner = std::mem::take(&mut device.owner_arn);
        by_owner.entry(owner).or_default().push(device);
    }
    by_owner
}

fn facts(user: UserDetail, login_profile_created: Option<Timestamp>, devices: Vec<MfaDevice>) -> UserFacts {
    UserFacts {
        name: user.name,
        id: user.id,
        path: user.path,
        tags: user.tags,
        login_profile_created,
        devices,
        attached_policies: user.attached_policies,
        groups: user.groups,
        mailbox: Mailbox::NotLooked,
    }
}

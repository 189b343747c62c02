//! The status of a user, for the digest.

use crate::contact::Contact;
use crate::decide::findings_of;
use crate::device::MfaDevice;
use crate::digest::{Decision, Reachable, UserStatus};
use crate::episode::Episode;
use crate::facts::{Mailbox, UserFacts};
use crate::posture::{Finding, Posture, posture};
use crate::settings::Settings;
use crate::snapshot::{Factors, RootMfa, UserSnapshot};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Up to this many users with MFA, a sweep lists the devices of each, at one call per user. In larger accounts the
/// digest makes do with what the bulk answers say about kinds: keeping to a dozen calls for thousands of users is
/// worth more.
const LISTED_AT_MOST: usize = 200;

/// Status of a user who was not looked up.
#[must_use]
pub fn status_from_snapshot(snapshot: &UserSnapshot, settings: &Settings, now: Timestamp) -> UserStatus {
    let status = status(&snapshot.user, snapshot, snapshot.factors, settings, now);
    if snapshot.reported {
        // That there is none is known without a list.
        UserStatus { devices: snapshot.factors.is_none().then_some(0), ..status }
    } else {
        UserStatus { posture: None, ..status }
    }
}

/// Status of a user who was looked up, given their current state `user`.
#[must_use]
pub fn status_after(
    user: &UserFacts,
    snapshot: &UserSnapshot,
    settings: &Settings,
    now: Timestamp,
) -> UserStatus {
    let status = status(user, snapshot, Factors::of(&user.devices), settings, now);
    UserStatus { devices: Some(user.devices.len()), ..status }
}

/// The status of a user whose devices were listed. An empty list says nothing: the report knows of a device that the
/// list does not show yet.
pub fn set_devices(status: &mut UserStatus, devices: &[MfaDevice]) {
    if !devices.is_empty() {
        status.factors = Factors::of(devices);
        status.devices = Some(devices.len());
    }
}

/// About how many devices root has: those in use in the account without those of users. `None` unless the devices of
/// every user are known.
///
/// Only about: users may add or remove devices while a sweep runs, and the report is hours old.
#[must_use]
pub fn root_devices(root: RootMfa, in_use: Option<usize>, statuses: &[UserStatus]) -> Option<usize> {
    let of_users = statuses.iter().map(|status| status.devices).sum::<Option<usize>>()?;
    // None are left although root has some: the figures do not belong together.
    in_use?.checked_sub(of_users).filter(|count| root.has_devices() && *count > 0)
}

fn status(
    user: &UserFacts,
    snapshot: &UserSnapshot,
    factors: Factors,
    settings: &Settings,
    now: Timestamp,
) -> UserStatus {
    let (contact, _) = Contact::of(user, settings, now);
    let unreached =
        user.last_notice().is_some_and(|notice| !notice.reached) && user.mailbox != Mailbox::Confirmed;
    let reachable = match (&contact.email, &contact.phone) {
        (None, None) => Reachable::NoAddress,
        _ if unreached => Reachable::NotYet,
        (Some(_), _) => Reachable::Yes,
        (None, Some(_)) => Reachable::ByText,
    };
    let contained = settings.quarantine.holds(user);
    let mut status = UserStatus {
        name: user.name.to_string(),
        id: user.id.clone(),
        episode: Episode::is_under_way(user, now).then(|| Episode::of(user, now)),
        last_episode: Episode::of_last_notice(user),
        posture: Some(posture(user, settings, now)),
        console: user.login_profile_created.is_some(),
        factors,
        devices: None,
        partition: settings.partition(),
        contained,
        contained_by_sweep: contained.then(|| contained_by_sweep(user)).flatten(),
        reachable,
        last_sign_in: snapshot.last_sign_in,
        password_set: snapshot
            .password_latest
            .filter(|set| *set < Timestamp::MAX)
            .or(user.login_profile_created),
        rights: user.rights,
        active_keys: snapshot.access_keys.iter().filter(|key| key.active).copied().collect(),
        exempted: Decision::of(user, settings, now),
        findings: findings_of(user, settings, now)
            .into_iter()
            .chain(removal_finding(user, settings, now))
            .collect(),
    };
    status.findings.extend(rights_finding(&status));
    status
}

/// What the rights of a user without MFA, who is not contained, call for.
fn rights_finding(status: &UserStatus) -> Option<Finding> {
    let rights = status.rights.filter(|_| status.lacks_mfa() && !status.contained)?;
    if rights.is_administrator() {
        Some(Finding::AdministratorWithoutMfa { has_boundary: rights.has_boundary })
    } else {
        rights.is_unknown().then_some(Finding::RightsUnknown)
    }
}

/// A removal from before the deployment, of a user who has had no device since.
fn removal_finding(user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Finding> {
    let needs_mfa = matches!(posture(user, settings, now), Posture::InGrace { .. } | Posture::Overdue { .. });
    let removal = user.removal.as_ref().filter(|removal| removal.before_deployment && needs_mfa)?;
    (user.login_profile_created <= Some(removal.time))
        .then(|| Finding::MfaRemovedBefore(removal.time.to_zoned_datetime(TimeZone::UTC).date()))
}

/// When a sweep contained the user; `None` if the record does not say so.
fn contained_by_sweep(user: &UserFacts) -> Option<Timestamp> {
    let record = user.quarantine_record()?;
    record.since.filter(|_| record.event.is_some_and(|event| event.is_sweep()))
}

/// Indexes of the users whose devices have to be listed so that the digest can name their kinds; none if there are too
/// many.
#[must_use]
pub fn wants_factors(statuses: &[UserStatus]) -> Vec<usize> {
    let unlisted = |status: &UserStatus| {
        status.console && matches!(status.factors, Factors::VirtualAtLeast | Factors::NotVirtual)
    };
    let with_mfa = statuses.iter().filter(|status| status.console && status.factors != Factors::None);
    if with_mfa.count() > LISTED_AT_MOST {
        return Vec::new();
    }
    statuses.iter().enumerate().filter(|(_, status)| unlisted(status)).map(|(index, _)| index).collect()
}

//! Fixtures for tests of the account snapshot: rows of a credential report, users and devices.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::device::Serial;
use mfa_enforcer_core::event::{EventId, UserName};
use mfa_enforcer_core::facts::{Removal, UserFacts, UserTags};
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::rights::Grants;
use mfa_enforcer_core::snapshot::{
    AccountSnapshot, AccountSummary, BulkAnswers, UserDetail, UserSnapshot, VirtualDevice,
};
use mfa_enforcer_testing::fixtures::now;

/// The columns in AWS's order, each with its cell in alice's row: a password, and no MFA.
pub(crate) const ALICE: [(&str, &str); 23] = [
    ("user", "alice"),
    ("arn", "arn:aws:iam::123456789012:user/alice"),
    ("user_creation_time", "2026-01-02T03:04:05+00:00"),
    ("password_enabled", "true"),
    ("password_last_used", "2026-11-01T08:00:00+00:00"),
    ("password_last_changed", "2026-02-03T04:05:06+00:00"),
    ("password_next_rotation", "N/A"),
    ("mfa_active", "false"),
    ("access_key_1_active", "true"),
    ("access_key_1_last_rotated", "2026-01-02T03:04:05+00:00"),
    ("access_key_1_last_used_date", "N/A"),
    ("access_key_1_last_used_region", "N/A"),
    ("access_key_1_last_used_service", "N/A"),
    ("access_key_2_active", "false"),
    ("access_key_2_last_rotated", "N/A"),
    ("access_key_2_last_used_date", "N/A"),
    ("access_key_2_last_used_region", "N/A"),
    ("access_key_2_last_used_service", "N/A"),
    ("cert_1_active", "false"),
    ("cert_1_last_rotated", "N/A"),
    ("cert_2_active", "false"),
    ("cert_2_last_rotated", "N/A"),
    ("additional_credentials_info", "N/A"),
];

/// The cells in which root's row differs from alice's, as AWS sends them.
pub(crate) const ROOT: [(&str, &str); 7] = [
    ("user", "<root_account>"),
    ("arn", ROOT_ARN),
    ("password_enabled", "not_supported"),
    ("password_last_used", "no_information"),
    ("password_last_changed", "not_supported"),
    ("password_next_rotation", "not_supported"),
    ("access_key_1_active", "false"),
];

pub(crate) const ROOT_ARN: &str = "arn:aws:iam::123456789012:root";
pub(crate) const CREATED: &str = "2026-01-02T03:04:05Z";
pub(crate) const CHANGED: &str = "2026-02-03T04:05:06Z";
pub(crate) const SIGNED_IN: &str = "2026-11-01T08:00:00Z";

pub(crate) fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

pub(crate) fn header() -> String {
    ALICE.map(|(name, _)| name).join(",")
}

/// Alice's row, with these cells changed.
pub(crate) fn row(changes: &[(&str, &str)]) -> String {
    assert!(changes.iter().all(|(column, _)| ALICE.iter().any(|(name, _)| name == column)));
    let cell =
        |(name, value)| changes.iter().find(|(column, _)| *column == name).map_or(value, |(_, to)| *to);
    ALICE.map(cell).join(",")
}

/// Root's row, with these cells changed.
pub(crate) fn root_row(changes: &[(&str, &str)]) -> String {
    let kept = ROOT.iter().filter(|(name, _)| !changes.iter().any(|(column, _)| column == name));
    row(&[&kept.copied().collect::<Vec<_>>(), changes].concat())
}

/// The row of a user with this name, with these cells changed.
pub(crate) fn row_of(name: &str, changes: &[(&str, &str)]) -> String {
    row(&[&[("user", name), ("arn", &arn(name))], changes].concat())
}

pub(crate) fn report(rows: &[String]) -> Vec<u8> {
    [&[header()], rows].concat().join("\n").into_bytes()
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:iam::123456789012:user/{name}")
}

pub(crate) fn detail(name: &str) -> UserDetail {
    UserDetail {
        name: UserName::listed(name),
        id: format!("AIDA{name}"),
        arn: arn(name),
        path: "/".to_owned(),
        created: at(CREATED),
        tags: UserTags::from_iter([("email".to_owned(), format!("{name}@example.com"))]),
        attached_policies: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()],
        groups: vec!["people".to_owned()],
        boundary: None,
        inline: Grants::default(),
    }
}

pub(crate) fn virtual_device(serial: &str, owner_arn: &str) -> VirtualDevice {
    VirtualDevice {
        serial: Serial::listed(serial),
        owner_arn: owner_arn.to_owned(),
        enabled: Some(at("2026-05-05T05:05:05Z")),
    }
}

/// The snapshot of an account with these users.
pub(crate) fn account(
    report: Vec<u8>,
    users: Vec<UserDetail>,
    virtual_devices: Vec<VirtualDevice>,
) -> AccountSnapshot {
    AccountSnapshot::of(
        BulkAnswers {
            report,
            users,
            permissions: None,
            virtual_devices,
            summary: Some(AccountSummary::default()),
        },
        Partition::Aws,
    )
    .unwrap()
}

/// Alice in the snapshot, with this report.
pub(crate) fn alice_in(report: Vec<u8>) -> UserSnapshot {
    let account = account(report, vec![detail("alice")], Vec::new());
    assert_eq!(account.users.len(), 1);
    account.users.into_iter().next().unwrap()
}

pub(crate) fn alice_with(changes: &[(&str, &str)]) -> UserSnapshot {
    alice_in(report(&[row(changes)]))
}

/// Alice in the snapshot, with a report that does not list alice.
pub(crate) fn not_reported() -> UserSnapshot {
    alice_in(report(&[]))
}

/// The user in the snapshot. The age of the password is known.
pub(crate) fn snapshot_of(user: UserFacts) -> UserSnapshot {
    UserSnapshot { password_latest: user.login_profile_created, user, ..alice_with(&[]) }
}

/// The user, who removed a device this many hours ago. The event was lost.
pub(crate) fn with_removal(user: UserFacts, hours: i64) -> UserFacts {
    let event = EventId::new("0d1f2a3b-0000-4000-8000-000000000003").unwrap();
    let time = now() - SignedDuration::from_hours(hours);
    UserFacts { removal: Some(Removal { event, time, before_deployment: false }), ..user }
}

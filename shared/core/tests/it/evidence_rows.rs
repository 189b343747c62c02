//! The row of one user: devices, password, what is not known, and what is counted of it.

use jiff::Timestamp;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::evidence::{Counts, LookedUp, Row, Seen};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_core::sweep::status_from_snapshot;
use mfa_enforcer_testing::evidence::{Evidence, at, settings_of_the_month};
use mfa_enforcer_testing::fixtures::{KEY_SERIAL, PHONE_SERIAL, days_ago, overdue, with_device};
use rstest::rstest;

const TOKEN_SERIAL: &str = "GAKT12345678";

/// The user as the bulk answers show them.
fn snapshot(user: UserFacts) -> UserSnapshot {
    Evidence::of(settings_of_the_month(&[]), [user]).snapshot(at("20T06:00")).remove(0)
}

fn row(snapshot: &UserSnapshot, looked_up: &LookedUp, before: Option<&Row>) -> Row {
    let (settings, now) = (settings_of_the_month(&[]), at("20T06:00"));
    let status = status_from_snapshot(snapshot, &settings, now);
    let (live, listed) = (looked_up.user(&status.id), looked_up.devices(&status.id));
    Row::of(Seen { snapshot, status: &status, live, listed, before }, &settings, now, now)
}

/// The row of a user who was not looked up.
fn unlisted(snapshot: &UserSnapshot) -> Row {
    row(snapshot, &LookedUp::default(), None)
}

/// The row of a user whose devices were listed.
fn listed(user: &UserFacts) -> Row {
    let mut looked_up = LookedUp::default();
    looked_up.listed(&user.id, &user.devices, at("20T06:00"));
    row(&snapshot(user.clone()), &looked_up, None)
}

#[rstest]
#[case::app(PHONE_SERIAL, [1, 0, 0, 0], [1, 0, 0, 1])]
#[case::key(KEY_SERIAL, [0, 1, 0, 0], [0, 0, 0, 1])]
#[case::token(TOKEN_SERIAL, [0, 0, 1, 0], [0, 0, 0, 1])]
fn devices_are_counted_by_kind_once_they_are_listed(
    #[case] serial: &str,
    #[case] if_listed: [usize; 4],
    #[case] if_not: [usize; 4],
) {
    let user = with_device(overdue(), serial);
    let counted = |row: &Row| {
        let counts = Counts::of([row]);
        [counts.virtual_app, counts.security_key, counts.hardware_token, counts.not_listed]
    };
    assert_eq!(counted(&listed(&user)), if_listed);
    assert_eq!(counted(&unlisted(&snapshot(user))), if_not);
}

/// The snapshot takes the creation of the user where the answer has no date.
#[test]
fn device_without_a_date_has_none_in_its_row() {
    let enrolled = |enabled: Timestamp| {
        let mut user = overdue();
        user.devices.push(MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled });
        unlisted(&snapshot(user)).mfa.devices[0].enrolled
    };
    assert_eq!(enrolled(overdue().created), None);
    assert_eq!(enrolled(days_ago(50)), Some(days_ago(50)));
}

#[test]
fn only_devices_that_no_bulk_answer_shows_are_taken_over() {
    let user = with_device(with_device(overdue(), PHONE_SERIAL), KEY_SERIAL);
    let before = listed(&user);
    let now = row(&snapshot(user), &LookedUp::default(), Some(&before));
    let kinds: Vec<&str> = now.mfa.devices.iter().map(|device| device.kind.as_str()).collect();
    assert_eq!(kinds, ["virtual", "security-key-or-passkey"]);
}

#[test]
fn user_without_devices_is_known_to_have_none_only_from_the_report() {
    let mut user = snapshot(overdue());
    assert_eq!(unlisted(&user).mfa.has, Some(false));
    user.reported = false;
    assert_eq!(unlisted(&user).mfa.has, None);
}

#[test]
fn user_whose_password_or_mfa_is_unknown_counts_as_unknown() {
    let unknown = |row: &Row| Counts::of([row]).unknown;
    let mut user = snapshot(with_device(overdue(), PHONE_SERIAL));
    assert_eq!(unknown(&unlisted(&user)), 0);
    user.reported = false;
    let row = unlisted(&user);
    assert_eq!((row.password.set, row.mfa.has, unknown(&row)), (None, Some(true), 1));
}

#[rstest]
#[case::reported(Some(days_ago(60)), None, Some(days_ago(60)))]
#[case::unreadable(Some(Timestamp::MAX), None, None)]
#[case::newer_than_the_report(Some(days_ago(60)), Some(days_ago(5)), Some(days_ago(5)))]
#[case::made_long_before_it_was_set(Some(days_ago(60)), Some(days_ago(80)), Some(days_ago(60)))]
#[case::unreadable_and_looked_up(Some(Timestamp::MAX), Some(days_ago(5)), Some(days_ago(5)))]
fn password_is_as_old_as_what_is_known_last(
    #[case] reported: Option<Timestamp>,
    #[case] made: Option<Timestamp>,
    #[case] changed: Option<Timestamp>,
) {
    let mut user = snapshot(overdue());
    user.password_latest = reported;
    let mut looked_up = LookedUp::default();
    if made.is_some() {
        looked_up.saw(UserFacts { login_profile_created: made, ..overdue() }, at("20T06:00"));
    }
    let row = row(&user, &looked_up, None);
    assert_eq!(row.password.changed, changed);
    assert_eq!(row.unknown.contains(&"password-changed".to_owned()), changed.is_none());
}

//! The status of a user after a sweep: posture and devices as far as known, findings, and whether messages arrive.

use crate::snapshot_fixtures::{CHANGED, CREATED, alice_with, at, not_reported};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::digest::{Reachable, UserStatus};
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::facts::{Mailbox, Removal, UserFacts};
use mfa_enforcer_core::posture::{Finding, Posture};
use mfa_enforcer_core::rights::{Power, Rights};
use mfa_enforcer_core::snapshot::{Factors, UserSnapshot};
use mfa_enforcer_core::sweep::{set_devices, status_after, status_from_snapshot, wants_factors};
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::digests::{KEY, overdue as overdue_status, with_mfa, without_password};
use mfa_enforcer_testing::fixtures::{
    KEY_SERIAL, PHONE_SERIAL, compliant, contained, days_ago, now, overdue, settings, with_device, with_tag,
};
use rstest::rstest;

#[test]
fn listed_devices_say_more_than_the_report() {
    let mut status = with_mfa("alice", Factors::NotVirtual);
    let key = MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled: days_ago(50) };
    set_devices(&mut status, &[key.clone(), key]);
    assert_eq!((status.factors, status.devices), (KEY, Some(2)));
}

#[test]
fn empty_list_says_nothing() {
    let before = with_mfa("alice", Factors::NotVirtual);
    let mut status = before.clone();
    set_devices(&mut status, &[]);
    assert_eq!(status, before);
}

#[rstest]
#[case::told("", Mailbox::NotLooked, Reachable::Yes)]
#[case::told_in_vain(" unreached", Mailbox::NotLooked, Reachable::NotYet)]
#[case::not_confirmed_yet(" unreached", Mailbox::Unconfirmed, Reachable::NotYet)]
#[case::confirmed_since(" unreached", Mailbox::Confirmed, Reachable::Yes)]
fn confirmed_address_is_reached(#[case] end: &str, #[case] mailbox: Mailbox, #[case] expected: Reachable) {
    let notice = format!("reminder 2026-11-21T09:00:00Z event=earlier{end}");
    let user = UserFacts { mailbox, ..with_tag(overdue(), UserTag::Notified.key(), &notice) };
    assert_eq!(status_after(&user, &alice_with(&[]), &settings(), now()).reachable, expected);
}

#[test]
fn devices_are_listed_only_of_whom_they_are_not_known() {
    let machine = UserStatus { factors: Factors::NotVirtual, ..without_password("machine") };
    let statuses = [
        with_mfa("known", KEY),
        with_mfa("app", Factors::VirtualAtLeast),
        overdue_status("none", 1),
        machine,
        with_mfa("key", Factors::NotVirtual),
    ];
    assert_eq!(wants_factors(&statuses), [1, 4]);
}

#[rstest]
#[case::small(200, 200)]
#[case::large(201, 0)]
fn devices_of_a_large_account_are_not_listed(#[case] with_device: usize, #[case] listed: usize) {
    let users = (0..with_device).map(|_| with_mfa("alice", Factors::NotVirtual));
    // Users without a device or a password cost no call.
    let bare = (0..300).map(|_| overdue_status("bob", 1));
    let machines =
        (0..300).map(|_| UserStatus { factors: Factors::NotVirtual, ..without_password("machine") });
    let statuses: Vec<UserStatus> = users.chain(bare).chain(machines).collect();
    assert_eq!(wants_factors(&statuses), (0..listed).collect::<Vec<_>>());
}

fn in_report(snapshot: &UserSnapshot) -> UserStatus {
    status_from_snapshot(snapshot, &settings(), now())
}

fn looked_up(user: &UserFacts) -> UserStatus {
    status_after(user, &alice_with(&[]), &settings(), now())
}

#[test]
fn report_tells_of_no_device_but_not_how_many_there_are() {
    assert_eq!(in_report(&alice_with(&[])).devices, Some(0));
    assert_eq!(in_report(&alice_with(&[("mfa_active", "true")])).devices, None);
    assert_eq!(in_report(&not_reported()).devices, None);
}

#[test]
fn posture_is_known_only_of_users_in_the_report() {
    assert!(matches!(in_report(&alice_with(&[])).posture, Some(Posture::Overdue { .. })));
    assert_eq!(in_report(&not_reported()).posture, None);
}

#[test]
fn devices_of_a_user_who_was_looked_up_are_counted() {
    assert_eq!(looked_up(&overdue()).devices, Some(0));
    assert_eq!(looked_up(&with_device(compliant(), PHONE_SERIAL)).devices, Some(2));
}

#[rstest]
#[case::set_again(&[], Some(CHANGED))]
#[case::not_known_when(&[("password_last_changed", "N/A")], Some(CREATED))]
#[case::no_password(&[("password_enabled", "false")], None)]
fn password_was_set_when_the_report_says_or_at_the_earliest(
    #[case] cells: &[(&str, &str)],
    #[case] expected: Option<&str>,
) {
    assert_eq!(in_report(&alice_with(cells)).password_set, expected.map(at));
}

const ORDINARY: Rights = Rights { power: Power::Ordinary, is_partly_unread: false, has_boundary: false };
const ADMINISTRATOR: Rights = Rights { power: Power::Everything, ..ORDINARY };

#[rstest]
#[case::administrator(
    overdue(),
    ADMINISTRATOR,
    Some(Finding::AdministratorWithoutMfa { has_boundary: false })
)]
#[case::within_a_boundary(
    overdue(),
    Rights { has_boundary: true, ..ADMINISTRATOR },
    Some(Finding::AdministratorWithoutMfa { has_boundary: true })
)]
#[case::may_be_one(overdue(), Rights { is_partly_unread: true, ..ORDINARY }, Some(Finding::RightsUnknown))]
#[case::is_none(overdue(), ORDINARY, None)]
#[case::contained(contained(overdue()), ADMINISTRATOR, None)]
#[case::has_mfa(compliant(), ADMINISTRATOR, None)]
fn administrator_without_mfa_who_is_free_is_a_finding(
    #[case] user: UserFacts,
    #[case] rights: Rights,
    #[case] expected: Option<Finding>,
) {
    let user = UserFacts { rights: Some(rights), ..user };
    assert_eq!(looked_up(&user).findings, Vec::from_iter(expected));
}

#[rstest]
#[case::before_it(overdue(), true, true)]
#[case::since(overdue(), false, false)]
#[case::has_mfa_again(compliant(), true, false)]
fn removal_before_the_deployment_is_a_finding(
    #[case] user: UserFacts,
    #[case] before_deployment: bool,
    #[case] expected: bool,
) {
    let removal = Removal { event: EventId::new("removal").unwrap(), time: days_ago(3), before_deployment };
    let user = UserFacts { removal: Some(removal), ..user };
    let finding = Finding::MfaRemovedBefore(jiff::civil::date(2026, 11, 21));
    assert_eq!(looked_up(&user).findings, Vec::from_iter(expected.then_some(finding)));
}

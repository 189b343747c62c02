//! The status of a user after a sweep: devices that were listed, and whether messages arrive.

use crate::snapshot_fixtures::alice_with;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::digest::{Reachable, UserStatus};
use mfa_enforcer_core::facts::{Mailbox, UserFacts};
use mfa_enforcer_core::snapshot::Factors;
use mfa_enforcer_core::sweep::{set_devices, status_after, wants_factors};
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::digests::{KEY, overdue as overdue_status, with_mfa, without_password};
use mfa_enforcer_testing::fixtures::{KEY_SERIAL, days_ago, now, overdue, settings, with_tag};
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
    // Whoever has no device or no password takes no call, however many they are.
    let bare = (0..300).map(|_| overdue_status("bob", 1));
    let machines =
        (0..300).map(|_| UserStatus { factors: Factors::NotVirtual, ..without_password("machine") });
    let statuses: Vec<UserStatus> = users.chain(bare).chain(machines).collect();
    assert_eq!(wants_factors(&statuses), (0..listed).collect::<Vec<_>>());
}

//! What a replay remembers: devices, passwords and addresses of users, calls that count later, and what came of events.

use crate::replay_cases::{brief, call, replay, sign_in, snapshot_of, time, until};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::replay::{Entry, Provided, Replay};
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{GROUP, POLICY, contained, user};
use rstest::rstest;
use serde_json::{Value, json};

const END: &str = "2026-11-02T20:00:00Z";
const PHONE: &str = "arn:aws:iam::123456789012:mfa/bobs-phone";
const KEY: &str = "arn:aws:iam::123456789012:u2f/user/bob/key-ABCDEF";

fn taken(records: &[Value]) -> Replay {
    let mut replay = replay();
    for record in records {
        replay.take(&record.to_string()).unwrap();
    }
    replay
}

/// The only user whom these records tell of.
fn bob(records: &[Value]) -> UserFacts {
    let replay = taken(records);
    let users: Vec<&UserFacts> = replay.users().collect();
    let [user] = users[..] else { panic!("{users:?}") };
    user.clone()
}

fn device(name: &str, at: &str, serial: &str) -> Value {
    call(name, at, &json!({"serialNumber": serial}))
}

#[test]
fn device_is_known_once_until_it_is_removed() {
    let records = [
        device("EnableMFADevice", "2026-11-02T08:00:00Z", PHONE),
        device("EnableMFADevice", "2026-11-02T09:00:00Z", KEY),
        device("EnableMFADevice", "2026-11-02T10:00:00Z", PHONE),
        device("DeactivateMFADevice", "2026-11-02T11:00:00Z", PHONE),
    ];
    let serials = |count: usize| -> Vec<String> {
        bob(&records[..count]).devices.iter().map(|device| device.serial.as_str().to_owned()).collect()
    };
    assert_eq!(serials(2), [PHONE, KEY]);
    assert_eq!(serials(3), [KEY, PHONE]);
    assert_eq!(serials(4), [KEY]);
}

#[test]
fn password_is_there_until_it_is_deleted() {
    let records = [
        call("CreateUser", "2026-11-02T08:00:00Z", &json!({})),
        call("CreateLoginProfile", "2026-11-02T09:00:00Z", &json!({})),
        call("DeleteLoginProfile", "2026-11-02T10:00:00Z", &json!({})),
    ];
    assert_eq!(bob(&records[..2]).login_profile_created, Some(time("2026-11-02T09:00:00Z")));
    assert_eq!(bob(&records).login_profile_created, None);
}

#[rstest]
#[case::by_the_user("ChangePassword", false)]
#[case::by_somebody("UpdateLoginProfile", false)]
#[case::of_something_else("TagUser", true)]
fn who_changes_a_password_has_one(#[case] name: &str, #[case] is_in_doubt: bool) {
    let records = [
        call(name, "2026-11-02T08:00:00Z", &json!({})),
        device("DeactivateMFADevice", "2026-11-02T09:00:00Z", PHONE),
    ];
    let entries = until(replay(), &records, END);
    assert_eq!(entries[0].provided.contains(&Provided::HasPassword), is_in_doubt, "{entries:?}");
}

#[rstest]
#[case("yes", Some("somebody@example.com"))]
#[case("not-yet", Some("somebody@example.com"))]
#[case("no-address", None)]
fn address_is_known_if_the_plan_reaches_it(#[case] reachable: &str, #[case] address: Option<&str>) {
    let replay = replay().with_snapshot(&snapshot_of(&json!({}), reachable));
    let users: Vec<&UserFacts> = replay.users().collect();
    assert_eq!(users[0].tags.get("email"), address);
}

#[test]
fn events_after_which_nothing_was_to_be_done_are_counted() {
    let records = [
        call("CreateUser", "2026-11-01T09:00:00Z", &json!({})),
        call("CreateLoginProfile", "2026-11-01T09:00:30Z", &json!({})),
        sign_in("2026-11-02T08:00:00Z", "No"),
        sign_in("2026-11-02T09:00:00Z", "No"),
    ];
    let mut replay = taken(&records);
    replay.finish(time(END));
    // The welcome was something.
    assert_eq!(brief(&replay.entries()), ["01 09:02 CreateLoginProfile told welcome"]);
    let nothing: Vec<(&str, u64)> = replay.tally().nothing.into_iter().collect();
    assert_eq!(nothing, [("password-event-follows", 1), ("reminded-today", 2)]);
}

/// What comes of a device for bob, who was put under a quarantine. Since then these calls were made, and all notes on
/// the user were removed.
fn enrolled_after(records: &[Value]) -> Entry {
    let keys = [UserTag::Quarantined, UserTag::Notified].map(UserTag::key);
    let records = [
        &[sign_in("2026-11-02T08:00:00Z", "No")],
        records,
        &[
            call("UntagUser", "2026-11-02T12:00:00Z", &json!({"tagKeys": keys})),
            device("EnableMFADevice", "2026-11-02T14:00:00Z", PHONE),
        ],
    ]
    .concat();
    let replay = replay().without_events(time("2026-11-02T12:00:00Z"), time("2026-11-02T12:01:00Z"));
    let mut entries = until(replay, &records, "2026-11-02T15:00:00Z");
    entries.pop().unwrap()
}

#[test]
fn quarantine_stays_if_somebody_attached_it_too() {
    let reason = |records: &[Value]| enrolled_after(records).reason;
    assert_eq!(reason(&[]), "mfa-enrolled");
    let at = "2026-11-02T10:00:00Z";
    assert_eq!(reason(&[call("AttachUserPolicy", at, &json!({"policyArn": POLICY}))]), "quarantined-by-hand");
    assert_eq!(reason(&[call("AddUserToGroup", at, &json!({"groupName": GROUP}))]), "quarantined-by-hand");
    let other = json!({"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"});
    assert_eq!(reason(&[call("AttachUserPolicy", at, &other)]), "mfa-enrolled");
}

/// Somebody quarantined bob before, which an event found out, and took that back.
#[test]
fn each_event_looks_up_the_owner_again() {
    let policy = json!({"policyArn": POLICY});
    let keys = [UserTag::Quarantined, UserTag::Notified].map(UserTag::key);
    let records = [
        sign_in("2026-11-02T05:00:00Z", "Yes"),
        call("AttachUserPolicy", "2026-11-02T06:00:00Z", &policy),
        device("DeactivateMFADevice", "2026-11-02T06:30:00Z", PHONE),
        call("DetachUserPolicy", "2026-11-02T07:00:00Z", &policy),
        sign_in("2026-11-02T08:00:00Z", "No"),
        call("UntagUser", "2026-11-02T12:00:00Z", &json!({"tagKeys": keys})),
        device("EnableMFADevice", "2026-11-02T14:00:00Z", PHONE),
    ];
    let replay = replay().without_events(time("2026-11-02T12:00:00Z"), time("2026-11-02T12:01:00Z"));
    let expected = [
        "02 06:32 DeactivateMFADevice told quarantined-by-hand",
        "02 08:02 ConsoleLogin contained quarantined",
        "02 14:02 EnableMFADevice released enrolment-alert+released",
    ];
    assert_eq!(brief(&until(replay, &records, "2026-11-02T15:00:00Z")), expected);
}

#[rstest]
#[case::somebody_else(false, Some("24 11:07 Sweep released released"))]
#[case::the_user(true, None)]
fn sweep_learns_from_the_history_who_exempted_a_user(#[case] is_own: bool, #[case] released: Option<&str>) {
    let tags = json!({"tags": [{"key": "mfa-enforcer:exempt-until", "value": "2026-12-31 TICKET-7"}]});
    let at = "2026-11-24T10:00:00Z";
    let mut exempting = call("TagUser", at, &tags);
    if is_own {
        exempting["userIdentity"] = sign_in(at, "No")["userIdentity"].take();
    }
    let replay = replay()
        .with_users([contained(user("bob"))], time("2026-11-24T08:00:00Z"))
        .without_events(time(at), time("2026-11-24T10:01:00Z"));
    let entries = brief(&until(replay, &[exempting], "2026-11-24T13:00:00Z"));
    let expected: Vec<&str> =
        ["24 08:00 Sweep told quarantine-reminder"].into_iter().chain(released).collect();
    assert_eq!(entries, expected);
}

/// The user was exempt when they removed their device, and no hourly sweep looks back that far.
#[test]
fn daily_sweep_finds_removals_since_the_last_one() {
    let exempt = json!({"tags": [{"key": "mfa-enforcer:exempt-until", "value": "2026-11-02 TICKET-7"}]});
    let records = [
        call("CreateUser", "2026-11-01T05:00:00Z", &exempt),
        call("CreateLoginProfile", "2026-11-01T05:00:30Z", &json!({})),
        device("EnableMFADevice", "2026-11-01T08:00:00Z", PHONE),
        device("DeactivateMFADevice", "2026-11-02T08:00:00Z", PHONE),
    ];
    let entries = brief(&until(replay(), &records, "2026-11-03T09:00:00Z"));
    let contained: Vec<&String> = entries.iter().filter(|entry| entry.contains(" contained ")).collect();
    assert_eq!(contained, ["03 06:00 Sweep contained quarantined"], "{entries:#?}");
}

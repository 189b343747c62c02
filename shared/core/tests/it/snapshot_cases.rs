//! Joining the bulk answers: which users exist, and which rows and devices belong to whom.

use crate::snapshot_fixtures::{
    CHANGED, CREATED, SIGNED_IN, account, alice_with, arn, at, detail, header, not_reported, report, row,
    row_of, virtual_device,
};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{EventId, UserName};
use mfa_enforcer_core::exemption::ExemptedBy;
use mfa_enforcer_core::facts::{Removal, UserFacts};
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::rights::{Power, Rights};
use mfa_enforcer_core::snapshot::{
    AccountSnapshot, BulkAnswers, Factors, LastUse, UNLISTED_SERIAL, UserDetail, UserSnapshot, VirtualDevice,
};
use mfa_enforcer_testing::fixtures::{KEY_SERIAL, PHONE_SERIAL, overdue, with_device};
use proptest::prelude::*;
use rstest::rstest;

/// Alice with a virtual device, with these cells of the row changed.
fn alice_with_phone(changes: &[(&str, &str)]) -> UserSnapshot {
    let devices = vec![virtual_device(PHONE_SERIAL, &arn("alice"))];
    account(report(&[row(changes)]), vec![detail("alice")], devices).users.remove(0)
}

#[test]
fn user_joins_all_bulk_answers() {
    let snapshot = alice_with(&[]);
    assert!(snapshot.reported);
    assert_eq!(snapshot.password_latest, Some(at(CHANGED)));
    assert_eq!(snapshot.last_sign_in, LastUse::At(at(SIGNED_IN)));
    assert_eq!(snapshot.factors, Factors::None);
    let user = snapshot.user;
    assert_eq!(user.name, UserName::listed("alice"));
    assert_eq!((user.id.as_str(), user.path.as_str()), ("AIDAalice", "/"));
    assert_eq!(user.tags.get("email"), Some("alice@example.com"));
    assert_eq!(user.attached_policies, ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    assert_eq!(user.groups, ["people"]);
    assert_eq!(user.login_profile_created, Some(at(CREATED)), "not before the user");
    assert_eq!(user.password_used, Some(at(SIGNED_IN)));
    assert!(user.devices.is_empty());
}

#[test]
fn user_newer_than_report_is_unreported() {
    let devices = vec![virtual_device(PHONE_SERIAL, &arn("bob"))];
    let account = account(report(&[row(&[])]), ["alice", "bob", "carol"].map(detail).to_vec(), devices);
    let [_, bob, carol] = &account.users[..] else { panic!("three users") };
    for new in [bob, carol] {
        assert!(!new.reported);
        assert_eq!((new.user.login_profile_created, new.password_latest), (None, None));
        assert_eq!(new.last_sign_in, LastUse::Unknown);
    }
    assert_eq!(bob.factors, Factors::VirtualAtLeast, "the list of devices is fresh");
    assert_eq!(bob.user.devices[0].serial.as_str(), PHONE_SERIAL);
    assert_eq!(carol.factors, Factors::None);
    assert!(carol.user.devices.is_empty());
}

#[test]
fn user_deleted_since_report_is_gone() {
    let account = account(report(&[row_of("bob", &[]), row(&[])]), vec![detail("alice")], Vec::new());
    assert_eq!(account.users, [alice_with(&[])]);
}

#[test]
fn renamed_user_is_unreported() {
    // Bob was renamed to carol. The row has the old name and the old ARN.
    let account = account(report(&[row_of("bob", &[])]), vec![detail("carol")], Vec::new());
    assert!(!account.users[0].reported);
}

#[test]
fn user_moved_to_another_path_is_unreported() {
    let moved = UserDetail { arn: arn("engineering/alice"), ..detail("alice") };
    let account = account(report(&[row(&[])]), vec![moved], Vec::new());
    assert!(!account.users[0].reported);
}

#[rstest]
#[case(-3600, false)]
#[case(-2, false)]
#[case(-1, true)]
#[case(0, true)]
#[case(1, true)]
#[case(2, false)]
#[case(3600, false)]
fn row_of_earlier_namesake_does_not_count(#[case] seconds: i64, #[case] same: bool) {
    let created = at(CREATED) + SignedDuration::from_secs(seconds);
    let account = account(
        report(&[row(&[("mfa_active", "true")])]),
        vec![UserDetail { created, ..detail("alice") }],
        Vec::new(),
    );
    let alice = &account.users[0];
    assert_eq!(alice.reported, same);
    assert_eq!(alice.factors, if same { Factors::NotVirtual } else { Factors::None });
    assert_eq!(alice.user.login_profile_created, same.then_some(created), "the time in the fresh answer");
}

#[test]
fn thousands_of_rows_find_their_users() {
    // IAM allows 5,000 users per account.
    let names: Vec<String> = (0..5_000).map(|number| format!("user-{number}")).collect();
    let yes_no = |yes| if yes { "true" } else { "false" };
    let rows: Vec<String> = names
        .iter()
        .enumerate()
        .rev()
        .map(|(number, name)| {
            row_of(
                name,
                &[("mfa_active", yes_no(number % 2 == 0)), ("password_enabled", yes_no(number % 3 == 0))],
            )
        })
        .collect();
    let devices = names.iter().step_by(5).map(|name| virtual_device(name, &arn(name))).collect();
    let account = account(report(&rows), names.iter().map(|name| detail(name)).collect(), devices);
    assert_eq!(account.users.len(), 5_000);
    for (number, (snapshot, name)) in account.users.iter().zip(&names).enumerate() {
        assert_eq!(snapshot.user.name.as_str(), name);
        assert_eq!(snapshot.user.login_profile_created.is_some(), number % 3 == 0, "{name}");
        let serials: Vec<&str> = snapshot.user.devices.iter().map(|device| device.serial.as_str()).collect();
        let expected = match (number % 5 == 0, number % 2 == 0) {
            (true, _) => vec![name.as_str()],
            (false, true) => vec![UNLISTED_SERIAL],
            (false, false) => vec![],
        };
        assert_eq!(serials, expected, "{name}");
    }
}

#[test]
fn device_known_only_to_report_counts() {
    let snapshot = alice_with(&[("mfa_active", "true")]);
    assert_eq!(snapshot.factors, Factors::NotVirtual);
    let devices = &snapshot.user.devices;
    assert_eq!(*devices, [MfaDevice { serial: Serial::listed(UNLISTED_SERIAL), enabled: at(CREATED) }]);
    assert_eq!(Serial::new(UNLISTED_SERIAL), None, "no real device can have it");
}

#[rstest]
#[case::as_reported("true")]
#[case::enrolled_since_the_report("false")]
fn virtual_device_counts_despite_the_report(#[case] mfa_active: &str) {
    let snapshot = alice_with_phone(&[("mfa_active", mfa_active)]);
    assert_eq!(snapshot.factors, Factors::VirtualAtLeast);
    let enabled = at("2026-05-05T05:05:05Z");
    assert_eq!(snapshot.user.devices, [MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled }]);
}

#[test]
fn undated_device_is_as_old_as_its_user() {
    let device = VirtualDevice { enabled: None, ..virtual_device(PHONE_SERIAL, &arn("alice")) };
    let account = account(report(&[row(&[])]), vec![detail("alice")], vec![device]);
    assert_eq!(account.users[0].user.devices[0].enabled, at(CREATED));
}

#[test]
fn device_belongs_to_owner_not_namesake() {
    let devices = vec![
        virtual_device("arn:aws:iam::123456789012:mfa/alice", &arn("bob")),
        virtual_device("arn:aws:iam::123456789012:mfa/tablet", &arn("bob")),
        virtual_device("arn:aws:iam::123456789012:mfa/left-over", &arn("somebody-gone")),
    ];
    let rows = [row(&[]), row_of("bob", &[("mfa_active", "true")])];
    let account = account(report(&rows), ["alice", "bob"].map(detail).to_vec(), devices);
    assert!(account.users[0].user.devices.is_empty());
    assert_eq!(account.users[1].user.devices.len(), 2);
}

#[test]
fn user_who_is_looked_up_is_known_for_certain() {
    let mut seen = not_reported();
    let event = EventId::new("removal").unwrap();
    seen.user.removal = Some(Removal { event, time: at(SIGNED_IN), before_deployment: false });
    seen.user.exempted_by = ExemptedBy { read: Some(at(SIGNED_IN)), ..ExemptedBy::default() };
    seen.user.rights = Some(Rights { power: Power::Ordinary, is_partly_unread: true, has_boundary: false });
    let live = with_device(UserFacts { login_profile_created: Some(at(CHANGED)), ..overdue() }, KEY_SERIAL);
    let known = seen.looked_up(live.clone());
    assert!(known.reported);
    assert_eq!(known.password_latest, Some(at(CHANGED)));
    assert_eq!(known.factors, Factors::of(&live.devices));
    // No look at a single user tells these.
    let UserFacts { removal, exempted_by, rights, .. } = seen.user;
    assert_eq!(known.user, UserFacts { removal, exempted_by, rights, ..live });
    assert_eq!(known.arn, seen.arn);
}

#[rstest]
#[case(&[], "none", None)]
#[case(&[PHONE_SERIAL], "app", Some(true))]
#[case(&[KEY_SERIAL], "key", Some(false))]
#[case(&["GAKT12345678"], "token", Some(true))]
#[case(&[PHONE_SERIAL, PHONE_SERIAL], "app", Some(true))]
#[case(&[PHONE_SERIAL, KEY_SERIAL], "app+key", Some(false))]
#[case(&["GAKT12345678", PHONE_SERIAL], "app+token", Some(true))]
#[case(&[KEY_SERIAL, "GAKT12345678"], "key+token", Some(false))]
#[case(&[KEY_SERIAL, "GAKT12345678", PHONE_SERIAL], "app+key+token", Some(false))]
fn listed_devices_tell_every_kind(#[case] serials: &[&str], #[case] code: &str, #[case] weak: Option<bool>) {
    let device = |serial: &&str| MfaDevice { serial: Serial::listed(serial), enabled: at(CREATED) };
    let factors = Factors::of(&serials.iter().map(device).collect::<Vec<_>>());
    assert_eq!((factors.code(), factors.weak()), (code, weak));
    assert_eq!(factors.is_none(), serials.is_empty());
}

#[rstest]
#[case(Factors::VirtualAtLeast, "app-at-least", false)]
#[case(Factors::NotVirtual, "key-or-token", false)]
#[case(Factors::Known { virtual_app: false, security_key: false, hardware_token: false }, "none", true)]
fn unlisted_factors_are_not_called_weak(#[case] factors: Factors, #[case] code: &str, #[case] none: bool) {
    assert_eq!((factors.code(), factors.is_none(), factors.weak()), (code, none, None));
}

/// Cells that occur in reports, and some that should not.
fn any_cell() -> impl Strategy<Value = Vec<u8>> {
    let known =
        ["true", "FALSE", "N/A", "no_information", "not_supported", "", CREATED, SIGNED_IN, "<root_account>"];
    prop_oneof![
        4 => prop::sample::select(known.to_vec()).prop_map(|cell| cell.as_bytes().to_vec()),
        2 => prop::sample::select(vec!["a", "b", "c"]).prop_map(|name| arn(name).into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #[test]
    fn any_report_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let answers = BulkAnswers { report: bytes, users: vec![detail("alice")], ..BulkAnswers::default() };
        if let Ok(account) = AccountSnapshot::of(answers, Partition::Aws) {
            prop_assert_eq!(account.users.len(), 1);
        }
    }

    #[test]
    fn any_rows_keep_every_user_in_order(
        rows in prop::collection::vec(prop::collection::vec(any_cell(), 20..24), 0..8),
        names in prop::collection::vec("[a-d]", 0..6),
        owners in prop::collection::vec("[a-d]", 0..6),
    ) {
        let mut bytes = header().into_bytes();
        for row in rows {
            bytes.push(b'\n');
            bytes.extend(row.join(&b','));
        }
        let devices = owners.iter().map(|owner| virtual_device(PHONE_SERIAL, &arn(owner))).collect();
        let account = account(bytes, names.iter().map(|name| detail(name)).collect(), devices);
        let seen: Vec<&str> = account.users.iter().map(|user| user.user.name.as_str()).collect();
        prop_assert_eq!(seen, names);
        for snapshot in &account.users {
            prop_assert_eq!(snapshot.factors.is_none(), snapshot.user.devices.is_empty());
            prop_assert_eq!(snapshot.user.login_profile_created.is_some(), snapshot.password_latest.is_some());
            prop_assert!(snapshot.password_latest >= snapshot.user.login_profile_created);
            prop_assert!(snapshot.reported || snapshot.password_latest.is_none());
        }
    }

    #[test]
    fn well_formed_row_is_always_understood(
        password: bool,
        mfa: bool,
        created in -10_000_000_000_i64..100_000_000_000,
        changed in -10_000_000_000_i64..100_000_000_000,
    ) {
        let created = Timestamp::from_second(created).unwrap();
        let changed = Timestamp::from_second(changed).unwrap();
        let cells = [
            ("user_creation_time", created.to_string()),
            ("password_enabled", password.to_string()),
            ("password_last_changed", changed.to_string()),
            ("mfa_active", mfa.to_string()),
        ];
        let cells: Vec<(&str, &str)> = cells.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let user = UserDetail { created, ..detail("alice") };
        let account = account(report(&[row(&cells)]), vec![user], Vec::new());
        let alice = &account.users[0];
        prop_assert!(alice.reported);
        prop_assert_eq!(alice.password_latest, password.then_some(changed.max(created)));
        prop_assert_eq!(alice.factors, if mfa { Factors::NotVirtual } else { Factors::None });
    }
}

//! The status of root: MFA, access keys and last use.

use crate::snapshot_fixtures::{
    ROOT_ARN, SIGNED_IN, alice_in, alice_with, arn, at, detail, report, root_row, row, virtual_device,
};
use mfa_enforcer_core::decide::sweep_root;
use mfa_enforcer_core::digest::UserStatus;
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::snapshot::{
    AccountSnapshot, AccountSummary, BulkAnswers, Factors, LastUse, RootMfa, RootStatus, VirtualDevice,
};
use mfa_enforcer_core::sweep::root_devices;
use mfa_enforcer_testing::digests::with_mfa;
use mfa_enforcer_testing::fixtures::{request, settings};
use rstest::rstest;
use strum::IntoEnumIterator;

/// The summary of a root with MFA and a password, and without access keys.
const PROTECTED: AccountSummary = AccountSummary {
    root_mfa: true,
    root_access_keys: false,
    root_password: Some(true),
    devices_in_use: None,
};

fn root(
    summary: impl Into<Option<AccountSummary>>,
    rows: &[String],
    virtual_devices: Vec<VirtualDevice>,
) -> RootStatus {
    root_in(Partition::Aws, summary, rows, virtual_devices)
}

fn root_in(
    partition: Partition,
    summary: impl Into<Option<AccountSummary>>,
    rows: &[String],
    virtual_devices: Vec<VirtualDevice>,
) -> RootStatus {
    let summary = summary.into();
    let answers = BulkAnswers {
        report: report(rows),
        users: vec![detail("alice")],
        permissions: None,
        virtual_devices,
        summary,
    };
    AccountSnapshot::of(answers, partition).unwrap().root
}

#[test]
fn root_without_mfa_is_missing() {
    let summary = AccountSummary { root_mfa: false, ..PROTECTED };
    let rows = [root_row(&[("mfa_active", "true")])];
    let device = virtual_device("arn:aws:iam::123456789012:mfa/root", ROOT_ARN);
    assert_eq!(root(summary, &rows, vec![device]).mfa, RootMfa::Missing, "the summary has the last word");
}

#[rstest]
#[case("arn:aws:iam::123456789012:root", RootMfa::VirtualPresent)]
#[case("arn:aws-cn:iam::123456789012:root", RootMfa::VirtualPresent)]
#[case("arn:aws-us-gov:iam::123456789012:root", RootMfa::VirtualPresent)]
#[case("arn:aws:iam::123456789012:user/root", RootMfa::NonVirtualOnly)]
#[case("arn:aws:iam::123456789012:user/x:root", RootMfa::NonVirtualOnly)]
#[case("arn:aws:iam::123456789012:root:root", RootMfa::NonVirtualOnly)]
#[case("arn:aws:iam::123456789012:root ", RootMfa::NonVirtualOnly)]
#[case("arn:aws:iam::12345678901:root", RootMfa::NonVirtualOnly)]
#[case("arn:aws:iam::12345678901x:root", RootMfa::NonVirtualOnly)]
#[case("arn:aws:iam:us-east-1:123456789012:root", RootMfa::NonVirtualOnly)]
#[case("arn:aws:sts::123456789012:root", RootMfa::NonVirtualOnly)]
#[case("arn::iam::123456789012:root", RootMfa::NonVirtualOnly)]
#[case("root", RootMfa::NonVirtualOnly)]
#[case("", RootMfa::NonVirtualOnly)]
fn virtual_device_is_roots_by_owner_arn(#[case] owner: &str, #[case] mfa: RootMfa) {
    let device = virtual_device("arn:aws:iam::123456789012:mfa/anything", owner);
    assert_eq!(root(PROTECTED, &[root_row(&[])], vec![device]).mfa, mfa);
}

#[test]
fn device_named_like_roots_is_the_users() {
    let device = virtual_device("arn:aws:iam::123456789012:mfa/root-account-mfa-device", &arn("alice"));
    let answers = BulkAnswers {
        report: report(&[root_row(&[]), row(&[])]),
        users: vec![detail("alice")],
        permissions: None,
        virtual_devices: vec![device],
        summary: Some(PROTECTED),
    };
    let account = AccountSnapshot::of(answers, Partition::Aws).unwrap();
    assert_eq!(account.root.mfa, RootMfa::NonVirtualOnly);
    assert_eq!(account.users[0].factors, Factors::VirtualAtLeast);
}

#[test]
fn root_mfa_newer_than_report_counts() {
    let rows = [root_row(&[("mfa_active", "false")])];
    let device = virtual_device("arn:aws:iam::123456789012:mfa/root", ROOT_ARN);
    assert_eq!(root(PROTECTED, &rows, vec![device]).mfa, RootMfa::VirtualPresent);
    assert_eq!(root(PROTECTED, &rows, Vec::new()).mfa, RootMfa::NonVirtualOnly);
}

#[rstest]
#[case::no_password(Some(false), false, &[], RootMfa::NoCredentials)]
#[case::password(Some(true), false, &[], RootMfa::Missing)]
#[case::password_unknown(None, false, &[], RootMfa::Missing)]
#[case::key_in_the_summary(Some(false), true, &[], RootMfa::Missing)]
#[case::first_key_in_the_report(Some(false), false, &[("access_key_1_active", "true")], RootMfa::Missing)]
#[case::second_key_in_the_report(Some(false), false, &[("access_key_2_active", "TRUE")], RootMfa::Missing)]
fn root_without_credentials_needs_no_mfa(
    #[case] root_password: Option<bool>,
    #[case] root_access_keys: bool,
    #[case] cells: &[(&str, &str)],
    #[case] mfa: RootMfa,
) {
    let summary = AccountSummary { root_mfa: false, root_access_keys, root_password, devices_in_use: None };
    let status = root(summary, &[root_row(cells)], Vec::new());
    assert_eq!(status.mfa, mfa);
    assert_eq!(status.access_keys, root_access_keys || !cells.is_empty());
}

#[test]
fn missing_root_row_falls_back_to_summary() {
    // An emulator's report has no such row.
    let summary = AccountSummary { root_password: Some(false), ..PROTECTED };
    let expected = RootStatus {
        mfa: RootMfa::NoCredentials,
        access_keys: false,
        last_used: LastUse::Unknown,
        devices: None,
    };
    assert_eq!(root(summary, &[row(&[])], Vec::new()), expected);
    assert_eq!(root(summary, &[format!("{},more", root_row(&[]))], Vec::new()), expected, "a broken row");
}

#[rstest]
#[case::no_key(&[], false)]
#[case::key_in_the_report(&[("access_key_2_active", "true")], true)]
fn root_mfa_is_unknown_without_a_summary(#[case] cells: &[(&str, &str)], #[case] access_keys: bool) {
    let used =
        [&[("mfa_active", "true"), ("password_last_used", "2026-11-01T08:00:00+00:00")], cells].concat();
    let device = virtual_device("arn:aws:iam::123456789012:mfa/root", ROOT_ARN);
    let expected = RootStatus {
        mfa: RootMfa::Unknown,
        access_keys,
        last_used: LastUse::At(at(SIGNED_IN)),
        devices: None,
    };
    assert_eq!(root(None, &[root_row(&used)], vec![device]), expected);
    let nothing = RootStatus { access_keys: false, last_used: LastUse::Unknown, ..expected };
    assert_eq!(root(None, &[row(&[])], Vec::new()), nothing);
}

#[rstest]
#[case(Partition::China, RootMfa::NotThere)]
#[case(Partition::GovCloud, RootMfa::NoConsole)]
fn root_that_cannot_have_mfa_is_not_missing(#[case] partition: Partition, #[case] mfa: RootMfa) {
    let summaries = [
        Some(AccountSummary::default()),
        Some(AccountSummary { root_password: Some(false), ..AccountSummary::default() }),
        Some(PROTECTED),
        None,
    ];
    for summary in summaries {
        assert_eq!(root_in(partition, summary, &[root_row(&[])], Vec::new()).mfa, mfa, "{summary:?}");
    }
    let keys = AccountSummary { root_access_keys: true, ..AccountSummary::default() };
    assert!(root_in(partition, keys, &[], Vec::new()).access_keys, "worth a line");
}

#[test]
fn devices_that_are_no_users_are_roots() {
    let [one, two, none] = [("alice", 1), ("bob", 2), ("carol", 0)]
        .map(|(name, devices)| UserStatus { devices: Some(devices), ..with_mfa(name, Factors::NotVirtual) });
    let not_listed = UserStatus { devices: None, ..none.clone() };
    let key = RootMfa::NonVirtualOnly;
    assert_eq!(root_devices(key, Some(4), &[one.clone(), two.clone(), none]), Some(1));
    assert_eq!(root_devices(RootMfa::VirtualPresent, Some(5), &[one.clone(), two.clone()]), Some(2));
    assert_eq!(
        root_devices(key, Some(4), &[one.clone(), not_listed]),
        None,
        "a user's devices are not known"
    );
    assert_eq!(root_devices(key, None, std::slice::from_ref(&one)), None);
    for in_use in [0, 3] {
        assert_eq!(
            root_devices(key, Some(in_use), &[one.clone(), two.clone()]),
            None,
            "root has at least one"
        );
    }
    assert_eq!(root_devices(RootMfa::Missing, Some(4), &[one, two]), None);
}

#[test]
fn only_known_missing_root_mfa_alerts() {
    for mfa in RootMfa::iter() {
        let plan = sweep_root(&request(), mfa, &RootLedger::Told(Vec::new()), &settings());
        assert_eq!(plan.steps.is_empty(), mfa != RootMfa::Missing, "{mfa:?}");
    }
}

#[test]
fn root_row_may_be_anywhere_and_is_not_a_user() {
    let used = root_row(&[("password_last_used", "2026-11-01T08:00:00+00:00")]);
    for rows in [[used.clone(), row(&[])], [row(&[]), used]] {
        assert_eq!(root(PROTECTED, &rows, Vec::new()).last_used, LastUse::At(at(SIGNED_IN)));
        assert_eq!(alice_in(report(&rows)), alice_with(&[]));
    }
}

#[rstest]
#[case::password("2026-11-01T08:00:00Z", "2026-10-01T00:00:00Z", "N/A", LastUse::At(at(SIGNED_IN)))]
#[case::first_key("2025-01-01T00:00:00Z", "2026-11-01T08:00:00Z", "N/A", LastUse::At(at(SIGNED_IN)))]
#[case::second_key("no_information", "N/A", "2026-11-01T08:00:00+00:00", LastUse::At(at(SIGNED_IN)))]
#[case::beside_rubbish("rubbish", "2026-11-01T08:00:00Z", "", LastUse::At(at(SIGNED_IN)))]
#[case::never("no_information", "N/A", "no_information", LastUse::Never)]
#[case::password_unknown("not_supported", "N/A", "N/A", LastUse::Unknown)]
#[case::no_password("N/A", "N/A", "N/A", LastUse::Unknown)]
#[case::first_key_unknown("no_information", "", "N/A", LastUse::Unknown)]
#[case::second_key_unknown("no_information", "N/A", "rubbish", LastUse::Unknown)]
fn latest_credential_use_is_roots_last_use(
    #[case] password: &str,
    #[case] key_1: &str,
    #[case] key_2: &str,
    #[case] expected: LastUse,
) {
    let cells = [
        ("password_last_used", password),
        ("access_key_1_last_used_date", key_1),
        ("access_key_2_last_used_date", key_2),
    ];
    assert_eq!(root(PROTECTED, &[root_row(&cells)], Vec::new()).last_used, expected);
}

#[test]
fn missing_key_use_columns_are_tolerated() {
    let text = String::from_utf8(report(&[root_row(&[]), row(&[])])).unwrap();
    let text = text.replace("last_used_date", "something_else");
    let answers = BulkAnswers {
        report: text.into_bytes(),
        users: vec![detail("alice")],
        permissions: None,
        virtual_devices: Vec::new(),
        summary: Some(PROTECTED),
    };
    let account = AccountSnapshot::of(answers, Partition::Aws).unwrap();
    let mut alice = alice_with(&[]);
    alice.access_keys[0].used = LastUse::Unknown;
    assert_eq!(account.users, [alice]);
    assert_eq!(account.root.last_used, LastUse::Unknown, "`no_information` is about the password only");
}

//! The credential report in every form that AWS sends, and in some that it should not send.

use crate::snapshot_fixtures::{
    ALICE, CHANGED, CREATED, SIGNED_IN, account, alice_in, alice_with, at, detail, header, not_reported,
    report, row, row_of,
};
use jiff::Timestamp;
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::snapshot::{AccountSnapshot, BulkAnswers, LastUse, ReportError, ReportedKey};
use rstest::rstest;

fn error_of(report: &[u8]) -> ReportError {
    AccountSnapshot::of(BulkAnswers { report: report.to_vec(), ..BulkAnswers::default() }, Partition::Aws)
        .unwrap_err()
}

#[test]
fn columns_are_found_in_any_order() {
    let mut columns = ALICE;
    columns.reverse();
    let lines = [columns.map(|(name, _)| name).join(","), columns.map(|(_, value)| value).join(",")];
    assert_eq!(alice_in(lines.join("\n").into_bytes()), alice_with(&[]));
}

#[test]
fn unknown_columns_are_skipped() {
    let text = format!("new_column,{},another\nx,{},\"y, z\"\n", header(), row(&[]));
    assert_eq!(alice_in(text.into_bytes()), alice_with(&[]));
}

#[test]
fn more_than_two_keys_change_nothing() {
    let more = "\"[{\"\"type\"\": \"\"access_key\"\", \"\"active\"\": true}]\"";
    let rows = [row(&[("additional_credentials_info", more)])];
    assert_eq!(alice_in(report(&rows)), alice_with(&[]));
    // Reports of before 2026 do not have the column.
    let older = |line: String| line.rsplit_once(',').unwrap().0.to_owned();
    let text = format!("{}\n{}\n", older(header()), older(row(&[])));
    assert_eq!(alice_in(text.into_bytes()), alice_with(&[]));
}

#[test]
fn access_keys_are_read_as_the_report_has_them() {
    let used = ("access_key_1_last_used_date", "2026-11-20T05:00:00+00:00");
    let revoked = ("access_key_2_last_rotated", "2026-03-03T03:03:03+00:00");
    let first = ReportedKey {
        number: 1,
        active: true,
        rotated: Some(at(CREATED)),
        used: LastUse::At(at("2026-11-20T05:00:00Z")),
    };
    let second = ReportedKey {
        number: 2,
        active: false,
        rotated: Some(at("2026-03-03T03:03:03Z")),
        used: LastUse::Never,
    };
    assert_eq!(alice_with(&[used]).access_keys, [first]);
    assert_eq!(alice_with(&[used, revoked]).access_keys, [first, second]);
    let none = [("access_key_1_active", "false"), ("access_key_1_last_rotated", "N/A")];
    assert_eq!(alice_with(&none).access_keys, []);
    assert_eq!(not_reported().access_keys, []);
}

#[rstest]
#[case::windows_lines(format!("{}\r\n{}\r\n", header(), row(&[])))]
#[case::byte_order_mark(format!("\u{feff}{}\n{}\n", header(), row(&[])))]
#[case::no_last_newline(format!("{}\n{}", header(), row(&[])))]
#[case::empty_lines(format!("{}\n\n{}\n\n", header(), row(&[])))]
#[case::capital_header(format!("{}\n{}\n", header().to_uppercase(), row(&[])))]
#[case::spaces(format!("{}\n{}\n", header().replace(',', " , "), row(&[]).replace(',', " , ")))]
#[case::quotes(format!(
    "\"{}\"\n\"{}\"\n", header().replace(',', "\",\""), row(&[]).replace(',', "\",\"")
))]
fn other_csv_styles_are_read(#[case] text: String) {
    assert_eq!(alice_in(text.into_bytes()), alice_with(&[]));
}

#[rstest]
#[case("user")]
#[case("arn")]
#[case("user_creation_time")]
#[case("password_enabled")]
#[case("password_last_used")]
#[case("password_last_changed")]
#[case("mfa_active")]
#[case("access_key_1_active")]
#[case("access_key_2_active")]
fn missing_column_is_named(#[case] missing: &'static str) {
    let columns = ALICE.map(|(name, _)| if name == missing { "other" } else { name });
    let error = error_of(columns.join(",").as_bytes());
    assert_eq!(error, ReportError::MissingColumn(missing));
    assert_eq!(error.to_string(), format!("the credential report has no column `{missing}`"));
}

#[test]
fn two_cells_are_a_header() {
    assert_eq!(error_of(b"user,arn\n"), ReportError::MissingColumn("user_creation_time"));
}

#[rstest]
#[case::nothing(b"")]
#[case::empty_lines(b"\n\n")]
#[case::report_state(b"ReportInProgress")]
#[case::json(br#"{"State": "STARTED"}"#)]
#[case::error_page(b"<html>\n<body>Service Unavailable</body>\n</html>\n")]
#[case::unclosed_quote_in_header(b"\"user,arn\nalice,arn")]
fn non_csv_is_an_error(#[case] bytes: &[u8]) {
    let error = error_of(bytes);
    assert_eq!(error, ReportError::NotCsv { line: 1 });
    assert_eq!(error.to_string(), "line 1 of the credential report is not valid CSV");
}

#[test]
fn empty_report_leaves_users_unreported() {
    assert!(!alice_in(report(&[])).reported);
}

#[rstest]
#[case("true", true)]
#[case("TRUE", true)]
#[case("True", true)]
#[case("false", false)]
#[case("FALSE", false)]
#[case("False", false)]
fn booleans_are_read_in_any_case(#[case] value: &str, #[case] yes: bool) {
    let password = alice_with(&[("password_enabled", value)]);
    assert_eq!(password.user.login_profile_created.is_some(), yes);
    assert_eq!(password.password_latest.is_some(), yes);
    assert!(password.reported);
    let mfa = alice_with(&[("mfa_active", value)]);
    assert_eq!(!mfa.user.devices.is_empty(), yes);
    assert!(mfa.reported);
}

/// A password or device of unknown state must count neither as missing nor as present.
#[rstest]
fn unreadable_cell_voids_the_row(
    #[values("password_enabled", "mfa_active", "user_creation_time")] column: &str,
    #[values("N/A", "no_information", "not_supported", "", "maybe", "1", "2026-13-01T00:00:00Z")] value: &str,
) {
    assert_eq!(alice_with(&[(column, value)]), not_reported());
}

#[rstest]
#[case("2026-11-01T08:00:00+00:00", LastUse::At(at(SIGNED_IN)))]
#[case("2026-11-01T08:00:00Z", LastUse::At(at(SIGNED_IN)))]
#[case("2026-11-01T08:00:00.000Z", LastUse::At(at(SIGNED_IN)))]
#[case("2026-11-01T09:00:00+01:00", LastUse::At(at(SIGNED_IN)))]
#[case("no_information", LastUse::Never)]
#[case("NO_INFORMATION", LastUse::Never)]
#[case("N/A", LastUse::Unknown)]
#[case("not_supported", LastUse::Unknown)]
#[case("", LastUse::Unknown)]
#[case("yesterday", LastUse::Unknown)]
fn last_sign_in_is_read(#[case] value: &str, #[case] expected: LastUse) {
    let snapshot = alice_with(&[("password_last_used", value)]);
    assert_eq!(snapshot.last_sign_in, expected);
    assert!(snapshot.reported, "an unknown sign-in does not hide the rest");
}

#[rstest]
#[case::later("2026-02-03T04:05:06+00:00", at(CHANGED), false)]
#[case::zulu("2026-02-03T04:05:06Z", at(CHANGED), false)]
#[case::with_the_user("2026-01-02T03:04:05+00:00", at(CREATED), true)]
#[case::a_second_later("2026-01-02T03:04:06+00:00", at("2026-01-02T03:04:06Z"), true)]
#[case::two_seconds_later("2026-01-02T03:04:07+00:00", at("2026-01-02T03:04:07Z"), false)]
#[case::before_the_user("2025-12-31T00:00:00+00:00", at(CREATED), true)]
#[case::not_applicable("N/A", Timestamp::MAX, false)]
#[case::not_supported("not_supported", Timestamp::MAX, false)]
#[case::no_information("no_information", Timestamp::MAX, false)]
#[case::empty("", Timestamp::MAX, false)]
fn password_age_is_between_user_and_change(
    #[case] changed: &str,
    #[case] latest: Timestamp,
    #[case] exact: bool,
) {
    let snapshot = alice_with(&[("password_last_changed", changed)]);
    assert_eq!(snapshot.user.login_profile_created, Some(at(CREATED)));
    assert_eq!(snapshot.password_latest, Some(latest));
    assert_eq!(snapshot.is_password_age_exact(), exact);
}

#[test]
fn missing_password_has_no_age() {
    let snapshot = alice_with(&[
        ("password_enabled", "false"),
        ("password_last_changed", "2026-01-02T03:04:05+00:00"),
        ("password_last_used", "N/A"),
    ]);
    assert_eq!((snapshot.user.login_profile_created, snapshot.password_latest), (None, None));
    assert!(!snapshot.is_password_age_exact());
    assert_eq!(snapshot.last_sign_in, LastUse::Unknown);
}

#[rstest]
#[case::too_few_cells("alice,arn:aws:iam::123456789012:user/alice,2026-01-02T03:04:05Z,false".to_owned())]
#[case::cut_off_after_the_needed_cells(row(&[]).trim_end_matches(",N/A").to_owned())]
#[case::too_many_cells(format!("{},more", row(&[])))]
#[case::one_word("garbage".to_owned())]
fn broken_row_hides_only_its_user(#[case] broken: String) {
    let rows = [row_of("bob", &[]), broken, row_of("carol", &[])];
    let users = ["alice", "bob", "carol"].map(detail).to_vec();
    let account = account(report(&rows), users, Vec::new());
    let reported: Vec<bool> = account.users.iter().map(|user| user.reported).collect();
    assert_eq!(reported, [false, true, true]);
    assert_eq!(account.users[0].user.login_profile_created, None);
}

#[test]
fn non_utf8_row_hides_only_its_user() {
    let mut bytes = report(&[row(&[("mfa_active", "BYTES")]), row_of("bob", &[])]);
    let start = bytes.windows(5).position(|window| window == b"BYTES").unwrap();
    bytes[start..start + 5].copy_from_slice(&[0xff, 0xfe, 0x00, 0xc3, 0x28]);
    let account = account(bytes, ["alice", "bob"].map(detail).to_vec(), Vec::new());
    assert_eq!(account.users.iter().map(|user| user.reported).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn unclosed_quote_hides_only_later_rows() {
    let rows = [row_of("bob", &[]), format!("\"{}", row(&[])), row_of("carol", &[])];
    let account = account(report(&rows), ["alice", "bob", "carol"].map(detail).to_vec(), Vec::new());
    assert_eq!(account.users.iter().map(|user| user.reported).collect::<Vec<_>>(), [false, true, false]);
}

#[rstest]
fn duplicate_rows_are_not_trusted(#[values(2, 3)] times: usize) {
    let rows = vec![row(&[("mfa_active", "true")]); times];
    assert_eq!(alice_in(report(&rows)), not_reported());
}

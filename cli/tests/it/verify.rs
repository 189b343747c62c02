//! `verify`: what it says of a copy that is whole, changed, cut or none at all.

use crate::fixtures::{Copy, head, key, run};
use rstest::rstest;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

#[test]
fn whole_month_is_whole() {
    let copy = Copy::of_the_month();
    let ran = run(&["verify", copy.path(), "--head", &head().to_uppercase()]);
    assert_eq!((ran.status, ran.error.as_str()), (0, ""), "{}", ran.out);
    assert!(ran.out.contains("Account 123456789012: 30 records from 2026-11-01 06:00"), "{}", ran.out);
    assert!(ran.out.contains(head()) && ran.out.ends_with("Nothing is changed, missing or out of place.\n"));
}

#[test]
fn without_a_head_it_says_what_was_not_compared() {
    let copy = Copy::of_the_month();
    let ran = run(&["verify", copy.path()]);
    assert_eq!(ran.status, 0);
    assert!(ran.out.contains("if the SHA-256 is the one in the last digest"), "{}", ran.out);
}

#[rstest]
#[case::rows("users.jsonl", 7, "file-changed")]
#[case::page("report.html", 3, "file-changed")]
#[case::record("record.json", 12, "record-changed")]
fn one_changed_byte_is_named(#[case] ending: &str, #[case] position: usize, #[case] fault: &str) {
    let copy = Copy::of_the_month();
    let key = key(ending, position);
    let mut bytes = fs::read(copy.file(key)).unwrap();
    let last = bytes.len() - 1;
    bytes[last] = b' ';
    copy.write(key, &bytes);
    let ran = run(&["verify", copy.path(), "--head", head(), "--format", "json"]);
    assert_eq!(ran.status, 1);
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    let faults = found["accounts"][0]["faults"].as_array().unwrap();
    let folder = key.strip_suffix(ending).unwrap();
    let named = |each: &Value| each["fault"] == fault && each["says"].as_str().unwrap().contains(folder);
    assert!(faults.iter().any(named), "{faults:?}");
}

#[test]
fn missing_files_and_strays_are_named() {
    let copy = Copy::of_the_month();
    fs::remove_file(copy.file(key("record.json", 4))).unwrap();
    let stray = format!("{}note\u{1b}[31m.txt", key("record.json", 5).strip_suffix("record.json").unwrap());
    copy.write(&stray, b"x");
    let ran = run(&["verify", copy.path()]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains(&format!("WRONG: {} is gone", key("record.json", 4))), "{}", ran.out);
    assert!(ran.out.contains("note\u{FFFD}[31m.txt is in no record"), "{}", ran.out);
}

#[rstest]
#[case("--head", &"0".repeat(64), 1, "no record has the hash")]
#[case("--head", "0f1e", 2, "expected 64 hexadecimal digits")]
#[case("--account", "12345", 2, "expected the 12 digits of an account")]
#[case("--account", "210987654321", 2, "has nothing of account 210987654321")]
fn wrong_argument_is_named(
    #[case] argument: &str,
    #[case] value: &str,
    #[case] status: i32,
    #[case] says: &str,
) {
    let copy = Copy::of_the_month();
    let ran = run(&["verify", copy.path(), argument, value]);
    assert_eq!(ran.status, status);
    assert!((ran.out.clone() + &ran.error).contains(says), "{ran:?}");
}

#[test]
fn folder_without_evidence_is_refused_with_what_to_do() {
    let empty = TempDir::new().unwrap();
    let ran = run(&["verify", empty.path().to_str().unwrap()]);
    assert_eq!(ran.status, 2);
    assert!(ran.error.contains("copy the bucket with its folders"), "{}", ran.error);
    let ran = run(&["verify", "/no/such/folder"]);
    assert_eq!(ran.status, 2);
    assert!(ran.error.starts_with("error: cannot read /no/such/folder: No such file"), "{}", ran.error);
}

#[test]
fn file_that_cannot_be_read_is_no_finding() {
    let copy = Copy::of_the_month();
    let rows = copy.file(key("users.jsonl", 2));
    fs::remove_file(&rows).unwrap();
    symlink("/no/such/file", &rows).unwrap();
    let ran = run(&["verify", copy.path()]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.error.contains("cannot read") && ran.error.contains("users.jsonl"), "{}", ran.error);
}

#[test]
fn several_accounts_are_verified_one_by_one() {
    let copy = Copy::of_the_month();
    let other = key("record.json", 0).replace("123456789012", "210987654321");
    copy.write(&other, b"{}");
    let ran = run(&["verify", copy.path()]);
    assert_eq!(ran.status, 1);
    assert!(
        ran.out.contains("Account 210987654321: 1 record ") && ran.out.contains("cannot be read"),
        "{}",
        ran.out
    );
    let ran = run(&["verify", copy.path(), "--head", head()]);
    assert_eq!(ran.status, 2);
    assert!(ran.error.contains("choose one with --account: 123456789012, 210987654321"), "{}", ran.error);
    assert_eq!(run(&["verify", copy.path(), "--head", head(), "--account", "123456789012"]).status, 0);
}

#[test]
fn two_copies_of_one_object_are_refused() {
    let copy = Copy::of_the_month();
    copy.write(&format!("older/{}", key("record.json", 3)), b"{}");
    let ran = run(&["verify", copy.path()]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.error.contains("are both in the place of one object: name a folder"), "{}", ran.error);
}

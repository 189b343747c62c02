//! `org import`: what it refuses before it asks anybody.

use crate::fixtures::{Copy, head, run};
use rstest::rstest;
use tempfile::TempDir;

const BUCKET: [&str; 2] = ["--bucket", "hub-evidence"];

fn import(folder: &str, more: &[&str]) -> (i32, String) {
    let ran = run(&[&["org", "import", folder], &BUCKET[..], more].concat());
    assert_eq!(ran.out, "");
    (ran.status, ran.error)
}

#[rstest]
#[case::missing("/no/such/folder", "cannot read /no/such/folder: No such file")]
#[case::bucket("s3://its-bucket", "s3://its-bucket is a bucket: copy it into a folder first (aws s3 sync")]
fn folder_that_is_none_is_named(#[case] folder: &str, #[case] says: &str) {
    let (status, error) = import(folder, &["--dry-run"]);
    assert!(status == 2 && error.contains(says), "{error}");
}

#[test]
fn empty_folder_is_refused_with_what_to_do() {
    let empty = TempDir::new().unwrap();
    let (status, error) = import(empty.path().to_str().unwrap(), &["--dry-run"]);
    assert!(status == 2 && error.contains("copy the bucket with its folders"), "{error}");
}

#[rstest]
#[case::account(&["--account", "210987654321", "--dry-run"], "has nothing of account 210987654321")]
#[case::no_account(&["--account", "12345"], "expected the 12 digits of an account")]
#[case::head(&["--head", "0f1e"], "expected 64 hexadecimal digits")]
#[case::terminal(&[], "there is no terminal to ask on, so nothing was done")]
#[case::json(&["--format", "json"], "--format json does not ask, so nothing was done")]
#[case::both(&["--yes", "--dry-run"], "cannot be used with")]
#[case::nobody(&["--dry-run", "--endpoint-url", "http://127.0.0.1:9"], "there are no usable credentials")]
fn bad_input_is_named(#[case] arguments: &[&str], #[case] says: &str) {
    let (status, error) = import(Copy::of_the_month().path(), arguments);
    assert!(status == 2 && error.contains(says), "{error}");
}

#[test]
fn bucket_has_to_be_named() {
    let copy = Copy::of_the_month();
    let ran = run(&["org", "import", copy.path(), "--dry-run"]);
    assert!(ran.status == 2 && ran.error.contains("--bucket <BUCKET>"), "{}", ran.error);
    let ran = run(&["org", "import", copy.path(), "--bucket", "s3://hub/evidence/", "--dry-run"]);
    assert!(ran.error.contains("expected the name of a bucket, without a prefix"), "{}", ran.error);
}

#[test]
fn head_is_that_of_one_account() {
    let copy = Copy::of_the_month();
    copy.write("evidence/210987654321/2026/11/27/x/record.json", b"{}");
    let (status, error) = import(copy.path(), &["--head", head(), "--dry-run"]);
    assert!(status == 2 && error.contains("choose one with --account"), "{error}");
}

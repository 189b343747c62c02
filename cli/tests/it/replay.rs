//! `replay` and `read`: archives in every form, whole and spoilt.

use crate::fixtures::{Ran, root, run, run_fed};
use flate2::Compression;
use flate2::write::GzEncoder;
use rstest::rstest;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::path::Path;
use tempfile::TempDir;

const SAMPLE: &str = "events/ConsoleLogin/bob-overdue-without-mfa.json";

/// The record of a sample.
fn record(sample: &str) -> Value {
    let event: Value = serde_json::from_str(&fs::read_to_string(root().join(sample)).unwrap()).unwrap();
    event["detail"].clone()
}

/// A sign-in without MFA, a call that nobody asks for, and the sign-in again.
fn records() -> Vec<Value> {
    let (sign_in, mut other) = (record(SAMPLE), record(SAMPLE));
    other["eventSource"] = "ec2.amazonaws.com".into();
    other["eventName"] = "RunInstances".into();
    vec![sign_in.clone(), other, sign_in]
}

fn packed(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }
    folder
}

fn path(folder: &TempDir) -> &str {
    folder.path().to_str().unwrap()
}

/// The entries and the summary.
fn lines(ran: &Ran) -> (Vec<Value>, Value) {
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(root().join("docs/replay.schema.json")).unwrap()).unwrap();
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let mut lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        assert!(schema.is_valid(line), "{:#?}", schema.iter_errors(line).collect::<Vec<_>>());
    }
    let summary = lines.pop().unwrap_or_else(|| panic!("{}", ran.error));
    (lines, summary["summary"].clone())
}

#[test]
fn every_form_of_an_archive_tells_the_same() {
    let records = records();
    let list = json!({ "Records": records }).to_string();
    let in_lines = records.iter().map(|record| format!("{record}\n")).collect::<Vec<_>>().concat();
    let event = fs::read_to_string(root().join(SAMPLE)).unwrap();
    let looked_up: Vec<Value> =
        records.iter().map(|record| json!({ "CloudTrailEvent": record.to_string() })).collect();
    let forms: [(&str, Vec<u8>); 6] = [
        ("AWSLogs/123456789012/CloudTrail/us-east-1/2026/11/24/a.json.gz", packed(&list)),
        ("a.json", list.clone().into_bytes()),
        ("lines.json", in_lines.clone().into_bytes()),
        ("pretty.json", serde_json::to_string_pretty(&records).unwrap().into_bytes()),
        ("events.json", event.into_bytes()),
        ("history.json", json!({ "Events": looked_up }).to_string().into_bytes()),
    ];
    for (name, bytes) in &forms {
        let folder = folder(&[(name, bytes)]);
        let ran = run(&["replay", "--format", "json", path(&folder)]);
        assert_eq!(ran.status, 0, "{name}: {}", ran.error);
        let (entries, _) = lines(&ran);
        let [entry] = entries.as_slice() else { panic!("{name}: {entries:#?}") };
        assert_eq!((&entry["subject"], &entry["what"]), (&json!("bob"), &json!("contained")), "{name}");
        assert_eq!(entry["provided"], json!(["password-is-old", "not-exempt"]), "{name}");
    }
    let ran = run_fed(&["replay", "--format", "json", "-"], in_lines.as_bytes());
    let (entries, summary) = lines(&ran);
    assert_eq!((ran.status, entries.len()), (0, 1), "{}", ran.error);
    let figures = ["records", "relevant", "doubles"].map(|figure| summary[figure].as_u64().unwrap());
    assert_eq!(figures, [3, 1, 1]);
    assert_eq!(summary["ignored"], json!({ "other-service": 1 }));
}

#[test]
fn settings_are_those_of_the_flags() {
    let folder = folder(&[("a.json", records()[0].to_string().as_bytes())]);
    let ran =
        run(&["replay", "--mode", "observe", "--exempt-users", "bob", "--format", "json", path(&folder)]);
    let (entries, summary) = lines(&ran);
    assert_eq!((ran.status, entries.len()), (0, 0), "{}", ran.error);
    assert_eq!(summary["nothing"], json!({ "exempt": 1 }));
}

#[test]
fn text_says_who_why_and_on_what_it_depends() {
    let folder = folder(&[("a.json", records()[0].to_string().as_bytes())]);
    let ran = run(&["replay", path(&folder)]);
    for part in [
        "123456789012 bob                  contained       quarantined",
        "ConsoleLogin: signed in without MFA after the deadline",
        "; if the grace period is over, nothing exempts the user",
        "Read                   1 file, 0 MB, 1 record",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
}

#[test]
fn names_of_digest_folders_and_other_accounts_are_passed_over() {
    let record = records()[0].to_string();
    let folder = folder(&[
        ("AWSLogs/123456789012/CloudTrail-Digest/us-east-1/digest.json", b"{\"digestStartTime\":1}"),
        (".hidden", b"{"),
        ("a.json", record.as_bytes()),
    ]);
    let ran = run(&["replay", "--account", "111122223333", "--format", "json", path(&folder)]);
    let (entries, summary) = lines(&ran);
    assert_eq!((ran.status, entries.len()), (0, 0), "{}", ran.error);
    assert_eq!((&summary["files"], &summary["ofOtherAccounts"]), (&json!(1), &json!(1)));
}

/// What is spoilt is named, and costs nothing else.
#[rstest]
#[case::cut_gzip("bad.json.gz", {
    let whole = packed(&"{\"eventSource\":\"a\",\"eventName\":\"b\"}\n".repeat(20_000));
    whole[..whole.len() / 2].to_vec()
}, "bad.json.gz: is cut after")]
#[case::damaged_gzip("bad.json.gz", [packed("{}")[..10].to_vec(), vec![0xff; 40]].concat(), "bad.json.gz: is damaged")]
#[case::cut_record("bad.json", b"{\"Records\":[{\"eventName\":\"Create".to_vec(), "bad.json, record 1: is cut")]
#[case::torn_line("bad.json", b"{\"eventName\":\"Cre\n".to_vec(), "bad.json, record 1: ends within a text")]
#[case::no_json("bad.csv", b"user,arn\nroot,x\n".to_vec(), "bad.csv: has no JSON records")]
#[case::no_record("bad.json", b"{\"some\":\"thing\"}".to_vec(), "bad.json, record 1: detail.eventTime is missing")]
#[case::too_long("bad.json", format!("{{\"a\":\"{}\"}}", "x".repeat(9 << 20)).into_bytes(), "record 1: is longer than 4 MiB")]
#[case::no_utf8("bad.json", b"{\"eventName\":\"\xff\"}".to_vec(), "bad.json, record 1: is not UTF-8")]
#[case::no_account("bad.json", b"{\"eventTime\":\"2026-11-24T09:00:00Z\",\"recipientAccountId\":\"12\"}".to_vec(), "is not the number of an account")]
fn what_is_spoilt_is_named(#[case] name: &str, #[case] bytes: Vec<u8>, #[case] says: &str) {
    let record = records()[0].to_string();
    let folder = folder(&[("good.json", record.as_bytes()), (name, &bytes)]);
    let ran = run(&["replay", "--format", "json", path(&folder)]);
    let (entries, summary) = lines(&ran);
    assert_eq!((ran.status, entries.len()), (1, 1), "{}", ran.error);
    let named = summary["unreadable"][0].as_str().unwrap();
    assert!(named.contains(says), "{named}");

    let ran = run(&["replay", "--strict", path(&folder)]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.error);
    assert!(ran.error.contains(says), "{}", ran.error);
}

#[rstest]
#[case(&["replay", "/no/such/folder"], "cannot read /no/such/folder")]
#[case(&["replay", "--daily-at", "noon", "."], "--daily-at is `noon`")]
#[case(&["replay", "--grace-period", "soon", "."], "GRACE_PERIOD (--grace-period)")]
#[case(&["replay", "--snapshot", "/no/such.json", "."], "cannot read /no/such.json")]
#[case(&["replay", "--snapshot", "Cargo.toml", "."], "Cargo.toml is not what `plan --format json` writes")]
#[case(&["read", "/no/such/folder"], "cannot read /no/such/folder")]
fn bad_arguments_are_named(#[case] arguments: &[&str], #[case] says: &str) {
    let ran = run(arguments);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.error);
    assert!(ran.error.contains(says), "{}", ran.error);
}

#[test]
fn folder_without_records_is_an_error() {
    let empty = TempDir::new().unwrap();
    let ran = run(&["replay", path(&empty)]);
    assert_eq!(ran.status, 2);
    assert!(ran.error.contains("nothing to replay: there are no files"), "{}", ran.error);
}

#[test]
fn folder_of_something_else_is_an_error() {
    let folder = folder(&[("main.rs", b"fn main() { print(1); }"), ("a.json", b"{\"a\":1}")]);
    let ran = run(&["replay", path(&folder)]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(ran.error.contains("nothing to replay: "), "{}", ran.error);
    assert!(ran.error.contains("main.rs, record 1: is not a JSON object"), "{}", ran.error);
}

#[test]
fn link_to_nowhere_is_named() {
    let folder = folder(&[("good.json", records()[0].to_string().as_bytes())]);
    std::os::unix::fs::symlink("/no/such/file", folder.path().join("link.json")).unwrap();
    let ran = run(&["replay", "--format", "json", path(&folder)]);
    let (_, summary) = lines(&ran);
    assert_eq!(ran.status, 1);
    assert!(summary["unreadable"][0].as_str().unwrap().contains("link.json: cannot be read"), "{summary:#}");
}

#[test]
fn samples_are_read_as_the_functions_read_them() {
    let ran = run(&["read", root().join("events").to_str().unwrap()]);
    let schema: Value =
        serde_json::from_str(&fs::read_to_string(root().join("docs/reading.schema.json")).unwrap()).unwrap();
    let schema = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let mut events = 0;
    for line in ran.out.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(schema.is_valid(&line), "{line:#}");
        events += usize::from(line["reading"] == "event");
    }
    assert!(events > 40, "{events} events: {}", ran.error);
}

#[test]
fn malformed_record_is_a_line_of_its_own() {
    let ran = run_fed(
        &["read"],
        b"{\"eventName\":\"CreateUser\",\"eventSource\":\"iam.amazonaws.com\"}\n{\"a\":\"\n",
    );
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(ran.status, 1, "{}", ran.error);
    assert_eq!(lines[0]["field"], "detail.userIdentity");
    assert_eq!(lines[1]["problem"], "ends within a text");
}

/// Whoever recorded it: every record beside the checkout is read or named.
#[test]
fn what_others_recorded_is_replayed() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/recorded-events");
    if !recorded.exists() {
        return;
    }
    let ran = run(&["replay", "--format", "json", recorded.to_str().unwrap()]);
    let (_, summary) = lines(&ran);
    assert!(summary["records"].as_u64().unwrap() >= 74, "{summary:#}");
}

/// Sign-ins outside the commercial partition are read and decided as there.
#[rstest]
#[case("aws-cn", "cn-north-1")]
#[case("aws-us-gov", "us-gov-west-1")]
#[case("aws-eusc", "eusc-de-east-1")]
#[case("aws-iso", "us-iso-east-1")]
fn archive_of_another_partition_is_replayed(#[case] partition: &str, #[case] region: &str) {
    let events = root().join("events/ConsoleLogin");
    let there = TempDir::new().unwrap();
    for file in fs::read_dir(&events).unwrap() {
        let file = file.unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        let text = text.replace("arn:aws:", &format!("arn:{partition}:")).replace("us-east-1", region);
        fs::write(there.path().join(file.file_name()), text).unwrap();
    }
    let told = |folder: &Path| {
        let ran = run(&["replay", folder.to_str().unwrap()]);
        assert_eq!(ran.status, 0, "{}", ran.error);
        let lines: Vec<String> =
            ran.out.lines().filter(|line| line.contains("quarantined")).map(str::to_owned).collect();
        lines
    };
    assert_eq!(told(there.path()), told(&events));
}

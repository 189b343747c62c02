//! `plan`: what is wrong with input is said before AWS is asked, and what is wrong with access in words.

use crate::fixtures::{Ran, run, run_with};
use rstest::rstest;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread;
use tempfile::TempDir;

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];

/// An address at which nobody listens.
fn nobody() -> String {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    format!("http://{address}")
}

fn failed(ran: &Ran) -> &str {
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.error);
    &ran.error
}

#[test]
fn no_credentials_are_told() {
    let ran = run(&["plan", "--endpoint-url", &nobody()]);
    assert!(failed(&ran).contains("no usable credentials: choose a profile with --profile"), "{}", ran.error);
}

#[test]
fn missing_profile_is_named_whatever_the_environment() {
    let ran = run_with(&["plan", "--endpoint-url", &nobody(), "--profile", "audit"], &KEYS);
    assert!(failed(&ran).contains("no usable credentials of the profile `audit`"), "{}", ran.error);
}

#[test]
fn endpoint_without_an_answer_is_named() {
    let nobody = nobody();
    let ran = run_with(&["plan", "--endpoint-url", &nobody], &KEYS);
    assert!(failed(&ran).contains(&format!("{nobody} does not answer")), "{}", ran.error);
}

/// An address at which every call is refused with this code, as STS does it.
fn refusing(code: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    );
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let head = stream.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty());
            let head: Vec<String> = head.map(|line| line.to_lowercase()).collect();
            let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            stream.by_ref().take(length.parse().unwrap()).read_to_end(&mut Vec::new()).unwrap();
            let answer = format!(
                "HTTP/1.1 403 Forbidden\r\nContent-Type: text/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
        }
    });
    format!("http://{address}")
}

#[rstest]
#[case("ExpiredToken", "the credentials have expired: sign in again")]
#[case("InvalidClientTokenId", "AWS does not know the credentials: check them, and whether --region is in")]
#[case("SignatureDoesNotMatch", "AWS does not know the credentials: check them")]
#[case("AccessDenied", "AWS does not say whose the credentials are (AccessDenied)")]
fn refused_credentials_are_told_with_what_to_do(#[case] code: &str, #[case] says: &str) {
    let ran = run_with(&["plan", "--endpoint-url", &refusing(code)], &KEYS);
    assert!(failed(&ran).contains(says), "{}", ran.error);
}

#[rstest]
#[case(&["--grace", "3d"], "similar argument exists: '--grace-period'")]
#[case(&["--days", "367"], "367 is not in 0..=366")]
#[case(&["--endpoint-url", "localhost"], "begins with http:// or https://")]
#[case(&["--stack", "my_stack"], "letters, digits or hyphens")]
#[case(&["--format", "yaml"], "possible values: table, json, csv, html")]
#[case(&["--daily-at", "8 o'clock"], "--daily-at is `8 o'clock`, expected a time such as 06:00")]
#[case(&["--grace-period", "3x", "--mode", "on"], "GRACE_PERIOD (--grace-period) is `3x`, expected")]
#[case(&["--grace-period", "3x", "--mode", "on"], "MODE (--mode) is `on`, expected")]
#[case(&["--time-zone", "Europe/Nowhere"], "TIME_ZONE (--time-zone)")]
#[case(&["--settings", "/nowhere/settings.env"], "cannot read /nowhere/settings.env")]
fn bad_argument_is_named_before_aws_is_asked(#[case] arguments: &[&str], #[case] says: &str) {
    let ran = run(&[&["plan"], arguments].concat());
    assert!(failed(&ran).contains(says), "{}", ran.error);
}

#[rstest]
#[case("GRACE_PERIOD", "line 1: expected NAME=VALUE")]
#[case("# new\n\nGRACE=3d\n", "line 3: there is no setting `GRACE`")]
#[case("MODE=notify\nMODE=enforce\n", "line 2: `MODE` is there twice")]
#[case("\nGRACE_PERIOD=3x\n", "settings.env, line 2: GRACE_PERIOD is `3x`, expected")]
fn bad_line_of_a_file_is_named(#[case] content: &str, #[case] says: &str) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("settings.env");
    fs::write(&file, content).unwrap();
    let ran = run(&["plan", "--settings", file.to_str().unwrap()]);
    assert!(failed(&ran).contains(says), "{}", ran.error);
}

#[test]
fn value_of_the_environment_is_named_as_such() {
    let ran = run_with(&["plan", "--env"], &[("GRACE_PERIOD", "3x")]);
    let says = "GRACE_PERIOD (the environment variable GRACE_PERIOD) is `3x`";
    assert!(failed(&ran).contains(says), "{}", ran.error);
}

//! `doctor`: what is wrong with input is said before AWS is asked, and what is wrong with access in words.

use crate::fixtures::{run, run_with};
use rstest::rstest;
use std::net::TcpListener;

const KEYS: [(&str, &str); 2] = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];

#[rstest]
#[case(&["--stack", "my_stack"], "letters, digits or hyphens")]
#[case(&["--stack", ""], "letters, digits or hyphens")]
#[case(&["--format", "csv"], "possible values: text, json")]
#[case(&["--endpoint-url", "localhost"], "begins with http:// or https://")]
#[case(&["--mode", "enforce"], "unexpected argument '--mode'")]
#[case(&["--live=everything"], "possible values: bus, iam")]
#[case(&["--live", "--wait", "soon"], "expected a span such as 90s or 5m")]
#[case(&["--live", "--wait", "0s"], "from 1s to 24h")]
#[case(&["--live", "--wait", "25h"], "from 1s to 24h")]
#[case(&["--wait", "5m"], "--live")]
#[case(&["--yes"], "--live")]
#[case(&["--live=iam"], "no terminal to ask on: say --yes")]
fn bad_argument_is_named_before_aws_is_asked(#[case] arguments: &[&str], #[case] says: &str) {
    let ran = run(&[&["doctor"], arguments].concat());
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.error);
    assert!(ran.error.contains(says), "{}", ran.error);
}

#[test]
fn endpoint_without_an_answer_is_named() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = run_with(&["doctor", "--endpoint-url", &format!("http://{address}")], &KEYS);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.error);
    assert!(ran.error.contains(&format!("http://{address} does not answer")), "{}", ran.error);
}

#[test]
fn no_credentials_are_told() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = run(&["doctor", "--endpoint-url", &format!("http://{address}")]);
    assert_eq!(ran.status, 2);
    assert!(ran.error.contains("no usable credentials: choose a profile with --profile"), "{}", ran.error);
}

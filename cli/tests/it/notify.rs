//! `notify --test`: what is wrong with input is said before AWS is asked, and nothing is sent.

use crate::fixtures::run;
use rstest::rstest;

const TO: [&str; 3] = ["notify", "--to", "carol@example.com"];

#[rstest]
#[case(&[], "--test")]
#[case(&["--test", "--message", "welcome"], "possible values: reminder, quarantined")]
#[case(&["--test", "--yes", "--dry-run"], "cannot be used with")]
#[case(&["--test", "--yes", "--mail-from", "nobody"], "MAIL_FROM (--mail-from) is `nobody`, expected")]
#[case(&["--test"], "there is no terminal to ask on, so nothing was done: say --yes, or --dry-run")]
fn bad_input_is_named_and_nothing_is_sent(#[case] arguments: &[&str], #[case] says: &str) {
    let ran = run(&[&TO, arguments].concat());
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.error);
    assert!(ran.error.contains(says), "{}", ran.error);
}

#[test]
fn address_has_to_be_named() {
    let ran = run(&["notify", "--test", "--yes"]);
    assert_eq!(ran.status, 2);
    assert!(ran.error.contains("--to <ADDRESS>"), "{}", ran.error);
}

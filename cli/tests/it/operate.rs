//! `exempt`, `approve`, `release`, `contain`: what is wrong with input is said before AWS is asked, and nothing is done.

use crate::fixtures::run;
use rstest::rstest;

#[rstest]
#[case(&["exempt", "bob"], "--until <YYYY-MM-DD>")]
#[case(&["exempt", "bob", "--until", "tomorrow", "--reason", "x"], "expected a date such as 2026-12-31")]
#[case(&["exempt", "bob", "--until", "2026-02-30", "--reason", "x"], "expected a date such as 2026-12-31")]
#[case(&["exempt", "bob", "--until", "2026-12-31T00:00", "--reason", "x"], "expected a date such as 2026-12-31")]
#[case(&["release", "bob", "--until", "2026-12-31"], "--reason <TEXT>")]
#[case(&["release", "bob", "--reason", "x"], "--until <YYYY-MM-DD>")]
#[case(&["contain", "bob"], "--reason <TEXT>")]
#[case(&["contain", "bob", "--reason", ""], "a value is required for '--reason <TEXT>'")]
#[case(&["approve", "bob", "--yes", "--dry-run"], "cannot be used with")]
#[case(&["approve", "bob smith", "--yes"], "`bob smith` is not a name that an IAM user can have")]
#[case(&["approve", "bob", "--yes", "--release", "never"], "RELEASE (--release) is `never`, expected")]
#[case(&["approve", "bob", "--yes", "--hub", "111122223333"], "--account <ID>")]
#[case(&["approve", "bob", "--yes", "--account", "1"], "expected the 12 digits of an account")]
#[case(
    &["approve", "bob", "--yes", "--account", "111122223333", "--release", "approval"],
    "with --account, settings are those that the hub has for it"
)]
#[case(&["approve", "bob"], "there is no terminal to ask on, so nothing was done: say --yes, or --dry-run")]
fn bad_input_is_named_and_nothing_is_done(#[case] arguments: &[&str], #[case] says: &str) {
    let ran = run(arguments);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.error);
    assert!(ran.error.contains(says), "{}", ran.error);
}

#[rstest]
fn help_says_which_role_it_takes(#[values("exempt", "approve", "release", "contain")] command: &str) {
    let ran = run(&[command, "--help"]);
    assert!(ran.out.contains("policies/operate.json is all that has to be allowed"), "{}", ran.out);
    assert!(ran.out.contains("mfa-enforcer-exemptions"), "{}", ran.out);
}

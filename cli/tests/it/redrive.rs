//! `redrive`: what is wrong with input is said before AWS is asked, and nothing is run.

use crate::fixtures::run;
use rstest::rstest;

#[rstest]
#[case(&["--only", "payroll"], "possible values: sign-in, user-lifecycle, mfa-device, guard, sweep")]
#[case(&["--max", "0"], "0 is not in 1..=1000")]
#[case(&["--stack", "my_stack"], "letters, digits or hyphens")]
#[case(&["--yes", "--dry-run"], "cannot be used with")]
#[case(&["--format", "json"], "--format json does not ask, so nothing was done: add --yes, or --dry-run")]
#[case(&[], "there is no terminal to ask on, so nothing was done: say --yes, or --dry-run")]
fn bad_input_is_named_and_nothing_is_run(#[case] arguments: &[&str], #[case] says: &str) {
    let ran = run(&[&["redrive"], arguments].concat());
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.error);
    assert!(ran.error.contains(says), "{}", ran.error);
}

#[test]
fn help_says_which_role_it_takes() {
    let ran = run(&["redrive", "--help"]);
    assert!(ran.out.contains("policies/redrive.json is all that has to be allowed"), "{}", ran.out);
    assert!(ran.out.contains("mfa-enforcer-exemptions"), "{}", ran.out);
}

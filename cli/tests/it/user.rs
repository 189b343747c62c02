//! `user`: what is wrong with input is said before AWS is asked.

use crate::fixtures::run;
use rstest::rstest;

#[rstest]
#[case(&[], "<NAME>")]
#[case(&["bob smith"], "`bob smith` is not a name that an IAM user can have")]
#[case(&["bob", "--days", "367"], "367 is not in 0..=366")]
#[case(&["bob", "--daily-at", "8"], "--daily-at is `8`, expected a time such as 06:00")]
#[case(&["bob", "--format", "csv"], "possible values: table, json")]
#[case(&["bob", "--grace-period", "3x"], "GRACE_PERIOD (--grace-period) is `3x`, expected")]
fn bad_argument_is_named_before_aws_is_asked(#[case] arguments: &[&str], #[case] says: &str) {
    let ran = run(&[&["user"], arguments].concat());
    assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.error);
    assert!(ran.error.contains(says), "{}", ran.error);
}

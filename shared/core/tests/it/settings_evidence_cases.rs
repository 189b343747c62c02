//! Settings about the bucket of the evidence.

use mfa_enforcer_core::settings::{Problems, Settings};
use mfa_enforcer_testing::fixtures::{settings_with, variables};
use rstest::rstest;

#[test]
fn account_of_the_evidence_is_the_own_one_unless_named() {
    let own = settings_with(&[("EVIDENCE_BUCKET", "evidence"), ("EVIDENCE_ACCOUNT", "")]);
    assert_eq!((own.evidence_owner(), own.evidence_account.as_deref()), ("123456789012", None));
    let named = settings_with(&[("EVIDENCE_BUCKET", "evidence"), ("EVIDENCE_ACCOUNT", "999988887777")]);
    assert_eq!(named.evidence_owner(), "999988887777");
}

#[rstest]
#[case::no_bucket(
    "",
    "999988887777",
    "EVIDENCE_ACCOUNT needs EVIDENCE_BUCKET, the name of a bucket of that account"
)]
#[case::no_number(
    "evidence",
    "99998888777",
    "EVIDENCE_ACCOUNT is `99998888777`, expected the 12 digits of an account"
)]
#[case::a_list(
    "evidence",
    "999988887777,1",
    "EVIDENCE_ACCOUNT is `999988887777,1`, expected the 12 digits of an account"
)]
fn account_of_the_evidence_is_one_number_beside_a_bucket(
    #[case] bucket: &str,
    #[case] account: &str,
    #[case] said: &str,
) {
    let mut variables = variables();
    variables.insert("EVIDENCE_BUCKET", bucket.to_owned());
    variables.insert("EVIDENCE_ACCOUNT", account.to_owned());
    let Problems(problems) = Settings::read(|name| variables.get(name).cloned()).unwrap_err();
    let told: Vec<String> =
        problems.iter().map(|each| format!("{} {}", each.variable, each.problem)).collect();
    assert_eq!(told, [said]);
}

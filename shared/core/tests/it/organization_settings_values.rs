//! What the settings of an organization come to: limits, exemptions, and which unit a key means.

use crate::organization_settings_cases::{FULL, check_with, of, tests_account};
use mfa_enforcer_testing::fixtures::{settings, settings_with};
use rstest::rstest;

#[rstest]
#[case::not_given("defaults: {mode: observe}", Some(5))]
#[case::given("defaults: {mode: observe, max_quarantines: 3}", Some(3))]
#[case::no_limit("defaults: {mode: observe, max_quarantines: 0}", None)]
#[case::of_a_unit("defaults: {mode: observe}\nunits: {Root: {max_quarantines: 3}}", Some(5))]
fn limit_of_the_hub_holds_everywhere_unless_the_defaults_say_otherwise(
    #[case] text: &str,
    #[case] limit: Option<usize>,
) {
    assert_eq!(of(text, &tests_account(), &[]).max_quarantines_everywhere(Some(5)), limit);
}

#[test]
fn users_and_paths_that_are_exempt_are_counted() {
    let none = [("EXEMPT_USERS", ""), ("EXEMPT_PATHS", ""), ("BREAK_GLASS_PATH", "")];
    // That there is no such path is said, and exempts nobody.
    let text = format!("{FULL}  222233334444:\n    break_glass_path: ''\n");
    let check = check_with(&text, &settings_with(&none));
    let counted: Vec<_> =
        check.accounts.iter().map(|account| (account.id.as_str(), account.exemptions())).collect();
    assert_eq!(counted, [("012345678901", 1), ("222233334444", 2)]);
}

#[rstest]
#[case::id("ou-ab12-gone", "it may have been deleted")]
#[case::id_of_a_root("r-gone", "it may have been deleted")]
#[case::nothing_after_the_prefix("r-", "expected its path")]
#[case::below_an_id("ou-ab12-work/Elsewhere", "expected its path")]
#[case::name_with_a_point("ou-elsewhere.example", "expected its path")]
fn key_with_other_characters_than_an_id_is_a_path(#[case] unit: &str, #[case] hint: &str) {
    let check = check_with(&format!("defaults: {{mode: observe}}\nunits:\n  {unit}: {{}}"), &settings());
    let [fault] = &check.faults[..] else { panic!("{:?}", check.faults) };
    assert!(fault.text.starts_with(&format!("there is no unit `{unit}`: {hint}")), "{}", fault.text);
}

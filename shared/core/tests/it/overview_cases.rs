//! An account as it is now: the rows, figures and page of a record, without its chain.

use crate::contract::root;
use crate::evidence_fixtures::schema;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::evidence::{Counts, Listing, overview_page};
use mfa_enforcer_testing::evidence::{overview_of, overview_of_people};
use mfa_enforcer_testing::fixtures::{settings_with, user};
use rstest::rstest;
use serde_json::Value;
use std::fs;

#[test]
fn json_fits_its_schema() {
    let file = fs::read_to_string(root().join("docs/report.schema.json")).unwrap();
    let schema_of_reports = jsonschema::validator_for(&serde_json::from_str(&file).unwrap()).unwrap();
    let report: Value = serde_json::from_slice(&overview_of_people().json()).unwrap();
    let problems: Vec<String> =
        schema_of_reports.iter_errors(&report).map(|problem| problem.to_string()).collect();
    assert_eq!(problems, [""; 0]);
    let row = schema("row");
    assert!(report["users"].as_array().unwrap().iter().all(|user| row.is_valid(user)));
}

#[test]
fn figures_are_counted_from_the_rows() {
    let overview = overview_of_people();
    assert_eq!(overview.figures, Counts::of(&overview.users));
    assert_eq!(overview.figures.not_listed, 0);
    assert!(overview.figures.virtual_app > 0 && overview.figures.security_key > 0);
}

#[test]
fn page_has_everybody_and_no_chain() {
    let page = overview_page(&overview_of_people());
    assert!(page.contains("alice") && page.contains("Controls"));
    assert!(!page.contains("How to check it"));
}

#[test]
fn page_has_no_markup_of_names() {
    let mut odd = user("odd");
    odd.name = UserName::listed("<b>x</b>");
    assert!(!overview_page(&overview_of([odd])).contains("<b>"));
}

#[rstest]
#[case::never_signed("month", &[], true, "no review of the records was signed yet")]
#[case::signed("month", &["2026-10"], false, "the last period that is over was signed")]
#[case::long_ago("month", &["2026-08"], true, "no review of the records was signed since 2026-08-31")]
fn open_review_is_said(
    #[case] period: &str,
    #[case] signed: &[&str],
    #[case] is_open: bool,
    #[case] says: &str,
) {
    let settings = settings_with(&[("REVIEW_PERIOD", period), ("EVIDENCE_BUCKET", "mfa-evidence")]);
    let key = |period: &&str| format!("evidence/123456789012/reviews/{period}/20261103T100000Z.json");
    let listing = Listing::of(signed.iter().map(key).collect());
    let overview = overview_of_people().with_reviews(&listing, &settings);
    let reviews = overview.reviews.clone().unwrap();
    assert_eq!((reviews.is_open, reviews.says.as_str()), (is_open, says));
    assert!(overview_page(&overview).contains(says));
}

#[test]
fn review_without_a_period_is_unknown() {
    let listing = Listing::of(Vec::new());
    let overview = overview_of_people().with_reviews(&listing, &settings_with(&[]));
    assert_eq!(overview.reviews, None);
    assert!(overview.unknown.iter().any(|reason| reason.starts_with("whether a review is due")));
}

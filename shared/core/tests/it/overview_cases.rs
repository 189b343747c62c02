//! An account as it is now: the rows, figures and page of a record, without its chain.

use crate::contract::root;
use crate::evidence_fixtures::schema;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::evidence::{Counts, overview_page};
use mfa_enforcer_testing::evidence::{overview_of, overview_of_people};
use mfa_enforcer_testing::fixtures::user;
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

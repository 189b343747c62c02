//! What a plan says for programs, for spreadsheets, and as a page.

use crate::contract::root;
use crate::evidence_fixtures::schema;
use jsonschema::Validator;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::forecast::{self, Prospect, json, page};
use mfa_enforcer_testing::evidence::{people, prospect_of, prospect_of_people};
use mfa_enforcer_testing::fixtures::user;
use rstest::rstest;
use serde_json::Value;
use std::fs;

fn schema_of_plans() -> Validator {
    let file = fs::read_to_string(root().join("docs/plan.schema.json")).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&file).unwrap()).unwrap()
}

#[rstest]
#[case(&[])]
#[case(&[("MODE", "observe")])]
#[case(&[("MAX_QUARANTINES", "1"), ("TIME_ZONE", "Asia/Kolkata")])]
fn json_fits_its_schema(#[case] changes: &[(&'static str, &str)]) {
    let plan: Value = serde_json::from_str(&json(&prospect_of_people(changes, 30))).unwrap();
    let problems: Vec<String> =
        schema_of_plans().iter_errors(&plan).map(|problem| problem.to_string()).collect();
    assert_eq!(problems, [""; 0]);
    let (rows, row) = (plan["users"].as_array().unwrap(), schema("row"));
    assert!(rows.iter().all(|person| row.is_valid(&person["user"])));
}

fn named(name: &str) -> Prospect {
    let mut odd = user("odd");
    odd.name = UserName::listed(name);
    prospect_of([odd], &[], 3)
}

#[rstest]
#[case("=cmd")]
#[case("+1")]
#[case("-1")]
#[case("@x")]
fn table_has_no_formula(#[case] name: &str) {
    let bytes = forecast::csv(&named(name));
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let names: Vec<String> = reader.records().map(|row| row.unwrap()[1].to_owned()).collect();
    assert!(!names.is_empty() && names.iter().all(|found| *found == format!("'{name}")), "{names:?}");
}

#[test]
fn table_is_in_the_order_of_time() {
    let bytes = forecast::csv(&prospect_of_people(&[], 30));
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let times: Vec<String> = reader.records().map(|row| row.unwrap()[0].to_owned()).collect();
    assert!(times.len() > 10 && times.is_sorted(), "{times:?}");
}

#[test]
fn page_has_no_markup_of_names() {
    let page = page(&named("<b>x</b>&amp;"));
    assert!(page.contains("&lt;b&gt;x&lt;/b&gt;&amp;amp;") && !page.contains("<b>"), "{page}");
}

#[test]
fn page_has_columns_of_what_is_expected_on_some_day() {
    let page = page(&prospect_of([user("late")], &[("MODE", "observe")], 3));
    let (_, days) = page.split_once(r#"<th scope="col">Day</th>"#).unwrap();
    let (headings, _) = days.split_once("</tr>").unwrap();
    assert_eq!(headings, r#"<th scope="col">Withheld by MODE</th>"#);
}

#[test]
fn chosen_settings_are_those_that_differ() {
    let plan = prospect_of_people(&[("MODE", "observe"), ("GRACE_PERIOD", "3d"), ("DIGEST", "daily")], 3);
    let chosen = plan.chosen();
    let of_interest = ["MODE", "GRACE_PERIOD", "DIGEST", "STACK_ID", "RELEASE"];
    let chosen: Vec<_> = chosen.iter().filter(|(name, _)| of_interest.contains(name)).collect();
    assert_eq!(chosen, [&("GRACE_PERIOD", "3d"), &("MODE", "observe")]);
}

#[test]
fn same_thing_at_the_same_time_is_one_group() {
    let plan = prospect_of((0..3).map(|index| user(&format!("late{index}"))), &[], 2);
    let groups = plan.groups();
    let found: Vec<(usize, String)> =
        groups.iter().map(|group| (group.users.len(), group.foreseen.said())).collect();
    assert!(found.iter().all(|(users, _)| *users == 3), "{found:?}");
    assert_eq!(found.iter().filter(|(_, said)| said == "quarantined").count(), 1);
    assert!(plan.users.iter().all(|person| person.contained_at() > person.told_at()));
}

#[test]
fn days_are_those_of_the_time_zone() {
    // The daily sweep at 19:30 UTC is on the next day in India.
    let plan = prospect_of([user("late")], &[("TIME_ZONE", "Asia/Kolkata")], 2);
    let expected = plan.users[0].expected.iter().map(|foreseen| plan.minute(foreseen.at)[..10].to_owned());
    let mut expected: Vec<String> = expected.collect();
    expected.dedup();
    assert_eq!(plan.days.iter().map(|day| day.date.to_string()).collect::<Vec<_>>(), expected);
}

#[test]
fn without_days_the_first_sweep_is_foretold() {
    let plan = prospect_of(people(), &[], 0);
    assert!(plan.users.iter().flat_map(|person| &person.expected).all(|foreseen| foreseen.at == plan.from));
    assert_eq!(plan.days.len(), 1);
}

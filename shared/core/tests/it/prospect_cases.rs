//! What a plan says for programs, for spreadsheets, and as a page.

use crate::contract::root;
use crate::evidence_fixtures::schema;
use crate::snapshot_fixtures::{account, detail, report, row};
use jsonschema::Validator;
use mfa_enforcer_core::digest::UserStatus;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::evidence::Asked;
use mfa_enforcer_core::forecast::{self, Foreseen, Prospect, Question, Schedule, json, page};
use mfa_enforcer_core::sweep::status_from_snapshot;
use mfa_enforcer_testing::evidence::{people, prospect_of, prospect_of_people};
use mfa_enforcer_testing::fixtures::{now, settings, user, with_tag};
use rstest::rstest;
use serde_json::Value;
use std::collections::BTreeMap;
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

/// All lines of a table, with its heading.
fn lines(table: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(table);
    reader.records().map(|line| line.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn table_of_accounts_is_the_tables_of_each() {
    let (one, other) = (prospect_of_people(&[], 30), prospect_of([user("late")], &[], 3));
    let accounts = [("111122223333", &one), ("444455556666", &other)];
    let heading = [vec!["account".to_owned()], lines(&forecast::csv(&one)).remove(0)].concat();
    let mut expected = vec![heading];
    for (number, prospect) in accounts {
        let lines = lines(&forecast::csv(prospect)).into_iter().skip(1);
        expected.extend(lines.map(|line| [vec![number.to_owned()], line].concat()));
    }
    assert_eq!(lines(&forecast::csv_of_accounts(accounts.into_iter())), expected);
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

#[test]
fn page_begins_with_who_asked_and_what_is_there() {
    let plan = prospect_of([user("late")], &[("MODE", "observe")], 3);
    let page = page(&plan);
    for part in [
        "2026-11-02 09:30 UTC as arn:aws:iam::",
        "<dd>2026-11-05 09:30 UTC</dd>",
        "MODE=observe",
        "1, 1 with a console password: 0 with MFA, 0 in grace, 1 overdue, 0 exempt",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[test]
fn what_to_fix_is_said_with_all_names() {
    let odd = ["ann", "bea"].map(|name| with_tag(user(name), "email", "not an address"));
    let plan = prospect_of(odd.into_iter().chain([user("carl")]), &[], 1);
    let finding = "the contact tag is not an e-mail address";
    assert_eq!(plan.to_fix(), BTreeMap::from([(finding, vec!["ann", "bea"])]));
    assert!(page(&plan).contains(&format!("<li>{finding}. 2: ann, bea</li>")));
    assert!(!page(&prospect_of([user("carl")], &[], 1)).contains("To fix first"));
}

#[rstest]
#[case::default(&[], "UTC", "09:30")]
#[case::another(&[("TIME_ZONE", "Asia/Kolkata")], "Asia/Kolkata", "15:00")]
fn page_tells_what_happens_in_the_time_zone(
    #[case] changes: &[(&'static str, &str)],
    #[case] zone: &str,
    #[case] time: &str,
) {
    let page = page(&prospect_of([user("late")], changes, 3));
    assert!(page.contains(&format!("<caption>Times in {zone}</caption>")), "{page}");
    let (_, told) = page.split_once("</caption>").unwrap();
    let cells = format!("<tr><th scope=\"row\">2026-11-02 {time}</th><td>tell</td><td>final-notice</td>");
    assert!(told.contains(&cells), "{page}");
    assert!(told.contains("<td>quarantine</td><td>quarantined</td>"), "{page}");
}

#[test]
fn page_has_a_row_of_everybody() {
    let plan = prospect_of_people(&[], 30);
    let page = page(&plan);
    let (_, rows) = page.split_once(r#"<table id="users">"#).unwrap();
    for person in &plan.users {
        let row = &person.row;
        let begin =
            format!("<tr><th scope=\"row\">{}</th><td>{}</td>", row.name, row.posture.replace('-', " "));
        assert!(rows.contains(&begin), "{begin}: {rows}");
    }
}

#[test]
fn told_at_once_and_every_message_counted() {
    let plan = prospect_of([user("late")], &[], 3);
    let late = &plan.users[0];
    let said: Vec<String> = late.expected.iter().map(Foreseen::said).collect();
    assert_eq!(said, ["final-notice", "quarantined", "quarantine-reminder"]);
    assert_eq!((late.told_at(), late.messages()), (Some(plan.from), 3));
}

#[test]
fn what_is_withheld_tells_nobody() {
    let plan = prospect_of([user("late")], &[("MODE", "observe")], 3);
    let late = &plan.users[0];
    assert_eq!(late.expected[0].said(), "final-notice");
    assert_eq!((late.told_at(), late.messages()), (None, 0));
}

#[test]
fn administrators_hear_each_day_of_root_without_mfa() {
    let (settings, schedule) = (settings(), Schedule::new("06:00", "UTC").unwrap());
    let account = account(report(&[row(&[])]), vec![detail("alice")], Vec::new());
    let statuses: Vec<UserStatus> =
        account.users.iter().map(|user| status_from_snapshot(user, &settings, now())).collect();
    let caller = "arn:aws:iam::123456789012:user/carol";
    let asked = Asked { caller, alias: None, at: now(), settings: &settings };
    let question = Question { asked, days: 3, schedule: &schedule };
    let plan = Prospect::of(&account, &statuses, Vec::new(), question);
    let told: Vec<&str> = plan.root.messages.iter().map(|kind| kind.code()).collect();
    assert_eq!(told, ["root-alert"]);
    assert!(page(&plan).contains("The administrators get an alert each day"));
}

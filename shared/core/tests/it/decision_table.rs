//! The decision table, rendered from the code. It is the specification: the README shows the same text.

use crate::given::{
    PHONE_SERIAL, TRIGGERS, USER_EVENTS, event, now, root_event, settings_with, users, with_device,
};
use crate::model::summary;
use mfa_enforcer_core::decide::{Needs, decide, needs};
use mfa_enforcer_core::facts::{Facts, RootFacts, RootLedger};
use mfa_enforcer_core::plan::{Plan, Step};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn plan(event_name: &str, column: usize, mode: &str) -> Plan {
    let event = event(event_name);
    let facts = match needs(&event) {
        Needs::User(_) => Facts::User(Box::new(users().swap_remove(column).1)),
        Needs::Nothing | Needs::RootLedger => Facts::NotNeeded,
    };
    decide(&event, &facts, &settings_with(&[("MODE", mode)]), now())
}

/// The plan once IAM shows what the event says.
fn settled_plan(event_name: &str, column: usize) -> Plan {
    let mut user = users().swap_remove(column).1;
    match event_name {
        "EnableMFADevice" => user = with_device(user, PHONE_SERIAL),
        "DeleteLoginProfile" => user.login_profile_created = None,
        "DeleteUser" => return plan(event_name, column, "enforce"),
        _ => {}
    }
    decide(&event(event_name), &Facts::User(Box::new(user)), &settings_with(&[]), now())
}

fn root_plan(event_name: &str) -> Plan {
    let facts = Facts::Root(RootFacts { mfa: None, ledger: RootLedger::Told(Vec::new()) });
    decide(&root_event(event_name), &facts, &settings_with(&[]), now())
}

#[test]
fn every_trigger_in_every_posture_and_mode() {
    let mut all = String::new();
    for mode in ["enforce", "notify", "observe"] {
        for event_name in TRIGGERS {
            writeln!(all, "{event_name} in mode {mode}").unwrap();
            for (column, (posture, _)) in users().into_iter().enumerate() {
                writeln!(all, "  {posture:<24}{}", summary(&plan(event_name, column, mode))).unwrap();
            }
        }
    }
    writeln!(all, "Root").unwrap();
    for event_name in USER_EVENTS {
        writeln!(all, "  {event_name:<24}{}", summary(&root_plan(event_name))).unwrap();
    }
    insta::assert_snapshot!(all);
}

/// What a plan comes to, in a few words for people.
fn words(plan: &Plan) -> String {
    let mut words: Vec<String> = Vec::new();
    for step in &plan.steps {
        let word = match step {
            Step::AttachPolicy { .. } | Step::JoinGroup { .. } => "**quarantine**".to_owned(),
            Step::DetachPolicy { .. } | Step::LeaveGroup { .. } => "**release**".to_owned(),
            Step::Notify(notice) => format!("say `{}`", notice.kind.code()),
            Step::SetTag { .. } | Step::RemoveTag { .. } | Step::MarkUser { .. } | Step::MarkRoot { .. } => {
                continue;
            }
        };
        words.push(word);
    }
    match (words.is_empty(), plan.reason.is_transient()) {
        (_, true) => format!("try again: {}", plan.reason),
        (true, false) => "nothing".to_owned(),
        (false, false) => words.join(", "),
    }
}

fn table() -> String {
    let columns: Vec<&str> = users().into_iter().map(|(posture, _)| posture).collect();
    let mut text = String::from("| event |");
    for (index, posture) in columns.iter().enumerate() {
        if shown(index) {
            write!(text, " {posture} |").unwrap();
        }
    }
    text.push_str("\n|---|");
    text.push_str(&"---|".repeat((0..columns.len()).filter(|index| shown(*index)).count()));
    text.push('\n');
    for event_name in TRIGGERS {
        write!(text, "| {event_name} |").unwrap();
        for index in (0..columns.len()).filter(|index| shown(*index)) {
            write!(text, " {} |", words(&settled_plan(event_name, index))).unwrap();
        }
        text.push('\n');
    }
    text
}

/// The README shows the columns that differ from each other in a way that people ask about.
fn shown(column: usize) -> bool {
    matches!(
        users().swap_remove(column).0,
        "compliant" | "in grace" | "overdue" | "compliant, contained" | "overdue, contained"
    )
}

#[test]
fn the_readme_shows_the_table_that_the_code_makes() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let table = table();
    assert!(readme.contains(&table), "the README lacks this table:\n{table}");
}

//! The decision table, rendered from the code. It is the specification, and the README shows part of it.

use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_testing::fixtures::{
    PHONE_SERIAL, decide, decide_on, decided, event, event_names, function_of, now, occasion, occasions,
    overdue, root_event, settings, settings_with, users, with_device,
};
use mfa_enforcer_testing::plans::summary;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn plan(name: &str, column: usize, mode: &str) -> Plan {
    let user = users().swap_remove(column).1;
    decide_on(&occasion(name), &user, &settings_with(&[("MODE", mode)]), now())
}

/// The plan once IAM shows what the event says.
fn settled_plan(name: &str, column: usize) -> Plan {
    let mut user = users().swap_remove(column).1;
    match name {
        "EnableMFADevice" => {
            user = with_device(user, PHONE_SERIAL);
            user.devices.last_mut().unwrap().enabled = event(name).source.time;
        }
        "DeleteLoginProfile" => user.login_profile_created = None,
        _ => {}
    }
    decided(name, &user)
}

fn root_plan(event_name: &str) -> Plan {
    decide(&root_event(event_name), &overdue(), &settings(), now())
}

#[test]
fn every_trigger_in_every_posture_and_mode() {
    let mut all = String::new();
    for mode in ["enforce", "notify", "observe"] {
        for event_name in occasions() {
            writeln!(all, "{event_name} in mode {mode}").unwrap();
            for (column, (posture, _)) in users().into_iter().enumerate() {
                writeln!(all, "  {posture:<24}{}", summary(&plan(event_name, column, mode))).unwrap();
            }
        }
    }
    writeln!(all, "Root").unwrap();
    let about_root = |name: &&str| function_of(name) != Function::Guard;
    for event_name in event_names().into_iter().filter(about_root) {
        writeln!(all, "  {event_name:<24}{}", summary(&root_plan(event_name))).unwrap();
    }
    insta::assert_snapshot!(all);
}

/// A plan in a few words for the README.
fn words(plan: &Plan) -> String {
    let mut words: Vec<String> = Vec::new();
    for step in &plan.steps {
        let word = match step.effect() {
            Effect::Contain => "**quarantine**".to_owned(),
            Effect::Release => "**release**".to_owned(),
            Effect::Alert | Effect::Report | Effect::Notify => match step {
                Step::Notify(notice) => format!("say `{}`", notice.kind().code()),
                Step::Change { .. }
                | Step::RecordRootAlert(_)
                | Step::Repair(_)
                | Step::OrderSweep { .. } => continue,
            },
            Effect::ScheduleRelease => "**release** later".to_owned(),
            Effect::Repair => "**repair**".to_owned(),
            Effect::RecordAlert
            | Effect::RecordExemption
            | Effect::RecordQuarantine
            | Effect::CountPutBack
            | Effect::RecordReport
            | Effect::OrderSweep
            | Effect::ClaimNotice
            | Effect::RecordNotice
            | Effect::RestoreRecord
            | Effect::EndQuarantine => continue,
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
    for event_name in occasions().into_iter().filter(|name| function_of(name) != Function::Guard) {
        write!(text, "| {event_name} |").unwrap();
        for index in (0..columns.len()).filter(|index| shown(*index)) {
            write!(text, " {} |", words(&settled_plan(event_name, index))).unwrap();
        }
        text.push('\n');
    }
    text
}

/// Whether the README shows this column: those whose differences people ask about.
fn shown(column: usize) -> bool {
    matches!(
        users().swap_remove(column).0,
        "compliant" | "in grace" | "overdue" | "compliant, contained" | "overdue, contained"
    )
}

#[test]
fn readme_shows_the_decision_table() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(&file).unwrap();
    let table = table();
    if env::var_os("UPDATE_CONTRACT").is_some() {
        let start = readme.find("| event |").unwrap();
        let end = start + readme[start..].find("\n\n").unwrap() + 1;
        fs::write(&file, format!("{}{table}{}", &readme[..start], &readme[end..])).unwrap();
    } else {
        assert!(readme.contains(&table), "run `make contract`: the README lacks this table:\n{table}");
    }
}

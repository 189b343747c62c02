//! Every file of `events/`: how it is read, and what it leads to for users in every posture.

use crate::given::{deployment, function_of, now, settings, users};
use crate::model::summary;
use mfa_enforcer_core::decide::{Needs, decide, needs};
use mfa_enforcer_core::event::{Event, Function, Ignored, Reading, SweepReading, read, read_request};
use mfa_enforcer_core::facts::{Facts, RootFacts, RootLedger};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use strum::IntoEnumIterator;

/// The samples that are orders to sweep, and those that are events of CloudTrail.
fn requests() -> Vec<(String, PathBuf)> {
    files().into_iter().filter(|(name, _)| name.starts_with("Sweep/")).collect()
}

fn samples() -> Vec<(String, PathBuf)> {
    files().into_iter().filter(|(name, _)| !name.starts_with("Sweep/")).collect()
}

pub(crate) fn files() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events");
    let mut files = Vec::new();
    for folder in fs::read_dir(&root).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().with_extension("");
            files.push((name.to_string_lossy().into_owned(), path));
        }
    }
    files.sort();
    files
}

fn function_for(payload: &str) -> Function {
    let value: Value = serde_json::from_str(payload).unwrap();
    function_of(value.pointer("/detail/eventName").and_then(Value::as_str).unwrap_or_default())
}

fn outcomes(event: &Event) -> String {
    let mut text = String::new();
    match needs(event) {
        Needs::Nothing => {
            writeln!(text, "  {}", summary(&decide(event, &Facts::NotNeeded, &settings(), now()))).unwrap();
        }
        Needs::RootLedger => {
            let facts = Facts::Root(RootFacts { mfa: None, ledger: RootLedger::Told(Vec::new()) });
            writeln!(text, "  {}", summary(&decide(event, &facts, &settings(), now()))).unwrap();
        }
        Needs::User(name) => {
            for (posture, mut user) in users() {
                user.name = name.clone();
                let plan = decide(event, &Facts::User(Box::new(user)), &settings(), now());
                writeln!(text, "  {posture:<24}{}", summary(&plan)).unwrap();
            }
        }
    }
    text
}

#[test]
fn every_sample_leads_to_what_its_name_says() {
    let mut all = String::new();
    for (name, path) in samples() {
        let payload = fs::read_to_string(&path).unwrap();
        writeln!(all, "{name}").unwrap();
        match read(&payload, function_for(&payload), &deployment()) {
            Err(malformed) => writeln!(all, "  {malformed}").unwrap(),
            Ok(Reading::Ignored(reason)) => writeln!(all, "  ignored: {reason}").unwrap(),
            Ok(Reading::Event(event)) => {
                let subject = match &event.subject {
                    mfa_enforcer_core::event::Subject::User(user) => user.to_string(),
                    mfa_enforcer_core::event::Subject::Root => "root".to_owned(),
                };
                writeln!(all, "  {} to {subject}, by {}", event.trigger.event_name(), event.actor).unwrap();
                let origin = &event.source.origin;
                writeln!(all, "  at {} from {}, {}", event.source.time, origin.address, origin.client)
                    .unwrap();
                all.push_str(&outcomes(&event));
            }
        }
        all.push('\n');
    }
    insta::assert_snapshot!(all);
}

#[test]
fn the_orders_to_sweep_are_read_and_every_other_sample_is_none() {
    for (name, path) in requests() {
        let payload = fs::read_to_string(&path).unwrap();
        assert!(matches!(read_request(&payload, now()), Ok(SweepReading::Sweep(_))), "{name}");
    }
    for (name, path) in samples() {
        let payload = fs::read_to_string(&path).unwrap();
        assert!(!matches!(read_request(&payload, now()), Ok(SweepReading::Sweep(_))), "{name}");
    }
}

#[test]
fn the_samples_cover_every_ignore_reason_and_every_trigger() {
    let mut reasons = BTreeSet::new();
    let mut triggers = BTreeSet::new();
    for (_, path) in samples() {
        let payload = fs::read_to_string(&path).unwrap();
        for function in Function::iter() {
            match read(&payload, function, &deployment()) {
                Ok(Reading::Ignored(reason)) => {
                    reasons.insert(reason);
                }
                Ok(Reading::Event(event)) => {
                    triggers.insert(event.trigger.event_name());
                }
                Err(_) => {}
            }
        }
    }
    assert_eq!(reasons, Ignored::iter().collect::<BTreeSet<_>>());
    assert_eq!(triggers, crate::given::USER_EVENTS.into_iter().collect::<BTreeSet<_>>());
}

#[test]
fn there_are_at_least_forty_samples_and_each_is_its_own_event() {
    let mut ids = BTreeSet::new();
    let samples = samples();
    for (name, path) in &samples {
        let value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert!(ids.insert(value["id"].to_string()), "{name} repeats an id");
    }
    assert!(samples.len() >= 40, "{} samples", samples.len());
}

//! Every file in `events/`: how it is read, and what it leads to for users in every posture.

use mfa_enforcer_core::decide::{Ask, ask};
use mfa_enforcer_core::event::{Event, Function, Ignored, Reading, SweepReading, read, read_request};
use mfa_enforcer_testing::fixtures::{
    self, decide, deployment, event_names, function_of, now, overdue, settings, users,
};
use mfa_enforcer_testing::plans::summary;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use strum::IntoEnumIterator;

/// The samples that request a sweep.
fn requests() -> Vec<(String, PathBuf)> {
    fixtures::samples().into_iter().filter(|(name, _)| name.starts_with("Sweep/")).collect()
}

/// All other samples.
fn samples() -> Vec<(String, PathBuf)> {
    fixtures::samples().into_iter().filter(|(name, _)| !name.starts_with("Sweep/")).collect()
}

fn function_for(payload: &str) -> Function {
    let value: Value = serde_json::from_str(payload).unwrap();
    function_of(value.pointer("/detail/eventName").and_then(Value::as_str).unwrap_or_default())
}

fn outcomes(event: &Event) -> String {
    let mut text = String::new();
    let Ask::User(question) = ask(event) else {
        writeln!(text, "  {}", summary(&decide(event, &overdue(), &settings(), now()))).unwrap();
        return text;
    };
    for (posture, mut user) in users() {
        user.name = question.name().clone();
        if let Some(id) = &event.actor.user_id {
            user.id.clone_from(id);
        }
        writeln!(text, "  {posture:<24}{}", summary(&decide(event, &user, &settings(), now()))).unwrap();
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
                let subject = event.subject.user().map_or_else(str::to_owned, ToString::to_string);
                writeln!(all, "  {} to {subject}, by {}", event.trigger.spec().event_name, event.actor)
                    .unwrap();
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
fn only_sweep_samples_request_a_sweep() {
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
fn samples_cover_ignore_reasons_and_triggers() {
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
                    triggers.insert(event.trigger.spec().event_name);
                }
                Err(_) => {}
            }
        }
    }
    // Of mail, which is not read as a record: `event_that_is_not_about_our_mail_is_ignored`.
    reasons.insert(Ignored::MailAboutNobody);
    let unseen: Vec<Ignored> = Ignored::iter().filter(|reason| !reasons.contains(reason)).collect();
    assert!(unseen.is_empty(), "no sample leads to {unseen:?}");
    let unseen: Vec<&str> = event_names().into_iter().filter(|name| !triggers.contains(name)).collect();
    assert!(unseen.is_empty(), "no sample of {unseen:?}");
}

#[test]
fn at_least_forty_samples_have_unique_ids() {
    let mut ids = BTreeSet::new();
    let samples = samples();
    for (name, path) in &samples {
        let value: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        assert!(ids.insert(value["id"].to_string()), "{name} repeats an id");
    }
    assert!(samples.len() >= 40, "{} samples", samples.len());
}

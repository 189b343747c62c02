//! Any payload: as an event for each function, as a record of the event history, as a request for a sweep.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use mfa_enforcer_core::event::{
    Deployment, Event, Function, Ignored, Malformed, PastCall, Reading, SweepKind, SweepReading, label, read,
    read_request,
};
use mfa_enforcer_core::facts::{Approval, UserFacts};
use mfa_enforcer_core::history::{
    Look, Records, approval, attached_by, exemptions_to_look_up, note_exemptions, note_removals, removals,
    renames, traces,
};
use mfa_enforcer_core::mail_event::{MailReading, read_mail};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::{Factors, LastUse, UserSnapshot};
use mfa_enforcer_fuzz::json;
use mfa_enforcer_testing::fixtures;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use strum::IntoEnumIterator;

static DEPLOYMENT: LazyLock<Deployment> = LazyLock::new(fixtures::deployment);
static SETTINGS: LazyLock<Settings> = LazyLock::new(fixtures::settings);
static MAILING: LazyLock<Settings> = LazyLock::new(|| {
    fixtures::settings_with(&[("MAIL_FROM", "mfa@example.com"), ("MAIL_CONFIGURATION_SET", "stack")])
});
/// Contained and exempt, so that there is something to ask the history.
static USER: LazyLock<UserFacts> = LazyLock::new(|| fixtures::contained(fixtures::exempt()));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    json::mutate(data, size, max_size, seed)
});

fuzz_target!(|payload: &str| {
    let label = label(payload);
    assert!(label.name.as_ref().is_none_or(|name| (1..=64).contains(&name.len()) && is_plain(name)));

    // The function that the event is for, and one that leaves it to that one.
    let own = fixtures::function_of(label.name.as_deref().unwrap_or_default());
    let others: Vec<Function> = Function::iter().filter(|function| *function != own).collect();
    let other = others[payload.len() % others.len()];
    let (own, other) = (read(payload, own, &DEPLOYMENT), read(payload, other, &DEPLOYMENT));
    assert!(!matches!(other, Ok(Reading::Event(_))), "an event belongs to one function");
    match &own {
        Ok(Reading::Event(event)) => {
            check_event(event);
            assert_eq!(other, Ok(Reading::Ignored(Ignored::OtherFunction)));
        }
        Ok(Reading::Ignored(reason)) => assert!(!reason.to_string().is_empty()),
        Err(malformed) => check_malformed(malformed),
    }

    // As an event of SES.
    match read_mail(payload, Function::UserLifecycle, &MAILING) {
        Ok(MailReading::Event(event)) => {
            for step in event.answer(Some(&USER), &MAILING).steps {
                assert!(step.to_string().starts_with("set-tag mfa-enforcer:mail"), "{step}");
            }
        }
        Ok(MailReading::Ignored(_) | MailReading::NotOfSes | MailReading::Digest(_)) => {}
        Err(malformed) => check_malformed(&malformed),
    }

    // As the event history would tell it.
    if let Some(call) = PastCall::read(record(payload), &DEPLOYMENT) {
        assert!(call.parameter("userName").is_none_or(|name| !name.is_empty()));
        check_history(record(payload));
    }

    let now: Timestamp = "2026-11-24T09:05:00Z".parse().expect("a time");
    match read_request(payload, now) {
        Ok(SweepReading::Sweep(request)) => {
            assert!(request.id.is_sweep() && request.of_the_day().id.is_sweep())
        }
        Ok(SweepReading::Ignored(_)) => {}
        Err(malformed) => check_malformed(&malformed),
    }
});

/// The record in an envelope, or the payload itself.
fn record(payload: &str) -> &str {
    let envelope: Result<Enveloped<'_>, _> = serde_json::from_str(payload);
    envelope.map_or(payload, |envelope| envelope.detail.get())
}

#[derive(Deserialize)]
struct Enveloped<'p> {
    #[serde(borrow)]
    detail: &'p RawValue,
}

/// What the history tells of a user if this is one of its records.
fn check_history(record: &str) {
    let now: Timestamp = "2026-11-24T09:05:00Z".parse().expect("a time");
    let records = Records { records: vec![record.to_owned(); 2], is_complete: true };
    let answers = [records.clone()];
    let traces = traces(&answers, &USER, &SETTINGS, now);
    assert!(traces.attachments.iter().all(|one| one.at <= now && !one.what.is_empty()));
    let _ = attached_by(&answers, &USER, &SETTINGS, now);
    if let Approval::Set { at, .. } = approval(&answers, &USER, &SETTINGS, now) {
        assert!(at <= now, "an approval is not from tomorrow");
    }
    let (removals, renames) = (removals(&records, &SETTINGS), renames(&records, &SETTINGS));
    let snapshot = UserSnapshot {
        user: USER.clone(),
        password_latest: Some(now),
        reported: true,
        factors: Factors::None,
        last_sign_in: LastUse::Unknown,
        arn: "arn:aws:iam::123456789012:user/alice".to_owned(),
        boundary: None,
        access_keys: Vec::new(),
    };
    let look = Look::of(SweepKind::Daily, &BTreeMap::new(), None, now);
    let mut users = [snapshot];
    note_removals(&mut users, &removals, &renames, &look);
    let lookups = exemptions_to_look_up(&users, SweepKind::Daily, &SETTINGS, now);
    let answers: Vec<_> = lookups.into_iter().map(|lookup| (lookup, records.clone())).collect();
    note_exemptions(&mut users, &answers, SweepKind::Daily, &SETTINGS, now);
    assert!(users.iter().all(|snapshot| snapshot.user.exempted_by.acts.iter().all(|act| act.at <= now)));
}

/// Whatever goes into a message or a log has only characters that can be shown.
fn check_event(event: &Event) {
    let origin = &event.source.origin;
    for text in [&origin.address, &origin.client, &event.actor.to_string(), &event.source.id.to_string()] {
        assert!(!text.is_empty() && !text.contains(char::is_control), "{text:?}");
        assert!(text.chars().count() <= 400, "{text}");
    }
    assert_eq!(event.source.account, DEPLOYMENT.account);
}

fn check_malformed(malformed: &Malformed) {
    let Malformed { path, problem } = malformed;
    assert!(!path.is_empty() && !problem.is_empty());
    assert!(problem.chars().count() <= 400, "{problem}");
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|char| char.is_ascii_alphanumeric())
}

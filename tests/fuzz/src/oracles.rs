//! What holds of every plan, message and tag value.

use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::notice::{Delivery, Mail, Reach, Rendered};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::Posture;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::settings::{Mode, Settings};
use mfa_enforcer_testing::plans::{for_admins, for_user};
use serde::Deserialize;
use std::collections::BTreeMap;

const PROTOCOLS: [&str; 7] = ["default", "email", "sms", "sqs", "lambda", "http", "https"];
/// How much SNS takes in a message.
const SNS_LIMIT: usize = 256 * 1024;

/// How many ways there are in which a user may have been reached or missed.
pub const REACHES: usize = 4;

/// Checks a plan, and every message that it could lead to if the user is reached in one of [`REACHES`] ways.
pub fn check_plan(plan: &Plan, settings: &Settings, reach: usize) {
    let no_room = plan.no_room.iter().map(|elsewhere| &elsewhere.alert);
    for steps in [&plan.steps, &plan.withheld, &plan.if_refused].into_iter().chain(no_room) {
        let effects: Vec<Effect> = steps.iter().map(Step::effect).collect();
        assert!(effects.is_sorted(), "steps out of order: {effects:?}");
        steps.iter().for_each(|step| check_step(step, reach));
    }
    let contains = plan.steps.iter().any(|step| step.effect() == Effect::Contain);
    match settings.mode {
        // What is about the enforcer itself is told in every mode.
        Mode::Observe => {
            assert!(plan.steps.is_empty() || plan.reason == Reason::SelfDefence, "mode observe does nothing");
        }
        Mode::Notify => assert!(!contains, "mode notify contains nobody"),
        Mode::Enforce => assert!(plan.withheld.is_empty(), "mode enforce withholds nothing"),
    }
    let is_spared = match plan.posture {
        // A removed password ends no session. Until those are over, the quarantine stays and is put back. If another part
        // of the event has to be tried again, that is the reason of the plan.
        Some(Posture::NotApplicable) => plan.reason != Reason::PutBack && !plan.reason.is_transient(),
        posture => matches!(posture, Some(Posture::Exempt(_))),
    };
    assert!(!(contains && is_spared), "contained although {:?}: {}", plan.posture, plan.reason);
    // What is logged of a plan.
    let logged =
        plan.steps.iter().map(ToString::to_string).chain(plan.findings.iter().map(ToString::to_string));
    for text in logged.chain([plan.reason.to_string()]) {
        assert!(!text.is_empty() && !text.contains(char::is_control), "{text:?}");
    }
}

fn check_step(step: &Step, reach: usize) {
    match step {
        Step::Change { change, .. } => check_change(change),
        Step::RecordRootAlert(value) => check_tag_value(value),
        Step::Repair(_) | Step::OrderSweep { .. } => {}
        Step::Notify(notice) => {
            let reach = match reach % REACHES {
                0 => Reach::NobodyToTell,
                1 => Reach::Tried(Delivery::Refused),
                2 => Reach::Tried(Delivery::Sent),
                _ => Reach::HandedOver { mail: Some(Delivery::Unconfirmed) },
            };
            for_admins(notice, reach)
                .into_iter()
                .chain(for_user(notice))
                .for_each(|text| check_message(&text));
        }
    }
}

/// Checks a change before it is made.
pub fn check_change(change: &Change) {
    match change {
        Change::SetTag(_, value)
        | Change::ScheduleRelease(value)
        | Change::RestoreRecord(value)
        | Change::ClaimNotice(value) => check_tag_value(value),
        _ => {}
    }
}

/// Checks that IAM and SNS would take the value of a tag.
pub fn check_tag_value(value: &str) {
    assert!(value.chars().count() <= 256, "{} characters: {value}", value.chars().count());
    assert!(value.chars().all(may_be_in_a_tag), "{value:?}");
}

/// Whether IAM takes the character in a tag's value.
pub fn may_be_in_a_tag(char: char) -> bool {
    char.is_alphanumeric() || char == ' ' || "_.:/=+-@".contains(char)
}

/// Checks that SNS would take a message, and that each protocol has its text.
pub fn check_message(message: &Rendered) {
    let Rendered { subject, message, sms, mail, attributes } = message;
    mail.iter().for_each(|mail| check_mail(mail));
    assert!(!subject.is_empty() && subject.len() < 100, "subject of {} characters: {subject}", subject.len());
    assert!(subject.chars().all(|c| c.is_ascii() && !c.is_ascii_control()), "{subject:?}");
    assert!(sms.len() <= 160 && sms.is_ascii(), "text message of {} characters: {sms}", sms.len());
    assert!(message.len() + subject.len() < SNS_LIMIT, "{} bytes", message.len());
    assert!(attributes.iter().all(|(_, value)| !value.is_empty()));
    let texts: BTreeMap<String, String> =
        serde_json::from_str(message).expect("the message is an object of strings");
    assert!(PROTOCOLS.iter().all(|protocol| texts.get(*protocol).is_some_and(|text| !text.is_empty())));
    assert!(texts["sms"].len() <= 160, "{}", texts["sms"]);
    let machine: Machine = serde_json::from_str(&texts["sqs"]).expect("programs get JSON");
    assert_eq!(machine.kind, attributes[0].1);
    assert!(texts["lambda"] == texts["sqs"] && texts["http"] == texts["sqs"]);
    let chat: Chat = serde_json::from_str(&texts["https"]).expect("chat gets JSON of its form");
    for step in chat.content.next_steps {
        assert!(step.chars().count() <= 350, "{step}");
    }
}

/// Checks that SES would take a mail, and that nobody's words are in its headers or markup.
fn check_mail(mail: &Mail) {
    let headers = mail.headers.iter().map(|(_, value)| value).chain([&mail.from]).chain(&mail.reply_to);
    for value in headers {
        assert!(value.len() <= 995 && value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{value:?}");
    }
    for (_, value) in &mail.tags {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        assert!((1..=256).contains(&value.len()) && value.chars().all(allowed), "{value:?}");
    }
    assert!(!mail.subject.is_empty() && !mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
    for tag in ["<script", "<img", "<b>", "<iframe"] {
        assert!(!mail.html.contains(tag), "{}", mail.html);
    }
}

/// The part of a message to programs that is checked.
#[derive(Deserialize)]
struct Machine {
    kind: String,
}

/// The part of a message to a chat that is checked.
#[derive(Deserialize)]
struct Chat {
    content: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    #[serde(default)]
    next_steps: Vec<String>,
}

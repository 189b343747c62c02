//! What no notice may be: too long for its protocol, or a stranger's text in our name.

use crate::notice_fixtures::{about, every_notice, texts};
use mfa_enforcer_core::event::Touched;
use mfa_enforcer_core::notice::{
    AccountAlert, Alert, AlertSubject, Background, Delivery, Notice, Person, Reach, UserNotice,
};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_testing::fixtures::{envelope, event_of, overdue, settings};
use mfa_enforcer_testing::plans::{for_admins, for_user};
use serde_json::{Value, json};

/// The notice with a user and findings as long as they can be.
fn at_its_longest(notice: &Notice) -> Notice {
    let name = "n".repeat(64);
    let longest = |background: &Background| Background {
        findings: vec![Finding::UnusableEmail, Finding::UnusablePhone, Finding::LedgerUnreadable],
        ..background.clone()
    };
    let person = Person { name: name.clone(), id: "A".repeat(128) };
    match notice {
        Notice::User(notice) => {
            let background = longest(&notice.background);
            Notice::User(UserNotice { person, background, ..notice.clone() })
        }
        Notice::Alert(alert) => {
            let subject = match &alert.subject {
                AlertSubject::User(_, alert) => AlertSubject::User(person, alert.clone()),
                AlertSubject::Root(alert) => AlertSubject::Root(*alert),
                AlertSubject::Account(AccountAlert::QuarantinesHeld { limited_hourly, .. }) => {
                    let users = vec![name; 5000];
                    let limited_hourly = *limited_hourly;
                    AlertSubject::Account(AccountAlert::QuarantinesHeld { users, limited_hourly })
                }
                AlertSubject::Account(AccountAlert::EnforcerTouched { touched, .. }) => {
                    let touched = Touched { name: Some("n".repeat(128)), ..touched.clone() };
                    let elsewhere = Some("ap-southeast-1".to_owned());
                    AlertSubject::Account(AccountAlert::EnforcerTouched { touched, elsewhere })
                }
                AlertSubject::Account(AccountAlert::HourUsedUp { limit_of, .. }) => {
                    let limit_of = *limit_of;
                    AlertSubject::Account(AccountAlert::HourUsedUp { limit_of, limit: 50_000, user: name })
                }
                AlertSubject::Account(AccountAlert::NoTrail) => AlertSubject::Account(AccountAlert::NoTrail),
                AlertSubject::Account(alert @ AccountAlert::Quarantine(_)) => {
                    AlertSubject::Account(alert.clone())
                }
                AlertSubject::Account(AccountAlert::NoDigest { .. }) => {
                    AlertSubject::Account(AccountAlert::NoDigest { error: "e".repeat(200) })
                }
            };
            Notice::Alert(Alert { subject, also: alert.also.clone(), background: longest(&alert.background) })
        }
    }
}

#[test]
fn every_chat_message_fits() {
    let mails = [Delivery::Refused, Delivery::Failed, Delivery::Unconfirmed];
    let mut reaches =
        vec![Reach::NobodyToTell, Reach::HandedOver { mail: None }, Reach::Tried(Delivery::Sent)];
    reaches.extend(mails.map(Reach::Tried));
    reaches.extend(mails.map(|mail| Reach::HandedOver { mail: Some(mail) }));
    let mut checked = 0;
    for (kind, notice) in every_notice() {
        for notice in [at_its_longest(&notice), notice] {
            let copies = reaches.iter().filter_map(|reach| for_admins(&notice, *reach));
            for rendered in copies.chain(for_user(&notice)) {
                let chat: Value = serde_json::from_str(texts(&rendered)["https"].as_str().unwrap()).unwrap();
                let content = &chat["content"];
                let length = |part: &Value| part.as_str().unwrap().chars().count();
                // Slack shows at most 3,000 characters of a text.
                assert!(length(&content["title"]) < 100 && length(&content["description"]) <= 3000, "{kind}");
                for step in content["nextSteps"].as_array().unwrap() {
                    assert!((1..=350).contains(&length(step)), "{kind}: {step}");
                }
                assert!(rendered.message.len() < 256 * 1024, "{kind}");
                checked += 1;
            }
        }
    }
    assert!(checked > 300, "{checked}");
}

#[test]
fn no_text_message_is_cut() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_user(&at_its_longest(&notice)) else { continue };
        let whole = rendered.sms.ends_with('.') && !rendered.sms.contains("://");
        assert!(whole && rendered.sms.len() <= 160, "{kind}: {}", rendered.sms);
    }
}

#[test]
fn subject_and_text_message_are_ascii_whatever_the_name() {
    for name in ["Jürgen", "a\nb\r\nBcc: c", "\u{202E}evil", "株".repeat(64).as_str()] {
        for (kind, notice) in every_notice() {
            let Notice::User(notice) = notice else { continue };
            let person = Person { name: name.to_owned(), id: "AIDAEXAMPLE".to_owned() };
            let notice = Notice::User(UserNotice { person, ..notice });
            for rendered in for_admins(&notice, Reach::NobodyToTell).into_iter().chain(for_user(&notice)) {
                let texts = [&rendered.subject, &rendered.sms];
                assert!(
                    texts.iter().all(|text| text.bytes().all(|byte| matches!(byte, b' '..=b'~'))),
                    "{kind}"
                );
            }
        }
    }
}

#[test]
fn nobody_reads_that_mfa_is_enough_where_somebody_has_to_approve() {
    let alone = ["limited until you set up", "comes back by itself"];
    let mut checked = 0;
    for (kind, notice) in every_notice() {
        let Notice::User(UserNotice { background: Background { needs_approval: true, .. }, .. }) = notice
        else {
            continue;
        };
        let rendered = for_user(&notice).unwrap();
        let mail =
            texts(&rendered)["email"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [&rendered.subject, &rendered.sms, &mail] {
            assert!(!alone.iter().any(|words| text.contains(words)), "{kind}: {text}");
        }
        checked += 1;
    }
    assert!(checked > 5, "{checked}");
}

#[test]
fn link_in_user_agent_is_dropped() {
    let mut envelope = envelope("ConsoleLogin");
    envelope["detail"]["userAgent"] = json!("Your account is locked, see https://evil.example/login");
    envelope["detail"]["sourceIPAddress"] = json!("evil.example");
    let notice = about(&event_of(&envelope), &overdue(), &settings()).swap_remove(0);
    let for_admins = for_admins(&notice, Reach::NobodyToTell).unwrap();
    for rendered in [for_user(&notice).unwrap(), for_admins] {
        assert!(!rendered.message.contains("evil"));
    }
}

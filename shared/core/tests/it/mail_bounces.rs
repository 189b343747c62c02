//! What SES tells of our mail: bounces and complaints are noted, and what says nothing of an address is not.

use crate::mail_cases::{named, with};
use crate::notice_fixtures::first_with;
use mfa_enforcer_core::contact::Contact;
use mfa_enforcer_core::event::{Function, Ignored};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::mail_event::{MailReading, read_mail};
use mfa_enforcer_core::notice::Notice;
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::fixtures::{now, settings_with, with_tag};
use mfa_enforcer_testing::plans::after;
use rstest::rstest;
use serde_json::{Value, json};

/// What EventBridge brings of a mail to alice that bounced, with one part changed.
fn bounce(changes: &[(&str, Value)]) -> String {
    let mut event = json!({
        "version": "0", "id": "5f1e0c7a-0000-4000-8000-00000000b001", "detail-type": "Email Bounced",
        "source": "aws.ses", "account": "123456789012", "time": "2026-11-24T09:00:00Z", "region": "us-east-1",
        "resources": ["arn:aws:ses:us-east-1:123456789012:configuration-set/mfa-enforcer-mail"],
        "detail": {
            "eventType": "Bounce",
            "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": "alice@example.com"}]},
            "mail": {
                "messageId": "0100", "destination": ["alice@example.com"],
                "tags": {"ses:configuration-set": ["mfa-enforcer-mail"], "user": ["YWxpY2U"], "kind": ["welcome"]},
            },
        },
    });
    for (pointer, value) in changes {
        *event.pointer_mut(pointer).unwrap() = value.clone();
    }
    event.to_string()
}

fn noting() -> Settings {
    with(&[("MAIL_CONFIGURATION_SET", "stack")])
}

fn reading(payload: &str) -> MailReading {
    read_mail(payload, Function::UserLifecycle, &noting()).unwrap()
}

fn alice() -> UserFacts {
    named("alice", Some("Alice@example.com"))
}

fn planned(payload: &str, user: Option<&UserFacts>) -> Plan {
    let MailReading::Event(event) = reading(payload) else { panic!("ignored") };
    event.answer(user, &noting())
}

#[test]
fn bounce_is_noted_and_the_next_notice_has_no_mail() {
    let plan = planned(&bounce(&[]), Some(&alice()));
    assert_eq!(plan.reason.code(), "mail-bounced");
    let noted = after(&alice(), &plan.steps);
    let (contact, findings) = Contact::of(&noted, &noting(), now());
    assert_eq!(contact.email, None);
    assert_eq!(findings, [Finding::MailBounced("2026-11-24".parse().unwrap())]);
    let Notice::User(notice) = first_with("CreateLoginProfile", &noted, &noting()) else { panic!() };
    assert_eq!(notice.channels, []);
    // The second delivery changes nothing.
    assert_eq!(planned(&bounce(&[]), Some(&noted)).reason.code(), "already-noted");
    // Another address voids the note.
    let moved = with_tag(noted, "email", "alice.smith@example.com");
    assert_eq!(Contact::of(&moved, &noting(), now()).0.email.as_deref(), Some("alice.smith@example.com"));
}

#[test]
fn complaint_weighs_more_than_a_bounce() {
    let complaint = bounce(&[("/detail-type", json!("Email Complaint Received"))]);
    let plan = planned(&complaint, Some(&alice()));
    let noted = after(&alice(), &plan.steps);
    assert_eq!(plan.reason.code(), "mail-complained");
    assert_eq!(planned(&bounce(&[]), Some(&noted)).reason.code(), "already-noted");
    let bounced = after(&alice(), &planned(&bounce(&[]), Some(&alice())).steps);
    assert_eq!(planned(&complaint, Some(&bounced)).reason.code(), "mail-complained");
}

#[test]
fn log_has_what_became_of_a_mail_without_the_address() {
    for (kind, name, state) in [
        ("Email Bounced", "EmailBounced", "Bounced"),
        ("Email Complaint Received", "EmailComplaint", "Complained"),
    ] {
        let MailReading::Event(event) = reading(&bounce(&[("/detail-type", json!(kind))])) else {
            panic!("ignored")
        };
        assert_eq!(event.name(), name);
        let shown = format!("{event:?}");
        assert!(shown.contains(state) && !shown.contains('@'), "{shown}");
    }
}

#[rstest]
#[case::soft(&[("/detail/bounce/bounceType", json!("Transient"))], "mail-delayed")]
#[case::of_a_former_address(&[("/detail/mail/destination/0", json!("old@example.com"))], "other-address")]
fn bounce_that_says_nothing_is_not_noted(#[case] changes: &[(&str, Value)], #[case] reason: &str) {
    let plan = planned(&bounce(changes), Some(&alice()));
    assert_eq!((plan.reason.code(), plan.steps.len()), (reason, 0));
}

#[test]
fn bounce_of_nobody_or_without_room_is_not_noted() {
    assert_eq!(planned(&bounce(&[]), None).reason.code(), "user-gone");
    let full = (0..50).fold(alice(), |user, number| with_tag(user, &format!("tag-{number}"), "x"));
    assert_eq!(planned(&bounce(&[]), Some(&full)).steps, []);
}

#[rstest]
#[case("/source", json!("aws.iam"), None)]
#[case("/detail-type", json!("Email Delivered"), Some("other-service"))]
#[case("/detail/mail/tags/ses:configuration-set", json!(["marketing"]), Some("other-service"))]
#[case("/account", json!("444455556666"), Some("other-account"))]
#[case("/detail/mail/tags", json!({"ses:configuration-set": ["mfa-enforcer-mail"], "kind": ["digest"]}), Some("mail-about-nobody"))]
#[case("/detail/mail/tags", json!({"ses:configuration-set": ["mfa-enforcer-mail"], "kind": ["test"]}), Some("mail-about-nobody"))]
fn event_that_is_not_about_our_mail_is_ignored(
    #[case] pointer: &str,
    #[case] value: Value,
    #[case] reason: Option<&str>,
) {
    let reading = reading(&bounce(&[(pointer, value)]));
    let expected = reason.is_none().then_some(MailReading::NotOfSes);
    assert!(
        matches!(&reading, MailReading::Ignored(ignored) if Some(ignored.code()) == reason)
            || Some(reading) == expected
    );
}

#[test]
fn without_mail_no_event_of_ses_counts() {
    for settings in [settings_with(&[]), with(&[])] {
        let reading = read_mail(&bounce(&[]), Function::UserLifecycle, &settings).unwrap();
        assert_eq!(reading, MailReading::Ignored(Ignored::OtherService));
    }
    let reading = read_mail(&bounce(&[]), Function::Guard, &noting()).unwrap();
    assert_eq!(reading, MailReading::Ignored(Ignored::OtherFunction));
}

#[rstest]
#[case("/detail/mail/tags/user", json!(["***"]), "detail.mail.tags.user")]
#[case("/detail/mail/tags/user", json!(["PHNjcmlwdD4"]), "detail.mail.tags.user")]
#[case("/detail/mail/tags/user", Value::Null, "detail.mail.tags.user")]
#[case("/detail/mail/destination", json!([]), "detail.mail.destination")]
#[case("/id", json!(""), "id")]
fn malformed_bounce_names_its_flaw(#[case] pointer: &str, #[case] value: Value, #[case] path: &str) {
    let payload = bounce(&[(pointer, value)]);
    let malformed = read_mail(&payload, Function::UserLifecycle, &noting()).unwrap_err();
    assert_eq!(malformed.path, path);
    assert!(!malformed.to_string().contains("alice"), "{malformed}");
}

fn digest_bounce(changes: &[(&str, Value)]) -> String {
    let tags = json!({"ses:configuration-set": ["mfa-enforcer-mail"], "kind": ["digest"]});
    let to = json!("Security@example.com");
    bounce(&[&[("/detail/mail/tags", tags), ("/detail/mail/destination/0", to)], changes].concat())
}

#[test]
fn digest_that_bounced_is_noted_on_the_topic() {
    let settings = with(&[("MAIL_CONFIGURATION_SET", "stack"), ("DIGEST_TO", "security@example.com")]);
    let read = |payload: &str| read_mail(payload, Function::UserLifecycle, &settings).unwrap();
    let MailReading::Digest(noted) = read(&digest_bounce(&[])) else { panic!("ignored") };
    let (key, value) = noted.tag();
    assert_eq!((key, noted.reason().code()), ("mfa-enforcer:digest-bounced", "mail-bounced"));
    assert!(value.starts_with("bounced 2026-11-24T") && !value.contains('@'), "{value}");
    let MailReading::Digest(noted) =
        read(&digest_bounce(&[("/detail-type", json!("Email Complaint Received"))]))
    else {
        panic!("ignored")
    };
    assert_eq!((noted.reason().code(), noted.name()), ("mail-complained", "EmailComplaint"));
    for change in [
        ("/detail/bounce/bounceType", json!("Transient")),
        ("/detail/mail/destination/0", json!("old@example.com")),
    ] {
        assert_eq!(read(&digest_bounce(&[change])), MailReading::Ignored(Ignored::MailAboutNobody));
    }
}

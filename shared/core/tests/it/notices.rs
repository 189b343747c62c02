//! How every notice reads, in full, and that its JSON form fits the schema.

use crate::notice_fixtures::{by_access_key, every_notice, first, first_with, texts};
use jsonschema::Validator;
use mfa_enforcer_core::facts::{UserFacts, UserTags};
use mfa_enforcer_core::notice::{AccountAlert, Alert, AlertSubject, Delivery, Notice, Reach};
use mfa_enforcer_testing::fixtures::{
    compliant, contained, in_grace, overdue, settings_with, without_password,
};
use mfa_enforcer_testing::plans::{background, for_admins, for_user};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

fn name(kind: &str, audience: &str) -> String {
    format!("{audience} {kind}").replace([' ', ','], "_")
}

#[test]
fn user_texts_match_snapshots() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_user(&notice) else { continue };
        let message = texts(&rendered);
        let shown = format!(
            "Subject: {}\n\n{}\n--- text message ---\n{}",
            rendered.subject,
            message["email"].as_str().unwrap(),
            message["sms"].as_str().unwrap()
        );
        insta::assert_snapshot!(name(kind, "user"), shown);
    }
}

#[test]
fn admin_texts_match_snapshots() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_admins(&notice, Reach::Tried(Delivery::Sent)) else { continue };
        let shown =
            format!("Subject: {}\n\n{}", rendered.subject, texts(&rendered)["email"].as_str().unwrap());
        insta::assert_snapshot!(name(kind, "admins"), shown);
    }
}

#[test]
fn important_copies_are_those_that_limit_restore_or_miss() {
    let settings = settings_with(&[("ADMIN_COPIES", "important")]);
    let copied = |name: &str, user: &UserFacts, reach: Reach| {
        let notice = first_with(name, user, &settings);
        assert!(for_admins(&first(name, user), reach).is_some(), "with `all`, there is a copy of {name}");
        for_admins(&notice, reach).is_some()
    };
    let (told, by_text) = (Reach::Tried(Delivery::Sent), Reach::HandedOver { mail: None });
    let important = [
        ("ConsoleLogin", overdue()),
        ("CreateLoginProfile", overdue()),
        ("DeactivateMFADevice", in_grace()),
        ("EnableMFADevice", contained(compliant())),
        ("DeleteLoginProfile", contained(without_password())),
    ];
    for (name, user) in important {
        assert!(copied(name, &user, told), "{name}");
    }
    let routine = [
        ("CreateLoginProfile", in_grace()),
        ("ConsoleLogin", in_grace()),
        ("ConsoleLogin", contained(overdue())),
    ];
    for (name, user) in routine {
        assert!(!copied(name, &user, told) && !copied(name, &user, by_text), "{name}");
        for missed in [Delivery::Refused, Delivery::Failed, Delivery::Unconfirmed].map(Reach::Tried) {
            assert!(copied(name, &user, missed), "{name}, {missed:?}");
        }
        assert!(copied(name, &user, Reach::NobodyToTell), "{name}");
        assert!(copied(name, &user, Reach::HandedOver { mail: Some(Delivery::Unconfirmed) }), "{name}");
    }
    assert!(for_admins(&by_access_key(), told).is_some(), "an alert is no copy");
}

#[test]
fn second_line_says_whether_user_was_told() {
    let notice = first("ConsoleLogin", &overdue());
    let reaches = [
        Reach::NobodyToTell,
        Reach::Tried(Delivery::Unconfirmed),
        Reach::Tried(Delivery::Failed),
        Reach::Tried(Delivery::Sent),
    ];
    let lines: Vec<String> = reaches
        .into_iter()
        .map(|reach| {
            let message = texts(&for_admins(&notice, reach).unwrap());
            message["email"].as_str().unwrap().lines().nth(1).unwrap().to_owned()
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn unreachable_welcome_goes_to_admins() {
    let user = UserFacts { tags: UserTags::default(), ..in_grace() };
    let notice = first("CreateLoginProfile", &user);
    let Notice::User(to_user) = &notice else { panic!("an alert") };
    let rendered = for_admins(&notice, Reach::of(&[])).unwrap();
    assert!(to_user.channels.is_empty());
    insta::assert_snapshot!(format!(
        "Subject: {}\n{:?}\n\n{}",
        rendered.subject,
        rendered.attributes,
        texts(&rendered)["email"].as_str().unwrap()
    ));
}

#[test]
fn first_two_lines_sum_up_admin_mail() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_admins(&notice, Reach::Tried(Delivery::Sent)) else { continue };
        let message = texts(&rendered);
        let head: Vec<&str> = message["email"].as_str().unwrap().lines().take(2).collect();
        let head = head.join("\n");
        let (person, severity) = match &notice {
            Notice::User(notice) => (Some(&notice.person), notice.message.severity()),
            Notice::Alert(alert) => (alert.subject.person(), alert.subject.severity()),
        };
        let severity = severity.code().to_uppercase();
        let nobody = match &notice {
            Notice::Alert(Alert { subject: AlertSubject::Account(alert), .. }) => match alert {
                AccountAlert::QuarantinesHeld { .. } => "users are due",
                AccountAlert::HourUsedUp { user, .. } => user,
                AccountAlert::EnforcerTouched { .. } => "the ",
                AccountAlert::NoTrail => "no trail",
                AccountAlert::Quarantine(_) => "the quarantine",
                AccountAlert::NoDigest { .. } => "the account",
            },
            Notice::Alert(_) | Notice::User(_) => "the root user",
        };
        let user = person.map_or(nobody, |person| person.name.as_str());
        let occasion = &background(&notice).occasion;
        let actor = occasion.actor();
        for part in [&severity, user, &actor, occasion.id().as_str(), occasion.name(), "Done: "] {
            assert!(head.contains(part), "{kind}: no `{part}` in {head}");
        }
    }
}

/// Whether the user has nothing to enrol.
fn asks_for_nothing(kind: &str) -> bool {
    kind.contains("released") || kind.starts_with("awaits") || kind == "thanked"
}

#[test]
fn mfa_requests_have_steps_and_links() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_user(&notice) else { continue };
        let message = texts(&rendered);
        let text = message["email"].as_str().unwrap();
        if background(&notice).occasion.is_sweep() {
            assert!(
                text.contains("daily check of all users") && text.contains("24 November 2026, 09:00 UTC")
            );
        } else {
            let (from, when) = ("203.0.113.7, with Firefox on Linux", "24 November 2026, 09:01 UTC");
            assert!(text.contains(from) && text.contains(when));
        }
        if asks_for_nothing(kind) {
            assert!(!text.contains("Assign MFA device"), "{kind}");
            continue;
        }
        for part in [
            "https://123456789012.signin.aws.amazon.com/console",
            "https://console.aws.amazon.com/iam/home#/security_credentials",
            "Assign MFA device",
            "Passkey or security key",
            "Authenticator app",
            "Hardware TOTP token",
        ] {
            assert!(text.contains(part), "{kind}: no `{part}`");
        }
        let long: Vec<&str> = text.lines().filter(|line| line.len() > 78).collect();
        assert!(long.is_empty(), "{kind}: lines too long for a mail: {long:?}");
    }
}

#[test]
fn released_user_gets_no_steps_to_enrol() {
    let steps = |notice: &Notice| {
        let rendered = for_user(notice).unwrap();
        let chat: Value = serde_json::from_str(texts(&rendered)["https"].as_str().unwrap()).unwrap();
        chat["content"]["nextSteps"].clone()
    };
    for (kind, notice) in every_notice().iter().filter(|(_, notice)| for_user(notice).is_some()) {
        let expected = match asks_for_nothing(kind) {
            true if kind.contains("in part") => 1,
            true => 0,
            false => 3,
        };
        assert_eq!(steps(notice).as_array().unwrap().len(), expected, "{kind}");
    }
}

#[test]
fn notice_json_fits_its_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/notice.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema).unwrap()).unwrap();
    let schema: Validator = jsonschema::validator_for(&schema).unwrap();
    let mut checked = 0;
    for (kind, notice) in every_notice() {
        let reaches =
            [Reach::NobodyToTell, Reach::Tried(Delivery::Unconfirmed), Reach::Tried(Delivery::Refused)];
        let texts_of = reaches.into_iter().filter_map(|reach| for_admins(&notice, reach));
        for rendered in texts_of.chain(for_user(&notice)) {
            for protocol in ["sqs", "lambda", "http"] {
                let message: Value =
                    serde_json::from_str(texts(&rendered)[protocol].as_str().unwrap()).unwrap();
                let errors: Vec<String> =
                    schema.iter_errors(&message).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{kind}: {errors:?}");
                checked += 1;
            }
        }
    }
    assert!(checked > 60);
    assert!(!schema.is_valid(&json!({"schemaVersion": "1.0"})), "the schema requires no fields");
}

#[test]
fn notice_json_and_chat_match_snapshots() {
    let notice = first("ConsoleLogin", &overdue());
    let rendered = for_admins(&notice, Reach::Tried(Delivery::Sent)).unwrap();
    for protocol in ["sqs", "https"] {
        let message: Value = serde_json::from_str(texts(&rendered)[protocol].as_str().unwrap()).unwrap();
        insta::with_settings!({ sort_maps => true }, { insta::assert_json_snapshot!(protocol, message) });
    }
}

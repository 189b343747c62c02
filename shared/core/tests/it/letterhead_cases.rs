//! What messages to users say about those who send them, and in which order, with any settings.

use mfa_enforcer_core::notice::{Notice, Reach, Rendered};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::fixtures::{contained, in_grace, overdue, settings_with, warned};
use mfa_enforcer_testing::plans::{for_admins, for_user};
use rstest::rstest;
use serde_json::Value;

use crate::notice_fixtures::{deadline_in, every_notice, first_with};

pub(crate) const OURS: [(&str, &str); 4] = [
    ("ORGANIZATION_NAME", "Example Corp"),
    ("ACCOUNT_NAME", "Production"),
    ("CONTACT", "help@example.com"),
    ("HELP_URL", "https://wiki.example.com/mfa"),
];

fn with(changes: &[(&'static str, &str)]) -> Settings {
    settings_with(&OURS.iter().chain(changes).copied().collect::<Vec<_>>())
}

/// Subject, mail and text message about a user.
struct Sent {
    subject: String,
    mail: String,
    sms: String,
}

fn sent(name: &str, settings: &Settings) -> Sent {
    let user = match name {
        "ConsoleLogin" => overdue(),
        "EnableMFADevice" => contained(mfa_enforcer_testing::fixtures::compliant()),
        "Sweep" => warned(),
        _ => in_grace(),
    };
    let rendered = for_user(&first_with(name, &user, settings)).unwrap();
    let message: Value = serde_json::from_str(&rendered.message).unwrap();
    let mail = message["email"].as_str().unwrap().to_owned();
    Sent { subject: rendered.subject, mail, sms: rendered.sms }
}

const EVERY: [&str; 5] =
    ["CreateLoginProfile", "ConsoleLogin", "DeactivateMFADevice", "EnableMFADevice", "Sweep"];

/// A text without the ends of its lines.
fn unfolded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn first_paragraph_says_who_what_when_and_how_long() {
    for name in ["CreateLoginProfile", "ConsoleLogin", "Sweep"] {
        let mail = sent(name, &with(&[])).mail;
        let first = unfolded(mail.split("\n\n").nth(1).unwrap());
        for part in ["Example Corp", "MFA", "Production (1234-5678-9012)", "about five minutes"] {
            assert!(first.contains(part), "{name}: no `{part}` in {first}");
        }
    }
    let welcome = unfolded(sent("CreateLoginProfile", &with(&[])).mail.split("\n\n").nth(1).unwrap());
    assert!(welcome.contains("by Monday, 30 November 2026"), "{welcome}");
}

#[test]
fn second_paragraph_says_what_happens_otherwise() {
    for name in ["CreateLoginProfile", "ConsoleLogin", "Sweep"] {
        let rendered = for_user(&first_with(name, &in_grace(), &with(&[]))).unwrap();
        let message: Value = serde_json::from_str(&rendered.message).unwrap();
        let second = unfolded(message["email"].as_str().unwrap().split("\n\n").nth(2).unwrap());
        assert!(second.contains("your access will be limited"), "{name}: {second}");
    }
}

#[test]
fn parts_come_in_the_order_of_their_use() {
    let mail = unfolded(&sent("ConsoleLogin", &with(&[])).mail);
    let order = [
        "Example Corp has limited",
        "Your access comes back",
        "What happened:",
        "How to set up MFA",
        "Another kind of device",
        "If you get stuck",
        "How to check that this is real",
        "Reference:",
    ];
    let at: Vec<usize> =
        order.iter().map(|part| mail.find(part).unwrap_or_else(|| panic!("no `{part}`"))).collect();
    assert!(at.is_sorted(), "{at:?}");
}

#[test]
fn contact_is_named_wherever_help_is() {
    for name in EVERY {
        let mail = unfolded(&sent(name, &with(&[])).mail);
        assert!(mail.matches("help@example.com").count() >= 2, "{name}: {mail}");
        assert!(!mail.contains("your AWS administrators"), "{name}: {mail}");
    }
}

#[rstest]
#[case("UTC", "Tuesday, 24 November 2026, 09:01 UTC")]
#[case("Europe/Berlin", "Tuesday, 24 November 2026, 10:01 CET (09:01 UTC)")]
#[case("Pacific/Auckland", "Tuesday, 24 November 2026, 22:01 NZDT (09:01 UTC)")]
#[case("Pacific/Kiritimati", "Tuesday, 24 November 2026, 23:01 +14 (09:01 UTC)")]
#[case("Europe/London", "Tuesday, 24 November 2026, 09:01 GMT (09:01 UTC)")]
fn times_are_those_of_the_zone(#[case] zone: &str, #[case] expected: &str) {
    let mail = unfolded(&sent("ConsoleLogin", &with(&[("TIME_ZONE", zone)])).mail);
    assert!(mail.contains(expected), "{mail}");
}

#[test]
fn day_of_utc_is_named_where_it_is_another() {
    let letterhead = with(&[("TIME_ZONE", "America/New_York")]).letterhead;
    let night = "2026-11-25T02:00:00Z".parse().unwrap();
    assert_eq!(letterhead.moment(night), "Tuesday, 24 November 2026, 21:00 EST (25 November, 02:00 UTC)");
    assert_eq!(letterhead.day(night), "24 November 2026");
}

#[rstest]
#[case("all", true, true)]
#[case("help-only", false, true)]
#[case("none", false, false)]
fn links_are_those_that_are_wanted(#[case] links: &str, #[case] aws: bool, #[case] help: bool) {
    for name in EVERY {
        let Sent { mail, sms, .. } = sent(name, &with(&[("NOTICE_LINKS", links)]));
        let asks = mail.contains("Assign MFA device");
        assert_eq!(mail.contains("aws.amazon.com"), aws && asks, "{name}");
        assert_eq!(mail.contains("wiki.example.com"), help, "{name}");
        assert_eq!(mail.contains("://"), help || (aws && asks), "{name}");
        assert!(!asks || mail.contains("Security credentials"), "{name}");
        assert!(!sms.contains("://"), "{name}");
    }
}

#[rstest]
#[case("all", "Open https://console.aws.amazon.com/iam/home#/security_credentials")]
#[case(
    "none",
    "Sign in to AWS account Production (1234-5678-9012), choose your name at the top right, then Security credentials"
)]
fn steps_in_short_begin_with_the_page(#[case] links: &str, #[case] expected: &str) {
    let settings = with(&[("NOTICE_LINKS", links)]);
    let rendered = for_user(&first_with("ConsoleLogin", &overdue(), &settings)).unwrap();
    let message: Value = serde_json::from_str(&rendered.message).unwrap();
    let chat: Value = serde_json::from_str(message["https"].as_str().unwrap()).unwrap();
    assert_eq!(chat["content"]["nextSteps"][0], expected);
}

#[rstest]
#[case("", "Passkey or security key")]
#[case("passkey", "Passkey or security key")]
#[case("authenticator-app", "Authenticator app")]
#[case("hardware-token", "Hardware TOTP token")]
fn recommended_device_is_in_the_steps(#[case] device: &str, #[case] first: &str) {
    let mail = unfolded(&sent("ConsoleLogin", &with(&[("RECOMMENDED_DEVICE", device)])).mail);
    let (steps, others) = mail.split_once("Another kind of device").unwrap();
    assert!(steps.contains(&format!("Choose \"{first}\"")), "{steps}");
    assert_eq!(others.matches("and then:").count(), 2, "{others}");
    assert!(!others.contains(&format!("\"{first}\"")), "{others}");
}

#[test]
fn device_that_the_partition_lacks_is_not_recommended() {
    let arn = |service: &str, rest: &str| format!("arn:aws-cn:{service}:{rest}");
    let settings = with(&[
        ("RECOMMENDED_DEVICE", "passkey"),
        ("ALERTS_TOPIC_ARN", &arn("sns", "cn-north-1:123456789012:alerts")),
    ]);
    let mail = unfolded(&sent("ConsoleLogin", &settings).mail);
    assert!(mail.contains("Choose \"Authenticator app\"") && !mail.contains("asskey"), "{mail}");
}

#[test]
fn notify_threatens_with_nothing() {
    for name in ["CreateLoginProfile", "ConsoleLogin", "DeactivateMFADevice"] {
        let Sent { mail, sms, .. } = sent(name, &with(&[("MODE", "notify")]));
        let mail = unfolded(&mail);
        assert!(!mail.contains("limited") && mail.contains("Example Corp asks you"), "{name}: {mail}");
        assert!(!sms.contains("limited"), "{name}: {sms}");
    }
    let last =
        |mode: &str| for_user(&first_with("Sweep", &deadline_in(20), &with(&[("MODE", mode)]))).unwrap();
    let Rendered { message, sms, .. } = last("notify");
    assert!(!message.contains("limited") && sms.contains("final notice"), "{message}");
    assert!(last("enforce").message.contains("limited"), "it follows in mode enforce");
}

#[rstest]
#[case("Example Corp", "Production", "Example Corp: Your access to AWS account Production is limited")]
#[case("Müller", "Production", "Your access to AWS account Production is limited")]
#[case("Example Corp", "Größe", "Example Corp: Your access to AWS account 1234-5678-9012 is limited")]
#[case(
    "n of no less than thirty chars",
    "p of no less than thirty chars",
    "Your access to AWS account p of no"
)]
fn subject_is_short_ascii_whatever_the_names(
    #[case] name: &str,
    #[case] account: &str,
    #[case] begins: &str,
) {
    let names = [("ORGANIZATION_NAME", name), ("ACCOUNT_NAME", account)];
    for event in EVERY {
        let subject = sent(event, &settings_with(&names)).subject;
        assert!(subject.is_ascii() && subject.len() < 100, "{subject}");
    }
    let subject = sent("ConsoleLogin", &settings_with(&names)).subject;
    assert!(subject.starts_with(begins), "{subject}");
}

#[rstest]
#[case("Example Corp", "Example Corp: ")]
#[case("Example Corporation of the World", "Example Corporation: ")]
#[case("Müller & Söhne GmbH", "Mueller & Soehne: ")]
#[case("Électricité de Bourgogne", "Electricite de: ")]
#[case("Llanfairpwllgwyngyllgogerych", "Llanfairpwllgwyngyll: ")]
#[case("ÂŐĞIĶŁŅŘȘȚÙẞ", "AOGIKLNRSTUSS: ")]
#[case("âőğıķłņřșțùß", "aogiklnrstuss: ")]
#[case("Ĳ × Ŋ ſ ÿŸŽž", "IJ x NG s yYZz: ")]
#[case("Пример", "AWS: ")]
#[case("O`Neil [EU] {A}|B~C", "O'Neil (EU) (A)/B-C: ")]
#[case("Acme\u{A0}\u{201C}Nord\u{201D}", "Acme \"Nord\": ")]
#[case("^^", "AWS: ")]
#[case("A^B", "AB: ")]
fn text_message_begins_with_the_company(#[case] name: &str, #[case] begins: &str) {
    let name: String = name.chars().take(30).collect();
    for event in EVERY {
        let sms = sent(event, &settings_with(&[("ORGANIZATION_NAME", &name)])).sms;
        assert!(sms.starts_with(begins) && sms.len() <= 160 && sms.ends_with('.'), "{sms}");
        // One of these would count twice, or make two messages of one.
        assert!(!sms.contains(['[', ']', '{', '}', '\\', '^', '|', '~', '`']), "{sms}");
    }
}

/// In pieces, since a name has room for twenty of them.
#[test]
fn every_letter_of_europe_has_a_spelling() {
    let letters: Vec<char> = ('\u{C0}'..='\u{17F}').collect();
    for piece in letters.chunks(6) {
        let name: String = piece.iter().collect();
        let sms = sent("ConsoleLogin", &settings_with(&[("ORGANIZATION_NAME", &format!("A{name}"))])).sms;
        assert!(sms.starts_with('A') && !sms.starts_with("AWS"), "{name}: {sms}");
    }
}

#[test]
fn release_names_the_device_that_did_it() {
    let mail = unfolded(&sent("EnableMFADevice", &with(&[])).mail);
    assert!(mail.contains("With: the passkey or security key"), "{mail}");
    assert!(mail.contains("or the device is not yours, tell help@example.com at once"), "{mail}");
}

#[test]
fn exempted_user_hears_when_it_ends() {
    use mfa_enforcer_core::tags::EXEMPT_UNTIL_KEY;
    use mfa_enforcer_testing::fixtures::{exempted_lately, with_tag};
    let user = exempted_lately(with_tag(contained(overdue()), EXEMPT_UNTIL_KEY, "2026-12-31 INC-4711"));
    let rendered = for_user(&first_with("Sweep", &user, &with(&[]))).unwrap();
    assert!(
        rendered.message.contains("lasts until the end of 31 December 2026 (UTC)"),
        "{}",
        rendered.message
    );
}

#[test]
fn alias_names_the_account_only_where_nothing_else_does() {
    use mfa_enforcer_core::settings::Letterhead;
    let unnamed = || settings_with(&[]).letterhead;
    let account = |letterhead: Letterhead| letterhead.account("123456789012");
    assert_eq!(account(unnamed().or_alias(Some("acme-prod"))), "acme-prod (1234-5678-9012)");
    assert_eq!(account(unnamed().or_alias(None)), "1234-5678-9012");
    let named = settings_with(&[("ACCOUNT_NAME", "Production")]).letterhead;
    assert_eq!(account(named.or_alias(Some("acme-prod"))), "Production (1234-5678-9012)");
    let long = "a".repeat(64);
    for odd in [
        "",
        "ab",
        "Acme",
        "-acme",
        "acme-",
        "a--b",
        "acme prod",
        "acme\nprod",
        "<b>acme</b>",
        "acm\u{202E}e",
        &long,
    ] {
        assert_eq!(account(unnamed().or_alias(Some(odd))), "1234-5678-9012", "{odd:?}");
    }
}

#[test]
fn longest_alias_fits_every_message() {
    let alias = "a".repeat(63);
    for (kind, notice) in every_notice() {
        let named = with_alias(notice, &alias);
        let copy = for_admins(&named, Reach::NobodyToTell);
        for rendered in for_user(&named).into_iter().chain(copy) {
            assert!(
                rendered.subject.is_ascii() && rendered.subject.len() < 100,
                "{kind}: {}",
                rendered.subject
            );
            assert!(rendered.sms.len() <= 160, "{kind}: {}", rendered.sms);
        }
    }
}

/// The notice in an account that has no name but this alias.
fn with_alias(mut notice: Notice, alias: &str) -> Notice {
    let background = match &mut notice {
        Notice::User(notice) => &mut notice.background,
        Notice::Alert(alert) => &mut alert.background,
    };
    background.letterhead.account_name = None;
    background.letterhead = background.letterhead.clone().or_alias(Some(alias));
    assert_eq!(background.letterhead.account_name.as_deref(), Some(alias));
    notice
}

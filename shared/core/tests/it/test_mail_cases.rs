//! A mail to try: a user's text, marked as a test, to one address and about nobody.

use mfa_enforcer_core::bus::event_of_test;
use mfa_enforcer_core::decide::Operator;
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::notice::{Sample, TestMail, Untried, test_mail};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::event_schema::body;
use mfa_enforcer_testing::fixtures::{now, settings, settings_with};
use rstest::rstest;

const CAROL: &str = "arn:aws:sts::123456789012:assumed-role/operators/carol";

fn by_mail() -> Settings {
    settings_with(&[
        ("MAIL_FROM", "MFA Service <mfa@example.com>"),
        ("MAIL_DOMAINS", "example.com,example.org"),
        ("MAIL_REPLY_TO", "help@example.com"),
        ("ORGANIZATION_NAME", "Example Corp"),
    ])
}

fn tried(sample: Sample, to: &str, settings: &Settings) -> Result<TestMail, Untried> {
    let id = EventId::new("operator-1").unwrap();
    test_mail(sample, to, Operator { arn: CAROL, id: &id }, Some("production"), settings, now())
}

#[rstest]
#[case(Sample::Reminder, "TEST: Example Corp: Reminder: please set up MFA for AWS account production by ")]
#[case(
    Sample::Quarantined,
    "TEST: Example Corp: Your access to AWS account production is limited until you set up MFA"
)]
fn subject_and_first_line_say_that_it_is_a_test(#[case] sample: Sample, #[case] subject: &str) {
    let mail = tried(sample, "carol@example.org", &by_mail()).unwrap().mail;
    assert!(mail.subject.starts_with(subject), "{}", mail.subject);
    assert!(mail.text.starts_with("This is a test: you do not have to do anything.\n\n"), "{}", mail.text);
    assert!(mail.html.contains("This is a test: you do not have to do anything."));
    let words = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&format!("{CAROL} sent it, to see how")), "{words}");
    assert!(words.contains("Hello example-user,"), "{words}");
    assert_eq!(
        (mail.from.as_str(), mail.reply_to.as_deref()),
        ("\"MFA Service\" <mfa@example.com>", Some("help@example.com"))
    );
}

#[test]
fn bounce_of_a_test_is_about_nobody() {
    let mail = tried(Sample::Reminder, "carol@example.com", &by_mail()).unwrap().mail;
    assert_eq!(mail.tags, [("kind", "test".to_owned())]);
}

#[rstest]
#[case("carol@example.net")]
#[case("carol@example.com.evil.example")]
#[case("carol@example.com,bob@example.com")]
#[case("carol@example.com bob@example.com")]
#[case("Carol <carol@example.com>")]
#[case("carol@example.com\nBcc: bob@example.com")]
#[case("carol")]
#[case("")]
fn address_that_is_not_one_of_the_company_gets_nothing(#[case] to: &str) {
    let domains = Untried::OtherDomain("example.com, example.org".to_owned());
    assert_eq!(tried(Sample::Reminder, to, &by_mail()).err(), Some(domains));
}

#[test]
fn nothing_is_tried_through_topics() {
    let untried = tried(Sample::Reminder, "carol@example.com", &settings()).err().unwrap();
    assert_eq!(untried, Untried::NoSender);
    assert!(untried.to_string().contains("never to one address alone"), "{untried}");
}

#[test]
fn entry_on_the_bus_names_the_operator_and_no_address() {
    let id = EventId::new("operator-1").unwrap();
    let event = event_of_test(Operator { arn: CAROL, id: &id }, Some("on call"), &by_mail(), now());
    let body = body(&event);
    assert_eq!(
        (body.kind.as_str(), body.code.as_str(), body.subject.as_str()),
        ("notice", "test", "account")
    );
    assert_eq!(body.text, format!("an operator sent a mail to try it, by {CAROL}, who says to be on call."));
}

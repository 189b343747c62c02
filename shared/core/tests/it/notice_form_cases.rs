//! What the forms of a notice say: chat, programs, text messages, and the copy for administrators.

use crate::notice_fixtures::{every_notice, first, held, no_trail, root, swept, texts};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{AdminCopy, Channel, Delivery, Notice, Reach};
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{compliant, contained, in_grace, overdue, with_tag};
use mfa_enforcer_testing::plans::{for_admins, for_user};
use rstest::rstest;
use serde_json::{Value, json};

const TOLD: Reach = Reach::Tried(Delivery::Sent);

/// What administrators get in the form of this protocol.
fn form(notice: &Notice, protocol: &str) -> Value {
    let texts = texts(&for_admins(notice, TOLD).unwrap());
    serde_json::from_str(texts[protocol].as_str().unwrap()).unwrap()
}

/// What the user's own topic gets for programs.
fn for_programs(notice: &Notice) -> Value {
    serde_json::from_str(texts(&for_user(notice).unwrap())["sqs"].as_str().unwrap()).unwrap()
}

fn chat(notice: &Notice) -> String {
    form(notice, "https")["content"]["description"].as_str().unwrap().to_owned()
}

/// The alert about this many waiting users.
fn waiting(count: usize) -> Notice {
    let names: Vec<String> = (1..=count).map(|number| format!("user{number}")).collect();
    held(&names.iter().map(String::as_str).collect::<Vec<_>>(), false)
}

#[test]
fn kind_says_whether_the_message_is_to_a_user() {
    for (title, notice) in every_notice() {
        assert_eq!(notice.kind().is_to_user(), matches!(notice, Notice::User(_)), "{title}");
    }
}

#[rstest]
#[case::nobody_gets_it(false, AdminCopy::Never, false)]
#[case::only_administrators(false, AdminCopy::Always, true)]
#[case::perhaps_administrators(false, AdminCopy::IfMissed, true)]
#[case::only_the_user(true, AdminCopy::Never, true)]
fn alias_is_wanted_for_what_somebody_gets(
    #[case] to_user: bool,
    #[case] copy: AdminCopy,
    #[case] expected: bool,
) {
    let Notice::User(mut notice) = first("CreateLoginProfile", &in_grace()) else { panic!("an alert") };
    notice.channels =
        if to_user { vec![Channel::Sms { phone: "+15550100123".to_owned() }] } else { Vec::new() };
    notice.copy = copy;
    assert_eq!(Notice::User(notice.clone()).wants_alias(), expected);
    notice.background.letterhead.account_name = Some("Production".to_owned());
    assert!(!Notice::User(notice).wants_alias(), "the account has a name");
}

#[test]
fn alias_is_wanted_for_an_alert_unless_the_account_has_a_name() {
    let Notice::Alert(mut alert) = no_trail() else { panic!("to a user") };
    assert!(Notice::Alert(alert.clone()).wants_alias());
    alert.background.letterhead.account_name = Some("Production".to_owned());
    assert!(!Notice::Alert(alert).wants_alias());
}

#[test]
fn one_waiting_user_is_told_in_the_singular() {
    assert!(chat(&waiting(1)).contains("1 user is due for quarantine and waits:"));
    assert!(chat(&waiting(2)).contains("2 users are due for quarantine and wait:"));
}

#[rstest]
#[case(1, "\nWaiting: user1\n")]
#[case(10, "user9, user10\n")]
#[case(11, "user9, user10 and 1 more\n")]
fn chat_names_ten_waiting_users(#[case] count: usize, #[case] expected: &str) {
    let chat = chat(&waiting(count));
    assert!(chat.contains("\nWaiting: user1") && chat.contains(expected), "{chat}");
}

#[test]
fn programs_get_the_number_and_names_of_waiting_users() {
    assert_eq!(form(&waiting(2), "sqs")["waiting"], json!({"count": 2, "names": ["user1", "user2"]}));
    let many = &form(&waiting(201), "sqs")["waiting"];
    assert_eq!((&many["count"], many["names"].as_array().unwrap().len()), (&json!(201), 200));
    assert_eq!(form(&no_trail(), "sqs")["waiting"], Value::Null);
}

#[test]
fn chat_tells_what_else_happened() {
    let (_, notice) = every_notice().into_iter().find(|(title, _)| title.ends_with(", record too")).unwrap();
    let also = "\nAlso: somebody removed or rewrote the record of the quarantine of alice\n";
    assert!(chat(&notice).contains(also), "{}", chat(&notice));
}

#[rstest]
#[case::user(first("ConsoleLogin", &overdue()), "AIDAEXAMPLEALICE")]
#[case::root(root("ConsoleLogin"), "root")]
#[case::account(no_trail(), "account")]
fn messages_about_one_subject_are_one_thread(#[case] notice: Notice, #[case] thread: &str) {
    assert_eq!(form(&notice, "https")["metadata"]["threadId"], thread);
}

#[test]
fn programs_get_the_notice_before() {
    let tag = "reminder 2026-11-21T09:00:00Z event=earlier first=2026-11-20T09:00:00Z by=text";
    let notice = first("ConsoleLogin", &with_tag(overdue(), UserTag::Notified.key(), tag));
    let expected = json!({
        "kind": "reminder",
        "time": "2026-11-21T09:00:00Z",
        "first": "2026-11-20T09:00:00Z",
        "arrived": true,
        "byTextMessage": true,
    });
    assert_eq!(form(&notice, "sqs")["before"], expected);
}

#[test]
fn programs_get_the_deadline_of_a_message_that_names_one() {
    let welcome = for_programs(&first("CreateLoginProfile", &in_grace()));
    assert_eq!(welcome["deadline"], "2026-11-30T09:05:00Z");
    let quarantined = for_programs(&first("ConsoleLogin", &overdue()));
    assert_eq!(quarantined["deadline"], Value::Null);
}

#[rstest]
#[case::by_a_sweep(
    swept(&contained(overdue())),
    "alice is quarantined and still has no MFA",
    "deadline-passed"
)]
#[case::after_a_sign_in(
    first("ConsoleLogin", &contained(overdue())),
    "alice is quarantined and signed in without MFA again",
    "sign-in"
)]
fn reminder_of_a_quarantine_says_what_led_to_it(
    #[case] notice: Notice,
    #[case] summary: &str,
    #[case] reason: &str,
) {
    let told = for_programs(&notice);
    assert_eq!((&told["summary"], &told["reason"]), (&json!(summary), &json!(reason)));
}

#[test]
fn text_message_of_an_alert_says_where_how_bad_and_what() {
    let sms = for_admins(&waiting(1), TOLD).unwrap().sms;
    let begins = "AWS account 123456789012: critical, quarantines-held, event ";
    assert!(sms.starts_with(begins) && sms.len() > begins.len(), "{sms}");
}

#[rstest]
#[case::news_without_address("CreateLoginProfile", Reach::NobodyToTell, "contact-missing", "warning")]
#[case::news_to_a_wrong_address(
    "CreateLoginProfile",
    Reach::Tried(Delivery::Refused),
    "contact-missing",
    "warning"
)]
#[case::news_that_comes_later("CreateLoginProfile", Reach::Tried(Delivery::Failed), "welcome", "info")]
#[case::news_that_arrived("CreateLoginProfile", TOLD, "welcome", "info")]
#[case::quarantine("ConsoleLogin", Reach::NobodyToTell, "quarantined", "warning")]
#[case::release("EnableMFADevice", Reach::NobodyToTell, "released", "info")]
fn missing_contact_takes_the_place_of_mere_news(
    #[case] event: &str,
    #[case] reach: Reach,
    #[case] kind: &str,
    #[case] severity: &str,
) {
    let user = match event {
        "CreateLoginProfile" => in_grace(),
        "ConsoleLogin" => overdue(),
        _ => contained(compliant()),
    };
    let copy = for_admins(&first(event, &user), reach).unwrap();
    assert_eq!(copy.attributes, [("kind", kind.to_owned()), ("severity", severity.to_owned())]);
}

/// Where access was limited, there is something to do besides passing the message on.
#[rstest]
#[case::quarantined(overdue(), true)]
#[case::reminded(in_grace(), false)]
fn unreached_user_in_quarantine_needs_two_things(#[case] user: UserFacts, #[case] both: bool) {
    let copy = for_admins(&first("ConsoleLogin", &user), Reach::NobodyToTell).unwrap();
    let mail = texts(&copy)["email"].as_str().unwrap().to_owned();
    assert!(mail.contains("The user was not told: no address is known."), "{mail}");
    assert_eq!(mail.contains("Nothing to do"), both, "{mail}");
}

#[test]
fn channel_shows_no_address_when_it_is_logged() {
    let (email, phone) = ("alice@example.com".to_owned(), "+15550100123".to_owned());
    for (channel, shown) in [
        (
            Channel::Topic { name: "alices".to_owned(), email: email.clone() },
            "Topic { name: \"alices\", .. }",
        ),
        (Channel::Mail { email }, "Mail { .. }"),
        (Channel::Sms { phone }, "Sms { .. }"),
    ] {
        assert_eq!(format!("{channel:?}"), shown);
    }
}

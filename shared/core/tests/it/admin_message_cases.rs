//! What administrators read of the account, the user and the runbook, with any settings.

use crate::letterhead_cases::OURS;
use crate::notice_fixtures::{about, every_notice, first_with, held, no_trail, texts};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{Delivery, Notice, Reach, Rendered};
use mfa_enforcer_core::rights::{Power, Rights};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    POLICY, STRICT, approval_settings, event, overdue, settings, settings_with, warned, with_tag,
};
use mfa_enforcer_testing::plans::{for_admins, for_user};
use rstest::rstest;
use serde_json::Value;

const PAGE: (&str, &str) = ("RUNBOOK_URL", "https://wiki.example.com/runbook");
const USER: &str = "/iam/home#/users/details/alice?section=security_credentials";

fn with(changes: &[(&'static str, &str)]) -> Settings {
    settings_with(&OURS.iter().chain(changes).copied().collect::<Vec<_>>())
}

fn copy(user: &UserFacts, settings: &Settings) -> Rendered {
    for_admins(&first_with("ConsoleLogin", user, settings), Reach::Tried(Delivery::Sent)).unwrap()
}

fn part(rendered: &Rendered, protocol: &str) -> String {
    texts(rendered)[protocol].as_str().unwrap().to_owned()
}

/// A line of the mail, by its label.
fn line(rendered: &Rendered, label: &str) -> Option<String> {
    let mail = part(rendered, "email");
    mail.lines().find_map(|line| line.strip_prefix(label)).map(|rest| rest.trim().to_owned())
}

#[test]
fn account_has_its_name_beside_the_number() {
    let named = copy(&overdue(), &with(&[]));
    assert_eq!(named.subject, "[WARNING] 123456789012 (Production) quarantined: alice");
    assert_eq!(line(&named, "Account:").unwrap(), "123456789012 (Production)");
    for name in ["Tür & Tor", &"n".repeat(31)[..30]] {
        let rendered = copy(&overdue(), &settings_with(&[("ACCOUNT_NAME", name)]));
        assert!(rendered.subject.is_ascii() && rendered.subject.len() < 100, "{}", rendered.subject);
        assert!(rendered.subject.starts_with("[WARNING] 123456789012"), "{}", rendered.subject);
    }
}

#[rstest]
#[case("all", true, true)]
#[case("help-only", false, true)]
#[case("none", false, false)]
fn links_are_those_that_the_company_wants(#[case] links: &str, #[case] console: bool, #[case] runbook: bool) {
    let rendered = copy(&overdue(), &with(&[PAGE, ("NOTICE_LINKS", links)]));
    for protocol in ["email", "https"] {
        let text = part(&rendered, protocol);
        assert_eq!(text.contains(USER), console, "{protocol}: {text}");
        assert_eq!(
            text.contains("https://wiki.example.com/runbook#a-user-says"),
            runbook,
            "{protocol}: {text}"
        );
    }
    // In words, where no link is wanted.
    let words = line(&rendered, "Runbook:").unwrap();
    assert_eq!(words == "A user says that nothing works any more", !runbook, "{words}");
    let machine: Value = serde_json::from_str(&part(&rendered, "sqs")).unwrap();
    assert_eq!(
        (machine["links"]["user"].is_string(), machine["links"]["runbook"].is_string()),
        (console, runbook)
    );
}

#[rstest]
#[case("aws", "https://console.aws.amazon.com")]
#[case("aws-cn", "https://console.amazonaws.cn")]
#[case("aws-us-gov", "https://console.amazonaws-us-gov.com")]
#[case("aws-eusc", "https://eusc-de-east-1.console.amazonaws-eusc.eu")]
fn user_link_leads_to_the_console_of_the_partition(#[case] partition: &str, #[case] console: &str) {
    let topic = format!("arn:{partition}:sns:us-east-1:123456789012:alerts");
    let rendered = copy(&overdue(), &settings_with(&[("ALERTS_TOPIC_ARN", &topic)]));
    assert_eq!(line(&rendered, "Console:").unwrap(), format!("{console}{USER}"));
}

#[test]
fn unknown_partition_has_no_link_to_a_console() {
    let topic = "arn:aws-iso:sns:us-iso-east-1:123456789012:alerts";
    let rendered = copy(&overdue(), &settings_with(&[("ALERTS_TOPIC_ARN", topic)]));
    assert_eq!(line(&rendered, "Console:"), None);
}

#[test]
fn runbook_of_the_repository_is_named_by_its_section() {
    let rendered = copy(&overdue(), &with(&[]));
    assert_eq!(
        line(&rendered, "Runbook:").unwrap(),
        "docs/RUNBOOK.md, A user says that nothing works any more"
    );
    let root = for_admins(&no_trail(), Reach::Tried(Delivery::Sent)).unwrap();
    assert_eq!(line(&root, "Runbook:").unwrap(), "docs/RUNBOOK.md, No trail logs management events");
}

#[test]
fn message_that_reached_nobody_points_to_what_helps() {
    let notice = first_with("ConsoleLogin", &overdue(), &with(&[PAGE]));
    let rendered = for_admins(&notice, Reach::NobodyToTell).unwrap();
    assert_eq!(line(&rendered, "Runbook:").unwrap(), "https://wiki.example.com/runbook#a-user-was-not-told");
}

#[rstest]
#[case::automatic(settings(), POLICY)]
#[case::approval(approval_settings(&[]), STRICT)]
fn failed_containment_names_what_to_attach(#[case] settings: Settings, #[case] policy: &str) {
    let failed = &about(&event("ConsoleLogin"), &overdue(), &settings)[1];
    let mail = part(&for_admins(failed, Reach::NobodyToTell).unwrap(), "email");
    let command = format!("`aws iam attach-user-policy --user-name alice --policy-arn {policy}`");
    assert!(mail.contains(&command), "{mail}");
}

#[test]
fn rights_are_told_by_the_names_of_policies() {
    let plain = copy(&overdue(), &with(&[]));
    let words = "not an administrator, going by the names of policies and groups (their texts were not read)";
    assert_eq!(line(&plain, "Rights:").unwrap(), words);
    let arns =
        ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::123456789012:policy/IAMFullAccess"];
    let powerful = UserFacts { attached_policies: arns.map(str::to_owned).to_vec(), ..overdue() };
    let rendered = copy(&powerful, &with(&[]));
    assert_eq!(
        line(&rendered, "Rights:").unwrap(),
        "administrator, by name: AdministratorAccess is attached"
    );
    let machine: Value = serde_json::from_str(&part(&rendered, "sqs")).unwrap();
    assert_eq!(machine["administratorPolicies"], serde_json::json!(["AdministratorAccess"]));
    assert!(part(&rendered, "https").contains("administrator, by name"));
    let member =
        UserFacts { groups: ["Admins", "x-admin", "y-admin"].map(str::to_owned).to_vec(), ..overdue() };
    let rendered = copy(&member, &with(&[]));
    let words = "perhaps administrator, by name: in the group Admins and x-admin and 1 more";
    assert_eq!(line(&rendered, "Rights:").unwrap(), words);
    assert!(part(&rendered, "https").contains("perhaps administrator"));
    let member = UserFacts { groups: ["Admins", "x-admin"].map(str::to_owned).to_vec(), ..overdue() };
    let words = "perhaps administrator, by name: in the group Admins and x-admin";
    assert_eq!(line(&copy(&member, &with(&[])), "Rights:").unwrap(), words);
}

#[rstest]
#[case(
    "reminder 2026-11-21T09:00:00Z event=earlier",
    "reminder, Saturday, 21 November 2026, 09:00 UTC, by mail"
)]
#[case(
    "reminder 2026-11-21T09:00:00Z event=earlier first=2026-11-20T09:00:00Z by=text",
    "reminder, Saturday, 21 November 2026, 09:00 UTC, by text message; first notice Friday, 20 November 2026, 09:00 UTC"
)]
#[case(
    "welcome 2026-11-21T09:00:00Z event=earlier unreached",
    "welcome, Saturday, 21 November 2026, 09:00 UTC, which did not arrive"
)]
#[case(
    "welcome 2026-11-21T09:00:00Z event=earlier by=text unreached",
    "welcome, Saturday, 21 November 2026, 09:00 UTC, by text message; the mail did not arrive"
)]
#[case("<b>anything</b>", "nothing before")]
fn what_was_said_before_is_told(#[case] tag: &str, #[case] expected: &str) {
    let told = with_tag(overdue(), UserTag::Notified.key(), tag);
    assert_eq!(line(&copy(&told, &settings_with(&[])), "Told:").unwrap(), expected);
}

#[test]
fn users_do_not_read_what_is_for_administrators() {
    for (kind, notice) in every_notice() {
        let Some(rendered) = for_user(&notice) else { continue };
        for protocol in ["email", "https", "sqs", "default"] {
            let text = part(&rendered, protocol);
            let secret = ["administratorPolicies", "users/details", "Rights:", "Runbook:", "Told:"];
            // The chat form of a notice to a user goes nowhere but to the user's own topic.
            let told = secret.into_iter().find(|words| text.contains(words));
            assert!(told.is_none(), "{kind}, {protocol}: {told:?}");
        }
    }
}

#[test]
fn name_with_markup_is_no_link_in_chat() {
    let name = ("ACCOUNT_NAME", "<https://evil.example|x>");
    let notice = first_with("ConsoleLogin", &warned(), &settings_with(&[name]));
    let chat = part(&for_admins(&notice, Reach::NobodyToTell).unwrap(), "https");
    assert!(chat.contains("evil.example|x") && !chat.contains(['<', '>']), "{chat}");
}

#[rstest]
#[case(Power::Everything, false, false, "administrator, by the texts of policies", "administrator")]
#[case(
    Power::CanBecome,
    true,
    true,
    "can become administrator, by the texts of policies; a permissions boundary may limit that",
    "can-become-administrator"
)]
#[case(
    Power::NearlyEverything,
    false,
    false,
    "nearly administrator (all but IAM), by the texts of policies",
    "nearly-administrator"
)]
#[case(Power::Ordinary, true, false, "not known: a policy could not be read", "unknown")]
#[case(Power::Ordinary, false, true, "not an administrator, going by the texts of policies", "ordinary")]
fn rights_are_told_by_texts_where_those_were_read(
    #[case] power: Power,
    #[case] is_partly_unread: bool,
    #[case] has_boundary: bool,
    #[case] words: &str,
    #[case] code: &str,
) {
    let rights = Some(Rights { power, is_partly_unread, has_boundary });
    let rendered = copy(&UserFacts { rights, ..overdue() }, &with(&[]));
    assert_eq!(line(&rendered, "Rights:").unwrap(), words);
    let machine: Value = serde_json::from_str(&part(&rendered, "sqs")).unwrap();
    assert_eq!(machine["rights"], code);
}

#[test]
fn every_message_about_a_user_says_what_was_said_before() {
    for (kind, notice) in every_notice() {
        let is_about_a_user = match &notice {
            Notice::User(_) => true,
            Notice::Alert(alert) => alert.subject.person().is_some(),
        };
        let Some(rendered) = for_admins(&notice, Reach::NobodyToTell) else { continue };
        assert_eq!(line(&rendered, "Told:").is_some(), is_about_a_user, "{kind}");
        assert_eq!(line(&rendered, "Rights:").is_some(), is_about_a_user, "{kind}");
        let machine: Value = serde_json::from_str(&part(&rendered, "sqs")).unwrap();
        assert_eq!(machine.get("before").is_some(), is_about_a_user, "{kind}");
    }
}

/// As many as there is room for are named, and the rest is counted.
#[rstest]
#[case(40, None)]
#[case(41, Some("and 1 more"))]
fn waiting_users_are_listed(#[case] count: usize, #[case] rest: Option<&str>) {
    let names: Vec<String> = (0..count).map(|number| format!("user{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mail = part(&for_admins(&held(&names, false), Reach::NobodyToTell).unwrap(), "email");
    assert!(mail.contains("Waiting:  user0\n"), "{mail}");
    assert_eq!(mail.lines().find_map(|line| line.trim().strip_prefix("and ").map(|_| line.trim())), rest);
}

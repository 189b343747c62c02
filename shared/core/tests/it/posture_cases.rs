//! Exemptions, deadlines, and findings about a user.

use mfa_enforcer_core::contact::Contact;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::Reach;
use mfa_enforcer_core::plan::Step;
use mfa_enforcer_core::posture::{Finding, Posture, leaked_key_finding, posture};
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::tags::{self, UserTag};
use mfa_enforcer_testing::fixtures::{
    PHONE_SERIAL, days_ago, decide, decided, event, in_grace, now, overdue, settings, settings_with,
    with_device, with_tag,
};
use mfa_enforcer_testing::plans::for_admins;
use rstest::rstest;
use strum::IntoEnumIterator;

#[rstest]
#[case("2026-11-24 TICKET-7", true)]
#[case(" 2026-12-31 TICKET-7 ", true)]
#[case("2026-11-23", false)]
#[case("tomorrow", false)]
#[case("2026-13-01", false)]
#[case("2026-12-31T12:00:00Z", false)]
#[case("", false)]
fn exemption_needs_a_date_and_ends_with_it(#[case] value: &str, #[case] exempt: bool) {
    let user = with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, value);
    let plan = decided("ConsoleLogin", &user);
    assert_eq!(plan.reason == Reason::Exempt, exempt);
    assert_eq!(plan.findings.is_empty(), exempt, "an unusable exemption is a finding");
}

#[test]
fn exempt_names_ignore_case_paths_match_whole() {
    let user = UserFacts { name: UserName::new("ROBOT").unwrap(), ..overdue() };
    assert_eq!(decided("ConsoleLogin", &user).reason, Reason::Exempt);
    let user = UserFacts { path: "/robots/eu/".to_owned(), ..overdue() };
    assert_eq!(decided("ConsoleLogin", &user).reason, Reason::Exempt);
    let user = UserFacts { path: "/robotics/".to_owned(), ..overdue() };
    assert_ne!(decided("ConsoleLogin", &user).reason, Reason::Exempt);
}

#[test]
fn enforce_from_moves_earlier_deadlines() {
    let settings = settings_with(&[("ENFORCE_FROM", "2026-12-01")]);
    let plan = decide(&event("ConsoleLogin"), &overdue(), &settings, now());
    assert_eq!(plan.posture, Some(Posture::InGrace { deadline: "2026-12-01T00:00:00Z".parse().unwrap() }));
}

#[test]
fn user_is_overdue_at_the_deadline() {
    let user = UserFacts { login_profile_created: Some(days_ago(7)), ..overdue() };
    assert_eq!(decided("ConsoleLogin", &user).posture, Some(Posture::Overdue { deadline: now() }));
}

#[test]
fn endless_exemption_is_a_finding() {
    let plan = decided("ConsoleLogin", &with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, "9999-12-31 TICKET-7"));
    assert_eq!(plan.reason, Reason::Exempt);
    assert!(matches!(plan.findings[..], [Finding::LongExemption(_)]));
}

#[test]
fn exemption_of_one_year_is_not_too_long() {
    let last = decided("ConsoleLogin", &with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, "2027-11-25 TICKET-7"));
    assert!(last.findings.is_empty());
    let longer = decided("ConsoleLogin", &with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, "2027-11-26 TICKET-7"));
    assert_eq!(longer.findings.len(), 1);
}

#[test]
fn posture_codes_and_finding_texts_are_stable() {
    let codes: Vec<&str> = mfa_enforcer_testing::fixtures::users()
        .iter()
        .take(5)
        .map(|(_, user)| posture(user, &settings(), now()).code())
        .collect();
    assert_eq!(codes, ["not-applicable", "exempt", "compliant", "in-grace", "overdue"]);
    let date = "2026-11-01".parse().unwrap();
    let findings = [
        Finding::UnreadableExemption,
        Finding::ExpiredExemption(date),
        Finding::LongExemption(date),
        Finding::SelfGrantedExemption,
        Finding::UnprovenExemption,
        Finding::ExemptionWithoutReason,
        Finding::UnfitExemptionReason,
        Finding::UnusableEmail,
        Finding::UnusablePhone,
        Finding::LedgerUnreadable,
        Finding::LedgerRefused,
    ];
    insta::assert_snapshot!(findings.map(|finding| finding.to_string()).join("\n"));
}

#[test]
fn findings_are_in_the_admin_message() {
    let user = with_tag(with_tag(overdue(), "email", "nobody"), "phone", "555");
    let plan = decided("ConsoleLogin", &user);
    assert_eq!(plan.findings, [Finding::UnusableEmail, Finding::UnusablePhone]);
    let Some(Step::Notify(notice)) = plan.steps.iter().find(|step| matches!(step, Step::Notify(_))) else {
        panic!("no notice");
    };
    let text = for_admins(notice, Reach::NobodyToTell).unwrap().message;
    assert_eq!(text.matches("To fix:").count(), 4, "two findings, in `default` and in `email`");
}

#[rstest]
#[case("Email", "email")]
#[case("email", "EMAIL")]
fn contact_tag_is_found_in_any_case(#[case] tag: &str, #[case] setting: &str) {
    let mut user = overdue();
    user.tags.clear();
    let user = with_tag(with_tag(user, tag, "kim@example.com"), "PHONE", "+15550100123");
    let (contact, findings) = Contact::of(&user, &settings_with(&[("CONTACT_TAG_KEY", setting)]), now());
    assert_eq!(contact.email.as_deref(), Some("kim@example.com"));
    assert_eq!(contact.phone.as_deref(), Some("+15550100123"));
    assert_eq!(findings, []);
}

#[test]
fn own_tags_are_found_in_any_case() {
    let user = with_tag(overdue(), "Mfa-Enforcer:Exempt-Until", "2026-12-31");
    assert!(matches!(posture(&user, &settings(), now()), Posture::Exempt(_)));
    for tag in UserTag::iter() {
        let user = with_tag(overdue(), &tag.key().to_uppercase(), "value");
        assert_eq!(user.tag(tag), Some("value"));
    }
}

#[test]
fn tag_with_another_spelling_is_replaced() {
    let mut user = with_tag(with_tag(overdue(), "Team", "red"), "TEAM", "blue");
    let mut keys: Vec<&str> = user.tags.iter().map(|(key, _)| key).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["TEAM", "email"]);
    user.tags.remove("team");
    assert_eq!(user.tags.get("Team"), None);
}

#[rstest]
#[case("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine", true)]
#[case("arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2", true)]
#[case("arn:aws-cn:iam::aws:policy/AWSCompromisedKeyQuarantineV3", true)]
#[case("arn:aws:iam::123456789012:policy/AWSCompromisedKeyQuarantineV3", false)]
#[case("arn:aws:iam::aws:policy/ReadOnlyAccess", false)]
fn quarantine_by_aws_is_reported_and_not_ours(#[case] arn: &str, #[case] leaked: bool) {
    let user = UserFacts { attached_policies: vec![arn.to_owned()], ..in_grace() };
    assert_eq!(leaked_key_finding(&user), leaked.then_some(Finding::LeakedKey));
    assert!(!settings().quarantine.holds(&user));
    for user in [user.clone(), with_device(user, PHONE_SERIAL)] {
        for name in ["ConsoleLogin", "EnableMFADevice", "Sweep"] {
            let plan = decided(name, &user);
            assert_eq!(plan.findings.contains(&Finding::LeakedKey), leaked, "{name}");
            assert!(!plan.steps.iter().any(|step| step.to_string().contains("detach")), "{name}");
        }
    }
}

//! Mail from the company's own address: who gets it, what is in it, and what happens where SES refuses.

use crate::notice_fixtures::{deadline_in, every_notice, first_with};
use crate::progress_fixtures::{Call, carried_out};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use mfa_enforcer_core::contact::Contact;
use mfa_enforcer_core::decide::sweep_user;
use mfa_enforcer_core::digest::AccountFinding;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::{UserFacts, UserTags};
use mfa_enforcer_core::notice::{Background, Channel, Mail, Notice, Person, UserNotice};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::progress::Action;
use mfa_enforcer_core::sender::{SenderSeen, sender_finding};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::fixtures::{
    decide_on, in_grace, now, occasion, overdue, request, settings_with, with_tag,
};
use mfa_enforcer_testing::plans::for_user;
use rstest::rstest;
use serde_json::Value;

const MAIL: (&str, &str) = ("MAIL_FROM", "MFA Service <mfa@example.com>");

pub(crate) fn with(changes: &[(&'static str, &str)]) -> Settings {
    settings_with(&[&[MAIL], changes].concat())
}

pub(crate) fn named(name: &str, email: Option<&str>) -> UserFacts {
    let user = UserFacts { name: UserName::listed(name), tags: UserTags::default(), ..in_grace() };
    if let Some(email) = email { with_tag(user, "email", email) } else { user }
}

/// The mail about a password to a user with this name.
fn mail(name: &str, settings: &Settings) -> Mail {
    let Notice::User(notice) = first_with("CreateLoginProfile", &in_grace(), settings) else { panic!() };
    let person = Person { name: name.to_owned(), id: "AIDAALICE".to_owned() };
    *for_user(&Notice::User(UserNotice { person, ..notice })).unwrap().mail.unwrap()
}

#[rstest]
#[case("mfa@example.com", "mfa@example.com")]
#[case("MFA Service <mfa@example.com>", "\"MFA Service\" <mfa@example.com>")]
#[case("Müller <mfa@example.com>", "=?UTF-8?B?TcO8bGxlcg==?= <mfa@example.com>")]
fn sender_is_a_header_in_ascii(#[case] value: &str, #[case] header: &str) {
    let sender = settings_with(&[("MAIL_FROM", value)]).sender.unwrap();
    assert_eq!((sender.from.as_str(), sender.region.as_str()), (header, "us-east-1"));
    assert_eq!(sender.domains, ["example.com"]);
}

/// A word holds 42 bytes, and one of these characters has three.
#[rstest]
#[case::full("", 14, 1)]
#[case::one_too_many("", 15, 2)]
#[case::last_one_does_not_fit("a", 14, 2)]
#[case::longest("", 40, 3)]
fn long_name_is_encoded_in_words_that_fit(#[case] begin: &str, #[case] others: usize, #[case] words: usize) {
    let name = format!("{begin}{}", "株".repeat(others));
    let from = settings_with(&[("MAIL_FROM", &format!("{name} <mfa@example.com>"))]).sender.unwrap().from;
    let (encoded, _) = from.rsplit_once(' ').unwrap();
    let found: Vec<&str> = encoded.split(' ').collect();
    assert_eq!(found.len(), words, "{from}");
    assert!(found.iter().all(|word| word.len() <= 75), "{from}");
}

#[test]
fn mail_goes_to_the_allowed_domains_alone() {
    let domains = [("MAIL_DOMAINS", "example.com,example.org")];
    for (name, tag, expected) in [
        ("bob", Some("bob@example.com"), Some("bob@example.com")),
        ("bob", Some("Bob@EXAMPLE.org"), Some("Bob@example.org")),
        ("bob@example.com", None, Some("bob@example.com")),
        ("bob", Some("bob@example.net"), None),
        ("bob", Some("bob@evil-example.com"), None),
        ("bob", Some("bob@sub.example.com"), None),
        ("bob@example.net", None, None),
        ("bob", None, None),
    ] {
        let (contact, findings) = Contact::of(&named(name, tag), &with(&domains), now());
        assert_eq!(contact.email.as_deref(), expected, "{name} {tag:?}");
        let is_outside = findings.contains(&Finding::OtherDomain);
        assert_eq!(is_outside, expected.is_none() && (tag.is_some() || name.contains('@')), "{name} {tag:?}");
    }
}

#[test]
fn address_outside_the_domains_is_nobody_to_tell() {
    let user = named("bob", Some("bob@example.net"));
    let plan = decide_on(&occasion("CreateLoginProfile"), &user, &with(&[]), now());
    let (actions, applied) = carried_out(&plan, &user, &[]);
    assert!(!actions.iter().any(|(action, _)| matches!(action, Action::TellUser(..))));
    let copy = actions
        .iter()
        .find_map(|(action, _)| if let Action::TellAdmins(copy) = action { Some(copy) } else { None });
    let message = &copy.unwrap().message;
    assert!(message.contains("contact-missing") && message.contains("MAIL_DOMAINS"), "{message}");
    assert!(!applied.reached);
}

#[test]
fn without_mail_from_everything_is_as_before() {
    let user = named("bob", Some("bob@example.net"));
    let Notice::User(notice) = first_with("CreateLoginProfile", &user, &settings_with(&[])) else { panic!() };
    assert!(matches!(notice.channels[..], [Channel::Topic { .. }]));
    assert_eq!(for_user(&Notice::User(notice)).unwrap().mail, None);
}

#[test]
fn nobody_is_asked_to_confirm_mail_by_ses() {
    let user = named("bob", Some("bob@example.com"));
    let plan = decide_on(&occasion("CreateLoginProfile"), &user, &with(&[]), now());
    let (actions, applied) = carried_out(&plan, &user, &[]);
    let told = |(action, _): &(Action, Call)| matches!(action, Action::TellUser(Channel::Mail { email }, _) if email == "bob@example.com");
    assert_eq!(actions.iter().filter(|action| told(action)).count(), 1);
    assert!(applied.reached && applied.error.is_none());
}

#[test]
fn refused_sender_is_told_and_no_failure() {
    let user = named("bob", Some("bob@example.com"));
    let plan = decide_on(&occasion("CreateLoginProfile"), &user, &with(&[]), now());
    let (actions, applied) = carried_out(&plan, &user, &[Call::Works, Call::SenderRefused]);
    assert!(applied.error.is_none() && !applied.reached);
    let Action::TellAdmins(copy) = &actions[2].0 else { panic!("{actions:?}") };
    assert!(copy.message.contains("SES refused to send the mail") && copy.message.contains("sender-refused"));
    // It is on record as owed, so that a sweep tries again.
    let Some((Action::Change(_, change), _)) = actions.last() else { panic!("{actions:?}") };
    assert!(format!("{change:?}").contains("unreached"), "{change:?}");
}

#[rstest]
#[case::within_the_day(10, 0)]
#[case::a_day_later(21, 1)]
fn owed_mail_is_tried_once_a_day(#[case] hours: i64, #[case] mails: usize) {
    let at = now() - jiff::SignedDuration::from_hours(hours);
    let user = with_tag(deadline_in(100), "email", "alice@example.com");
    let user = with_tag(user, "mfa-enforcer:notified", &format!("welcome {at:.0} event=earlier unreached"));
    let plan = sweep_user(&request(), &user, &with(&[]), now());
    assert_eq!(plan.steps.iter().filter(|step| step.to_string().starts_with("notify")).count(), mails);
}

#[test]
fn same_message_is_in_both_forms() {
    let ours = [("ORGANIZATION_NAME", "Müller & Söhne"), ("ACCOUNT_NAME", "Größe")];
    let mail = mail("alice", &with(&ours));
    assert!(mail.subject.starts_with("Müller & Söhne: Welcome to AWS account Größe"), "{}", mail.subject);
    assert!(mail.text.contains("Müller & Söhne asks you"));
    assert!(mail.html.contains("Müller &amp; Söhne asks you"));
    for part in ["Hello alice,", "How to set up MFA (about five minutes)", "Reference: "] {
        assert!(mail.text.contains(part) && mail.html.contains(part), "{part}");
    }
}

#[test]
fn html_has_every_step_in_a_list() {
    let html = mail("alice", &with(&[])).html;
    let (_, list) = html.split_once("<ol").unwrap();
    let (list, _) = list.split_once("</ol>").unwrap();
    for step in [
        "Sign in with your user name and password: ",
        "Open your Security credentials page: ",
        "choose Assign MFA device.",
        "Type a name for the device",
        "Sign out of all sessions",
    ] {
        assert!(list.contains(step), "{step}: {list}");
    }
}

#[test]
fn list_of_mails_shows_how_the_letter_begins() {
    let mail = mail("alice", &with(&[]));
    let (_, hidden) = mail.html.split_once("display:none").unwrap();
    let (preview, _) = hidden.split_once('>').unwrap().1.split_once("</div>").unwrap();
    let text = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let begins = text.strip_prefix("Hello alice, ").unwrap();
    assert!(preview.len() > 100 && begins.starts_with(preview), "{preview}");
}

#[test]
fn html_has_nothing_from_outside() {
    for (kind, notice) in every_notice() {
        let Notice::User(notice) = notice else { continue };
        let background = Background { sender: with(&[]).sender, ..notice.background };
        let html = for_user(&Notice::User(UserNotice { background, ..notice })).unwrap().mail.unwrap().html;
        for what in ["<img", "<link", "<script", "src=", "url(", "@import", "<form"] {
            assert!(!html.contains(what), "{kind}: {what}");
        }
        assert!(html.contains("lang=\"en\"") && html.contains("color-scheme"), "{kind}");
    }
}

/// What somebody may call themselves, their device, their account or their company.
const INJECTIONS: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "x\r\nBcc: victim@example.net",
    "&lt;b&gt; {{name}} %0d%0aTo: a",
];

#[test]
fn names_are_text_and_never_markup() {
    for name in INJECTIONS {
        let html = mail(name, &with(&[])).html;
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    }
    let ours =
        [("ORGANIZATION_NAME", "<b>x</b>"), ("ACCOUNT_NAME", "<i>y</i>"), ("CONTACT", "\"><script>alert(1)")];
    let html = mail("alice", &with(&ours)).html;
    assert!(!html.contains("<b>") && !html.contains("<i>") && !html.contains("<script"), "{html}");
    assert!(html.contains("&lt;b&gt;x&lt;/b&gt;") && html.contains("&lt;script&gt;"), "{html}");
}

#[test]
fn no_name_gets_into_a_header() {
    let long = "n".repeat(300);
    for name in INJECTIONS.into_iter().chain([long.as_str()]) {
        let mail = mail(name, &with(&[("MAIL_REPLY_TO", "help@example.com")]));
        let headers = mail.headers.iter().map(|(_, value)| value.as_str());
        for value in headers.chain([mail.from.as_str(), mail.reply_to.as_deref().unwrap()]) {
            assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{value}");
            assert!(!value.contains("Bcc") && !value.contains("script") && value.len() < 200, "{value}");
        }
        let (_, user) = mail.tags.iter().find(|(name, _)| *name == "user").unwrap();
        assert!(user.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'), "{user}");
        assert_eq!(URL_SAFE_NO_PAD.decode(user).unwrap(), name.as_bytes());
    }
}

#[rstest]
#[case("MAIL_FROM", "mfa@example.com\r\nBcc: a@example.net")]
#[case("MAIL_FROM", "A\nB <mfa@example.com>")]
#[case("MAIL_FROM", "\"A\" <mfa@example.com>")]
#[case("MAIL_FROM", "a@b.example <mfa@example.com>")]
#[case("MAIL_FROM", "mfa@example.com, a@example.net")]
#[case("MAIL_FROM", "mfa@localhost")]
#[case("MAIL_FROM", "@example.com")]
#[case("MAIL_FROM", "m!fa@example.com")]
#[case("MAIL_FROM", "<mfa@example.com>")]
#[case("MAIL_FROM", "mfa@Example.com")]
#[case("MAIL_REPLY_TO", "help@example.com\n")]
#[case("MAIL_REPLY_TO", "Help <help@example.com>")]
#[case("MAIL_DOMAINS", "*")]
#[case("MAIL_DOMAINS", "example.com *.example.com")]
#[case("MAIL_DOMAINS", "-a.example")]
#[case("DIGEST_TO", "security@example.com,lead@example.com")]
#[case("DIGEST_TO", "security@example")]
#[case("MAIL_REGION", "ap-east-1")]
#[case("MAIL_REGION", "cn-north-1")]
#[case("MAIL_CONFIGURATION_SET", "a set")]
fn bad_sender_is_refused(#[case] variable: &'static str, #[case] value: &str) {
    let mut variables = mfa_enforcer_testing::fixtures::variables();
    variables.insert(MAIL.0, MAIL.1.to_owned());
    variables.insert(variable, value.to_owned());
    let found = Settings::read(|name| variables.get(name).cloned());
    // Blanks and line breaks around a value do not count.
    if value.trim() != value {
        assert_eq!(found.unwrap().sender.unwrap().reply_to.as_deref(), Some(value.trim()));
        return;
    }
    let problems = found.unwrap_err();
    assert_eq!(problems.0.iter().map(|problem| problem.variable).collect::<Vec<_>>(), [variable]);
}

/// A bad address is one problem and no second one.
#[rstest]
#[case::no_address("", "DIGEST_TO needs MAIL_FROM, the address from which it comes")]
#[case::bad_address("nobody", "MAIL_FROM is `nobody`")]
fn mailed_digest_needs_an_address_to_come_from(#[case] from: &str, #[case] said: &str) {
    let mut variables = mfa_enforcer_testing::fixtures::variables();
    variables.insert("MAIL_FROM", from.to_owned());
    variables.insert("DIGEST_TO", "security@example.com".to_owned());
    let problems = Settings::read(|name| variables.get(name).cloned()).unwrap_err().0;
    let told: Vec<String> =
        problems.iter().map(|each| format!("{} {}", each.variable, each.problem)).collect();
    assert!(told.len() == 1 && told[0].starts_with(said), "{told:?}");
}

#[test]
fn region_without_ses_is_refused_with_the_way_out() {
    let mut variables = mfa_enforcer_testing::fixtures::variables();
    variables.insert(MAIL.0, MAIL.1.to_owned());
    variables.insert("ALERTS_TOPIC_ARN", "arn:aws-cn:sns:cn-north-1:123456789012:alerts".to_owned());
    let problems = Settings::read(|name| variables.get(name).cloned()).unwrap_err().to_string();
    assert!(problems.contains("SES sends no mail: without MAIL_FROM, SNS sends the mail"), "{problems}");
}

#[test]
fn configuration_set_of_the_stack_has_its_name() {
    let sender = with(&[("MAIL_CONFIGURATION_SET", "stack")]).sender.unwrap();
    assert_eq!(sender.configuration_set.as_deref(), Some("mfa-enforcer-mail"));
}

#[test]
fn configuration_set_of_the_stack_needs_a_stack() {
    let mut variables = mfa_enforcer_testing::fixtures::variables();
    let without_stack = [MAIL, ("MAIL_CONFIGURATION_SET", "stack"), ("STACK_ID", "")];
    variables.extend(without_stack.map(|(name, value)| (name, value.to_owned())));
    let problems = Settings::read(|name| variables.get(name).cloned()).unwrap_err();
    let named: Vec<&str> = problems.0.iter().map(|problem| problem.variable).collect();
    assert_eq!(named, ["MAIL_CONFIGURATION_SET"]);
}

#[test]
fn plain_text_is_that_of_sns() {
    let notice = first_with("CreateLoginProfile", &overdue(), &with(&[]));
    let rendered = for_user(&notice).unwrap();
    let message: Value = serde_json::from_str(&rendered.message).unwrap();
    assert_eq!(message["email"].as_str(), Some(rendered.mail.unwrap().text.as_str()));
}

#[rstest]
#[case::all_is_well(true, true, true, None)]
#[case::sandbox(false, true, true, Some("sender-in-sandbox"))]
#[case::paused(true, false, true, Some("sender-paused"))]
#[case::not_verified(false, false, false, Some("sender-not-verified"))]
fn state_of_ses_is_a_finding(
    #[case] has_production_access: bool,
    #[case] is_sending: bool,
    #[case] is_verified: bool,
    #[case] code: Option<&str>,
) {
    let sender = with(&[("MAIL_REGION", "eu-west-1")]).sender.unwrap();
    let seen = SenderSeen { has_production_access, is_sending, is_verified };
    let finding = sender_finding(&sender, &Ok(seen));
    assert_eq!(finding.as_ref().map(AccountFinding::code), code);
    assert!(finding.is_none_or(|finding| finding.to_string().contains("SES in eu-west-1")));
    let unknown = sender_finding(&sender, &Err("ses:GetAccount failed".to_owned())).unwrap();
    assert!(unknown.code() == "sender-unknown" && unknown.to_string().contains("ses:GetAccount failed"));
}

#[test]
fn domains_may_have_digits_and_hyphens() {
    let domains = "3m.example,my-company.example.com,xn--mller-kva.example";
    assert!(with(&[("MAIL_DOMAINS", domains)]).sender.is_some_and(|sender| sender.domains.len() == 3));
}

//! What differs between partitions: links, devices, text messages, and the advice that depends on them.

use mfa_enforcer_core::digest::{Digest, render};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{Channel, Notice, Reach, UserNotice, help_page};
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::{Finding, Posture, posture};
use mfa_enforcer_core::settings::{Letterhead, Settings};
use mfa_enforcer_core::snapshot::{RootMfa, RootStatus};
use mfa_enforcer_core::sweep::status_after;
use mfa_enforcer_testing::fixtures::{
    PHONE_SERIAL, decide_on, envelope, event_of, in_grace, now, occasion, overdue, settings_with,
    warned_user, with_device, with_tag,
};
use mfa_enforcer_testing::plans::{for_admins, for_user};
use rstest::rstest;
use serde_json::Value;

use crate::snapshot_fixtures::alice_with;
use mfa_enforcer_testing::digests::{PHONE, quiet, root, with_mfa};

/// Links of the commercial regions, which mean nothing to anybody elsewhere.
const COMMERCIAL: [&str; 2] = ["signin.aws.amazon.com", "console.aws.amazon.com"];

fn settings_in(partition: &str) -> Settings {
    let topic = format!("arn:{partition}:sns:us-east-1:123456789012:mfa-enforcer-alerts");
    settings_with(&[("ALERTS_TOPIC_ARN", &topic)])
}

fn user_notice(plan: &Plan) -> UserNotice {
    let found = plan.steps.iter().find_map(|step| match step {
        Step::Notify(notice) => match notice.as_ref() {
            Notice::User(notice) => Some(notice.clone()),
            Notice::Alert(_) => None,
        },
        _ => None,
    });
    found.unwrap()
}

/// What a user with a long name is told after a sign-in without MFA.
fn told(partition: &str) -> UserNotice {
    let mut user = in_grace();
    user.name = mfa_enforcer_core::event::UserName::listed("somebody-with-a-long-name");
    user_notice(&decide_on(&occasion("ConsoleLogin"), &user, &settings_in(partition), now()))
}

#[rstest]
#[case("aws", "https://123456789012.signin.aws.amazon.com/console", "https://console.aws.amazon.com/iam")]
#[case("aws-cn", "https://123456789012.signin.amazonaws.cn/console", "https://console.amazonaws.cn/iam")]
#[case(
    "aws-us-gov",
    "https://123456789012.signin.amazonaws-us-gov.com/console",
    "https://console.amazonaws-us-gov.com/iam"
)]
#[case(
    "aws-eusc",
    "https://eusc-de-east-1.signin.amazonaws-eusc.eu",
    "https://eusc-de-east-1.console.amazonaws-eusc.eu/iam"
)]
fn links_follow_the_partition(#[case] partition: &str, #[case] sign_in: &str, #[case] console: &str) {
    let rendered = for_user(&Notice::User(told(partition))).unwrap();
    let message: Value = serde_json::from_str(&rendered.message).unwrap();
    let links = &serde_json::from_str::<Value>(message["lambda"].as_str().unwrap()).unwrap()["links"];
    assert_eq!(links["signIn"], sign_in);
    assert!(links["securityCredentials"].as_str().unwrap().starts_with(console));
    for link in [sign_in, console] {
        assert!(message["email"].as_str().unwrap().contains(link), "{partition}: no {link}");
    }
    let foreign = COMMERCIAL.iter().any(|link| rendered.message.contains(link));
    assert_eq!(foreign, partition == "aws", "{partition}");
}

#[rstest]
#[case("aws-iso")]
#[case("aws-iso-f")]
#[case("aws-of-tomorrow")]
fn unknown_partition_has_words_and_no_links(#[case] partition: &str) {
    let rendered = for_user(&Notice::User(told(partition))).unwrap();
    assert!(!rendered.message.contains("://"), "{}", rendered.message);
    assert!(!rendered.sms.contains("://"), "{}", rendered.sms);
    let message: Value = serde_json::from_str(&rendered.message).unwrap();
    let mail = message["email"].as_str().unwrap();
    assert!(mail.contains("sign-in page of AWS") && mail.contains("type 123456789012"), "{mail}");
    assert!(mail.contains("Security credentials"), "{mail}");
}

#[rstest]
#[case("aws")]
#[case("aws-cn")]
#[case("aws-us-gov")]
#[case("aws-eusc")]
#[case("aws-iso")]
fn text_message_has_words_and_no_link(#[case] partition: &str) {
    let user = UserFacts { id: overdue().id, ..warned_user("somebody-with-a-long-name") };
    for (name, user) in [("ConsoleLogin", user.clone()), ("Sweep", user)] {
        let plan = decide_on(&occasion(name), &user, &settings_in(partition), now());
        let sms = for_user(&Notice::User(user_notice(&plan))).unwrap().sms;
        let whole = sms.contains("then Security credentials.") && !sms.contains("://");
        assert!(whole && sms.len() <= 160, "{partition}: {sms}");
    }
}

#[test]
fn china_offers_the_app_alone_and_does_not_call_it_weak() {
    let settings = settings_in("aws-cn");
    let mail = for_user(&Notice::User(told("aws-cn"))).unwrap().message;
    assert!(mail.contains("Authenticator app"), "{mail}");
    for kind in ["Passkey", "asskey", "security key", "token"] {
        assert!(!mail.contains(kind), "{kind}: {mail}");
    }
    let enrolled = with_device(overdue(), PHONE_SERIAL);
    assert_eq!(posture(&enrolled, &settings, now()), Posture::Compliant { weak: false });
    let status = status_after(&enrolled, &alice_with(&[]), &settings, now());
    let digest = |status| Digest { statuses: vec![status], partition: Partition::China, ..quiet() };
    let china = render(&digest(status), None).message;
    assert!(!china.contains("phishing") && !china.contains("WEAK"), "{china}");
    let elsewhere = render(&digest(with_mfa("alice", PHONE)), None).message;
    assert!(elsewhere.contains("WEAK"), "the same user is weak where there are security keys");
}

#[test]
fn govcloud_users_are_not_asked_for_a_second_device() {
    let mail = |partition| for_user(&Notice::User(told(partition))).unwrap().message;
    assert!(mail("aws").contains("A second device"));
    assert!(!mail("aws-us-gov").contains("A second device"));
    assert!(mail("aws-us-gov").contains("Passkey or security key"));
}

#[test]
fn phone_is_no_channel_without_text_messages() {
    let mut user = with_tag(overdue(), "phone", "+15550100123");
    user.tags = [("phone".to_owned(), "+15550100123".to_owned())].into_iter().collect();
    let told =
        |partition| user_notice(&decide_on(&occasion("ConsoleLogin"), &user, &settings_in(partition), now()));
    assert!(matches!(told("aws").channels[..], [Channel::Sms { .. }]));
    let china = told("aws-cn");
    assert!(china.channels.is_empty());
    assert_eq!(china.background.findings, [Finding::NoTextMessages]);
    let copy = for_admins(&Notice::User(china), Reach::NobodyToTell).unwrap().message;
    assert!(copy.contains("no address is known") && !copy.contains("phone number"), "{copy}");
}

#[rstest]
#[case("aws-cn")]
#[case("aws-us-gov")]
#[case("aws-eusc")]
#[case("aws-iso")]
fn mails_of_other_partitions_match_snapshots(#[case] partition: &str) {
    let rendered = for_user(&Notice::User(told(partition))).unwrap();
    let message: Value = serde_json::from_str(&rendered.message).unwrap();
    let mail = message["email"].as_str().unwrap();
    let steps = mail.split_once("How to set up MFA").unwrap().1;
    insta::assert_snapshot!(format!("steps_in_{partition}"), steps);
}

#[test]
fn digest_is_not_critical_where_root_cannot_have_mfa() {
    for (mfa, words) in
        [(RootMfa::NotThere, "there is no root user"), (RootMfa::NoConsole, "cannot have MFA")]
    {
        let digest = Digest { root: root(mfa), ..quiet() };
        let rendered = render(&digest, None);
        assert!(
            !rendered.subject.contains("CRITICAL") && !rendered.subject.contains("root"),
            "{}",
            rendered.subject
        );
        assert!(rendered.message.contains(words) && !rendered.message.contains("sign in as root"));
    }
    let keys = Digest { root: RootStatus { access_keys: true, ..root(RootMfa::NoConsole) }, ..quiet() };
    assert!(render(&keys, None).message.contains("Root has access keys"));
}

#[test]
fn region_of_each_partition_names_it() {
    let homes: Vec<_> = Partition::homes().collect();
    let names: Vec<&str> = homes.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["aws", "aws-cn", "aws-us-gov", "aws-eusc"]);
    for (partition, home) in homes {
        assert_eq!(Partition::name_of_region(home), partition);
    }
    for (region, partition) in [
        ("eu-west-1", "aws"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-iso-west-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
    ] {
        assert_eq!(Partition::name_of_region(region), partition);
    }
}

#[rstest]
#[case("aws", "add the new one as a second device", true)]
#[case("aws-us-gov", "You can have one device.", true)]
#[case("aws-cn", "add the new one as a second device", false)]
fn help_page_says_what_happens_to_devices(
    #[case] partition: &str,
    #[case] first: &str,
    #[case] has_passkeys: bool,
) {
    let letterhead = Letterhead::from_variables(|_| None).unwrap();
    let partition = Partition::of_arn(&format!("arn:{partition}:iam::123456789012:root"));
    let page = help_page(&letterhead, partition);
    assert!(page.contains("A new phone") && page.contains("A lost device") && page.contains(first), "{page}");
    assert_eq!(page.contains("A passkey in a password manager moves"), has_passkeys, "{page}");
}

#[test]
fn event_has_the_region_of_its_envelope() {
    let mut envelope = envelope("CreateUser");
    envelope["region"] = "us-gov-west-1".into();
    assert_eq!(event_of(&envelope).source.region, "us-gov-west-1");
}

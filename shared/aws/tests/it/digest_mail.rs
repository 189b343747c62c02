//! A daily sweep that mails the digest.

use crate::sweep_fixtures::{mixed, now, sweep_at};
use jiff::SignedDuration;
use mfa_enforcer_aws::{ErrorKind, Invocation, handle};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::faulty::{Faulty, Trouble};
use mfa_enforcer_testing::fixtures::settings_with;
use serde_json::json;

fn mailing(digest_to: &str) -> Settings {
    settings_with(&[("MAIL_FROM", "mfa@example.com"), ("DIGEST_TO", digest_to)])
}

/// To whom digests were mailed.
fn mailed_to(account: &Account) -> Vec<String> {
    let mail = account.mail.lock().unwrap();
    mail.iter().filter(|(_, kind)| kind == "digest").map(|(to, _)| to.clone()).collect()
}

/// What the last digest on the topic found in the account.
fn findings(account: &Account) -> String {
    account.digests.lock().unwrap().last().unwrap()["accountFindings"].to_string()
}

#[tokio::test]
async fn digest_is_mailed_once() {
    let account = mixed();
    for _ in 0..2 {
        sweep_at(now(), &mailing("security@example.com"), &account).await.unwrap();
    }
    assert_eq!(mailed_to(&account), ["security@example.com"]);
    assert!(!findings(&account).contains("digest-not-mailed"));
}

#[tokio::test]
async fn address_in_another_domain_gets_no_digest() {
    let account = mixed();
    sweep_at(now(), &mailing("partner@example.net"), &account).await.unwrap();
    let found = findings(&account);
    assert_eq!(mailed_to(&account), [""; 0]);
    assert!(found.contains("digest-not-mailed") && found.contains("example.net is not in"), "{found}");
}

#[tokio::test]
async fn refused_mail_fails_nothing_and_is_told_on_the_topic() {
    let account = Account { refuses_mail: Some(ErrorKind::SenderRefused), ..Account::of([]) };
    sweep_at(now(), &mailing("security@example.com"), &account).await.unwrap();
    assert_eq!((mailed_to(&account).len(), account.digests.lock().unwrap().len()), (0, 1));
    assert!(findings(&account).contains("digest-not-mailed"));
}

/// The topic takes nothing at first. Whoever reads the mail gets it once a day all the same.
#[tokio::test]
async fn digest_is_mailed_once_though_the_topic_fails() {
    let account = mixed();
    let settings = mailing("security@example.com");
    let hours = |hours| now() + SignedDuration::from_hours(hours);
    for hour in [0, 1] {
        let faulty = Faulty::with(&account, Trouble::Denied("tell_admins".to_owned()));
        sweep_at(hours(hour), &settings, &faulty).await.unwrap_err();
        assert_eq!(mailed_to(&account).len(), 1);
    }
    sweep_at(hours(2), &settings, &account).await.unwrap();
    assert_eq!((mailed_to(&account).len(), account.digests.lock().unwrap().len()), (1, 1));
    assert!(!findings(&account).contains("digest-not-mailed"));
    sweep_at(hours(26), &settings, &account).await.unwrap();
    assert_eq!((mailed_to(&account).len(), account.digests.lock().unwrap().len()), (2, 2));
}

#[tokio::test]
async fn bounce_of_the_digest_is_told_by_the_next_one() {
    let account = mixed();
    let settings = settings_with(&[
        ("MAIL_FROM", "mfa@example.com"),
        ("DIGEST_TO", "security@example.com"),
        ("MAIL_CONFIGURATION_SET", "mfa-enforcer-mail"),
    ]);
    let bounce = json!({
        "version": "0", "id": "bounce-1", "source": "aws.ses", "detail-type": "Email Bounced",
        "account": "123456789012", "region": "us-east-1", "time": now().to_string(), "resources": [],
        "detail": {
            "bounce": {"bounceType": "Permanent"},
            "mail": {
                "destination": ["security@example.com"],
                "tags": {"ses:configuration-set": ["mfa-enforcer-mail"], "kind": ["digest"]},
            },
        },
    });
    let invocation = Invocation {
        function: Function::UserLifecycle,
        settings: &settings,
        now: now(),
        request_id: "request-1",
    };
    let report = handle(&bounce.to_string(), invocation, &account, &account).await.unwrap();
    let logged = serde_json::to_string(&report).unwrap();
    assert!(logged.contains("mail-bounced") && !logged.contains("security@"), "{logged}");
    sweep_at(now(), &settings, &account).await.unwrap();
    assert_eq!(mailed_to(&account), [""; 0]);
    assert!(findings(&account).contains("digest-not-mailed"));
}

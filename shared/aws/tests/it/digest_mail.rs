//! A daily sweep that mails the digest.

use crate::sweep_fixtures::{mixed, now, sweep_at};
use mfa_enforcer_aws::ErrorKind;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::fixtures::settings_with;

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

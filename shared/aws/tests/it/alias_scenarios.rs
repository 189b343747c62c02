//! The account's alias, which names the account in messages where no setting does.

use crate::sweep_fixtures::{enrolled, mixed, now as sweep_time, sweep_at};
use aws_sdk_iam::Client;
use aws_sdk_iam::error::ErrorMetadata;
use aws_sdk_iam::operation::list_account_aliases::{ListAccountAliasesError, ListAccountAliasesOutput};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use mfa_enforcer_aws::{Directory, ErrorKind, IamDirectory, Invocation, handle};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::account::{Account, SIGN_IN, send};
use mfa_enforcer_testing::faulty::{Faulty, Trouble, When};
use mfa_enforcer_testing::fixtures::{compliant, now, sample, settings, settings_with, user};
use std::time::Duration;

fn named(account: Account) -> Account {
    Account { alias: Some("acme-prod".to_owned()), ..account }
}

fn asked(account: &Account) -> usize {
    account.calls.lock().unwrap().iter().filter(|call| **call == "account_alias").count()
}

/// The subjects of the messages to the administrators.
fn subjects(account: &Account) -> Vec<String> {
    account.subjects.lock().unwrap().clone()
}

async fn sign_in(settings: &Settings, account: &Account) {
    let invocation = Invocation { function: Function::SignIn, settings, now: now(), request_id: "test" };
    Box::pin(handle(&sample(SIGN_IN), invocation, account, account)).await.unwrap();
}

#[tokio::test]
async fn alias_names_the_account_in_messages() {
    let account = named(Account::with(user("bob")));
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(subjects(&account), ["[WARNING] 123456789012 (acme-prod) quarantined: bob"]);
    assert_eq!(asked(&account), 1);
}

#[tokio::test]
async fn setting_takes_the_place_of_the_alias() {
    let account = named(Account::with(user("bob")));
    sign_in(&settings_with(&[("ACCOUNT_NAME", "Production")]), &account).await;
    assert_eq!(subjects(&account), ["[WARNING] 123456789012 (Production) quarantined: bob"]);
    assert_eq!(asked(&account), 0);
}

#[tokio::test]
async fn run_that_says_nothing_asks_for_no_alias() {
    let mut bob = compliant();
    bob.name = user("bob").name;
    let account = named(Account::with(bob));
    sign_in(&settings(), &account).await;
    assert_eq!((subjects(&account).len(), asked(&account)), (0, 0));
    let account = named(Account::with(user("bob")));
    sign_in(&settings_with(&[("MODE", "observe")]), &account).await;
    assert_eq!((subjects(&account).len(), asked(&account)), (0, 0));
}

#[tokio::test]
async fn refused_alias_means_the_number() {
    let account = named(Account::with(user("bob")));
    let faulty = Faulty::with(&account, Trouble::Denied("account_alias".to_owned()));
    send(Function::SignIn, SIGN_IN, &faulty).await.unwrap();
    assert_eq!(subjects(&account), ["[WARNING] 123456789012 quarantined: bob"]);
}

#[tokio::test(start_paused = true)]
async fn alias_without_an_answer_holds_nothing_up() {
    let account = named(Account::with(user("bob")));
    let faulty = Faulty::of_first(&account, "account_alias", When::Never, ErrorKind::Unavailable);
    let started = tokio::time::Instant::now();
    send(Function::SignIn, SIGN_IN, &faulty).await.unwrap();
    assert!(started.elapsed() <= Duration::from_secs(3));
    assert_eq!(subjects(&account), ["[WARNING] 123456789012 quarantined: bob"]);
}

#[tokio::test]
async fn digest_has_the_alias_and_is_all_that_asks() {
    let account = named(Account::of([enrolled(user("safe"))]));
    sweep_at(sweep_time(), &settings(), &account).await.unwrap();
    let [subject] = &subjects(&account)[..] else { panic!("{:?}", subjects(&account)) };
    assert!(subject.contains("123456789012 (acme-prod) MFA digest"), "{subject}");
    account.forget_calls();
    sweep_at(sweep_time(), &settings(), &account).await.unwrap();
    assert_eq!((subjects(&account).len(), asked(&account)), (1, 0), "the second digest is not due");
}

#[tokio::test]
async fn account_that_cannot_be_read_is_named_as_well() {
    let account = named(mixed());
    let faulty = Faulty::with(&account, Trouble::Denied("bulk_answers".to_owned()));
    for _ in 0..2 {
        sweep_at(sweep_time(), &settings(), &faulty).await.unwrap_err();
    }
    assert_eq!(subjects(&account), ["[CRITICAL] 123456789012 (acme-prod) no-digest: the account"]);
    assert_eq!(asked(&account), 1);
}

fn aliases(all: &'static [&'static str]) -> Rule {
    mock!(Client::list_account_aliases).then_output(move || {
        let all = all.iter().map(|alias| (*alias).to_owned()).collect();
        ListAccountAliasesOutput::builder().set_account_aliases(Some(all)).build().unwrap()
    })
}

fn denied() -> Rule {
    mock!(Client::list_account_aliases).then_error(|| {
        ListAccountAliasesError::generic(ErrorMetadata::builder().code("AccessDenied").build())
    })
}

#[tokio::test]
async fn iam_is_asked_once_whatever_it_answers() {
    for (rule, alias) in
        [(aliases(&["acme-prod"]), Some("acme-prod")), (aliases(&[]), None), (denied(), None)]
    {
        let directory = IamDirectory::new(mock_client!(aws_sdk_iam, RuleMode::MatchAny, [&rule]));
        for _ in 0..3 {
            assert_eq!(directory.account_alias().await.as_deref(), alias);
        }
        assert_eq!(rule.num_calls(), 1, "{alias:?}");
    }
}

#[tokio::test]
async fn record_of_a_sweep_has_the_alias() {
    let account = named(mixed());
    let settings = settings_with(&[("EVIDENCE_BUCKET", "evidence-123456789012")]);
    sweep_at(sweep_time(), &settings, &account).await.unwrap();
    let bucket = account.bucket.lock().unwrap();
    let (_, record) = bucket.iter().find(|(key, _)| key.ends_with("record.json")).unwrap();
    let record: serde_json::Value = serde_json::from_slice(record).unwrap();
    assert_eq!(record["account"]["name"], "acme-prod");
}

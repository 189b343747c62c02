//! The access keys that the administrators read of after a containment.

use mfa_enforcer_aws::ErrorKind;
use mfa_enforcer_core::access_keys::{ActiveKey, KeyUse};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_testing::account::{Account, SIGN_IN, send};
use mfa_enforcer_testing::faulty::{Faulty, When};
use mfa_enforcer_testing::fixtures::user;
use serde_json::Value;
use std::sync::Mutex;
use std::time::Duration;

/// Bob with an access key.
fn with_key() -> Account {
    let key = ActiveKey::new("AKIAIOSFODNN7EXAMPLE", "2026-01-01T00:00:00Z".parse().unwrap(), KeyUse::Never);
    let active_keys = Mutex::new([("bob".to_owned(), vec![key])].into());
    Account { active_keys, ..Account::with(user("bob")) }
}

fn keys_told(account: &Account) -> Vec<Value> {
    account.admin_mail.lock().unwrap().iter().map(|message| message["accessKeys"].clone()).collect()
}

#[tokio::test]
async fn admins_read_of_active_keys() {
    let account = with_key();
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(keys_told(&account)[0]["active"][0]["lastFour"], "MPLE");
}

#[tokio::test(start_paused = true)]
async fn keys_without_an_answer_hold_nothing_up() {
    for (when, kind) in [(When::Never, ErrorKind::Unavailable), (When::Before, ErrorKind::Denied)] {
        let account = with_key();
        let faulty = Faulty::of_first(&account, "active_keys", when, kind);
        let started = tokio::time::Instant::now();
        send(Function::SignIn, SIGN_IN, &faulty).await.unwrap();
        assert!(started.elapsed() <= Duration::from_secs(3), "{when:?}");
        assert_eq!(keys_told(&account)[0]["readable"], false, "{when:?}");
        assert_eq!(account.to_users.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn retry_that_only_tells_reads_the_keys_too() {
    let account = with_key();
    let faulty = Faulty::of_first(&account, "tell_user", When::Before, ErrorKind::Throttled);
    send(Function::SignIn, SIGN_IN, &faulty).await.unwrap_err();
    account.admin_mail.lock().unwrap().clear();
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    assert_eq!(keys_told(&account)[0]["active"][0]["lastFour"], "MPLE");
}

//! What a daily sweep makes of policies: administrators come first, and one without MFA is a finding.

use crate::sweep_fixtures::{enrolled, hourly_at, now, sweep_at};
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::fixtures::{contained, settings, user};
use serde_json::{Value, json};

const EVERYTHING: &str = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;

fn arn(name: &str) -> String {
    format!("arn:aws:iam::123456789012:policy/{name}")
}

/// Zoe is an administrator by a group, and amy is not; both are exempt and have no MFA. Of yan nobody knows.
fn account() -> Account {
    let exempt = |name: &str| {
        let mut user = user(name);
        "/robots/".clone_into(&mut user.path);
        user
    };
    let (mut zoe, mut yan) = (exempt("zoe"), exempt("yan"));
    zoe.groups.push("ops".to_owned());
    yan.attached_policies.push(arn("broken"));
    let account = Account::of([exempt("amy"), zoe, yan]);
    account.groups.lock().unwrap().insert("ops".to_owned(), vec![arn("everything")]);
    let documents = [(arn("everything"), EVERYTHING.to_owned()), (arn("broken"), "{".to_owned())];
    account.policies.lock().unwrap().extend(documents);
    account
}

fn digest(account: &Account) -> Value {
    account.digests.lock().unwrap()[0].clone()
}

#[tokio::test]
async fn administrators_come_first_and_are_found_without_mfa() {
    let account = account();
    let settings = mfa_enforcer_testing::fixtures::settings_with(&[("EXEMPT_PATHS", "/robots/")]);
    sweep_at(now(), &settings, &account).await.unwrap();
    let digest = digest(&account);
    let names: Vec<&str> = digest["lists"]["exempt"]["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["zoe", "amy", "yan"]);
    let [zoe] = &digest["lists"]["administrators"]["users"].as_array().unwrap()[..] else {
        panic!("{digest}")
    };
    assert_eq!(
        (&zoe["name"], &zoe["rights"], &zoe["mfa"]),
        (&json!("zoe"), &json!("administrator"), &json!(false))
    );
    let findings: Vec<(&str, &str)> = digest["lists"]["findings"]["users"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| (user["name"].as_str().unwrap(), user["finding"].as_str().unwrap()))
        .collect();
    assert_eq!(findings, [("zoe", "administrator-without-mfa"), ("yan", "rights-unknown")]);
}

#[tokio::test]
async fn administrator_with_mfa_or_in_quarantine_is_no_finding() {
    for mut user in [enrolled(user("zoe")), contained(user("zoe"))] {
        user.groups.push("ops".to_owned());
        let account = account();
        account.users.lock().unwrap().retain(|_, _| false);
        account.users.lock().unwrap().insert("zoe".to_owned(), user);
        sweep_at(now(), &settings(), &account).await.unwrap();
        let digest = digest(&account);
        assert_eq!(digest["lists"]["administrators"]["count"], 1);
        let found = digest["lists"]["findings"]["users"].to_string();
        assert!(!found.contains("administrator-without-mfa"), "{found}");
    }
}

#[tokio::test]
async fn hourly_sweep_finds_nothing_of_the_kind() {
    let account = account();
    let report = hourly_at(now(), &settings(), &account).await.unwrap();
    assert!(!format!("{report:?}").contains("administrator"), "{report:?}");
}

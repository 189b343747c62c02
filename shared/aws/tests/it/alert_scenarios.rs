//! Events about root, the enforcer and its quarantine: told once, and recorded.

use mfa_enforcer_aws::ErrorKind;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_testing::account::{Account, send};
use mfa_enforcer_testing::faulty::{Faulty, When};
use mfa_enforcer_testing::fixtures::POLICY;

#[tokio::test]
async fn root_is_reported_once_even_if_the_ledger_fails() {
    let account = Account::default();
    let name = "ConsoleLogin/root-without-mfa";
    send(Function::SignIn, name, &account).await.unwrap();
    send(Function::SignIn, name, &account).await.unwrap();
    assert_eq!(*account.to_admins.lock().unwrap(), ["root-alert reach=not-for-user"]);
    let unreadable = Account::default();
    let faulty = Faulty::new(&unreadable, 0, When::Before, ErrorKind::Denied);
    let report = send(Function::SignIn, name, &faulty).await.unwrap();
    assert_eq!(unreadable.to_admins.lock().unwrap().len(), 1);
    assert_eq!(report.findings.len(), 1);
}

#[tokio::test]
async fn refused_record_of_an_alert_is_a_finding() {
    for (function, name) in [
        (Function::SignIn, "ConsoleLogin/root-without-mfa"),
        (Function::Guard, "StopLogging/by-mallory"),
        (Function::Guard, "DeletePolicy/console-by-an-admin"),
    ] {
        let lost = || {
            let account = Account::default();
            account.quarantine.lock().unwrap().insert(POLICY.to_owned(), None);
            account
        };
        let good = lost();
        send(function, name, &good).await.unwrap();
        let noting = good.calls.lock().unwrap().iter().position(|call| *call == "set_alerts_tag").unwrap();
        let account = lost();
        let faulty = Faulty::new(&account, noting, When::Before, ErrorKind::Denied);
        let report = send(function, name, &faulty).await.unwrap();
        assert_eq!(*account.to_admins.lock().unwrap(), *good.to_admins.lock().unwrap(), "{name}");
        assert!(report.findings.iter().any(|finding| finding.contains("alerts topic")), "{name}: {report:?}");
        assert!(!report.steps.iter().any(|step| step.contains("record")), "{name}: {report:?}");
    }
}

#[tokio::test]
async fn removed_root_device_is_reported_without_a_summary() {
    let name = "DeactivateMFADevice/root-by-assume-root";
    for (failing, findings) in [(0, 1), (1, 0)] {
        let account = Account::default();
        let faulty = Faulty::new(&account, failing, When::Before, ErrorKind::Denied);
        let report = send(Function::MfaDevice, name, &faulty).await.unwrap();
        assert_eq!(*account.to_admins.lock().unwrap(), ["root-alert reach=not-for-user"], "call {failing}");
        assert_eq!(report.findings.len(), findings, "an unreadable ledger is a finding, a summary is not");
    }
    let account = Account::default();
    send(Function::MfaDevice, name, &account).await.unwrap();
    assert!(account.calls.lock().unwrap().contains(&"account_summary"));
    let other = Account::default();
    send(Function::MfaDevice, "EnableMFADevice/root", &other).await.unwrap();
    assert!(!other.calls.lock().unwrap().contains(&"account_summary"), "asked only where it matters");
}

//! Root: reported once, and never silenced.

use mfa_enforcer_core::decide::{Ask, ask};
use mfa_enforcer_core::event::{Event, EventId, Function, Reading, read};
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::notice::{Notice, Severity, for_alert};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::posture::Finding;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::snapshot::AccountSummary;
use mfa_enforcer_core::tags;
use mfa_enforcer_testing::fixtures::{ALERTS, deployment, root_event, sample, settings, settings_with};
use mfa_enforcer_testing::plans::notices;
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[test]
fn same_root_event_is_reported_once() {
    let event = root_event("ConsoleLogin");
    let first = answer(&event, &RootLedger::Told(Vec::new()));
    assert_eq!(notices(&first), ["root-alert"]);
    let Some(Step::RecordRootAlert(value)) = first.steps.last() else { panic!("not recorded") };
    let again = answer(&event, &RootLedger::Told(tags::parse_root_events(value)));
    assert_eq!(again.reason, Reason::AlreadySaid);
    let other = RootLedger::Told(vec![EventId::new("another").unwrap()]);
    assert_eq!(notices(&answer(&event, &other)), ["root-alert"]);
}

#[test]
fn ledger_is_a_tag_of_the_topic() {
    let tags = BTreeMap::from([(tags::ROOT_NOTIFIED_KEY.to_owned(), "first second".to_owned())]);
    let told = ["first", "second"].map(|id| EventId::new(id).unwrap());
    assert_eq!(RootLedger::of(Some(&tags)), RootLedger::Told(told.to_vec()));
    assert_eq!(RootLedger::of(Some(&BTreeMap::new())), RootLedger::Told(Vec::new()));
    assert_eq!(RootLedger::of(None), RootLedger::Unreadable);
}

#[test]
fn unreadable_ledger_does_not_silence_root_alert() {
    let plan = answer(&root_event("DeactivateMFADevice"), &RootLedger::Unreadable);
    assert_eq!(notices(&plan), ["root-alert"]);
    assert_eq!(plan.findings, [Finding::LedgerUnreadable]);
    let [Step::Notify(notice)] = &plan.steps[..] else { panic!("an unreadable ledger is not overwritten") };
    let Notice::Alert(alert) = notice.as_ref() else { panic!("no alert") };
    assert!(for_alert(alert).message.contains("so this one may be a repeat"));
}

/// Severity and stable reason of the alert about an event, in a partition, given the summary.
fn alert(event: &Event, summary: Option<AccountSummary>, topic: &str) -> (Severity, Value) {
    let Ask::Root(question) = ask(event) else { panic!("the event is not about root") };
    let settings = settings_with(&[("ALERTS_TOPIC_ARN", topic)]);
    let plan = question.answer(&RootLedger::Told(Vec::new()), summary, &settings);
    let Some(Step::Notify(notice)) = plan.steps.first() else { panic!("no alert") };
    let Notice::Alert(alert) = notice.as_ref() else { panic!("no alert") };
    let message: Value = serde_json::from_str(&for_alert(alert).message).unwrap();
    let machine: Value = serde_json::from_str(message["lambda"].as_str().unwrap()).unwrap();
    (alert.subject.severity(), json!([machine["reason"], message["email"]]))
}

fn reason(event: &Event, summary: Option<AccountSummary>) -> (Severity, String) {
    let (severity, texts) = alert(event, summary, ALERTS);
    (severity, texts[0].as_str().unwrap().to_owned())
}

const GONE: AccountSummary = AccountSummary {
    root_mfa: false,
    root_access_keys: false,
    root_password: Some(false),
    devices_in_use: None,
};

#[rstest]
#[case::nothing_left(Some(GONE), Severity::Info, "root-credentials-removed")]
#[case::password(Some(AccountSummary { root_password: Some(true), ..GONE }), Severity::Critical, "root-mfa-removed")]
#[case::key(Some(AccountSummary { root_access_keys: true, ..GONE }), Severity::Critical, "root-mfa-removed")]
#[case::not_told(Some(AccountSummary { root_password: None, ..GONE }), Severity::Critical, "root-mfa-removed")]
#[case::unread(None, Severity::Critical, "root-mfa-removed")]
fn removed_device_of_root_without_credentials_is_news(
    #[case] summary: Option<AccountSummary>,
    #[case] severity: Severity,
    #[case] words: &str,
) {
    let found = reason(&root_event("DeactivateMFADevice"), summary);
    assert_eq!(found, (severity, words.to_owned()));
}

#[test]
fn unread_credentials_are_said_to_be_unknown() {
    let (_, texts) = alert(&root_event("DeactivateMFADevice"), None, ALERTS);
    assert!(texts[1].as_str().unwrap().contains("it is unknown whether root still has a password"));
}

#[test]
fn password_removed_with_the_last_credential_says_so() {
    let event = root_event("DeleteLoginProfile");
    assert_eq!(reason(&event, Some(GONE)), (Severity::Info, "root-credentials-removed".to_owned()));
    assert_eq!(reason(&event, None), (Severity::Info, "root-password-removed".to_owned()));
}

#[test]
fn password_recovery_by_the_organization_is_critical() {
    let Reading::Event(event) =
        read(&sample("CreateLoginProfile/root"), Function::UserLifecycle, &deployment()).unwrap()
    else {
        panic!("ignored")
    };
    let (severity, texts) = alert(&event, None, ALERTS);
    assert_eq!(severity, Severity::Critical);
    let mail = texts[1].as_str().unwrap();
    assert!(mail.contains("allowed password recovery") && mail.contains("AssumeRoot"), "{mail}");
}

#[test]
fn device_of_root_enrolled_by_an_agent_is_critical() {
    let Reading::Event(event) =
        read(&sample("EnableMFADevice/root-through-an-agent"), Function::MfaDevice, &deployment()).unwrap()
    else {
        panic!("ignored")
    };
    assert_eq!(reason(&event, None), (Severity::Critical, "root-mfa-enrolled-by-agent".to_owned()));
    assert_eq!(reason(&root_event("EnableMFADevice"), None).0, Severity::Info);
}

#[rstest]
#[case("aws-cn", "cn-north-1")]
#[case("aws-us-gov", "us-gov-west-1")]
fn root_advice_can_be_followed_in_the_partition(#[case] partition: &str, #[case] region: &str) {
    let topic = format!("arn:{partition}:sns:{region}:123456789012:mfa-enforcer-alerts");
    for name in ["ConsoleLogin", "DeactivateMFADevice", "EnableMFADevice", "CreateLoginProfile"] {
        let (_, texts) = alert(&root_event(name), None, &topic);
        let mail = texts[1].as_str().unwrap();
        assert!(!mail.contains("sign in as root") && !mail.contains("security key"), "{name}: {mail}");
    }
}

fn answer(event: &Event, ledger: &RootLedger) -> Plan {
    match ask(event) {
        Ask::Root(question) => question.answer(ledger, None, &settings()),
        Ask::Settled(_) | Ask::User(_) | Ask::Quarantine(_) | Ask::Enforcer(_) => {
            panic!("the event is not about root")
        }
    }
}

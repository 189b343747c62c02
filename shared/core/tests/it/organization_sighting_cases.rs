//! What an event asks for, before anything is looked up in its account.

use crate::contract::root;
use crate::organization_hub_cases::{HUB, hub, hub_with};
use crate::organization_parts_cases::MEMBER;
use mfa_enforcer_core::event::{Function, Ignored, Reading, TriggerKind, UserName, read};
use mfa_enforcer_core::organization::{Sighting, Task, sender, sighting};
use rstest::rstest;
use serde_json::{Value, json};
use std::fs;

pub(crate) fn event(name: &str) -> Value {
    let file = root().join("events").join(name);
    let mut event: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    event["account"] = json!(MEMBER);
    event["detail"]["recipientAccountId"] = json!(MEMBER);
    event["detail"]["userIdentity"]["accountId"] = json!(MEMBER);
    event
}

const SIGN_IN: &str = "ConsoleLogin/alice-in-grace-without-mfa.json";

fn answer(event: &Value, function: Function) -> Reading {
    read(&event.to_string(), function, &hub().bare(MEMBER).deployment).unwrap()
}

#[test]
fn event_of_a_member_is_read() {
    let event = event(SIGN_IN);
    assert_eq!(sender(&event.to_string()).as_deref(), Some(MEMBER));
    let Reading::Event(read) = answer(&event, Function::SignIn) else { panic!("not read") };
    assert_eq!(read.source.account, MEMBER);
    let (alice, task) = (UserName::new("alice"), Task::OfUser(TriggerKind::SignIn));
    let id = read.source.id.as_str().to_owned();
    let seen = sighting(&event.to_string(), Function::SignIn, &hub().bare(MEMBER));
    assert_eq!(seen, Sighting::Account { user: alice, task, event: id, is_told_anyway: false });
}

#[rstest]
#[case::policy("DetachUserPolicy/heidi-by-an-admin.json", TriggerKind::PolicyDetached)]
#[case::group("RemoveUserFromGroup/heidi-by-an-admin.json", TriggerKind::GroupLeft)]
fn quarantine_that_is_undone_leads_to_its_user(#[case] sample: &str, #[case] kind: TriggerKind) {
    let event = event(sample).to_string();
    let Sighting::Account { user, task, .. } = sighting(&event, Function::Guard, &hub().bare(MEMBER)) else {
        panic!("no look into the account")
    };
    assert_eq!((user, task), (UserName::new("heidi"), Task::OfUser(kind)));
}

/// Which policy it is, only the account tells.
#[test]
fn policy_that_is_changed_leads_to_no_user() {
    let event = event("SetDefaultPolicyVersion/console-by-an-admin.json").to_string();
    let seen = sighting(&event, Function::Guard, &hub().bare(MEMBER));
    assert!(matches!(seen, Sighting::Account { user: None, task: Task::OfQuarantine, .. }), "{seen:?}");
}

#[rstest]
#[case::envelope("/account")]
#[case::recipient("/detail/recipientAccountId")]
#[case::caller("/detail/userIdentity/accountId")]
fn event_counts_if_every_account_agrees(
    #[case] pointer: &str,
    #[values(Some("999999999999"), None)] other: Option<&str>,
) {
    let mut event = event(SIGN_IN);
    *event.pointer_mut(pointer).unwrap() = json!(other);
    // Only what the envelope says leads to an account.
    assert_eq!(answer(&event, Function::SignIn), Reading::Ignored(Ignored::OtherAccount));
    let seen = sighting(&event.to_string(), Function::SignIn, &hub().bare(MEMBER));
    assert_eq!(seen, Sighting::Nothing);
}

#[rstest]
#[case::missing(json!(null))]
#[case::number(json!(222_233_334_444_u64))]
#[case::name(json!("aws"))]
fn payload_without_an_account_has_no_sender(#[case] account: Value) {
    let mut event = event(SIGN_IN);
    event["account"] = account;
    assert_eq!(sender(&event.to_string()), None);
}

#[rstest]
#[case::of_the_hub(HUB, MEMBER, true)]
#[case::sent_by_a_member(MEMBER, MEMBER, false)]
#[case::of_nobody(HUB, "x", false)]
fn mail_leads_to_the_account_of_its_user(#[case] sent_by: &str, #[case] about: &str, #[case] counts: bool) {
    let event = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    let tags = json!({
        "ses:configuration-set": ["corp-mail"],
        "user": ["Ym9i"],
        "kind": ["reminder"],
        "account": [about],
    });
    let bounce = json!({
        "id": event,
        "detail-type": "Email Bounced",
        "source": "aws.ses",
        "account": sent_by,
        "time": "2026-11-24T09:00:00Z",
        "detail": {
            "bounce": {"bounceType": "Permanent"},
            "mail": {"destination": ["bob@example.com"], "tags": tags},
        },
    });
    let payload = bounce.to_string();
    let mail = [("MAIL_FROM", "mfa@example.com"), ("MAIL_CONFIGURATION_SET", "corp-mail")];
    let hub = hub_with(&mail).unwrap().unwrap();
    let account = sender(&payload).unwrap_or_default();
    let seen = sighting(&payload, Function::UserLifecycle, &hub.bare(&account));
    let user = UserName::new("bob");
    let (event, task) = (event.to_owned(), Task::OfMail);
    let expected = Sighting::Account { user, task, event, is_told_anyway: false };
    assert_eq!(seen, if counts { expected } else { Sighting::Nothing });
}

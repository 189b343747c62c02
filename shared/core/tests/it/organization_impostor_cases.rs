//! Whom and what a hub takes for its own in an account, by what names alone do not tell.

use crate::enforcer_notices::in_member;
use crate::organization_hub_cases::hub_with;
use crate::organization_parts_cases::{MEMBER, arn, parts};
use crate::quarantine_check_fixtures::{OTHER, alerts, policy, seen, told};
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::event::{Function, Ignored, Reading, read};
use mfa_enforcer_core::organization::{Resolved, Sighting, sighting};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::fixtures::{now, request};
use rstest::rstest;
use serde_json::{Value, json};

/// What a session of this role does to the quarantine of the account.
fn detached_by(role: &str) -> Value {
    json!({
        "version": "0",
        "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iam",
        "account": MEMBER,
        "region": "us-east-1",
        "detail": {
            "eventSource": "iam.amazonaws.com",
            "eventName": "DetachUserPolicy",
            "eventID": "0d1f0a3c-0b6f-4d53-8d5e-2a1f0a3c0b6f",
            "eventTime": "2026-11-20T09:00:00Z",
            "recipientAccountId": MEMBER,
            "userIdentity": {
                "type": "AssumedRole",
                "accountId": MEMBER,
                "arn": format!("arn:aws:sts::{MEMBER}:assumed-role/{role}/session"),
            },
            "requestParameters": {"userName": "alice", "policyArn": arn("console/new")},
        },
    })
}

#[rstest]
#[case::the_one_that_let_it_in("first-guard", true)]
#[case::one_that_the_account_does_not_have("second-guard", false)]
fn hub_with_two_names_knows_itself_by_the_one_in_use(#[case] role: &str, #[case] is_own: bool) {
    let hub = hub_with(&[("MEMBER_NAMES", "first second")]).unwrap().unwrap();
    let payload = detached_by(role).to_string();
    // Before a look into the account nobody is the hub.
    let before = sighting(&payload, Function::Guard, &hub.bare(MEMBER));
    assert!(matches!(before, Sighting::Account { .. }), "{before:?}");
    let parts = parts().seen_through("first");
    let settings = hub.of_account(MEMBER, &Resolved::default(), &parts).unwrap();
    let reading = read(&payload, Function::Guard, &settings.deployment).unwrap();
    assert_eq!(reading == Reading::Ignored(Ignored::OwnCall), is_own, "{reading:?}");
}

#[test]
fn hub_with_one_name_needs_no_look() {
    let hub = hub_with(&[("MEMBER_NAMES", "first")]).unwrap().unwrap();
    let payload = detached_by("first-guard").to_string();
    assert_eq!(sighting(&payload, Function::Guard, &hub.bare(MEMBER)), Sighting::Nothing);
}

#[rstest]
#[case::of_the_first_name("first-watch", true)]
#[case::of_the_second_name("second-watch", true)]
#[case::of_another_name("third-watch", false)]
fn change_to_the_stack_of_a_member_is_seen_by_its_name(#[case] rule: &str, #[case] is_seen: bool) {
    let hub = hub_with(&[("MEMBER_NAMES", "first second")]).unwrap().unwrap();
    let payload = in_member("events", "PutTargets", &json!({"rule": rule})).to_string();
    let reading = read(&payload, Function::Guard, &hub.bare("123456789012").deployment).unwrap();
    assert_eq!(matches!(reading, Reading::Event(_)), is_seen, "{reading:?}");
}

/// Settings of an account, where only the path tells a spare.
fn of_member() -> Settings {
    hub_with(&[]).unwrap().unwrap().of_account(MEMBER, &Resolved::default(), &parts()).unwrap()
}

#[test]
fn lost_policy_is_told_after_its_spare() {
    let settings = of_member();
    let check = QuarantineCheck::of_sweep(&request());
    let lost = policy(&[OTHER]);
    let spare = settings.quarantine.full.spare.clone().unwrap();
    let first = seen(&check, &settings, &spare, &lost);
    let plan = check.report(&first, &first, &told(), &settings, now());
    assert_eq!(alerts(&plan), ["policy-lost warning"]);
    let ledger = told().after(&plan.steps);
    let mut both = first;
    for (arn, state) in &mut both.policies {
        if *arn == settings.quarantine.full.policy {
            *state = lost.clone();
        }
    }
    let plan = check.report(&both, &both, &ledger, &settings, now());
    assert_eq!(alerts(&plan), ["policy-lost critical"]);
}

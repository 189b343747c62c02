//! What `doctor` says of a deployment: each item in each state.

use crate::checkup_fixtures::{ERROR, deployed, found, function, rule, set, unread, wrong};
use crate::contract::root;
use crate::quarantine_check_fixtures::{OTHER, spare, with_spare};
use jiff::SignedDuration;
use jsonschema::Validator;
use mfa_enforcer_core::checkup::{Checkup, Executions, Item, Seen, State, settings_of};
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::quarantine_look::{GroupSeen, PolicySeen, PolicyVersion};
use mfa_enforcer_core::settings::Mode;
use mfa_enforcer_testing::checkups::healthy;
use mfa_enforcer_testing::fixtures::{STACK, now, request, whole_quarantine};
use rstest::rstest;
use serde_json::Value;
use std::fs;
use strum::IntoEnumIterator;

/// The text in force of a policy.
fn write(seen: &mut Seen, policy: &str, document: &str) {
    let quarantine = &mut deployed(seen).quarantine;
    let entry = quarantine.policies.iter_mut().find(|(arn, _)| arn == policy).unwrap();
    let in_force = PolicyVersion { id: "v2".to_owned(), document: document.to_owned() };
    entry.1 = PolicySeen::There { in_force, versions: Vec::new() };
}

fn give_spare(seen: &mut Seen) -> String {
    let settings = with_spare();
    let check = QuarantineCheck::of_sweep(&request());
    deployed(seen).quarantine = whole_quarantine(&check, &settings);
    deployed(seen).settings = settings;
    spare()
}

#[test]
fn healthy_deployment_is_ok_in_every_item() {
    let checkup = Checkup::of(&healthy());
    assert_eq!(wrong(&healthy()), []);
    assert_eq!(checkup.state, State::Ok);
    for item in Item::iter().filter(|item| ![Item::Live, Item::Roles].contains(item)) {
        assert!(checkup.checks.iter().any(|check| check.item == item), "{item:?}");
    }
    assert!(checkup.checks.iter().all(|check| check.advice.is_none()));
}

#[rstest]
#[case(|seen: &mut Seen| "CREATE_COMPLETE".clone_into(&mut seen.stack.state.status), None)]
#[case(
    |seen: &mut Seen| "UPDATE_ROLLBACK_COMPLETE".clone_into(&mut seen.stack.state.status),
    Some((State::Warning, "the last change failed"))
)]
#[case(
    |seen: &mut Seen| "UPDATE_ROLLBACK_FAILED".clone_into(&mut seen.stack.state.status),
    Some((State::Broken, "neither as before"))
)]
#[case(
    |seen: &mut Seen| "ROLLBACK_COMPLETE".clone_into(&mut seen.stack.state.status),
    Some((State::Broken, "is ROLLBACK_COMPLETE"))
)]
#[case(
    |seen: &mut Seen| "DELETE_FAILED".clone_into(&mut seen.stack.state.status),
    Some((State::Broken, "is DELETE_FAILED"))
)]
#[case(
    |seen: &mut Seen| {
        "UPDATE_IN_PROGRESS".clone_into(&mut seen.stack.state.status);
        seen.stack.state.changed = Some(now());
    },
    Some((State::Warning, "may be missing for the moment"))
)]
#[case(
    |seen: &mut Seen| "UPDATE_IN_PROGRESS".clone_into(&mut seen.stack.state.status),
    Some((State::Broken, "more than three hours"))
)]
#[case(
    |seen: &mut Seen| drop(seen.stack.state.outputs.insert("Version".to_owned(), "9.9.9".to_owned())),
    Some((State::Warning, "of version 9.9.9 and this program of"))
)]
#[case(|seen: &mut Seen| seen.stack.state.outputs.clear(), Some((State::Warning, "does not say its version")))]
#[case(
    |seen: &mut Seen| {
        let hash = format!("console={}", "0".repeat(64));
        seen.stack.state.outputs.insert("QuarantineDocuments".to_owned(), hash);
    },
    Some((State::Warning, "names other texts of the quarantine"))
)]
fn stack_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Stack, spoil, expected);
}

#[test]
fn stack_that_failed_is_to_be_deployed_again() {
    let mut seen = healthy();
    "ROLLBACK_COMPLETE".clone_into(&mut seen.stack.state.status);
    let advice = wrong(&seen).remove(0).advice.unwrap();
    assert!(advice.ends_with("says why; then deploy it again"), "{advice}");
}

#[rstest]
#[case(|seen: &mut Seen| seen.stack.drift.status.clear(), Some((State::Warning, "nobody ever looked")))]
#[case(
    |seen: &mut Seen| "NOT_CHECKED".clone_into(&mut seen.stack.drift.status),
    Some((State::Warning, "nobody ever looked"))
)]
#[case(
    |seen: &mut Seen| "DRIFTED".clone_into(&mut seen.stack.drift.status),
    Some((State::Warning, "changed them by hand"))
)]
#[case(|seen: &mut Seen| seen.stack.drift.at = Some(now() - SignedDuration::from_hours(30 * 24)), None)]
#[case(
    |seen: &mut Seen| seen.stack.drift.at = Some(now() - SignedDuration::from_hours(30 * 24 + 1)),
    Some((State::Warning, "last looked for"))
)]
#[case(|seen: &mut Seen| seen.stack.drift.at = None, Some((State::Warning, "at an unknown time")))]
fn drift_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Drift, spoil, expected);
}

#[rstest]
#[case(|seen: &mut Seen| seen.functions[0].found = Ok(None), Some((State::Broken, "SignInFunction is gone")))]
#[case(
    |seen: &mut Seen| seen.functions[0].found = unread(),
    Some((State::Unknown, "SignInFunction could not be read"))
)]
#[case(|seen: &mut Seen| seen.functions.clear(), Some((State::Broken, "has no function")))]
#[case(|seen: &mut Seen| "Failed".clone_into(&mut function(seen, 0).state), Some((State::Broken, "does not run")))]
#[case(|seen: &mut Seen| "Pending".clone_into(&mut function(seen, 0).state), Some((State::Warning, "being changed")))]
#[case(|seen: &mut Seen| "Inactive".clone_into(&mut function(seen, 0).state), None)]
#[case(|seen: &mut Seen| "Strange".clone_into(&mut function(seen, 0).state), Some((State::Warning, "does not know")))]
#[case(
    |seen: &mut Seen| "Failed".clone_into(&mut function(seen, 0).last_update),
    Some((State::Warning, "runs as it was before"))
)]
#[case(|seen: &mut Seen| function(seen, 0).concurrency = Ok(Some(0)), Some((State::Broken, "is stopped")))]
#[case(|seen: &mut Seen| function(seen, 0).concurrency = Ok(Some(1)), None)]
#[case(
    |seen: &mut Seen| function(seen, 0).concurrency = unread(),
    Some((State::Unknown, "concurrency of SignInFunction"))
)]
#[case(
    |seen: &mut Seen| function(seen, 0).version = Ok(Some("0.0.9".to_owned())),
    Some((State::Warning, "version 0.0.9"))
)]
#[case(|seen: &mut Seen| function(seen, 0).version = Ok(None), Some((State::Warning, "lacks the tag")))]
#[case(
    |seen: &mut Seen| seen.executions = Ok(Executions { limit: 200, unreserved: 100 }),
    None
)]
#[case(
    |seen: &mut Seen| seen.executions = Ok(Executions { limit: 10, unreserved: 10 }),
    Some((State::Warning, "the account allows 10 executions at the same time"))
)]
#[case(
    |seen: &mut Seen| {
        seen.executions = Ok(Executions { limit: 10, unreserved: 10 });
        (0..3).for_each(|index| function(seen, index).concurrency = Ok(Some(1)));
    },
    None
)]
#[case(
    |seen: &mut Seen| seen.executions = unread(),
    Some((State::Unknown, "how many executions the account allows"))
)]
#[case(
    |seen: &mut Seen| function(seen, 0).policy = unread(),
    Some((State::Unknown, "who may invoke SignInFunction"))
)]
#[case(|seen: &mut Seen| function(seen, 0).version = unread(), Some((State::Unknown, "version of SignInFunction")))]
fn functions_are_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Functions, spoil, expected);
}

#[rstest]
#[case(
    |seen: &mut Seen| set(seen, 0, "GRACE_PERIOD", "soon"),
    Some((State::Broken, "does not start: GRACE_PERIOD is `soon`"))
)]
#[case(|seen: &mut Seen| set(seen, 0, "MODE", "notify"), Some((State::Warning, "the same MODE:")))]
#[case(
    |seen: &mut Seen| set(seen, 0, "STACK_ID", &STACK.replace("mfa-enforcer", "other")),
    Some((State::Broken, "names another stack"))
)]
#[case(|seen: &mut Seen| function(seen, 0).variables = unread(), Some((State::Unknown, "settings of SignInFunction")))]
#[case(|seen: &mut Seen| seen.functions[0].found = unread(), Some((State::Unknown, "settings of SignInFunction")))]
#[case(|seen: &mut Seen| seen.functions[0].found = Ok(None), None)]
// A variable that is no setting is nobody's business.
#[case(|seen: &mut Seen| set(seen, 0, "RUST_LOG", "debug"), None)]
fn settings_are_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Settings, spoil, expected);
}

#[rstest]
#[case(|seen: &mut Seen| seen.trails = Ok(Vec::new()), Some((State::Broken, "no trail logs")))]
#[case(
    |seen: &mut Seen| seen.trails.as_mut().unwrap()[0].is_in_every_region = false,
    Some((State::Warning, "in one region"))
)]
#[case(|seen: &mut Seen| seen.trails = unread(), Some((State::Unknown, ERROR)))]
#[case(|seen: &mut Seen| seen.trails.as_mut().unwrap()[0].is_logging = unread(), Some((State::Unknown, ERROR)))]
fn trail_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Trail, spoil, expected);
}

#[rstest]
#[case(
    |seen: &mut Seen| function(seen, 0).policy = Ok(None),
    Some((State::Broken, "SignInFunction does not let the rule mfa-enforcer-sign-ins invoke it"))
)]
#[case(
    |seen: &mut Seen| function(seen, 0).policy = Ok(Some("no JSON".to_owned())),
    Some((State::Warning, "is unclear"))
)]
#[case(|seen: &mut Seen| seen.rules.clear(), Some((State::Broken, "has no rule")))]
#[case(|seen: &mut Seen| seen.rules[0].found = Ok(None), Some((State::Broken, "mfa-enforcer-sign-ins is gone")))]
#[case(|seen: &mut Seen| seen.rules[0].found = unread(), Some((State::Unknown, "the rule mfa-enforcer-sign-ins")))]
#[case(|seen: &mut Seen| "DISABLED".clone_into(&mut rule(seen).state), Some((State::Broken, "is DISABLED")))]
#[case(|seen: &mut Seen| "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS".clone_into(&mut rule(seen).state), None)]
#[case(|seen: &mut Seen| rule(seen).targets = Ok(Vec::new()), Some((State::Broken, "has no target")))]
#[case(
    |seen: &mut Seen| rule(seen).targets = Ok(vec!["arn:aws:lambda:us-east-1:123456789012:function:other".to_owned()]),
    Some((State::Broken, "no function of the stack as target"))
)]
// A function of the same name, in another account.
#[case(
    |seen: &mut Seen| {
        let target = rule(seen).targets.as_mut().unwrap();
        target[0] = target[0].replace("123456789012", "999988887777");
    },
    Some((State::Broken, "no function of the stack as target"))
)]
#[case(|seen: &mut Seen| rule(seen).targets = unread(), Some((State::Unknown, "targets of mfa-enforcer-sign-ins")))]
fn rules_are_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Rules, spoil, expected);
}

#[rstest]
#[case(
    |seen: &mut Seen| {
        let policy = deployed(seen).settings.quarantine.full.policy.clone();
        write(seen, &policy, OTHER);
    },
    Some((State::Broken, "stop NOTHING"))
)]
#[case(|seen: &mut Seen| drop(give_spare(seen)), None)]
#[case(
    |seen: &mut Seen| {
        give_spare(seen);
        let policy = deployed(seen).settings.quarantine.full.policy.clone();
        write(seen, &policy, OTHER);
    },
    Some((State::Broken, "users are put under its spare"))
)]
#[case(
    |seen: &mut Seen| {
        let spare = give_spare(seen);
        write(seen, &spare, OTHER);
    },
    Some((State::Warning, "the spare policy"))
)]
#[case(|seen: &mut Seen| deployed(seen).quarantine.policies[0].1 = PolicySeen::Gone, Some((State::Broken, "is gone")))]
#[case(
    |seen: &mut Seen| deployed(seen).quarantine.policies[0].1 = PolicySeen::Unknown(ERROR.to_owned()),
    Some((State::Unknown, ERROR))
)]
#[case(
    |seen: &mut Seen| deployed(seen).quarantine.groups[0].1 = GroupSeen::Gone,
    Some((State::Broken, "is gone or has another name"))
)]
#[case(
    |seen: &mut Seen| deployed(seen).quarantine.groups[0].1 = GroupSeen::Policies(Vec::new()),
    Some((State::Broken, "does not have its policy"))
)]
#[case(
    |seen: &mut Seen| deployed(seen).quarantine.groups[0].1 = GroupSeen::Unknown(ERROR.to_owned()),
    Some((State::Unknown, ERROR))
)]
#[case(|seen: &mut Seen| deployed(seen).quarantine.stack_error = Some(ERROR.to_owned()), Some((State::Unknown, ERROR)))]
#[case(|seen: &mut Seen| seen.deployed = None, Some((State::Unknown, "the quarantine is not known")))]
fn quarantine_is_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Quarantine, spoil, expected);
}

#[rstest]
#[case(
    |seen: &mut Seen| deployed(seen).subscriptions = Ok(Some(Vec::new())),
    Some((State::Broken, "nobody gets the alerts"))
)]
#[case(|seen: &mut Seen| deployed(seen).subscriptions = Ok(None), Some((State::Broken, "the alerts topic is gone")))]
#[case(
    |seen: &mut Seen| deployed(seen).subscriptions = unread(),
    Some((State::Unknown, "subscriptions of the alerts topic"))
)]
#[case(
    |seen: &mut Seen| {
        let list = deployed(seen).subscriptions.as_mut().unwrap().as_mut().unwrap();
        let mut waiting = list[0].clone();
        "PendingConfirmation".clone_into(&mut waiting.arn);
        list.push(waiting);
    },
    Some((State::Warning, "not confirmed: 1"))
)]
#[case(|seen: &mut Seen| seen.deployed = None, Some((State::Unknown, "the alerts topic is not known")))]
fn alerts_are_judged(#[case] spoil: fn(&mut Seen), #[case] expected: Option<(State, &str)>) {
    found(Item::Alerts, spoil, expected);
}

#[test]
fn settings_are_those_of_the_sweep_if_they_can_be_used() {
    let mut seen = healthy();
    set(&mut seen, 0, "MODE", "observe");
    assert_eq!(settings_of(&seen.functions).unwrap().mode, Mode::Enforce);
    set(&mut seen, 2, "MODE", "what");
    assert_eq!(settings_of(&seen.functions).unwrap().mode, Mode::Observe);
    for index in 0..3 {
        set(&mut seen, index, "MODE", "what");
    }
    assert_eq!(settings_of(&seen.functions), None);
}

#[test]
fn hub_is_left_to_the_command_for_organizations() {
    let mut seen = healthy();
    set(&mut seen, 0, "ORGANIZATION_ID", "o-a1b2c3d4e5");
    let checks = Checkup::of(&seen).checks;
    let of_settings: Vec<_> = checks.iter().filter(|check| check.item == Item::Settings).collect();
    assert_eq!(of_settings.len(), 1, "{of_settings:?}");
    assert_eq!(of_settings[0].state, State::Warning);
    assert!(
        of_settings[0].advice.as_deref().is_some_and(|advice| advice.contains("doctor --org")),
        "{of_settings:?}"
    );
}

#[test]
fn state_is_that_of_the_worst_check() {
    let mut seen = healthy();
    seen.stack.drift.status.clear();
    assert_eq!(Checkup::of(&seen).state, State::Warning);
    seen.trails = unread();
    assert_eq!(Checkup::of(&seen).state, State::Unknown);
    seen.rules.clear();
    assert_eq!(Checkup::of(&seen).state, State::Broken);
}

#[test]
fn checks_are_counted_by_their_state() {
    let whole = Checkup::of(&healthy());
    assert_eq!((whole.count(State::Ok), whole.count(State::Broken)), (whole.checks.len(), 0));
    let mut seen = healthy();
    rule(&mut seen).targets = unread();
    assert_eq!(Checkup::of(&seen).count(State::Unknown), 1);
}

fn schema() -> Validator {
    let file = fs::read_to_string(root().join("docs/doctor.schema.json")).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&file).unwrap()).unwrap()
}

#[test]
fn json_fits_its_schema() {
    let mut seen = healthy();
    seen.trails = unread();
    seen.deployed = None;
    for seen in [healthy(), seen] {
        let checkup: Value = serde_json::from_str(&Checkup::of(&seen).json()).unwrap();
        let problems: Vec<String> =
            schema().iter_errors(&checkup).map(|problem| problem.to_string()).collect();
        assert_eq!(problems, Vec::<String>::new());
    }
}

#[test]
fn schema_lists_every_item_and_state() {
    let file = fs::read_to_string(root().join("docs/doctor.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&file).unwrap();
    let listed = |name: &str| -> Vec<String> {
        serde_json::from_value(schema["$defs"][name]["enum"].clone()).unwrap()
    };
    // Roles are those of an account of an organization, which `doctor --org` checks.
    let items = Item::iter().filter(|item| *item != Item::Roles);
    assert_eq!(listed("item"), items.map(Item::code).collect::<Vec<_>>());
    assert_eq!(listed("state"), State::iter().map(State::code).collect::<Vec<_>>());
}

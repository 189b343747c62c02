//! What the administrators read about access keys when a user was contained.

use jsonschema::Validator;
use mfa_enforcer_core::access_keys::{ActiveKey, KeyUse, KeysSeen};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{Notice, Rendered};
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_testing::fixtures::{
    days_ago, decide_on, now, occasion, overdue, settings, settings_with, user,
};
use mfa_enforcer_testing::plans::for_admins_with_keys;
use serde_json::Value;
use std::fs;
use std::path::Path;

const ID: &str = "AKIAIOSFODNN7EXAMPLE";

fn used() -> KeyUse {
    KeyUse::Last { time: days_ago(2), service: "s3".to_owned(), region: "eu-central-1".to_owned() }
}

fn keys() -> KeysSeen {
    KeysSeen::Active(vec![
        ActiveKey::new(ID, days_ago(400), used()),
        ActiveKey::new("AKIAEXAMPLEKEY2WXYZ", days_ago(1), KeyUse::Never),
    ])
}

fn plan(name: &str, user: &UserFacts, settings: &Settings) -> Plan {
    decide_on(&occasion(name), user, settings, now())
}

fn notices(plan: &Plan) -> Vec<&Notice> {
    let notice = |step: &'_ Step| matches!(step, Step::Notify(_));
    plan.steps
        .iter()
        .filter(|step| notice(step))
        .map(|step| match step {
            Step::Notify(notice) => notice.as_ref(),
            Step::Change { .. } | Step::RecordRootAlert(_) | Step::Repair(_) | Step::OrderSweep { .. } => {
                panic!("a change")
            }
        })
        .collect()
}

fn copy(user: &UserFacts, settings: &Settings, keys: &KeysSeen) -> Rendered {
    let plan = plan("ConsoleLogin", user, settings);
    for_admins_with_keys(notices(&plan)[0], keys).unwrap()
}

fn part(rendered: &Rendered, protocol: &str) -> String {
    let texts: Value = serde_json::from_str(&rendered.message).unwrap();
    texts[protocol].as_str().unwrap().to_owned()
}

fn machine(rendered: &Rendered) -> Value {
    serde_json::from_str(&part(rendered, "sqs")).unwrap()
}

fn schema() -> Validator {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/notice.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[test]
fn copy_names_keys_and_what_is_not_stopped() {
    let everything = settings_with(&[("QUARANTINE_SCOPE", "everything")]);
    insta::assert_snapshot!("console", part(&copy(&overdue(), &settings(), &keys()), "email"));
    insta::assert_snapshot!("everything", part(&copy(&overdue(), &everything, &keys()), "email"));
}

#[test]
fn keys_that_could_not_be_read_are_said_to_be_so() {
    for scope in ["console", "everything"] {
        let settings = settings_with(&[("QUARANTINE_SCOPE", scope)]);
        let copy = copy(&overdue(), &settings, &KeysSeen::Unreadable);
        assert!(part(&copy, "email").contains("could not be read"), "{scope}");
        assert_eq!(machine(&copy)["accessKeys"]["readable"], false);
    }
    let none = copy(&overdue(), &settings(), &KeysSeen::Active(Vec::new()));
    assert!(part(&none, "email").contains("No access key of the user is active"));
    assert_eq!(machine(&none)["accessKeys"]["readable"], true);
}

#[test]
fn no_form_of_the_copy_has_a_whole_key_id() {
    let copy = copy(&overdue(), &settings(), &keys());
    assert!(!copy.message.contains(ID) && !copy.message.contains("EXAMPLEKEY2"), "{}", copy.message);
    assert!(!copy.sms.contains("MPLE") && !part(&copy, "sms").contains("MPLE"));
    for protocol in ["email", "sqs", "https"] {
        assert!(part(&copy, protocol).contains("MPLE"), "{protocol}");
    }
}

#[test]
fn machine_form_of_keys_fits_the_schema() {
    let unknown = KeysSeen::Active(vec![ActiveKey::new(ID, days_ago(0), KeyUse::Unknown)]);
    for seen in [keys(), unknown, KeysSeen::Unreadable, KeysSeen::Active(Vec::new())] {
        let message = machine(&copy(&overdue(), &settings(), &seen));
        let errors: Vec<String> = schema().iter_errors(&message).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{message:#}");
    }
    let message = machine(&copy(&overdue(), &settings(), &keys()));
    assert_eq!(message["accessKeys"]["active"][0]["service"], "s3");
    assert!(message["links"]["user"].as_str().unwrap().contains("/users/details/alice"));
}

#[test]
fn chat_steps_stay_short() {
    for scope in ["console", "everything"] {
        let settings = settings_with(&[("QUARANTINE_SCOPE", scope)]);
        let copy = copy(&overdue(), &settings, &keys());
        let chat: Value = serde_json::from_str(&part(&copy, "https")).unwrap();
        let steps = chat["content"]["nextSteps"].as_array().unwrap();
        assert!(steps.iter().all(|step| step.as_str().unwrap().chars().count() <= 350), "{steps:?}");
        assert!(
            steps.iter().any(|step| step.as_str().unwrap().contains("aws:SignInSessionArn")),
            "{steps:?}"
        );
        assert!(chat["content"]["description"].as_str().unwrap().contains("...MPLE"));
    }
}

#[test]
fn keys_are_named_after_every_containment() {
    let named = |name: &str, user: &UserFacts| {
        notices(&plan(name, user, &settings())).iter().any(|notice| notice.names_access_keys())
    };
    assert!(named("ConsoleLogin", &overdue()));
    assert!(named("DeactivateMFADevice", &overdue()));
    assert!(named("CreateLoginProfile", &overdue()), "a new password");
    assert!(!named("Sweep", &overdue()), "the digest tells, and has no room for keys");
    let warned = settings_with(&[("MODE", "notify")]);
    assert!(
        !notices(&plan("ConsoleLogin", &overdue(), &warned)).iter().any(|notice| notice.names_access_keys())
    );
}

/// Advice against a thief would frighten whoever reads of a new password.
#[test]
fn advice_on_sessions_is_for_takeovers() {
    let none = KeysSeen::Active(Vec::new());
    for scope in ["console", "everything"] {
        let settings = settings_with(&[("QUARANTINE_SCOPE", scope)]);
        for (seen, says) in
            [(keys(), scope), (KeysSeen::Unreadable, "could not be read"), (none.clone(), "none active")]
        {
            let plan = plan("CreateLoginProfile", &overdue(), &settings);
            let copy = for_admins_with_keys(notices(&plan)[0], &seen).unwrap();
            let mail = part(&copy, "email");
            assert!(mail.contains("Keys:     ") && mail.contains(says), "{mail}");
            assert!(!mail.contains("aws:SignInSessionArn") && !mail.contains("Deactivate"), "{mail}");
            let stops = if scope == "console" { "does not stop" } else { "(scope everything) stops" };
            assert_eq!(mail.contains(stops), seen != none, "{mail}");
            assert!(schema().is_valid(&machine(&copy)));
        }
    }
}

#[test]
fn page_of_a_user_is_that_of_the_partition() {
    let page = |partition: Partition, name: &str| partition.user_url(name);
    let security = "?section=security_credentials";
    for (partition, console) in [
        (Partition::Aws, "https://console.aws.amazon.com"),
        (Partition::China, "https://console.amazonaws.cn"),
        (Partition::GovCloud, "https://console.amazonaws-us-gov.com"),
    ] {
        let expected = format!("{console}/iam/home#/users/details/bob{security}");
        assert_eq!(page(partition, "bob"), Some(expected));
    }
    assert_eq!(page(Partition::Other, "bob"), None);
    let address = page(Partition::Aws, user("bo,b+x@example.com").name.as_str()).unwrap();
    assert!(address.contains("/bo%2Cb%2Bx%40example.com?"), "{address}");
}

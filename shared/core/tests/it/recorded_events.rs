//! Events that other people recorded, if they are beside the checkout: each is classified without surprises.

use mfa_enforcer_core::event::{Deployment, Function, Reading, read};
use mfa_enforcer_testing::fixtures::deployment;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use strum::IntoEnumIterator;

/// All recordings; none if the folder does not exist.
fn recordings() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recorded-events");
    let Ok(folders) = fs::read_dir(root) else { return Vec::new() };
    let mut files: Vec<PathBuf> = folders
        .filter_map(|folder| fs::read_dir(folder.unwrap().path()).ok())
        .flatten()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    files
}

/// The enforcer, as if deployed in the recording's account.
fn deployment_of(recording: &Value) -> Deployment {
    let account =
        recording.pointer("/recipientAccountId").or(recording.pointer("/detail/recipientAccountId"));
    Deployment { account: account.and_then(Value::as_str).unwrap_or_default().to_owned(), ..deployment() }
}

/// A bare record gets the envelope that EventBridge would put around it.
fn enveloped(recording: &Value) -> Value {
    if recording.get("detail").is_some() {
        return recording.clone();
    }
    json!({
        "version": "0",
        "id": "0d1f2a3b-0000-4000-8000-00000000e002",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iam",
        "time": "2026-11-24T09:01:00Z",
        "region": "us-east-1",
        "detail": recording,
    })
}

#[test]
fn every_recording_is_classified() {
    let mut seen = 0;
    for file in recordings() {
        let recording: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let payload = enveloped(&recording).to_string();
        for function in Function::iter() {
            match read(&payload, function, &deployment_of(&recording)) {
                Ok(Reading::Event(event)) => assert_eq!(
                    recording.pointer("/eventName").or(recording.pointer("/detail/eventName")),
                    Some(&json!(event.trigger.spec().event_name)),
                    "{}",
                    file.display()
                ),
                Ok(Reading::Ignored(_)) => {}
                Err(malformed) => {
                    assert!(!malformed.path.is_empty(), "{}: {malformed}", file.display());
                }
            }
        }
        seen += 1;
    }
    // The set has 74 recordings. In a clone of this repository alone, there are none.
    assert!(seen == 0 || seen >= 74, "only {seen} recordings");
}

#[test]
fn real_sign_ins_without_mfa_are_recognised() {
    let expected = [
        ("ConsoleLogin/fivexl__1.json", "event"),
        ("ConsoleLogin/panther__28.json", "event"),
        ("ConsoleLogin/panther__11.json", "mfa-used"),
        ("ConsoleLogin/panther__13.json", "assumed-role"),
        ("ConsoleLogin/panther__33.json", "failed-sign-in"),
        ("CreateUser/fivexl-hist__4.json", "other-service"),
        ("DeactivateMFADevice/traildiscover__1.json", "failed-call"),
    ];
    let mut seen = 0;
    for file in recordings() {
        let Some((_, reading)) = expected.iter().find(|(name, _)| file.ends_with(name)) else { continue };
        let recording: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let found =
            match read(&enveloped(&recording).to_string(), Function::SignIn, &deployment_of(&recording))
                .unwrap()
            {
                Reading::Event(_) => "event",
                Reading::Ignored(reason) => reason.code(),
            };
        assert_eq!(found, *reading, "{}", file.display());
        seen += 1;
    }
    assert!(seen == 0 || seen == expected.len(), "only {seen} of the recordings named here");
}

//! What checks of the quarantine start from: policies, groups and the stack as a look shows them.

use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::event::{Event, Function, Reading, read};
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::former_texts::FormerTexts;
use mfa_enforcer_core::notice::{AccountAlert, AlertSubject, Notice};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::policy_text::{Document, OUTPUT, fingerprint};
use mfa_enforcer_core::quarantine_look::{PolicySeen, PolicyVersion, QuarantineSeen};
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_testing::fixtures::{
    POLICY, STACK, deployment, now, sample, settings_with, whole_quarantine,
};

pub(crate) const OTHER: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

pub(crate) fn spare() -> String {
    format!("{POLICY}-spare")
}

pub(crate) fn with_spare() -> Settings {
    settings_with(&[("SPARE_POLICY_ARN", &spare()), ("STACK_ID", STACK)])
}

pub(crate) fn event_of(name: &str) -> Event {
    match read(&sample(name), Function::Guard, &deployment()) {
        Ok(Reading::Event(event)) => *event,
        other => panic!("{name}: {other:?}"),
    }
}

/// The guard's check after a sample about the quarantine.
pub(crate) fn guard(sample: &str) -> QuarantineCheck {
    QuarantineCheck::of_event(&event_of(sample))
}

pub(crate) const EDITED: &str = "CreatePolicyVersion/console-by-an-admin";

pub(crate) const SET: &str = "SetDefaultPolicyVersion/console-by-an-admin";

pub(crate) const DELETED: &str = "DeletePolicy/console-by-an-admin";

pub(crate) const DETACHED: &str = "DetachGroupPolicy/console-by-an-admin";

pub(crate) const RENAMED: &str = "UpdateGroup/console-renamed-by-an-admin";

pub(crate) fn version(id: &str, document: &str) -> PolicyVersion {
    PolicyVersion { id: id.to_owned(), document: document.to_owned() }
}

/// A policy with these documents as v1, v2 and so on, of which the last is in force.
pub(crate) fn policy(documents: &[&str]) -> PolicySeen {
    let versions: Vec<PolicyVersion> = documents
        .iter()
        .enumerate()
        .map(|(index, document)| version(&format!("v{}", index + 1), document))
        .collect();
    PolicySeen::There { in_force: versions.last().unwrap().clone(), versions }
}

pub(crate) fn right() -> &'static str {
    Document::Console.text()
}

/// A list of former texts, in which the policy of `console` had these, the oldest first.
pub(crate) fn former(texts: &[&str]) -> FormerTexts {
    let text = |text: &&str| serde_json::json!({"version": "0.0.1", "sha256": fingerprint(text)});
    let texts: Vec<_> = texts.iter().map(text).collect();
    FormerTexts::read(&serde_json::json!({ "console": texts }).to_string()).unwrap()
}

/// All as deployed, but for this policy.
pub(crate) fn seen(
    check: &QuarantineCheck,
    settings: &Settings,
    arn: &str,
    policy: &PolicySeen,
) -> QuarantineSeen {
    let mut seen = whole_quarantine(check, settings);
    for (known, state) in &mut seen.policies {
        if known == arn {
            *state = policy.clone();
        }
    }
    seen
}

pub(crate) fn repairs(check: &QuarantineCheck, seen: &QuarantineSeen, settings: &Settings) -> Vec<Repair> {
    let plan = check.repairs(seen, &told(), settings, now());
    plan.steps
        .into_iter()
        .filter_map(|step| match step {
            Step::Repair(repair) => Some(repair),
            Step::RecordRootAlert(_) => None,
            other => panic!("{other}"),
        })
        .collect()
}

pub(crate) fn put(policy: &str, version: &str) -> Repair {
    Repair::SetDefaultVersion { policy: policy.to_owned(), version: version.to_owned() }
}

/// The outputs of a stack with a queue for sweeps.
pub(crate) fn with_queue(mut seen: QuarantineSeen) -> QuarantineSeen {
    let url = "https://sqs.us-east-1.amazonaws.com/123456789012/sweeps.fifo";
    let outputs = [("SweepQueueUrl".to_owned(), url.to_owned())].into_iter().collect();
    seen.stack = Some(StackState { status: "CREATE_COMPLETE".to_owned(), outputs, ..StackState::default() });
    seen
}

pub(crate) fn told() -> RootLedger {
    RootLedger::Told(Vec::new())
}

/// The kinds of alerts of a plan, with their severity.
pub(crate) fn alerts(plan: &Plan) -> Vec<String> {
    let alert = |step: &Step| match step {
        Step::Notify(notice) => Some(format!("{} {}", notice.kind().code(), severity(notice))),
        _ => None,
    };
    plan.steps.iter().filter_map(alert).collect()
}

pub(crate) fn severity(notice: &Notice) -> &'static str {
    let Notice::Alert(alert) = notice else { panic!("not an alert") };
    assert!(matches!(alert.subject, AlertSubject::Account(AccountAlert::Quarantine(_))));
    alert.subject.severity().code()
}

pub(crate) fn orders_a_sweep(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| matches!(step, Step::OrderSweep { .. }))
}

pub(crate) fn stack(status: &str, output: &str) -> StackState {
    let outputs = [(OUTPUT.to_owned(), output.to_owned())].into_iter().collect();
    StackState { status: status.to_owned(), changed: Some(now()), outputs }
}

pub(crate) fn seen_spare(mut seen: QuarantineSeen, document: &str) -> QuarantineSeen {
    for (known, state) in &mut seen.policies {
        if *known == spare() {
            *state = policy(&[right(), document]);
        }
    }
    seen
}

//! The error types that alarms and log queries rely on.

use lambda_runtime::Diagnostic;
use mfa_enforcer_aws::{AwsError, ErrorKind, Failure};
use mfa_enforcer_core::event::{Deployment, Function, read};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::snapshot::ReportError;

fn aws(kind: ErrorKind) -> Failure {
    Failure::Aws(AwsError {
        operation: Operation::AttachUserPolicy,
        kind,
        code: "SomeCode".to_owned(),
        source: Some("a message that quotes alice@example.com".into()),
    })
}

#[test]
fn failures_have_stable_types_and_no_personal_data() {
    let malformed = read("[]", Function::SignIn, &Deployment::default()).unwrap_err();
    let failures = [
        Failure::Malformed(malformed),
        Failure::NotYetVisible(Reason::DeviceNotVisibleYet),
        Failure::Report(ReportError::MissingColumn("mfa_active")),
        Failure::OutOfTime,
        Failure::SweepUnfinished { failed: 2, remaining: 30, first: "iam:TagUser failed".to_owned() },
        aws(ErrorKind::Throttled),
        aws(ErrorKind::Unavailable),
        aws(ErrorKind::NotFound),
        aws(ErrorKind::Denied),
        aws(ErrorKind::Quota),
        aws(ErrorKind::BadAddress),
        aws(ErrorKind::Refused),
    ];
    let lines: Vec<String> = failures
        .into_iter()
        .map(|failure| {
            let transient = failure.is_transient();
            // The runtime logs both forms.
            assert!(!format!("{failure} {failure:?}").contains('@'));
            let Diagnostic { error_type, error_message } = failure.into();
            format!("{error_type} (retry helps: {transient}): {error_message}")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

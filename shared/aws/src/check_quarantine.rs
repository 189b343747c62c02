//! Looks at the quarantine itself, repairs it, and reports. The core decides all of it.

use crate::apply::apply;
use crate::directory::Directory;
use crate::error::AwsError;
use crate::messenger::Messenger;
use futures_util::future::join_all;
use jiff::Timestamp;
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::facts::RootLedger;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::quarantine_look::{GroupSeen, PolicySeen, QuarantineSeen, whole};
use mfa_enforcer_core::settings::Settings;
use std::time::Duration;

/// How long to wait before each further look at what was repaired.
const WAITS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];

/// What came of a check.
pub(crate) struct Checked {
    /// How things stand after the repairs.
    pub(crate) seen: QuarantineSeen,
    /// What was to be done: the repairs, and what was said of them.
    pub(crate) plan: Plan,
    /// What was done.
    pub(crate) done: Vec<Step>,
    /// What could not be read.
    pub(crate) unread: Vec<AwsError>,
    /// What could not be done or said.
    pub(crate) failed: Vec<AwsError>,
    /// Whether SNS refused for good to record that it was told.
    pub(crate) is_unrecorded: bool,
}

/// Checks the quarantine, given what was reported so far.
pub(crate) async fn check_quarantine<D, M>(
    check: &QuarantineCheck,
    ledger: &RootLedger,
    settings: &Settings,
    now: Timestamp,
    directory: &D,
    messenger: &M,
) -> Checked
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    let (policies, groups) = (check.policies(settings), check.groups(settings));
    let (before, mut unread) = look(&policies, &groups, settings, now, directory).await;
    let repairs = check.repairs(&before, ledger, settings, now);
    let repaired = apply(&repairs, directory, messenger).await;
    let ledger = &ledger.clone().after(&repaired.done);
    let mut failed: Vec<AwsError> = repaired.error.into_iter().collect();
    let mut seen = before.clone();
    // What a repair came to is read, not assumed. IAM's answers may be some seconds behind.
    let mut waits = WAITS.iter();
    while !repairs.steps.is_empty() {
        let (after, errors) = look(&policies, &groups, settings, now, directory).await;
        seen = after;
        unread = errors;
        match waits
            .next()
            .filter(|_| failed.is_empty() && !check.repairs(&seen, ledger, settings, now).steps.is_empty())
        {
            Some(wait) => tokio::time::sleep(*wait).await,
            None => break,
        }
    }
    let report = check.report(&before, &seen, ledger, settings, now);
    let reported = apply(&report, directory, messenger).await;
    failed.extend(reported.error);
    let done = [repaired.done, reported.done].concat();
    let steps = [repairs.steps, report.steps].concat();
    let withheld = [repairs.withheld, report.withheld].concat();
    let plan = Plan { steps, withheld, ..report };
    Checked { seen, plan, done, unread, failed, is_unrecorded: reported.refused.is_some() }
}

/// Looks at the whole quarantine, and repairs nothing. What cannot be read is unknown, with the error.
pub async fn look_at_quarantine<D: Directory + Sync>(
    settings: &Settings,
    now: Timestamp,
    directory: &D,
) -> QuarantineSeen {
    let (policies, groups) = whole(settings);
    look(&policies, &groups, settings, now, directory).await.0
}

/// Looks at the stack, the policies and the groups, all at once. What cannot be read is unknown; the errors say why.
async fn look<D: Directory + Sync>(
    arns: &[String],
    names: &[String],
    settings: &Settings,
    now: Timestamp,
    directory: &D,
) -> (QuarantineSeen, Vec<AwsError>) {
    let stack = async {
        match settings.stack.as_ref().filter(|_| !arns.is_empty()) {
            Some(stack) => directory.stack(&stack.id).await.map(Some),
            None => Ok(None),
        }
    };
    let policies = join_all(arns.iter().map(|arn| directory.policy_in_force(arn)));
    let groups = join_all(names.iter().map(|name| directory.group_policies(name)));
    let (stack, policies, groups) = tokio::join!(stack, policies, groups);
    let mut errors = Vec::new();
    let mut seen = QuarantineSeen::default();
    match stack {
        Ok(stack) => seen.stack = stack,
        Err(error) => {
            seen.stack_error = Some(error.to_string());
            errors.push(error);
        }
    }
    for (arn, answer) in arns.iter().zip(policies) {
        let found = match answer {
            Ok(Some(in_force)) => PolicySeen::There { in_force, versions: Vec::new() },
            Ok(None) => PolicySeen::Gone,
            Err(error) => unknown(error, &mut errors, PolicySeen::Unknown),
        };
        seen.policies.push((arn.clone(), found));
    }
    for (name, answer) in names.iter().zip(groups) {
        let found = match answer {
            Ok(Some(policies)) => GroupSeen::Policies(policies),
            Ok(None) => GroupSeen::Gone,
            Err(error) => unknown(error, &mut errors, GroupSeen::Unknown),
        };
        seen.groups.push((name.clone(), found));
    }
    for arn in seen.wants_versions(settings, now) {
        match directory.policy_versions(&arn).await {
            Ok(versions) => seen.add_versions(&arn, &versions),
            Err(error) => {
                // A retry may find the right text among them. If nobody may read them, the text counts as lost.
                if error.is_transient() {
                    seen.set_unknown(&arn, &error.to_string());
                }
                errors.push(error);
            }
        }
    }
    (seen, errors)
}

fn unknown<T>(error: AwsError, errors: &mut Vec<AwsError>, unknown: fn(String) -> T) -> T {
    let text = error.to_string();
    errors.push(error);
    unknown(text)
}

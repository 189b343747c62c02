//! The stack itself: who asks about it, its status, its version, and its drift.

use super::check::{Check, Item};
use super::seen::{Seen, StackSeen};
use crate::VERSION;
use crate::policy_text::Texts;
use crate::stack::StackState;
use jiff::{SignedDuration, Timestamp};

/// The output with the version that the stack deployed.
const VERSION_OUTPUT: &str = "Version";
/// `CloudFormation` finds drift only when somebody asks. An older answer than this says little.
const DRIFT_IS_OLD_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Always in order: without access, nothing is checked.
pub(super) fn access(seen: &Seen) -> Vec<Check> {
    let Seen { caller, account, region, .. } = seen;
    vec![Check::ok(Item::Access, format!("{caller} reads account {account} in {region}"))]
}

/// The version that the stack says it is.
pub(super) fn version(stack: &StackState) -> Option<&str> {
    stack.outputs.get(VERSION_OUTPUT).map(String::as_str)
}

/// The status of the stack, and whether this program is of the same version.
pub(super) fn stack(seen: &Seen) -> Vec<Check> {
    vec![status(&seen.stack, &seen.region, seen.at), of_version(&seen.stack.state)]
}

/// The status of a stack.
pub(super) fn status(stack: &StackSeen, region: &str, now: Timestamp) -> Check {
    const ITEM: Item = Item::Stack;
    let StackSeen { name, state, .. } = stack;
    let says = format!("the stack {name} is {}", state.status);
    let events = format!("aws cloudformation describe-stack-events --stack-name {name} --region {region}");
    let is_changing = state.status.ends_with("_IN_PROGRESS");
    match state.status.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => Check::ok(ITEM, says),
        "UPDATE_ROLLBACK_COMPLETE" | "IMPORT_ROLLBACK_COMPLETE" => {
            let says = format!("{says}: the last change failed, and what was before it is in force");
            Check::warning(ITEM, says, format!("{events} says why"))
        }
        "UPDATE_ROLLBACK_FAILED" => {
            let advice = format!(
                "{events} says why; then aws cloudformation continue-update-rollback --stack-name {name} --region {region}"
            );
            Check::broken(
                ITEM,
                format!("{says}: it is neither as before nor as after the last change"),
                advice,
            )
        }
        _ if is_changing && state.is_in_progress(now) => Check::warning(
            ITEM,
            format!("{says}, so parts of it may be missing for the moment"),
            "run it again when the stack is ready",
        ),
        _ if is_changing => {
            let says = format!("{says} for more than three hours, so changes to it count as somebody's own");
            Check::broken(ITEM, says, format!("{events} says what it waits for"))
        }
        _ => Check::broken(ITEM, says, format!("{events} says why; then deploy it again")),
    }
}

/// Whether a stack is of the version of this program.
pub(super) fn of_version(stack: &StackState) -> Check {
    const ITEM: Item = Item::Stack;
    match version(stack) {
        Some(version) if version == VERSION && Texts::of(Some(stack)) == Texts::of(None) => {
            Check::ok(ITEM, format!("it is of version {version}, as this program is"))
        }
        Some(version) if version == VERSION => Check::warning(
            ITEM,
            format!(
                "its output QuarantineDocuments names other texts of the quarantine than version {version} has, and the \
                 functions go by that output"
            ),
            "unless policies/ was changed on purpose before it was deployed, deploy this version again",
        ),
        Some(version) => Check::warning(
            ITEM,
            format!(
                "it is of version {version} and this program of {VERSION}, so some checks may not fit it"
            ),
            format!("use the program of version {version}, or deploy version {VERSION}"),
        ),
        None => Check::warning(
            ITEM,
            "it does not say its version: it has no output Version",
            "check that --stack names the stack of mfa-enforcer, and not another one",
        ),
    }
}

/// What `CloudFormation` last found of the stack's drift.
pub(super) fn drift(seen: &Seen) -> Vec<Check> {
    const ITEM: Item = Item::Drift;
    let StackSeen { name, drift, .. } = &seen.stack;
    let on_stack = format!("--stack-name {name} --region {}", seen.region);
    let look = format!("aws cloudformation detect-stack-drift {on_stack}");
    let when = drift.at.map_or("at an unknown time".to_owned(), |at| format!("on {}", day(at)));
    let is_old = drift.at.is_none_or(|at| seen.at.duration_since(at) > DRIFT_IS_OLD_AFTER);
    vec![match drift.status.as_str() {
        "IN_SYNC" if is_old => Check::warning(
            ITEM,
            format!("drift was last looked for {when}, and there was none"),
            format!("{look}, and this again after it"),
        ),
        "IN_SYNC" => Check::ok(ITEM, format!("no resource differed from the stack {when}")),
        "DRIFTED" => Check::warning(
            ITEM,
            format!("resources differed from the stack {when}: somebody changed them by hand"),
            format!(
                "aws cloudformation describe-stack-resource-drifts {on_stack} says which; docs/RUNBOOK.md, Somebody \
                 changed the enforcer"
            ),
        ),
        _ => Check::warning(
            ITEM,
            "nobody ever looked for drift, so of what is not listed here, nobody knows whether it was changed by hand",
            format!("{look}, and this again after it"),
        ),
    }]
}

/// The day of a time, in UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

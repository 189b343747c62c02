//! The calls that can blind, stop or change the enforcer: one row each.

use super::changes;
use serde_json::Value;
use strum::{EnumIter, IntoStaticStr};

/// A part of the enforcer, or of what it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Part {
    /// A trail of the account. Without one there are no events.
    Trail,
    /// A rule that sends events to a function or to another region.
    Rule,
    /// A function.
    Function,
    /// What hands the sweep its orders.
    EventSource,
    /// A role of a function, a rule or a schedule.
    Role,
    /// A policy of the stack's roles.
    Policy,
    /// The key that encrypts the administrators' topic.
    Key,
    /// A function's log.
    Logs,
    /// An alarm.
    Alarm,
    /// The administrators' topic.
    Topic,
    /// A queue of sweeps or of dead letters.
    Queue,
    /// A schedule of sweeps.
    Schedule,
    /// The stack set that forwards from other regions, or one of its stacks.
    Forwarding,
    /// The stack itself.
    Stack,
}

/// How serious a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The enforcer may be blind, silent or changed.
    Critical,
    /// A deployment, which is to be expected now and then.
    Deployment,
}

/// A call about the enforcer's own resources.
#[derive(Debug, Clone, Copy)]
pub struct OwnCall {
    /// Service, as in `eventSource` before `.amazonaws.com`.
    pub service: &'static str,
    /// `eventName`. Lambda's may be followed by a date.
    pub name: &'static str,
    /// What the call is about.
    pub part: Part,
    /// Where `requestParameters` names the resource. Empty for calls that name it only in the answer.
    pub named_in: &'static [&'static str],
    /// What was done to it, in words.
    pub says: &'static str,
    /// How serious it is.
    pub weight: Weight,
    /// Whether this call, with these parameters, changes anything that matters.
    pub(super) matters: fn(&Value) -> bool,
}

const fn critical(
    service: &'static str,
    name: &'static str,
    part: Part,
    named_in: &'static [&'static str],
    says: &'static str,
) -> OwnCall {
    OwnCall { service, name, part, named_in, says, weight: Weight::Critical, matters: |_| true }
}

const fn deployment(name: &'static str, says: &'static str) -> OwnCall {
    let call = critical("cloudformation", name, Part::Stack, &["stackName"], says);
    OwnCall { weight: Weight::Deployment, ..call }
}

const fn only_if(call: OwnCall, matters: fn(&Value) -> bool) -> OwnCall {
    OwnCall { matters, ..call }
}

const FUNCTION: &[&str] = &["functionName"];
const NAME: &[&str] = &["name"];
const QUEUE: &[&str] = &["queueUrl"];
const ROLE: &[&str] = &["roleName"];
const STACK_SET: &[&str] = &["stackSetName"];
const TOPIC: &[&str] = &["topicArn"];

/// Every call that is reported.
pub const OWN_CALLS: &[OwnCall] = &[
    critical("cloudtrail", "StopLogging", Part::Trail, NAME, "was stopped"),
    critical("cloudtrail", "DeleteTrail", Part::Trail, NAME, "was deleted"),
    only_if(
        critical("cloudtrail", "UpdateTrail", Part::Trail, NAME, "logs less than before"),
        changes::narrows_trail,
    ),
    only_if(
        critical(
            "cloudtrail",
            "PutEventSelectors",
            Part::Trail,
            &["trailName"],
            "does not log all management events that write",
        ),
        changes::cuts_selectors,
    ),
    critical("events", "DisableRule", Part::Rule, NAME, "was disabled"),
    critical("events", "DeleteRule", Part::Rule, NAME, "was deleted"),
    critical("events", "PutRule", Part::Rule, NAME, "was changed"),
    critical("events", "PutTargets", Part::Rule, &["rule"], "was given other targets"),
    critical("events", "RemoveTargets", Part::Rule, &["rule"], "lost targets"),
    critical("lambda", "UpdateFunctionCode", Part::Function, FUNCTION, "was given other code"),
    critical("lambda", "UpdateFunctionConfiguration", Part::Function, FUNCTION, "was configured differently"),
    critical("lambda", "DeleteFunction", Part::Function, FUNCTION, "was deleted"),
    critical("lambda", "PutFunctionConcurrency", Part::Function, FUNCTION, "was given another concurrency"),
    critical(
        "lambda",
        "DeleteFunctionConcurrency",
        Part::Function,
        FUNCTION,
        "lost its reserved concurrency",
    ),
    critical("lambda", "AddPermission", Part::Function, FUNCTION, "may be called by others"),
    critical("lambda", "RemovePermission", Part::Function, FUNCTION, "may no longer be called by its rule"),
    critical(
        "lambda",
        "PutFunctionEventInvokeConfig",
        Part::Function,
        FUNCTION,
        "tries failed events differently",
    ),
    critical(
        "lambda",
        "UpdateFunctionEventInvokeConfig",
        Part::Function,
        FUNCTION,
        "tries failed events differently",
    ),
    critical(
        "lambda",
        "DeleteFunctionEventInvokeConfig",
        Part::Function,
        FUNCTION,
        "no longer keeps failed events",
    ),
    critical("lambda", "PutRuntimeManagementConfig", Part::Function, FUNCTION, "was given another runtime"),
    critical("lambda", "PutFunctionRecursionConfig", Part::Function, FUNCTION, "was configured differently"),
    critical(
        "lambda",
        "PutFunctionCodeSigningConfig",
        Part::Function,
        FUNCTION,
        "was given another code signing",
    ),
    critical("lambda", "CreateFunctionUrlConfig", Part::Function, FUNCTION, "was given a web address"),
    critical("lambda", "UpdateFunctionUrlConfig", Part::Function, FUNCTION, "was given a web address"),
    critical(
        "lambda",
        "CreateEventSourceMapping",
        Part::EventSource,
        &["functionName", "eventSourceArn"],
        "was added",
    ),
    critical("lambda", "UpdateEventSourceMapping", Part::EventSource, &[], "was changed"),
    critical("lambda", "DeleteEventSourceMapping", Part::EventSource, &[], "was deleted"),
    critical("iam", "DeleteRole", Part::Role, ROLE, "was deleted"),
    critical("iam", "UpdateRole", Part::Role, ROLE, "was changed"),
    critical("iam", "UpdateAssumeRolePolicy", Part::Role, ROLE, "trusts others than before"),
    critical("iam", "PutRolePolicy", Part::Role, ROLE, "was given other permissions"),
    critical("iam", "DeleteRolePolicy", Part::Role, ROLE, "lost permissions"),
    critical("iam", "AttachRolePolicy", Part::Role, ROLE, "was given other permissions"),
    critical("iam", "DetachRolePolicy", Part::Role, ROLE, "lost permissions"),
    critical("iam", "PutRolePermissionsBoundary", Part::Role, ROLE, "was given another boundary"),
    critical("iam", "DeleteRolePermissionsBoundary", Part::Role, ROLE, "lost its boundary"),
    critical("iam", "CreatePolicyVersion", Part::Policy, &["policyArn"], "was given another text"),
    critical("iam", "SetDefaultPolicyVersion", Part::Policy, &["policyArn"], "was given another text"),
    critical("iam", "DeletePolicyVersion", Part::Policy, &["policyArn"], "lost a version"),
    critical("iam", "DeletePolicy", Part::Policy, &["policyArn"], "was deleted"),
    critical("kms", "DisableKey", Part::Key, &["keyId"], "was disabled"),
    critical("kms", "ScheduleKeyDeletion", Part::Key, &["keyId"], "is going to be deleted"),
    critical("kms", "PutKeyPolicy", Part::Key, &["keyId"], "was given another policy"),
    critical("logs", "DeleteLogGroup", Part::Logs, &["logGroupName"], "was deleted"),
    critical("logs", "DeleteLogStream", Part::Logs, &["logGroupName"], "lost entries"),
    critical("logs", "PutRetentionPolicy", Part::Logs, &["logGroupName"], "is kept for another time"),
    critical(
        "logs",
        "AssociateKmsKey",
        Part::Logs,
        &["logGroupName", "resourceIdentifier"],
        "was given another key",
    ),
    critical(
        "logs",
        "PutDataProtectionPolicy",
        Part::Logs,
        &["logGroupIdentifier"],
        "hides parts of its entries",
    ),
    critical("monitoring", "DeleteAlarms", Part::Alarm, &["alarmNames"], "was deleted"),
    critical("monitoring", "DisableAlarmActions", Part::Alarm, &["alarmNames"], "was silenced"),
    critical("monitoring", "PutMetricAlarm", Part::Alarm, &["alarmName"], "was changed"),
    critical("monitoring", "PutCompositeAlarm", Part::Alarm, &["alarmName"], "was changed"),
    critical("monitoring", "PutAlarmMuteRule", Part::Alarm, &["muteTargets"], "was silenced for a time"),
    critical("sns", "DeleteTopic", Part::Topic, TOPIC, "was deleted"),
    critical("sns", "SetTopicAttributes", Part::Topic, TOPIC, "was changed"),
    critical("sns", "AddPermission", Part::Topic, TOPIC, "was given another policy"),
    critical("sns", "RemovePermission", Part::Topic, TOPIC, "was given another policy"),
    critical(
        "sns",
        "PutDataProtectionPolicy",
        Part::Topic,
        &["resourceArn"],
        "was given a policy that can hold messages back",
    ),
    critical("sns", "Unsubscribe", Part::Topic, &["subscriptionArn"], "lost a subscriber"),
    critical(
        "sns",
        "SetSubscriptionAttributes",
        Part::Topic,
        &["subscriptionArn"],
        "has a subscription that was changed",
    ),
    only_if(
        critical(
            "sns",
            "TagResource",
            Part::Topic,
            &["resourceArn"],
            "has notes of the enforcer that somebody else wrote",
        ),
        changes::names_own_tag,
    ),
    only_if(
        critical("sns", "UntagResource", Part::Topic, &["resourceArn"], "lost notes of the enforcer"),
        changes::names_own_tag,
    ),
    critical("sqs", "DeleteQueue", Part::Queue, QUEUE, "was deleted"),
    critical("sqs", "PurgeQueue", Part::Queue, QUEUE, "was emptied"),
    critical("sqs", "SetQueueAttributes", Part::Queue, QUEUE, "was changed"),
    critical("sqs", "AddPermission", Part::Queue, QUEUE, "was given another policy"),
    critical("sqs", "RemovePermission", Part::Queue, QUEUE, "was given another policy"),
    critical("scheduler", "UpdateSchedule", Part::Schedule, NAME, "was changed"),
    critical("scheduler", "DeleteSchedule", Part::Schedule, NAME, "was deleted"),
    critical("cloudformation", "UpdateStackSet", Part::Forwarding, STACK_SET, "was changed"),
    critical("cloudformation", "DeleteStackSet", Part::Forwarding, STACK_SET, "was deleted"),
    critical("cloudformation", "UpdateStackInstances", Part::Forwarding, STACK_SET, "was changed"),
    critical("cloudformation", "DeleteStackInstances", Part::Forwarding, STACK_SET, "lost regions"),
    critical("cloudformation", "DeleteStack", Part::Stack, &["stackName"], "is being deleted"),
    deployment("UpdateStack", "is being updated"),
    deployment("ExecuteChangeSet", "is being updated"),
    deployment("CancelUpdateStack", "is being rolled back"),
    deployment("RollbackStack", "is being rolled back"),
    deployment("ContinueUpdateRollback", "is being rolled back"),
    deployment("SetStackPolicy", "was given another stack policy"),
    deployment("UpdateTerminationProtection", "was given another termination protection"),
];

impl OwnCall {
    /// The row of a call; `None` if it cannot harm. The name is compared without the date that Lambda adds.
    pub(super) fn find(service: &str, event_name: &str) -> Option<&'static Self> {
        let name = event_name.split_once("20").map_or(event_name, |(name, date)| {
            if service == "lambda" && date.starts_with(|c: char| c.is_ascii_digit()) {
                name
            } else {
                event_name
            }
        });
        OWN_CALLS.iter().find(|call| call.service == service && call.name == name)
    }
}

impl Part {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// What it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Trail => "trail",
            Self::Rule => "rule",
            Self::Function => "function",
            Self::EventSource => "event source of the function",
            Self::Role => "role",
            Self::Policy => "policy",
            Self::Key => "key",
            Self::Logs => "log group",
            Self::Alarm => "alarm",
            Self::Topic => "alerts topic",
            Self::Queue => "queue",
            Self::Schedule => "schedule",
            Self::Forwarding => "forwarding from other regions",
            Self::Stack => "stack",
        }
    }
}

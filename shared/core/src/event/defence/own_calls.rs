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
    /// A policy of the stack's roles, or of the quarantine in an account of an organization.
    Policy,
    /// A group of the quarantine in an account of an organization.
    Group,
    /// The key that encrypts the administrators' topic.
    Key,
    /// A function's log.
    Logs,
    /// An alarm.
    Alarm,
    /// The administrators' topic.
    Topic,
    /// The bus on which the accounts of an organization put their events.
    Bus,
    /// A queue of sweeps or of dead letters.
    Queue,
    /// A schedule of sweeps.
    Schedule,
    /// The bucket with the evidence.
    Bucket,
    /// What mail goes through, and what tells of mail that did not arrive.
    Mail,
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

const fn trail(name: &'static str, named_in: &'static [&'static str], says: &'static str) -> OwnCall {
    critical("cloudtrail", name, Part::Trail, named_in, says)
}

const fn rule(name: &'static str, named_in: &'static [&'static str], says: &'static str) -> OwnCall {
    critical("events", name, Part::Rule, named_in, says)
}

const fn function(name: &'static str, says: &'static str) -> OwnCall {
    critical("lambda", name, Part::Function, &["functionName"], says)
}

const fn event_source(name: &'static str, named_in: &'static [&'static str], says: &'static str) -> OwnCall {
    critical("lambda", name, Part::EventSource, named_in, says)
}

const fn role(name: &'static str, says: &'static str) -> OwnCall {
    critical("iam", name, Part::Role, &["roleName"], says)
}

const fn policy(name: &'static str, says: &'static str) -> OwnCall {
    critical("iam", name, Part::Policy, &["policyArn"], says)
}

const fn group(name: &'static str, says: &'static str) -> OwnCall {
    critical("iam", name, Part::Group, &["groupName"], says)
}

const fn bus(name: &'static str, named_in: &'static [&'static str], says: &'static str) -> OwnCall {
    critical("events", name, Part::Bus, named_in, says)
}

const fn key(name: &'static str, says: &'static str) -> OwnCall {
    critical("kms", name, Part::Key, &["keyId"], says)
}

const fn logs(name: &'static str, named_in: &'static [&'static str], says: &'static str) -> OwnCall {
    critical("logs", name, Part::Logs, named_in, says)
}

const fn alarm(name: &'static str, named_in: &'static [&'static str], says: &'static str) -> OwnCall {
    critical("monitoring", name, Part::Alarm, named_in, says)
}

const fn topic(name: &'static str, named_in: &'static [&'static str], says: &'static str) -> OwnCall {
    critical("sns", name, Part::Topic, named_in, says)
}

const fn queue(name: &'static str, says: &'static str) -> OwnCall {
    critical("sqs", name, Part::Queue, &["queueUrl"], says)
}

const fn schedule(name: &'static str, says: &'static str) -> OwnCall {
    critical("scheduler", name, Part::Schedule, NAME, says)
}

/// A setting of the bucket. Calls about its objects are no management events, and the chain of records shows them.
const fn bucket(name: &'static str, says: &'static str) -> OwnCall {
    critical("s3", name, Part::Bucket, &["bucketName"], says)
}

const fn mail(name: &'static str, says: &'static str) -> OwnCall {
    critical("ses", name, Part::Mail, &["configurationSetName"], says)
}

const fn forwarding(name: &'static str, says: &'static str) -> OwnCall {
    critical("cloudformation", name, Part::Forwarding, &["stackSetName"], says)
}

const fn stack(name: &'static str, says: &'static str) -> OwnCall {
    critical("cloudformation", name, Part::Stack, &["stackName"], says)
}

const fn deployment(name: &'static str, says: &'static str) -> OwnCall {
    OwnCall { weight: Weight::Deployment, ..stack(name, says) }
}

const fn only_if(call: OwnCall, matters: fn(&Value) -> bool) -> OwnCall {
    OwnCall { matters, ..call }
}

const ALARMS: &[&str] = &["alarmNames"];
const BUS: &[&str] = &["eventBusName"];
const LOG_GROUP: &[&str] = &["logGroupName"];
const NAME: &[&str] = &["name"];
const RESOURCE: &[&str] = &["resourceArn"];
const SUBSCRIPTION: &[&str] = &["subscriptionArn"];
const TOPIC: &[&str] = &["topicArn"];

/// Every call that is reported.
pub const OWN_CALLS: &[OwnCall] = &[
    trail("StopLogging", NAME, "was stopped"),
    trail("DeleteTrail", NAME, "was deleted"),
    only_if(trail("UpdateTrail", NAME, "logs less than before"), changes::narrows_trail),
    only_if(
        trail("PutEventSelectors", &["trailName"], "does not log all management events that write"),
        changes::cuts_selectors,
    ),
    rule("DisableRule", NAME, "was disabled"),
    rule("DeleteRule", NAME, "was deleted"),
    rule("PutRule", NAME, "was changed"),
    rule("PutTargets", &["rule"], "was given other targets"),
    rule("RemoveTargets", &["rule"], "lost targets"),
    function("UpdateFunctionCode", "was given other code"),
    function("UpdateFunctionConfiguration", "was configured differently"),
    function("DeleteFunction", "was deleted"),
    function("PutFunctionConcurrency", "was given another concurrency"),
    function("DeleteFunctionConcurrency", "lost its reserved concurrency"),
    function("AddPermission", "may be called by others"),
    function("RemovePermission", "may no longer be called by its rule"),
    function("PutFunctionEventInvokeConfig", "tries failed events differently"),
    function("UpdateFunctionEventInvokeConfig", "tries failed events differently"),
    function("DeleteFunctionEventInvokeConfig", "no longer keeps failed events"),
    function("PutRuntimeManagementConfig", "was given another runtime"),
    function("PutFunctionRecursionConfig", "was configured differently"),
    function("PutFunctionCodeSigningConfig", "was given another code signing"),
    function("CreateFunctionUrlConfig", "was given a web address"),
    function("UpdateFunctionUrlConfig", "was given a web address"),
    event_source("CreateEventSourceMapping", &["functionName", "eventSourceArn"], "was added"),
    event_source("UpdateEventSourceMapping", &[], "was changed"),
    event_source("DeleteEventSourceMapping", &[], "was deleted"),
    role("DeleteRole", "was deleted"),
    role("UpdateRole", "was changed"),
    role("UpdateAssumeRolePolicy", "trusts others than before"),
    role("PutRolePolicy", "was given other permissions"),
    role("DeleteRolePolicy", "lost permissions"),
    role("AttachRolePolicy", "was given other permissions"),
    role("DetachRolePolicy", "lost permissions"),
    role("PutRolePermissionsBoundary", "was given another boundary"),
    role("DeleteRolePermissionsBoundary", "lost its boundary"),
    policy("CreatePolicyVersion", "was given another text"),
    policy("SetDefaultPolicyVersion", "was given another text"),
    policy("DeletePolicyVersion", "lost a version"),
    policy("DeletePolicy", "was deleted"),
    group("DetachGroupPolicy", "lost a policy"),
    group("DeleteGroup", "was deleted"),
    group("UpdateGroup", "was renamed or moved"),
    bus("PutPermission", BUS, "takes events from others"),
    bus("RemovePermission", BUS, "no longer takes the events of the accounts"),
    bus("UpdateEventBus", NAME, "was changed"),
    bus("DeleteEventBus", NAME, "was deleted"),
    key("DisableKey", "was disabled"),
    key("ScheduleKeyDeletion", "is going to be deleted"),
    key("PutKeyPolicy", "was given another policy"),
    logs("DeleteLogGroup", LOG_GROUP, "was deleted"),
    logs("DeleteLogStream", LOG_GROUP, "lost entries"),
    logs("PutRetentionPolicy", LOG_GROUP, "is kept for another time"),
    logs("AssociateKmsKey", &["logGroupName", "resourceIdentifier"], "was given another key"),
    logs("PutDataProtectionPolicy", &["logGroupIdentifier"], "hides parts of its entries"),
    alarm("DeleteAlarms", ALARMS, "was deleted"),
    alarm("DisableAlarmActions", ALARMS, "was silenced"),
    alarm("PutMetricAlarm", &["alarmName"], "was changed"),
    alarm("PutCompositeAlarm", &["alarmName"], "was changed"),
    alarm("PutAlarmMuteRule", &["muteTargets"], "was silenced for a time"),
    topic("DeleteTopic", TOPIC, "was deleted"),
    topic("SetTopicAttributes", TOPIC, "was changed"),
    topic("AddPermission", TOPIC, "was given another policy"),
    topic("RemovePermission", TOPIC, "was given another policy"),
    topic("PutDataProtectionPolicy", RESOURCE, "was given a policy that can hold messages back"),
    topic("Unsubscribe", SUBSCRIPTION, "lost a subscriber"),
    topic("SetSubscriptionAttributes", SUBSCRIPTION, "has a subscription that was changed"),
    only_if(
        topic("TagResource", RESOURCE, "has notes of the enforcer that somebody else wrote"),
        changes::names_own_tag,
    ),
    only_if(topic("UntagResource", RESOURCE, "lost notes of the enforcer"), changes::names_own_tag),
    queue("DeleteQueue", "was deleted"),
    queue("PurgeQueue", "was emptied"),
    queue("SetQueueAttributes", "was changed"),
    queue("AddPermission", "was given another policy"),
    queue("RemovePermission", "was given another policy"),
    schedule("UpdateSchedule", "was changed"),
    schedule("DeleteSchedule", "was deleted"),
    bucket("DeleteBucket", "was deleted"),
    bucket("PutBucketPolicy", "was given another policy"),
    bucket("DeleteBucketPolicy", "lost its policy"),
    bucket("PutBucketAcl", "was given another access list"),
    bucket("PutBucketPublicAccessBlock", "may have been opened to others"),
    bucket("DeleteBucketPublicAccessBlock", "may have been opened to others"),
    bucket("PutBucketOwnershipControls", "may have been opened to others"),
    bucket("DeleteBucketOwnershipControls", "may have been opened to others"),
    bucket("PutBucketVersioning", "keeps earlier versions differently"),
    bucket("PutObjectLockConfiguration", "locks objects differently"),
    bucket("PutBucketObjectLockConfiguration", "locks objects differently"),
    bucket("PutBucketLifecycle", "keeps objects for another time"),
    bucket("PutBucketLifecycleConfiguration", "keeps objects for another time"),
    bucket("DeleteBucketLifecycle", "keeps objects for another time"),
    bucket("PutBucketEncryption", "is encrypted differently"),
    bucket("DeleteBucketEncryption", "is encrypted differently"),
    bucket("PutBucketReplication", "is copied elsewhere"),
    mail("DeleteConfigurationSet", "was deleted"),
    mail("DeleteConfigurationSetEventDestination", "no longer tells of bounces"),
    mail("UpdateConfigurationSetEventDestination", "tells of bounces differently"),
    mail("PutConfigurationSetSendingOptions", "may have stopped sending"),
    mail("UpdateConfigurationSetSendingEnabled", "may have stopped sending"),
    mail("PutConfigurationSetDeliveryOptions", "is delivered differently"),
    mail("PutConfigurationSetSuppressionOptions", "leaves out other addresses"),
    forwarding("UpdateStackSet", "was changed"),
    forwarding("DeleteStackSet", "was deleted"),
    forwarding("UpdateStackInstances", "was changed"),
    forwarding("DeleteStackInstances", "lost regions"),
    stack("DeleteStack", "is being deleted"),
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
            Self::Group => "quarantine group",
            Self::Key => "key",
            Self::Logs => "log group",
            Self::Alarm => "alarm",
            Self::Topic => "alerts topic",
            Self::Bus => "event bus",
            Self::Queue => "queue",
            Self::Schedule => "schedule",
            Self::Bucket => "evidence bucket",
            Self::Mail => "configuration set for mail",
            Self::Forwarding => "forwarding from other regions",
            Self::Stack => "stack",
        }
    }
}

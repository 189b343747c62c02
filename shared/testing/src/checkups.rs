//! A deployment with which nothing is wrong, as `doctor` reads it. Tests spoil it.

use crate::fixtures::{ALERTS, STACK, now, settings_with, variables, whole_quarantine};
use jiff::SignedDuration;
use mfa_enforcer_core::VERSION;
use mfa_enforcer_core::checkup::{
    Deployed, Drift, Executions, ForwardSeen, FunctionSeen, LinkSeen, Part, QueueSeen, RoomSeen, RuleSeen,
    Seen, StackSeen,
};
use mfa_enforcer_core::decide::QuarantineCheck;
use mfa_enforcer_core::digest::LAST_SWEEP_KEY;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::UserTags;
use mfa_enforcer_core::quotas::{AccountQuotas, Stock, UserQuotas};
use mfa_enforcer_core::rights::Grants;
use mfa_enforcer_core::snapshot::UserDetail;
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_core::subscription::Subscription;
use mfa_enforcer_core::trail::Trail;
use serde_json::json;

/// The region of the stack.
pub const REGION: &str = "us-east-1";
/// ARN of the queue of the orders.
pub const ORDERS: &str = "arn:aws:sqs:us-east-1:123456789012:mfa-enforcer-SweepQueue-1ABCDEF2GHIJ.fifo";
const ACCOUNT: &str = "123456789012";

/// A part that is there.
fn part<T>(logical: &str, name: &str, found: T) -> Part<T> {
    Part { logical: logical.to_owned(), name: name.to_owned(), found: Ok(Some(found)) }
}

/// The name that `CloudFormation` gives a resource.
fn given(logical: &str) -> String {
    format!("mfa-enforcer-{logical}-1ABCDEF2GHIJ")
}

fn function(logical: &str) -> Part<FunctionSeen> {
    let variables = variables().into_iter().map(|(name, value)| (name.to_owned(), value));
    let function = FunctionSeen {
        state: "Active".to_owned(),
        last_update: "Successful".to_owned(),
        variables: Ok(variables.collect()),
        concurrency: Ok(None),
        version: Ok(Some(VERSION.to_owned())),
        policy: Ok(Some(lets_rules_in())),
    };
    part(logical, &given(logical), function)
}

fn rule_arn(name: &str) -> String {
    format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}")
}

/// The policy of a function, with a statement for all rules of the stack.
fn lets_rules_in() -> String {
    let statement = json!({
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Condition": {"ArnLike": {"AWS:SourceArn": rule_arn("mfa-enforcer-*")}},
    });
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn rule(name: &str, function: &str) -> Part<RuleSeen> {
    let target = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", given(function));
    part(name, name, RuleSeen { arn: rule_arn(name), state: "ENABLED".to_owned(), targets: Ok(vec![target]) })
}

fn link(logical: &str, name: &str) -> Part<LinkSeen> {
    part(logical, name, LinkSeen { state: "ENABLED".to_owned(), queue: ORDERS.to_owned() })
}

fn queue(logical: &str, ending: &str) -> Part<QueueSeen> {
    let name = format!("{}{ending}", given(logical));
    let arn = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
    let url = format!("https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}");
    part(logical, &url, QueueSeen { arn, messages: 0 })
}

/// What forwards from a region.
fn forwarding(region: &str) -> ForwardSeen {
    let bus = format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default");
    let rule = |name: &str| {
        let targets = Ok(vec![bus.clone()]);
        part(name, name, RuleSeen { arn: rule_arn(name), state: "ENABLED".to_owned(), targets })
    };
    let name = "mfa-enforcer-forward-dead-letters";
    let arn = format!("arn:aws:sqs:{region}:{ACCOUNT}:{name}");
    ForwardSeen {
        region: region.to_owned(),
        rules: vec![rule("mfa-enforcer-forward"), rule("mfa-enforcer-forward-watch")],
        queue: part("DeadLetters", name, QueueSeen { arn, messages: 0 }),
    }
}

/// The stack, of this version.
fn stack() -> StackSeen {
    let outputs = [("Version".to_owned(), VERSION.to_owned())].into_iter().collect();
    StackSeen {
        name: "mfa-enforcer".to_owned(),
        id: STACK.to_owned(),
        state: StackState {
            status: "UPDATE_COMPLETE".to_owned(),
            changed: Some(now() - SignedDuration::from_hours(240)),
            outputs,
        },
        drift: Drift { status: "IN_SYNC".to_owned(), at: Some(now() - SignedDuration::from_hours(24)) },
    }
}

/// What the settings name.
fn deployed() -> Deployed {
    let settings = settings_with(&[]);
    let check = QuarantineCheck::of_sweep(&crate::fixtures::request());
    let subscription = Subscription {
        protocol: "email".to_owned(),
        endpoint: "aws-admins@example.com".to_owned(),
        arn: format!("{ALERTS}:1234abcd-12ab-34cd-56ef-1234567890ab"),
    };
    let note =
        "2026-11-24T06:00:12Z digest=2026-11-24T06:00:12Z free=0 exempt=2 ending=0 unknown=0 unreachable=0 \
                unconfirmed=0"
            .to_owned();
    Deployed {
        quarantine: whole_quarantine(&check, &settings),
        settings,
        subscriptions: Ok(Some(vec![subscription])),
        sender: None,
        suppressed: None,
        evidence: None,
        tags: Ok(Some([(LAST_SWEEP_KEY.to_owned(), note)].into_iter().collect())),
    }
}

/// An account with quotas as AWS has them, and a user.
fn room() -> RoomSeen {
    RoomSeen {
        quotas: Ok(AccountQuotas {
            user: UserQuotas::default(),
            policies: Stock { used: 120, quota: 1500 },
            groups: Stock { used: 20, quota: 300 },
        }),
        users: Ok(vec![listed_user("alice")]),
        report: None,
        own_policies: 20,
        own_groups: 4,
    }
}

/// A user as a page lists them, with one policy and in one group.
fn listed_user(name: &str) -> UserDetail {
    UserDetail {
        name: UserName::listed(name),
        id: format!("AIDA{}", name.to_uppercase()),
        arn: format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
        path: "/".to_owned(),
        created: now() - SignedDuration::from_hours(24 * 100),
        tags: UserTags::default(),
        attached_policies: vec![format!("arn:aws:iam::{ACCOUNT}:policy/engineer")],
        groups: vec!["engineers".to_owned()],
        boundary: None,
        inline: Grants::default(),
    }
}

/// The deployment.
pub fn healthy() -> Seen {
    Seen {
        at: now(),
        caller: "arn:aws:sts::123456789012:assumed-role/audit/carol".to_owned(),
        account: ACCOUNT.to_owned(),
        region: REGION.to_owned(),
        stack: stack(),
        functions: ["SignInFunction", "GuardFunction", "SweepFunction"].map(function).into(),
        executions: Ok(Executions { limit: 1000, unreserved: 900 }),
        rules: vec![
            rule("mfa-enforcer-sign-ins", "SignInFunction"),
            rule("mfa-enforcer-watch-rules", "GuardFunction"),
        ],
        forwarding: Ok(vec![forwarding("eu-west-1"), forwarding("ap-southeast-2")]),
        schedules: vec![
            link("HourlySchedule", "mfa-enforcer-hourly"),
            link("DailySchedule", "mfa-enforcer-daily"),
        ],
        mappings: vec![link("SweepFunctionOrders", "1234abcd-12ab-34cd-56ef-1234567890ab")],
        queues: vec![
            queue("DeadLetters", ""),
            queue("SweepQueue", ".fifo"),
            queue("SweepDeadLetters", ".fifo"),
        ],
        trails: Ok(vec![Trail {
            is_in_every_region: true,
            has_global_services: true,
            is_logging: Ok(true),
            logs_writes: Ok(true),
        }]),
        room: room(),
        deployed: Some(deployed()),
        live: None,
    }
}

/// The same with a thing or two wrong.
pub fn with_faults() -> Seen {
    let mut seen = healthy();
    if let Ok(Some(rule)) = &mut seen.rules[0].found {
        "DISABLED".clone_into(&mut rule.state);
    }
    if let Ok(Some(queue)) = &mut seen.queues[0].found {
        queue.messages = 3;
    }
    let denied = "cloudtrail:DescribeTrails failed: access denied, whoever called lacks this permission (AccessDenied)";
    seen.trails = Err(denied.to_owned());
    seen
}

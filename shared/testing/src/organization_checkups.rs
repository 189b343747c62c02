//! An organization with a hub with which nothing is wrong, as `doctor --org` reads it. Tests spoil it.

use crate::digests::digest;
use crate::fixtures::{now, variables};
use crate::organizations::account;
use jiff::SignedDuration;
use mfa_enforcer_core::VERSION;
use mfa_enforcer_core::checkup::{
    AccountSeen, Drift, HubSeen, ListedRule, ManagedSeen, MemberGroupSeen, MemberIam, MemberSeen,
    OrganizationSeen, Part, QueueSeen, RegionSeen, ResultSeen, RoleSeen, RulesSeen, StackSeen,
};
use mfa_enforcer_core::digest::Digest;
use mfa_enforcer_core::event::{Function, SweepKind};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{
    Account, AccountResult, Books, Document, HubSettings, MemberRole, SweepPlan, SweepRun, TaggedAccount,
    Tree,
};
use mfa_enforcer_core::policy_text;
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::stack::StackState;
use serde_json::json;
use std::collections::BTreeMap;
use strum::IntoEnumIterator;

/// The management account.
pub const MANAGEMENT: &str = "444455556666";
/// The account of the hub.
pub const HUB: &str = "123456789012";
/// A member.
pub const MEMBER: &str = "222233334444";
/// What the names in members begin with.
pub const NAME: &str = "mfa-enforcer-member";
/// The other region of each account.
pub const ELSEWHERE: &str = "eu-west-1";
const HOME: &str = "us-east-1";
const ORGANIZATION: &str = "o-exampleorgid";
const BUS: &str = "arn:aws:events:us-east-1:123456789012:event-bus/mfa-enforcer";

/// The management account, the hub, a member, and an account that is suspended.
#[must_use]
pub fn healthy() -> OrganizationSeen {
    let accounts = [
        account(&["Root"], "management", MANAGEMENT, "ACTIVE"),
        account(&["Root", "Security"], "security", HUB, "ACTIVE"),
        account(&["Root", "Work"], "production", MEMBER, "ACTIVE"),
        account(&["Root", "Old"], "bought", "333344445555", "SUSPENDED"),
    ];
    OrganizationSeen {
        at: now(),
        caller: "arn:aws:iam::444455556666:user/carol".to_owned(),
        organization: ORGANIZATION.to_owned(),
        management: MANAGEMENT.to_owned(),
        hub: hub(&accounts),
        accounts: accounts.into_iter().map(seen).collect(),
        tests: None,
    }
}

/// The same with a member in which several things are wrong, one that cannot be read, and a hub that could not sweep.
#[must_use]
pub fn with_faults() -> OrganizationSeen {
    let mut whole = healthy();
    let refused = account(&["Root", "Work"], "staging", "555566667777", "ACTIVE");
    let known = whole.accounts.iter().map(|seen| seen.account.clone()).chain([refused.clone()]);
    whole.hub = hub(&known.collect::<Vec<_>>());
    whole.accounts.push(AccountSeen {
        member: Some(Err(
            "arn:aws:iam::555566667777:role/OrganizationAccountAccessRole cannot be used (sts:AssumeRole \
                          failed: access denied, whoever called lacks this permission (AccessDenied))"
                .to_owned(),
        )),
        ..seen(refused)
    });
    for queue in whole.hub.queues.iter_mut().filter(|queue| queue.logical == "AccountDeadLetters") {
        queue.found = Ok(Some(QueueSeen { arn: String::new(), messages: 1 }));
    }
    let seen = whole.accounts.iter_mut().find(|seen| seen.account.id == MEMBER);
    if let Some(Ok(member)) = seen.and_then(|seen| seen.member.as_mut()) {
        if let RulesSeen::Listed(rules) = &mut member.home.rules {
            rules.iter_mut().take(1).for_each(|rule| "DISABLED".clone_into(&mut rule.state));
        }
        if let Ok(iam) = &mut member.iam {
            iam.roles.retain(|role| !role.name.ends_with("-guard"));
        }
    }
    whole
}

/// What is in the member of an organization in which nothing is wrong.
///
/// # Panics
/// If there is none.
pub fn member(whole: &mut OrganizationSeen) -> &mut MemberSeen {
    match whole
        .accounts
        .iter_mut()
        .find(|seen| seen.account.id == MEMBER)
        .and_then(|seen| seen.member.as_mut())
    {
        Some(Ok(member)) => member,
        Some(Err(_)) | None => panic!("there is no member"),
    }
}

/// The settings of the hub.
///
/// # Panics
/// If they cannot be used.
#[must_use]
pub fn hub_settings() -> HubSettings {
    let mut given = variables();
    for name in ["QUARANTINE_POLICY_ARN", "QUARANTINE_GROUP_NAME", "ENFORCER_ROLES", "STACK_ID"] {
        given.remove(name);
    }
    given.insert("ORGANIZATION_ID", ORGANIZATION.to_owned());
    given.insert("EVIDENCE_BUCKET", "mfa-enforcer-evidence".to_owned());
    match HubSettings::read(|name| given.get(name).cloned()) {
        Ok(Some(settings)) => settings,
        other => panic!("{other:?}"),
    }
}

fn stack() -> StackSeen {
    StackSeen {
        name: "mfa-enforcer".to_owned(),
        id: crate::fixtures::STACK.to_owned(),
        state: StackState {
            status: "UPDATE_COMPLETE".to_owned(),
            changed: Some(now() - SignedDuration::from_hours(240)),
            outputs: [("Version".to_owned(), VERSION.to_owned())].into_iter().collect(),
        },
        drift: Drift::default(),
    }
}

fn hub(accounts: &[Account]) -> HubSeen {
    let text = "defaults: {mode: enforce}";
    let document = Document::read(text).unwrap_or_else(|faults| panic!("{faults:?}"));
    let tagged =
        accounts.iter().map(|account| TaggedAccount { account: account.clone(), tags: BTreeMap::new() });
    let tree = Tree::new(ORGANIZATION.to_owned(), now(), Vec::new(), tagged.collect());
    let plan = |kind| {
        let run = SweepRun::of(kind, now());
        let plan = SweepPlan::of(&run, ORGANIZATION, now(), now(), accounts.to_vec(), Some(MANAGEMENT));
        Ok(Some(plan))
    };
    let queue = |logical: &str| Part {
        logical: logical.to_owned(),
        name: logical.to_lowercase(),
        found: Ok(Some(QueueSeen { arn: format!("arn:aws:sqs:{HOME}:{HUB}:{logical}"), messages: 0 })),
    };
    HubSeen {
        account: HUB.to_owned(),
        region: HOME.to_owned(),
        stack: stack(),
        settings: hub_settings(),
        roles: Function::all().map(|function| (function, role_of(function))).collect(),
        books: Ok(Books { document, version: "v1".to_owned(), tree, doubt: None }),
        queues: ["DeadLetters", "AccountQueue", "AccountDeadLetters"].map(queue).into(),
        hourly: plan(SweepKind::Hourly),
        daily: plan(SweepKind::Daily),
    }
}

fn role_of(function: Function) -> String {
    format!("arn:aws:iam::{HUB}:role/mfa-enforcer-{}", function.name())
}

fn seen(account: Account) -> AccountSeen {
    let run = SweepRun::of(SweepKind::Daily, now());
    let result = AccountResult::swept(&run, &Digest { account: account.id.clone(), ..digest(Vec::new()) });
    let member = (account.state == "ACTIVE").then(|| {
        Ok(if account.id == MANAGEMENT {
            MemberSeen {
                iam: Ok(MemberIam::default()),
                own_stack: Some(Ok(Some(stack()))),
                ..in_account(&account.id)
            }
        } else {
            in_account(&account.id)
        })
    });
    AccountSeen { account, member, result: Ok(Some(ResultSeen { result, is_final: true })) }
}

fn in_account(number: &str) -> MemberSeen {
    let all = ["sign-ins", "users", "quarantine", "groups", "watch", "watch-rules", "test"];
    let elsewhere = ["sign-ins", "watch", "watch-rules", "test"];
    MemberSeen {
        iam: Ok(iam(number)),
        home: region(HOME, number, &all),
        others: Ok(vec![region(ELSEWHERE, number, &elsewhere)]),
        own_stack: None,
    }
}

fn region(region: &str, number: &str, endings: &[&str]) -> RegionSeen {
    let rule = |ending: &&str| ListedRule {
        name: format!("{NAME}-{ending}"),
        arn: format!("arn:aws:events:{region}:{number}:rule/{NAME}-{ending}"),
        state: "ENABLED".to_owned(),
        targets: Ok(vec![BUS.to_owned()]),
    };
    let name = format!("{NAME}-dead-letters");
    let found = QueueSeen { arn: format!("arn:aws:sqs:{region}:{number}:{name}"), messages: 0 };
    let queue = Part { logical: "DeadLetters".to_owned(), name, found: Ok(Some(found)) };
    RegionSeen {
        region: region.to_owned(),
        rules: RulesSeen::Listed(endings.iter().map(rule).collect()),
        queues: vec![(NAME.to_owned(), queue)],
    }
}

fn iam(number: &str) -> MemberIam {
    let mut roles: Vec<RoleSeen> = MemberRole::iter().map(assumed).collect();
    roles.extend([HOME, ELSEWHERE].map(forwarding));
    let documents = || policy_text::Document::iter();
    let policies = documents().flat_map(|document| {
        ["", "spare/"].map(|spare| {
            let path = format!("/mfa-enforcer/{spare}{}/", document.code());
            ManagedSeen {
                arn: format!("arn:aws:iam::{number}:policy{path}made-up"),
                path,
                made: now(),
                in_force: "v1".to_owned(),
                versions: vec![PolicyVersion { id: "v1".to_owned(), document: document.text().to_owned() }],
            }
        })
    });
    let group = |document: policy_text::Document| {
        let path = format!("/mfa-enforcer/{}/", document.code());
        MemberGroupSeen {
            name: format!("made-up-{}", document.code()),
            policies: vec![format!("arn:aws:iam::{number}:policy{path}made-up")],
            path,
            made: now(),
        }
    };
    MemberIam { roles, policies: policies.collect(), groups: documents().map(group).collect() }
}

fn assumed(role: MemberRole) -> RoleSeen {
    let functions = Function::all().filter(|function| MemberRole::all_of(*function).contains(&role));
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{HUB}:root")},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
            "ArnEquals": {"aws:PrincipalArn": functions.map(role_of).collect::<Vec<_>>()},
        },
    }]});
    let actions: Vec<&str> = role.operations().into_iter().map(Operation::action).collect();
    let allowed = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": actions, "Resource": "*",
    }]});
    RoleSeen {
        name: format!("{NAME}-{}", role.name()),
        trust: trust.to_string(),
        inline: vec![allowed.to_string()],
        managed: Vec::new(),
        version: Some(VERSION.to_owned()),
    }
}

fn forwarding(region: &str) -> RoleSeen {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole",
    }]});
    let allowed = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "events:PutEvents", "Resource": BUS,
    }]});
    RoleSeen {
        name: format!("{NAME}-forward-{region}"),
        trust: trust.to_string(),
        inline: vec![allowed.to_string()],
        managed: Vec::new(),
        version: Some(VERSION.to_owned()),
    }
}

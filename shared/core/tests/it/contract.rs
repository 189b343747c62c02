//! `contract/contract.json`: what everything outside Rust knows of the core.
//!
//! `UPDATE_CONTRACT=1 cargo test -p mfa-enforcer-core --test it contract` writes it (`make contract`).

use mfa_enforcer_core::bus::{DetailType, SOURCE};
use mfa_enforcer_core::decide::{Ask, QuarantineCheck, ask, lookups, sweep_user};
use mfa_enforcer_core::event::{
    Event, EventId, Function, Ignored, OWN_CALLS, Occasion, OwnCall, Reading, SweepKind, SweepReading,
    SweepRequest, Trigger, Weight, read, read_request,
};
use mfa_enforcer_core::facts::{Removal, RootLedger, UserFacts};
use mfa_enforcer_core::metric::Metric;
use mfa_enforcer_core::notice::MessageKind;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::outcome::{ErrorType, LOG_FIELDS, Outcome};
use mfa_enforcer_core::partition::Partition;
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::policy_text::Document;
use mfa_enforcer_core::posture::Posture;
use mfa_enforcer_core::quarantine_look::{GroupSeen, PolicySeen, PolicyVersion, QuarantineSeen};
use mfa_enforcer_core::settings::{Parameter, Settings, parameters};
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_core::tags::{self, UserTag};
use mfa_enforcer_testing::fixtures::{
    GROUP, decide, decide_on, deployment, function_of, now, occasion, occasions, overdue, root_event,
    samples, settings_with, users, whole_quarantine,
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};
use strum::{IntoEnumIterator, VariantNames};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn codes<T: IntoEnumIterator>(code: impl Fn(T) -> &'static str) -> Vec<&'static str> {
    T::iter().map(code).collect()
}

/// Users in every posture, with room for a policy and without, contained by policy and by group.
fn all_users() -> Vec<UserFacts> {
    let full: Vec<String> = (0..10).map(|n| format!("arn:aws:iam::123456789012:policy/{n}")).collect();
    let mut all = Vec::new();
    for (_, user) in users() {
        let groups = if user.attached_policies.is_empty() { Vec::new() } else { vec![GROUP.to_owned()] };
        all.push(UserFacts { attached_policies: full.clone(), groups, ..user.clone() });
        all.push(user);
    }
    // The event history tells a sweep of a removal.
    let event = EventId::new("removal").unwrap();
    let removal = Some(Removal { event, time: now(), before_deployment: false });
    all.push(UserFacts { removal, ..overdue() });
    all
}

/// The occasions of this name: the one of the fixtures, and what the samples tell.
fn occasions_of(name: &str) -> Vec<Occasion> {
    let samples = samples().into_iter().filter(|(path, _)| path.split('/').next() == Some(name));
    let events = samples.filter_map(|(_, path)| {
        let reading = read(&fs::read_to_string(path).unwrap(), function_of(name), &deployment());
        if let Ok(Reading::Event(event)) = reading { Some(Occasion::Event(event)) } else { None }
    });
    events.chain([occasion(name)]).collect()
}

/// Users as IAM shows them before it knows of the occasion, and after that.
fn users_around(occasion: &Occasion) -> Vec<UserFacts> {
    let before = all_users();
    let Occasion::Event(event) = occasion else { return before };
    let after = |user: &UserFacts| {
        let mut user = user.clone();
        match &event.trigger {
            Trigger::UserTagged(tags) | Trigger::UserCreated(tags) => {
                for (key, value) in tags {
                    user.tags.insert(key.clone(), value.clone());
                }
            }
            Trigger::UserUntagged(keys) => {
                for key in keys {
                    user.tags.remove(key);
                }
            }
            Trigger::UserUpdated { path, .. } => {
                user.name = event.subject.user().unwrap().clone();
                user.path = path.clone().unwrap_or(user.path);
            }
            _ => {}
        }
        user
    };
    before.iter().map(after).chain(before.iter().cloned()).collect()
}

/// The trigger that stands for every call about the enforcer itself.
const TOUCHED: &str = "EnforcerTouched";

/// The calls about a user that only some users need.
fn lookups_of(occasion: &Occasion) -> BTreeSet<Operation> {
    let settings = settings_with(&[("QUARANTINE_SCOPE", "everything")]);
    let look_up = |user: &UserFacts| match occasion {
        Occasion::Sweep(_) => lookups(user, true, &settings, now()),
        Occasion::Event(event) => match ask(event) {
            Ask::User(question) => question.lookups(user, &settings, now()),
            Ask::Root(_) | Ask::Settled(_) | Ask::Quarantine(_) | Ask::Enforcer(_) => Vec::new(),
        },
    };
    users_around(occasion).iter().flat_map(look_up).flat_map(|lookup| lookup.operations().to_vec()).collect()
}

/// All plans that this occasion can lead to, and the calls that look up what they need.
fn plans(name: &str) -> (Vec<Plan>, BTreeSet<Operation>) {
    let (mut plans, mut calls) = (Vec::new(), BTreeSet::new());
    let occasions = occasions_of(name);
    let in_mode = |mode| occasions.iter().map(move |occasion| (mode, occasion));
    for (mode, occasion) in ["observe", "notify", "enforce"].into_iter().flat_map(in_mode) {
        let settings = settings_with(&[("MODE", mode)]);
        let needs_no_user = matches!(occasion, Occasion::Event(event) if !matches!(ask(event), Ask::User(_)));
        if matches!(occasion, Occasion::Event(event) if matches!(ask(event), Ask::Enforcer(_))) {
            calls.extend(Operation::SEE_UPDATE);
            calls.insert(Operation::ListTagsForResource);
        }
        if let Occasion::Event(event) = occasion
            && let Ask::Quarantine(check) = ask(event)
        {
            calls.extend(Operation::CHECK_QUARANTINE);
            calls.insert(Operation::ListTagsForResource);
            plans.extend(broken_quarantines(&check, &settings));
        }
        if !needs_no_user {
            calls.extend(Operation::READ_USER);
            calls.extend(lookups_of(occasion));
        }
        plans.extend(users_around(occasion).iter().map(|user| decide_on(occasion, user, &settings, now())));
        if let Occasion::Sweep(request) = occasion {
            let hourly = request.as_kind(SweepKind::Hourly);
            plans.extend(all_users().iter().map(|user| sweep_user(&hourly, user, &settings, now())));
        }
        // What the guard sees is never about root.
        if matches!(occasion, Occasion::Event(_)) && function_of(name) != Function::Guard {
            let event = root_event(name);
            if let Ask::Root(question) = ask(&event) {
                calls.insert(Operation::ListTagsForResource);
                if question.needs_summary() {
                    calls.insert(Operation::GetAccountSummary);
                }
            }
            plans.push(decide(&event, &overdue(), &settings, now()));
        }
    }
    (plans, calls)
}

/// What a check does about a policy with another text, one that is gone, and a group without its policy.
fn broken_quarantines(check: &QuarantineCheck, settings: &Settings) -> Vec<Plan> {
    let outputs = [("SweepQueueUrl".to_owned(), "https://sqs.us-east-1.amazonaws.com/1/sweeps".to_owned())];
    let stack = StackState {
        status: "UPDATE_COMPLETE".to_owned(),
        changed: None,
        outputs: outputs.into_iter().collect(),
    };
    let whole = QuarantineSeen { stack: Some(stack), ..whole_quarantine(check, settings) };
    let mut changed = whole.clone();
    for (arn, seen) in &mut changed.policies {
        let right = Document::of(arn, settings).unwrap().text();
        let version =
            |id: &str, document: &str| PolicyVersion { id: id.to_owned(), document: document.to_owned() };
        let versions = vec![version("v1", right), version("v2", "{}")];
        *seen = PolicySeen::There { in_force: version("v2", "{}"), versions };
    }
    let mut emptied = whole.clone();
    for (_, seen) in &mut emptied.groups {
        *seen = GroupSeen::Policies(Vec::new());
    }
    let mut gone = whole.clone();
    for (_, seen) in &mut gone.policies {
        *seen = PolicySeen::Gone;
    }
    let ledger = RootLedger::Told(Vec::new());
    let states = [changed, emptied, gone];
    let repairs = states.iter().map(|seen| check.repairs(seen, &ledger, settings, now()));
    let reports = states.iter().map(|seen| check.report(&whole, seen, &ledger, settings, now()));
    repairs.chain(reports).collect()
}

fn trigger(name: &str, function: Function) -> Value {
    let (plans, mut calls) = plans(name);
    let steps: Vec<&Step> = plans
        .iter()
        .flat_map(|plan| {
            let elsewhere =
                plan.no_room.iter().flat_map(|no_room| no_room.instead.iter().chain(&no_room.alert));
            plan.steps.iter().chain(&plan.withheld).chain(&plan.if_refused).chain(elsewhere)
        })
        .collect();
    let words: BTreeSet<String> =
        steps.iter().map(|step| step.to_string().split(' ').next().unwrap_or_default().to_owned()).collect();
    calls.extend(steps.iter().flat_map(|step| step.operations()));
    // Where a bucket keeps evidence, whatever is done is written there, and put on the bus.
    calls.extend([Operation::PutObject, Operation::PutEvents]);
    if function == Function::Sweep {
        calls.extend([Operation::ListTagsForResource, Operation::TagResource]);
        calls.extend(Operation::SWEEP_ACCOUNT);
        calls.extend(Operation::FIND_RECORD);
        calls.extend(Operation::CHECK_QUARANTINE);
    }
    json!({
        "function": function.name(),
        "steps": words,
        "calls": calls.into_iter().map(Operation::action).collect::<Vec<_>>(),
    })
}

fn triggers() -> Value {
    let entry = |name: &'static str| {
        let function = if name == SweepRequest::NAME { Function::Sweep } else { function_of(name) };
        (name.to_owned(), trigger(name, function))
    };
    let names = occasions().into_iter().chain([TOUCHED]);
    Value::Object(names.map(entry).collect::<Map<_, _>>())
}

/// The rows of the table in `events/README.md`: file, function, and result.
pub(crate) fn table() -> BTreeMap<String, (String, String)> {
    let text = fs::read_to_string(root().join("events/README.md")).unwrap();
    let cells = |line: &str| line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.map(|cells: Vec<String>| {
        (cells[0].trim_matches('`').to_owned(), (cells[2].clone(), cells[3].clone()))
    })
    .collect()
}

fn reading(event: &Event) -> Value {
    let subject = event.subject.user().map_or_else(str::to_owned, ToString::to_string);
    json!({"trigger": event.trigger.event_name(), "subject": subject})
}

pub(crate) fn sample(path: &str, function: &str) -> Value {
    let payload = fs::read_to_string(root().join("events").join(path))
        .unwrap_or_else(|error| panic!("row `{path}` of events/README.md: {error}"));
    let function = Function::iter()
        .find(|known| known.name() == function)
        .unwrap_or_else(|| panic!("row `{path}` of events/README.md: there is no function `{function}`"));
    let (key, value) = if function == Function::Sweep {
        assert!(matches!(read_request(&payload, now()), Ok(SweepReading::Sweep(_))), "{path}");
        ("event", json!({"trigger": SweepRequest::NAME, "subject": "everybody"}))
    } else {
        match read(&payload, function, &deployment()) {
            Ok(Reading::Event(event)) => ("event", reading(&event)),
            Ok(Reading::Ignored(reason)) => ("ignored", json!(reason.code())),
            Err(malformed) => ("malformed", json!(malformed.path)),
        }
    };
    json!({"function": function.name(), key: value})
}

fn contract() -> Value {
    let tag = |on: &str, name: &str, key: &str, meaning: &str| json!({"on": on, "name": name, "key": key, "meaning": meaning});
    json!({
        "functions": codes(Function::name),
        "settings": Settings::descriptions(),
        "parameters": template_parameters(),
        "tags": [
            tag("user", "quarantined", UserTag::Quarantined.key(), "in quarantine: since when, why, and after which event"),
            tag("user", "notified", UserTag::Notified.key(), "the last message to the user: what, when, after which event, whether it was handed over"),
            tag("user", "alerted", UserTag::Alerted.key(), "the last events about which only the administrators were alerted"),
            tag("user", "undone", UserTag::Undone.key(), "how often somebody undid the quarantine in the hour of the last time"),
            tag("user", "exempt-by", UserTag::ExemptBy.key(), "who exempted the user, when, and by which event"),
            tag("user", "mail", UserTag::Mail.key(), "mail to the user's address does not arrive: why, since when, and a hash of the address"),
            tag("user", "approved", tags::APPROVED_KEY, "approves a release, set by a person who is not the user"),
            tag("user", "exempt-until", tags::EXEMPT_UNTIL_KEY, "exempt up to and including this day (UTC), set by a person"),
            tag("user", "phone", tags::PHONE_KEY, "number for text messages, set by a person"),
            tag("topic", "root-notified", tags::ROOT_NOTIFIED_KEY, "the last events about root that were reported"),
            tag("topic", "last-sweep", mfa_enforcer_core::digest::LAST_SWEEP_KEY, "the last daily sweep and the last digest with its figures"),
            tag("topic", "released", mfa_enforcer_core::digest::RELEASED_KEY, "the users whom hourly sweeps released since the last digest"),
            tag("topic", "evidence", mfa_enforcer_core::evidence::HEAD_KEY, "the hash of the last record in the evidence bucket"),
            tag("topic", "findings", mfa_enforcer_core::bus::FINDINGS_KEY, "the findings about root and the account that are on the event bus and open"),
            tag("topic", "digest-mailed", mfa_enforcer_core::digest::DIGEST_MAILED_KEY, "when the digest was mailed that the alerts topic still waits for"),
            tag("topic", "digest-bounced", mfa_enforcer_core::digest::DIGEST_BOUNCED_KEY, "mail to `DIGEST_TO` does not arrive: why, since when, and a hash of the address"),
            tag("topic", "last-look", mfa_enforcer_core::history::LAST_LOOK_KEY, "the time up to which the event history was read, and of the first look"),
        ],
        "triggers": triggers(),
        "own_calls": own_calls(),
        "ignored": codes(Ignored::code),
        "outcomes": codes(Outcome::code),
        "error_types": codes(ErrorType::code),
        "metrics": Metric::iter().map(|metric| json!({
            "name": metric.name(),
            "unit": metric.unit().code(),
            "dimension": metric.dimension(),
            "of_hub": metric.is_of_hub(),
        })).collect::<Vec<_>>(),
        "notices": codes(MessageKind::code),
        "bus": {"source": SOURCE, "detail_types": codes(DetailType::name)},
        "postures": Posture::VARIANTS,
        "partitions": partitions(),
        "quarantines": quarantines(),
        "log_fields": LOG_FIELDS,
        "samples": table().into_iter().map(|(path, (function, _))| {
            let sample = sample(&path, &function);
            (path, sample)
        }).collect::<Map<_, _>>(),
    })
}

/// The calls about the enforcer itself, which are all one trigger.
fn own_calls() -> Value {
    let row = |call: &OwnCall| {
        json!({
            "service": call.service,
            "name": call.name,
            "part": call.part.code(),
            "named_in": call.named_in,
            "severity": if call.weight == Weight::Critical { "critical" } else { "info" },
        })
    };
    OWN_CALLS.iter().map(row).collect()
}

/// The parameters of the template, with the setting that each becomes, and how long its value may be.
fn template_parameters() -> Value {
    let row = |Parameter { name, setting, limit, .. }| (name, json!({"setting": setting, "limit": limit}));
    Value::Object(parameters().into_iter().map(row).collect())
}

/// What `stack` stands for, by scope: the template has to make these.
fn quarantines() -> Value {
    let of = |scope: &'static str| {
        let settings = settings_with(&[
            ("QUARANTINE_SCOPE", scope),
            ("QUARANTINE_POLICY_ARN", "stack"),
            ("QUARANTINE_GROUP_NAME", "stack"),
            ("SPARE_POLICY_ARN", "stack"),
        ]);
        let quarantine = &settings.quarantine;
        json!({
            "policy": quarantine.full.policy,
            "group": quarantine.full.group,
            "strict": quarantine.strict.as_ref().map(|strict| &strict.policy),
            "policies": settings.deployment.policies.iter().collect::<BTreeSet<_>>(),
            "groups": settings.deployment.groups.iter().collect::<BTreeSet<_>>(),
        })
    };
    Value::Object(["console", "everything"].map(|scope| (scope.to_owned(), of(scope))).into_iter().collect())
}

/// What the templates and the documents say about partitions has to agree with this.
fn partitions() -> Value {
    let row = |partition: Partition| {
        let traits = partition.traits();
        let row = json!({
            "home_region": traits.home_region,
            "dns_suffix": traits.dns_suffix,
            "text_messages": traits.text_messages,
            "several_devices": traits.several_devices,
            "devices": traits.devices.iter().map(|kind| kind.code()).collect::<Vec<_>>(),
            "root": traits.root.code(),
        });
        traits.name.map(|name| (name.to_owned(), row))
    };
    Value::Object(Partition::iter().filter_map(row).collect::<Map<_, _>>())
}

/// The same value with sorted keys, whichever features of `serde_json` a dependency enables.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> = fields.into_iter().collect();
            Value::Object(fields.into_iter().map(|(key, value)| (key, sorted(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

#[test]
fn contract_is_up_to_date() {
    let file = root().join("contract/contract.json");
    let made = sorted(contract());
    if env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&file, serde_json::to_string_pretty(&made).unwrap() + "\n").unwrap();
    }
    let found: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert!(found == made, "run `make contract`, and review what changed");
}

//! Fixtures: settings, users in every posture, events, samples, and the plans for them.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::{Ask, OwnStack, QuarantineCheck, ask, sweep_user};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{
    Deployment, Event, EventId, Function, OWN_CALLS, Occasion, Reading, SweepReading, SweepRequest,
    TriggerKind, UserName, read, read_request,
};
use mfa_enforcer_core::exemption::{Act, By, ExemptedBy, grants};
use mfa_enforcer_core::facts::{
    AccessKeys, Approval, AttachedBy, BoundaryText, Mailbox, RootLedger, UserFacts, UserTags,
};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::policy_text::Document;
use mfa_enforcer_core::quarantine_look::{GroupSeen, PolicySeen, PolicyVersion, QuarantineSeen};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::AccountSummary;
use mfa_enforcer_core::tags::{self, UserTag};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use strum::IntoEnumIterator;

/// ARN of the quarantine policy.
pub const POLICY: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-console";
/// Name of the quarantine group.
pub const GROUP: &str = "mfa-enforcer-quarantine-console";
/// The stack of the deployment.
pub const STACK: &str =
    "arn:aws:cloudformation:us-east-1:123456789012:stack/mfa-enforcer/2b7c4de0-5f0a-4a6e-9f6e-0e3f1c5d7a10";
/// ARN of the quarantine policy that does not yield to MFA.
pub const STRICT: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine-strict-console";
/// Name of the group with that policy.
pub const STRICT_GROUP: &str = "mfa-enforcer-quarantine-strict-console";
/// ARN of the administrators' topic.
pub const ALERTS: &str = "arn:aws:sns:us-east-1:123456789012:mfa-enforcer-AlertsTopic-1ABCDEF2GHIJ";
/// ARN of a key.
pub const ALERTS_KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
/// Serial number of an authenticator app.
pub const PHONE_SERIAL: &str = "arn:aws:iam::123456789012:mfa/phone";
/// Serial number of a security key.
pub const KEY_SERIAL: &str = "arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEF";

/// The time at which the tests decide.
pub fn now() -> Timestamp {
    "2026-11-24T09:05:00Z".parse().unwrap()
}

/// This many days before [`now`].
pub fn days_ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

/// A complete set of environment variables: the defaults, and those that every deployment has to set.
pub fn variables() -> BTreeMap<&'static str, String> {
    let defaults =
        Settings::descriptions().into_iter().filter_map(|setting| Some((setting.name, setting.default?)));
    let roles: Vec<String> =
        Function::iter().map(|function| format!("mfa-enforcer-{}", function.name())).collect();
    let set = [
        ("MODE", "enforce"),
        ("QUARANTINE_POLICY_ARN", POLICY),
        ("QUARANTINE_GROUP_NAME", GROUP),
        ("ALERTS_TOPIC_ARN", ALERTS),
        ("STACK_ID", STACK),
        ("USER_TOPIC_PREFIX", "mfa-enforcer-user-"),
        ("EXEMPT_USERS", "robot"),
        ("EXEMPT_PATHS", "/robots/"),
        ("BREAK_GLASS_PATH", "/break-glass/"),
    ];
    let mut variables: BTreeMap<_, _> =
        defaults.chain(set).map(|(name, value)| (name, value.to_owned())).collect();
    variables.insert("ENFORCER_ROLES", roles.join(","));
    variables
}

/// Settings in mode `enforce`, with these changes.
pub fn settings_with(changes: &[(&'static str, &str)]) -> Settings {
    let mut variables = variables();
    for (name, value) in changes {
        variables.insert(name, (*value).to_owned());
    }
    Settings::read(|name| variables.get(name).cloned()).unwrap()
}

/// Settings in mode `enforce`.
pub fn settings() -> Settings {
    settings_with(&[])
}

/// The changes for `RELEASE=approval`.
pub const APPROVAL: [(&str, &str); 3] =
    [("RELEASE", "approval"), ("STRICT_POLICY_ARN", STRICT), ("STRICT_GROUP_NAME", STRICT_GROUP)];

/// Settings in mode `enforce` where somebody else approves a release, with these changes.
pub fn approval_settings(changes: &[(&'static str, &str)]) -> Settings {
    settings_with(&[&APPROVAL, changes].concat())
}

/// The event of somebody who approves alice's release: an administrator, or the user of this name.
pub fn approval_event(by: &str) -> Event {
    let mut envelope = envelope("TagUser");
    let identity = &mut envelope["detail"]["userIdentity"];
    identity["userName"] = by.into();
    identity["principalId"] = user_id(by).into();
    identity["arn"] = format!("arn:aws:iam::123456789012:user/{by}").into();
    envelope["detail"]["requestParameters"] =
        json!({"userName": "alice", "tags": [{"key": tags::APPROVED_KEY, "value": "yes"}]});
    event_of(&envelope)
}

/// A user with an old password, an e-mail address, and nothing else: overdue.
pub fn user(name: &str) -> UserFacts {
    UserFacts {
        name: UserName::new(name).unwrap(),
        id: user_id(name),
        path: "/".to_owned(),
        created: days_ago(100),
        tags: UserTags::from_iter([("email".to_owned(), format!("{name}@example.com"))]),
        login_profile_created: Some(days_ago(100)),
        password_used: None,
        devices: Vec::new(),
        attached_policies: Vec::new(),
        groups: Vec::new(),
        mailbox: Mailbox::NotLooked,
        attached_by: AttachedBy::Unknown,
        traces: None,
        boundary: BoundaryText::NotLooked,
        keys: AccessKeys::NotLooked,
        approval: Approval::NotLooked,
        is_unrecordable: false,
        removal: None,
        exempted_by: ExemptedBy::default(),
    }
}

/// Alice, overdue.
pub fn overdue() -> UserFacts {
    user("alice")
}

/// Alice, overdue, and first told so three days ago.
pub fn warned() -> UserFacts {
    warned_user("alice")
}

/// A user who is overdue, and was first told so three days ago.
pub fn warned_user(name: &str) -> UserFacts {
    with_tag(user(name), UserTag::Notified.key(), "reminder 2026-11-21T09:00:00Z event=earlier")
}

/// Alice, in grace.
pub fn in_grace() -> UserFacts {
    UserFacts { login_profile_created: Some(days_ago(1)), ..overdue() }
}

/// Alice without a password.
pub fn without_password() -> UserFacts {
    UserFacts { login_profile_created: None, ..overdue() }
}

/// Alice, exempt by tag.
pub fn exempt() -> UserFacts {
    with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, "2026-12-31 TICKET-7")
}

/// The same user, whom somebody else exempted an hour ago, as the event history tells.
pub fn exempted_lately(user: UserFacts) -> UserFacts {
    let of = grants(&user, &settings(), now()).remove(0).1;
    let at = now() - SignedDuration::from_hours(1);
    let act = Act { at, by: By::principal("AIDAEXAMPLECAROL"), event: EventId::new("exempting"), of };
    let exempted_by =
        ExemptedBy { read: Some(now()), is_complete: true, acts: vec![act], ..ExemptedBy::default() };
    UserFacts { exempted_by, ..user }
}

/// Alice with a security key.
pub fn compliant() -> UserFacts {
    with_device(overdue(), KEY_SERIAL)
}

/// The user with this device, enrolled long ago.
pub fn with_device(mut user: UserFacts, serial: &str) -> UserFacts {
    user.devices.push(MfaDevice { serial: Serial::listed(serial), enabled: days_ago(50) });
    user
}

/// The user with this tag.
pub fn with_tag(mut user: UserFacts, key: &str, value: &str) -> UserFacts {
    user.tags.insert(key.to_owned(), value.to_owned());
    user
}

/// The user, contained three days ago and notified of it.
pub fn contained(mut user: UserFacts) -> UserFacts {
    user.attached_policies.push(POLICY.to_owned());
    let user =
        with_tag(user, UserTag::Quarantined.key(), "2026-11-21T09:00:00Z reason=sign-in event=earlier");
    with_tag(user, UserTag::Notified.key(), "quarantined 2026-11-21T09:00:00Z event=earlier")
}

/// A user in each posture, contained or not, with a label.
pub fn users() -> Vec<(&'static str, UserFacts)> {
    vec![
        ("no password", without_password()),
        ("exempt", exempt()),
        ("compliant", compliant()),
        ("in grace", in_grace()),
        ("overdue", warned()),
        ("no password, contained", contained(without_password())),
        ("exempt, contained", exempted_lately(contained(exempt()))),
        ("compliant, contained", contained(compliant())),
        ("in grace, contained", contained(in_grace())),
        ("overdue, contained", contained(overdue())),
    ]
}

/// The function that handles events of this name; the sign-in function for events that are not triggers.
pub fn function_of(event_name: &str) -> Function {
    let known = TriggerKind::iter().map(TriggerKind::spec).find(|spec| spec.event_name == event_name);
    let is_own = OWN_CALLS.iter().any(|call| event_name.starts_with(call.name));
    known.map_or(if is_own { Function::Guard } else { Function::SignIn }, |spec| spec.function)
}

/// The account and roles of the enforcer.
pub fn deployment() -> Deployment {
    settings().deployment
}

/// A call that stops a trail, in its EventBridge envelope.
fn touching(mut envelope: Value) -> Value {
    envelope["source"] = "aws.cloudtrail".into();
    envelope["detail"]["eventSource"] = "cloudtrail.amazonaws.com".into();
    envelope["detail"]["eventName"] = "StopLogging".into();
    envelope["detail"]["requestParameters"] = json!({"name": "all-regions"});
    envelope
}

/// An event of this name that alice caused herself, four minutes ago, in its EventBridge envelope.
pub fn envelope(event_name: &str) -> Value {
    let sign_in = event_name == "ConsoleLogin";
    if event_name == "EnforcerTouched" {
        return touching(envelope("CreateUser"));
    }
    json!({
        "version": "0",
        "id": "0d1f2a3b-0000-4000-8000-00000000e001",
        "detail-type": if sign_in { "AWS Console Sign In via CloudTrail" } else { "AWS API Call via CloudTrail" },
        "source": if sign_in { "aws.signin" } else { "aws.iam" },
        "account": "123456789012",
        "time": "2026-11-24T09:01:00Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "IAMUser",
                "principalId": "AIDAEXAMPLEALICE",
                "arn": "arn:aws:iam::123456789012:user/alice",
                "accountId": "123456789012",
                "accessKeyId": "ASIAEXAMPLE",
                "userName": "alice"
            },
            "eventTime": "2026-11-24T09:01:00Z",
            "eventSource": if sign_in { "signin.amazonaws.com" } else { "iam.amazonaws.com" },
            "eventName": event_name,
            "awsRegion": "us-east-1",
            "sourceIPAddress": "203.0.113.7",
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "requestParameters": if sign_in { Value::Null } else {
                // What any of the calls takes. Real records have only what the call itself takes.
                json!({
                    "userName": "alice", "serialNumber": PHONE_SERIAL, "policyArn": POLICY, "groupName": GROUP,
                    "tags": [{"key": "mfa-enforcer:quarantined", "value": "no"}],
                    "tagKeys": ["mfa-enforcer:quarantined"],
                    "permissionsBoundary": "arn:aws:iam::123456789012:policy/developers"
                })
            },
            "responseElements": if sign_in { json!({"ConsoleLogin": "Success"}) } else { Value::Null },
            "additionalEventData": if sign_in { json!({"MFAUsed": "No"}) } else { Value::Null },
            "eventID": "0d1f2a3b-0000-4000-8000-00000000d001",
            "recipientAccountId": "123456789012"
        }
    })
}

/// Reads an envelope. Panics unless it is an event that a function acts on.
pub fn event_of(envelope: &Value) -> Event {
    let name = envelope["detail"]["eventName"].as_str().unwrap();
    match read(&envelope.to_string(), function_of(name), &deployment()).unwrap() {
        Reading::Event(event) => *event,
        Reading::Ignored(reason) => panic!("ignored: {reason}"),
    }
}

/// The event of this name about alice.
pub fn event(event_name: &str) -> Event {
    event_of(&envelope(event_name))
}

/// The event of this name about alice, or a sweep.
pub fn occasion(name: &str) -> Occasion {
    if name == SweepRequest::NAME {
        Occasion::Sweep(request())
    } else {
        Occasion::Event(Box::new(event(name)))
    }
}

/// A request for a sweep, five minutes ago.
pub fn request() -> SweepRequest {
    match read_request(r#"{"scheduledTime": "2026-11-24T09:00:00Z"}"#, now()).unwrap() {
        SweepReading::Sweep(request) => request,
        SweepReading::Ignored(reason) => panic!("ignored: {reason}"),
    }
}

/// An event of this name, by root and about root.
pub fn root_event(event_name: &str) -> Event {
    let mut envelope = envelope(event_name);
    envelope["detail"]["userIdentity"] = json!({
        "type": "Root", "arn": "arn:aws:iam::123456789012:root", "accountId": "123456789012"
    });
    if event_name != "ConsoleLogin" {
        let parameters = &mut envelope["detail"]["requestParameters"];
        parameters["userName"] = "AWS ROOT USER".into();
        parameters["serialNumber"] = "arn:aws:iam::123456789012:mfa/root-account-mfa-device".into();
    }
    event_of(&envelope)
}

/// The names of all trigger events but those about the enforcer itself, in the order of the README's table.
pub fn event_names() -> Vec<&'static str> {
    let kinds = TriggerKind::iter().filter(|kind| *kind != TriggerKind::EnforcerTouched);
    let mut names: Vec<_> = kinds.map(|kind| kind.spec().event_name).collect();
    names.sort_by_key(|name| TABLE.iter().position(|known| known == name).unwrap_or(TABLE.len()));
    names
}

/// The names of all occasions for a plan about a user: the trigger events, and a sweep.
pub fn occasions() -> Vec<&'static str> {
    event_names().into_iter().chain([SweepRequest::NAME]).collect()
}

/// A user's life, in the order in which people read it. Events not listed here come last.
const TABLE: [&str; 7] = [
    "CreateUser",
    "CreateLoginProfile",
    "ConsoleLogin",
    "DeactivateMFADevice",
    "EnableMFADevice",
    "DeleteLoginProfile",
    "DeleteUser",
];

/// What IAM says about a root with a password and MFA.
pub const ROOT: AccountSummary = AccountSummary {
    root_mfa: true,
    root_access_keys: false,
    root_password: Some(true),
    devices_in_use: None,
};

/// The plan for an event about this user, or about root if nothing was reported about root so far.
pub fn decide(event: &Event, user: &UserFacts, settings: &Settings, now: Timestamp) -> Plan {
    match ask(event) {
        Ask::Settled(plan) => plan,
        Ask::Quarantine(check) => {
            let whole = whole_quarantine(&check, settings);
            check.report(&whole, &whole, &RootLedger::Told(Vec::new()), settings, now)
        }
        Ask::User(question) => question.answer(Some(user), settings, now),
        Ask::Root(question) => question.answer(&RootLedger::Told(Vec::new()), Some(ROOT), settings),
        Ask::Enforcer(question) => {
            question.answer(&RootLedger::Told(Vec::new()), &OwnStack::default(), settings, now)
        }
    }
}

/// The plan for an event about a user who does not exist in IAM.
pub fn decide_without_user(event: &Event, settings: &Settings, now: Timestamp) -> Plan {
    match ask(event) {
        Ask::Settled(plan) => plan,
        Ask::Quarantine(check) => {
            let whole = whole_quarantine(&check, settings);
            check.report(&whole, &whole, &RootLedger::Told(Vec::new()), settings, now)
        }
        Ask::User(question) => question.answer(None, settings, now),
        Ask::Root(_) | Ask::Enforcer(_) => panic!("this is about no user"),
    }
}

/// The plan for an event or a sweep.
pub fn decide_on(occasion: &Occasion, user: &UserFacts, settings: &Settings, now: Timestamp) -> Plan {
    match occasion {
        Occasion::Event(event) => decide(event, user, settings, now),
        Occasion::Sweep(request) => sweep_user(request, user, settings, now),
    }
}

/// The plan for an event of this name, or a sweep, about this user, at [`now`] and in mode `enforce`.
pub fn decided(name: &str, user: &UserFacts) -> Plan {
    decide_on(&occasion(name), user, &settings(), now())
}

/// The payload of a file in `events/`, by its name without `.json`. A caller who is an IAM user has the id of [`user`].
pub fn sample(name: &str) -> String {
    let text = fs::read_to_string(events().join(name).with_extension("json")).unwrap();
    let mut payload: Value = serde_json::from_str(&text).unwrap();
    if let Some(identity) = payload.pointer_mut("/detail/userIdentity")
        && identity["type"] == "IAMUser"
        && let Some(caller) = identity["userName"].as_str()
    {
        identity["principalId"] = user_id(caller).into();
    }
    payload.to_string()
}

fn user_id(name: &str) -> String {
    format!("AIDAEXAMPLE{}", name.to_uppercase())
}

/// All files in `events/`: name without `.json`, and path.
pub fn samples() -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    for folder in fs::read_dir(events()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for file in fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(events()).unwrap().with_extension("");
            files.push((name.to_string_lossy().into_owned(), path));
        }
    }
    files.sort();
    files
}

fn events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events")
}

/// The quarantine's policies and groups, all as they were deployed.
pub fn whole_quarantine(check: &QuarantineCheck, settings: &Settings) -> QuarantineSeen {
    let document = |arn: &String| {
        let document = Document::of(arn, settings).unwrap_or(Document::Console).text().to_owned();
        let in_force = PolicyVersion { id: "v1".to_owned(), document };
        (arn.clone(), PolicySeen::There { in_force, versions: Vec::new() })
    };
    let arns = check.policies(settings);
    let groups = check.groups(settings).into_iter().map(|group| (group, GroupSeen::Policies(arns.clone())));
    QuarantineSeen {
        policies: arns.iter().map(document).collect(),
        groups: groups.collect(),
        ..QuarantineSeen::default()
    }
}

//! What tests start from: settings, users in every posture, events.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::decide::decide;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{
    Deployment, Event, Function, Reading, Subject, SweepReading, SweepRequest, UserName, read, read_request,
};
use mfa_enforcer_core::facts::{Facts, Mailbox, UserFacts};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const POLICY: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine";
pub(crate) const GROUP: &str = "mfa-enforcer-quarantine";
pub(crate) const PHONE_SERIAL: &str = "arn:aws:iam::123456789012:mfa/phone";
pub(crate) const KEY_SERIAL: &str = "arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEF";

/// The moment at which tests decide.
pub(crate) fn now() -> Timestamp {
    "2026-11-24T09:05:00Z".parse().unwrap()
}

pub(crate) fn days_ago(days: i64) -> Timestamp {
    now() - SignedDuration::from_hours(24 * days)
}

/// The variables of a complete set of settings.
pub(crate) fn variables() -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("MODE", "enforce".to_owned()),
        ("GRACE_PERIOD", "7d".to_owned()),
        ("ENFORCE_FROM", String::new()),
        ("REMIND_BEFORE", "7d,3d,1d".to_owned()),
        ("DIGEST", "daily".to_owned()),
        ("QUARANTINE_SCOPE", "console".to_owned()),
        ("QUARANTINE_POLICY_ARN", POLICY.to_owned()),
        ("QUARANTINE_GROUP_NAME", GROUP.to_owned()),
        ("ALERTS_TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:mfa-enforcer-alerts".to_owned()),
        ("USER_TOPIC_PREFIX", "mfa-enforcer-user-".to_owned()),
        ("CONTACT_TAG_KEY", "email".to_owned()),
        ("EXEMPT_USERS", "robot".to_owned()),
        ("EXEMPT_PATHS", "/break-glass/".to_owned()),
        (
            "ENFORCER_ROLES",
            "mfa-enforcer-sign-in,mfa-enforcer-user-lifecycle,mfa-enforcer-mfa-device,mfa-enforcer-sweep"
                .to_owned(),
        ),
    ])
}

pub(crate) fn settings_with(changes: &[(&'static str, &str)]) -> Settings {
    let mut variables = variables();
    for (name, value) in changes {
        variables.insert(name, (*value).to_owned());
    }
    Settings::read(|name| variables.get(name).cloned()).unwrap()
}

pub(crate) fn settings() -> Settings {
    settings_with(&[])
}

/// A user with an old password, an address, and nothing else: overdue.
pub(crate) fn overdue() -> UserFacts {
    UserFacts {
        name: UserName::new("alice").unwrap(),
        id: "AIDAEXAMPLEALICE".to_owned(),
        path: "/".to_owned(),
        tags: BTreeMap::from([("email".to_owned(), "alice@example.com".to_owned())]),
        login_profile_created: Some(days_ago(100)),
        devices: Vec::new(),
        attached_policies: Vec::new(),
        groups: Vec::new(),
        mailbox: Mailbox::NotLooked,
    }
}

pub(crate) fn in_grace() -> UserFacts {
    UserFacts { login_profile_created: Some(days_ago(1)), ..overdue() }
}

pub(crate) fn without_password() -> UserFacts {
    UserFacts { login_profile_created: None, ..overdue() }
}

pub(crate) fn exempt() -> UserFacts {
    with_tag(overdue(), tags::EXEMPT_UNTIL_KEY, "2026-12-31")
}

pub(crate) fn compliant() -> UserFacts {
    with_device(overdue(), KEY_SERIAL)
}

pub(crate) fn with_device(mut user: UserFacts, serial: &str) -> UserFacts {
    user.devices.push(MfaDevice { serial: Serial::listed(serial), enabled: days_ago(50) });
    user
}

pub(crate) fn with_tag(mut user: UserFacts, key: &str, value: &str) -> UserFacts {
    user.tags.insert(key.to_owned(), value.to_owned());
    user
}

/// Contained three days ago, and told so.
pub(crate) fn contained(mut user: UserFacts) -> UserFacts {
    user.attached_policies.push(POLICY.to_owned());
    let user = with_tag(user, tags::QUARANTINED_KEY, "2026-11-21T09:00:00Z reason=sign-in event=earlier");
    with_tag(user, tags::NOTIFIED_KEY, "quarantined 2026-11-21T09:00:00Z event=earlier")
}

/// Every posture, contained or not, by name.
pub(crate) fn users() -> Vec<(&'static str, UserFacts)> {
    vec![
        ("no password", without_password()),
        ("exempt", exempt()),
        ("compliant", compliant()),
        ("in grace", in_grace()),
        ("overdue", overdue()),
        ("no password, contained", contained(without_password())),
        ("exempt, contained", contained(exempt())),
        ("compliant, contained", contained(compliant())),
        ("in grace, contained", contained(in_grace())),
        ("overdue, contained", contained(overdue())),
    ]
}

/// Which function an event belongs to.
pub(crate) fn function_of(event_name: &str) -> Function {
    match event_name {
        "CreateUser" | "CreateLoginProfile" | "DeleteLoginProfile" | "DeleteUser" => Function::UserLifecycle,
        "DeactivateMFADevice" | "EnableMFADevice" => Function::MfaDevice,
        _ => Function::SignIn,
    }
}

pub(crate) fn deployment() -> Deployment {
    settings().deployment
}

/// An envelope around an event about alice, by herself, four minutes ago.
pub(crate) fn envelope(event_name: &str) -> Value {
    let sign_in = event_name == "ConsoleLogin";
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
                json!({"userName": "alice", "serialNumber": PHONE_SERIAL})
            },
            "responseElements": if sign_in { json!({"ConsoleLogin": "Success"}) } else { Value::Null },
            "additionalEventData": if sign_in { json!({"MFAUsed": "No"}) } else { Value::Null },
            "eventID": "0d1f2a3b-0000-4000-8000-00000000d001",
            "recipientAccountId": "123456789012"
        }
    })
}

/// Reads an envelope that has to be an event.
pub(crate) fn event_of(envelope: &Value) -> Event {
    let name = envelope["detail"]["eventName"].as_str().unwrap();
    match read(&envelope.to_string(), function_of(name), &deployment()).unwrap() {
        Reading::Event(event) => *event,
        Reading::Ignored(reason) => panic!("ignored: {reason}"),
    }
}

/// The event of this name about alice.
pub(crate) fn event(event_name: &str) -> Event {
    if event_name == "Sweep" {
        return request().about(Subject::User(UserName::new("alice").unwrap()), &deployment());
    }
    event_of(&envelope(event_name))
}

/// The order to sweep that came five minutes ago.
pub(crate) fn request() -> SweepRequest {
    match read_request(r#"{"scheduledTime": "2026-11-24T09:00:00Z"}"#, now()).unwrap() {
        SweepReading::Sweep(request) => request,
        SweepReading::Ignored(reason) => panic!("ignored: {reason}"),
    }
}

/// The same kind of event about root, by root.
pub(crate) fn root_event(event_name: &str) -> Event {
    let mut envelope = envelope(event_name);
    envelope["detail"]["userIdentity"] = json!({
        "type": "Root", "arn": "arn:aws:iam::123456789012:root", "accountId": "123456789012"
    });
    if event_name != "ConsoleLogin" {
        envelope["detail"]["requestParameters"] = json!({
            "userName": "AWS ROOT USER",
            "serialNumber": "arn:aws:iam::123456789012:mfa/root-account-mfa-device"
        });
    }
    event_of(&envelope)
}

pub(crate) const USER_EVENTS: [&str; 7] = [
    "CreateUser",
    "CreateLoginProfile",
    "ConsoleLogin",
    "DeactivateMFADevice",
    "EnableMFADevice",
    "DeleteLoginProfile",
    "DeleteUser",
];

/// All that a user can be decided on for.
pub(crate) const TRIGGERS: [&str; 8] = [
    "CreateUser",
    "CreateLoginProfile",
    "ConsoleLogin",
    "DeactivateMFADevice",
    "EnableMFADevice",
    "DeleteLoginProfile",
    "DeleteUser",
    "Sweep",
];

/// The plan for an event of this name about such a user, in mode enforce, now.
pub(crate) fn decided(event_name: &str, user: &UserFacts) -> Plan {
    decide(&event(event_name), &Facts::User(Box::new(user.clone())), &settings(), now())
}

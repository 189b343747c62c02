//! What cases of the guard start from: events by an administrator, and users to whom something was done.

use jiff::Timestamp;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::decide::{Ask, Lookup, ask};
use mfa_enforcer_core::event::{Event, Occasion};
use mfa_enforcer_core::facts::{Attachment, Traces, UserFacts};
use mfa_enforcer_core::notice::{Alert, AlertSubject, Notice, Severity, UserAlert};
use mfa_enforcer_core::plan::{Plan, Step};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::UserTag;
use mfa_enforcer_testing::fixtures::{
    POLICY, by_administrator, contained, decide, event_of, now, overdue, settings,
};
use mfa_enforcer_testing::plans::{after, changes};
use serde_json::{Value, json};

pub(crate) const RECORD: &str = "2026-11-21T09:00:00Z reason=sign-in event=earlier";

pub(crate) const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/developers";

/// Id of the events.
pub(crate) const EVENT: &str = "0d1f2a3b-0000-4000-8000-00000000d001";

/// An event of this name, about alice, by an administrator.
pub(crate) fn event(name: &str) -> Event {
    with_parameters(name, &json!({}))
}

/// Such an event as an occasion.
pub(crate) fn occasion(name: &str) -> Occasion {
    Occasion::Event(Box::new(event(name)))
}

pub(crate) fn with_parameters(name: &str, changed: &Value) -> Event {
    event_of(&by_admin(name, changed))
}

pub(crate) fn by_admin(name: &str, changed: &Value) -> Value {
    let mut envelope = by_administrator(name);
    for (key, value) in changed.as_object().unwrap() {
        envelope["detail"]["requestParameters"][key] = value.clone();
    }
    envelope
}

/// The event with another id.
pub(crate) fn another(name: &str, number: u8) -> Event {
    let mut envelope = by_admin(name, &json!({}));
    envelope["detail"]["eventID"] = format!("0d1f2a3b-0000-4000-8000-{number:012}").into();
    event_of(&envelope)
}

pub(crate) fn tagged(tags: &[(&str, &str)]) -> Event {
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({"key": key, "value": value})).collect();
    with_parameters("TagUser", &json!({"tags": tags}))
}

pub(crate) fn untagged(keys: &[&str]) -> Event {
    with_parameters("UntagUser", &json!({"tagKeys": keys}))
}

/// Alice, contained three days ago and told, until somebody detached the policy.
pub(crate) fn detached() -> UserFacts {
    off(contained(overdue()))
}

pub(crate) fn off(mut user: UserFacts) -> UserFacts {
    user.attached_policies.retain(|arn| arn != POLICY);
    user
}

/// The user without a trace in tags.
pub(crate) fn stripped(mut user: UserFacts) -> UserFacts {
    for tag in [UserTag::Quarantined, UserTag::Notified, UserTag::Alerted, UserTag::Undone] {
        user.tags.remove(tag.key());
    }
    user
}

/// The user, of whom the history tells this.
pub(crate) fn traced(
    user: UserFacts,
    attachments: &[(Timestamp, bool)],
    records: &[(Timestamp, &str)],
) -> UserFacts {
    let attachment =
        |(at, by_us): &(Timestamp, bool)| Attachment { at: *at, what: POLICY.to_owned(), by_us: *by_us };
    let traces = Traces {
        attachments: attachments.iter().map(attachment).collect(),
        records: records.iter().map(|(at, value)| (*at, (*value).to_owned())).collect(),
        ended: None,
        approved: None,
        is_complete: true,
    };
    UserFacts { traces: Some(traces), ..user }
}

pub(crate) fn decided(event: &Event, user: &UserFacts) -> Plan {
    decide(event, user, &settings(), now())
}

/// The alerts of a plan's only message to the administrators, and its severity.
pub(crate) fn told(plan: &Plan) -> (Vec<UserAlert>, Severity) {
    let [alert] = alerts(plan).try_into().unwrap();
    let AlertSubject::User(_, first) = &alert.subject else { panic!("not about a user") };
    ([first.clone()].into_iter().chain(alert.also.clone()).collect(), alert.subject.severity())
}

/// The messages to the administrators in a plan.
pub(crate) fn alerts(plan: &Plan) -> Vec<Alert> {
    let mut alerts = Vec::new();
    for step in &plan.steps {
        if let Step::Notify(notice) = step
            && let Notice::Alert(alert) = notice.as_ref()
        {
            alerts.push(alert.clone());
        }
    }
    alerts
}

pub(crate) const UNDONE: UserAlert = UserAlert::QuarantineUndone { put_back: true };

pub(crate) fn attaches(plan: &Plan) -> bool {
    changes(plan).iter().any(|change| matches!(change, Change::AttachPolicy(_) | Change::JoinGroup(_)))
}

pub(crate) fn record_after(user: &UserFacts, plan: &Plan) -> Option<String> {
    after(user, &plan.steps).tag(UserTag::Quarantined).map(str::to_owned)
}

/// What is looked up for an event about a user, with these settings.
pub(crate) fn looked_up(event: &Event, user: &UserFacts, settings: &Settings) -> Vec<Lookup> {
    let Ask::User(question) = ask(event) else { panic!("not about a user") };
    question.lookups(user, settings, now())
}

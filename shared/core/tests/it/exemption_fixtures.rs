//! Fixtures for tests of exemptions: who does what to alice, as an event and as a record of the event history.

use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::effect::Effect;
use mfa_enforcer_core::event::{Event, SweepKind};
use mfa_enforcer_core::exemption::{ExemptBy, Mark, Origin, origin};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::history::{Records, exemptions_to_look_up, note_exemptions};
use mfa_enforcer_core::plan::Plan;
use mfa_enforcer_core::posture::{Posture, posture};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::UserSnapshot;
use mfa_enforcer_core::tags::{self, UserTag};
use mfa_enforcer_testing::fixtures::{decide, envelope, event_of, now, overdue, request, settings, with_tag};
use serde_json::{Value, json};

use crate::snapshot_fixtures::alice_with;

pub(crate) const VALUE: &str = "2026-12-31 TICKET-7";

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Alice,
    Carol,
    Session,
    Service,
    Us,
}

impl Who {
    fn identity(self) -> Value {
        let role = |name: &str, session: &str| {
            json!({
                "type": "AssumedRole", "principalId": format!("AROAEXAMPLE:{session}"), "accountId": "123456789012",
                "arn": format!("arn:aws:sts::123456789012:assumed-role/{name}/{session}")
            })
        };
        let user = |name: &str| {
            json!({
                "type": "IAMUser", "principalId": format!("AIDAEXAMPLE{}", name.to_uppercase()),
                "arn": format!("arn:aws:iam::123456789012:user/{name}"), "accountId": "123456789012", "userName": name
            })
        };
        match self {
            Self::Alice => user("alice"),
            Self::Carol => user("carol"),
            Self::Session => role("Admin", "dan,dee@example.com"),
            Self::Service => json!({"type": "AWSService", "invokedBy": "example.amazonaws.com"}),
            Self::Us => role("mfa-enforcer-sweep", "mfa-enforcer-sweep"),
        }
    }
}

/// A call about alice, this many seconds ago.
pub(crate) fn call(name: &str, who: Who, seconds: i64, parameters: &Value) -> Value {
    let mut envelope = envelope(name);
    let time = tags::second(now() - SignedDuration::from_secs(seconds));
    let detail = &mut envelope["detail"];
    detail["userIdentity"] = who.identity();
    detail["eventTime"] = json!(time);
    detail["eventID"] = json!(format!("{name}-{who:?}-{seconds}"));
    detail["requestParameters"] = parameters.clone();
    detail["requestParameters"]["userName"] = json!("alice");
    envelope
}

/// A call that sets a tag on alice.
pub(crate) fn tagging(who: Who, seconds: i64, key: &str, value: &str) -> Value {
    call("TagUser", who, seconds, &json!({"tags": [{"key": key, "value": value}]}))
}

/// A call that exempts alice until the end of the year.
pub(crate) fn exempting(who: Who, seconds: i64) -> Value {
    tagging(who, seconds, "MFA-Enforcer:Exempt-Until", VALUE)
}

pub(crate) fn event(call: &Value) -> Event {
    event_of(call)
}

/// The plan for the event of this call.
pub(crate) fn planned(call: &Value, user: &UserFacts) -> Plan {
    decide(&event_of(call), user, &settings(), now())
}

/// The user with this note.
pub(crate) fn noted(user: UserFacts, note: &str) -> UserFacts {
    with_tag(user, UserTag::ExemptBy.key(), note)
}

pub(crate) fn note_of(user: &UserFacts) -> ExemptBy {
    ExemptBy::of(user)
}

/// Whose decision the tag is, in a word.
pub(crate) fn whose(user: &UserFacts) -> &'static str {
    match origin(user, &Mark::of_tag(user.tags.get(tags::EXEMPT_UNTIL_KEY).unwrap_or_default()), now()) {
        Origin::Own(_) => "own",
        Origin::Other(_) => "other",
        Origin::Unknown(None) => "unknown",
        Origin::Unknown(Some(_)) => "noted as unknown",
    }
}

/// The user as a sweep knows them that finds these calls in the event history, which is 20 minutes late.
pub(crate) fn looked_up(
    user: UserFacts,
    calls: &[Value],
    kind: SweepKind,
    settings: &Settings,
    now: Timestamp,
) -> UserFacts {
    let mut snapshots = [UserSnapshot { user, ..alice_with(&[]) }];
    let answers: Vec<_> = exemptions_to_look_up(&snapshots, kind, settings, now)
        .into_iter()
        .map(|lookup| {
            let is_told = |call: &&Value| {
                let time: Timestamp = call["detail"]["eventTime"].as_str().unwrap().parse().unwrap();
                call["detail"]["eventName"] == lookup.name
                    && time >= lookup.from
                    && time <= now - SignedDuration::from_mins(20)
            };
            let records = calls.iter().filter(is_told).map(|call| call["detail"].to_string()).collect();
            (lookup, Records { records, is_complete: true })
        })
        .collect();
    note_exemptions(&mut snapshots, &answers, kind, settings, now);
    let [snapshot] = snapshots;
    snapshot.user
}

pub(crate) fn is_exempt(user: &UserFacts) -> bool {
    matches!(posture(user, &settings(), now()), Posture::Exempt(_))
}

pub(crate) fn releases(plan: &Plan) -> bool {
    plan.steps.iter().any(|step| step.effect() == Effect::Release)
}

/// Alice, who has another name or path by now.
pub(crate) fn robot(name: &str, path: &str) -> UserFacts {
    UserFacts {
        name: mfa_enforcer_core::event::UserName::new(name).unwrap(),
        path: path.to_owned(),
        ..overdue()
    }
}

pub(crate) fn swept(user: &UserFacts, kind: SweepKind) -> Plan {
    mfa_enforcer_core::decide::sweep_user(&request().as_kind(kind), user, &settings(), now())
}

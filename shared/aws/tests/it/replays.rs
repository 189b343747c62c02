//! A replay of a month's records tells what the functions did with the same events, also where a week of them was lost.

use crate::sweep_fixtures::{enrolled, sweep_with};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_aws::{Invocation, handle};
use mfa_enforcer_core::digest::ChangeKind;
use mfa_enforcer_core::event::TriggerKind;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::forecast::Schedule;
use mfa_enforcer_core::replay::{DELAY, Replay};
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::tags::{APPROVED_KEY, EXEMPT_UNTIL_KEY};
use mfa_enforcer_testing::account::Account;
use mfa_enforcer_testing::fixtures::{
    PHONE_SERIAL, approval_settings, by_administrator, envelope, function_of, settings_with, user,
};
use mfa_enforcer_testing::trial::deeds::Deed;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

const DAYS: i64 = 30;
/// The last one is a new name of the user before.
const NAMES: [&str; 5] = ["alice", "bob", "carol", RENAMED[0], RENAMED[1]];
const RENAMED: [&str; 2] = ["dave", "dave-new"];
/// The days whose events are lost.
const LOST: (i64, i64) = (10, 17);

/// What somebody does at a time.
#[derive(Debug, Clone)]
struct Act {
    at: Timestamp,
    name: &'static str,
    deed: Deed,
    /// Whether an administrator does it, rather than the user.
    by_administrator: bool,
}

fn start() -> Timestamp {
    "2026-11-01T09:30:00Z".parse().unwrap()
}

fn day(days: i64) -> Timestamp {
    start() + SignedDuration::from_hours(24 * days)
}

/// What people may do, by number.
fn deed(number: u8, name: &str) -> Deed {
    let of = |kind: TriggerKind, parameters: Value| Deed { kind, what: "", parameters };
    let phone = json!({"serialNumber": PHONE_SERIAL});
    let tag = |key: &str, value: &str| json!({"tags": [{"key": key, "value": value}]});
    match number {
        0..=2 => of(TriggerKind::SignIn, Value::Null),
        3 | 4 => of(TriggerKind::MfaEnabled, phone),
        5 => of(TriggerKind::MfaDeactivated, phone),
        6 => of(TriggerKind::LoginProfileDeleted, json!({})),
        7 => of(TriggerKind::LoginProfileCreated, json!({})),
        8 => of(TriggerKind::UserTagged, tag(EXEMPT_UNTIL_KEY, "2026-11-20 TICKET-7")),
        9 => of(TriggerKind::UserUntagged, json!({"tagKeys": [EXEMPT_UNTIL_KEY]})),
        10 => of(TriggerKind::UserUpdated, json!({"newPath": "/robots/"})),
        11 => of(TriggerKind::UserUpdated, json!({"newPath": "/"})),
        12 => of(TriggerKind::PolicyDetached, json!({"policyArn": mfa_enforcer_testing::fixtures::POLICY})),
        13 => of(TriggerKind::UserTagged, tag(APPROVED_KEY, "yes")),
        14 => of(TriggerKind::UserDeleted, json!({})),
        _ => {
            let other = RENAMED.iter().find(|other| **other != name).filter(|_| RENAMED.contains(&name));
            of(TriggerKind::UserUpdated, json!({"newUserName": other.unwrap_or(&name)}))
        }
    }
}

/// The acts of a month, in order, each at another second.
fn acts() -> impl Strategy<Value = Vec<Act>> {
    let minutes = 1..DAYS * 24 * 60;
    let one = (minutes, 0..NAMES.len(), 0..17_u8, any::<bool>());
    prop::collection::vec(one, 1..25).prop_map(|acts| {
        let mut acts: Vec<Act> = acts
            .into_iter()
            .zip(0..)
            .map(|((minute, name, number, by_administrator), second)| Act {
                at: start() + SignedDuration::from_secs(60 * minute + second),
                name: NAMES[name],
                deed: deed(number, NAMES[name]),
                by_administrator,
            })
            .collect();
        acts.sort_by_key(|act| act.at);
        acts
    })
}

impl Act {
    /// Whether AWS lets it happen: it records no call that fails as one that changed something.
    fn is_possible(&self, user: &UserFacts) -> bool {
        let has_phone = user.devices.iter().any(|device| device.serial.as_str() == PHONE_SERIAL);
        let has_password = user.login_profile_created.is_some();
        let is = |kinds: &[TriggerKind]| kinds.contains(&self.deed.kind);
        let policy = self.deed.parameters["policyArn"].as_str();
        let has_policy = || user.attached_policies.iter().any(|arn| Some(arn.as_str()) == policy);
        let is_free = user.attached_policies.is_empty() && user.groups.is_empty() && user.devices.is_empty();
        let lacks = |wanted: bool, kinds: &[TriggerKind]| !wanted && is(kinds);
        !(lacks(has_password, &[TriggerKind::SignIn, TriggerKind::LoginProfileDeleted])
            || lacks(!has_password, &[TriggerKind::LoginProfileCreated])
            || lacks(!has_phone, &[TriggerKind::MfaEnabled])
            || lacks(has_phone, &[TriggerKind::MfaDeactivated])
            || lacks(has_policy(), &[TriggerKind::PolicyDetached])
            || lacks(is_free && !has_password, &[TriggerKind::UserDeleted]))
    }

    /// Its record, in its envelope.
    fn envelope(&self, index: usize, user: &UserFacts) -> Value {
        let name = self.deed.kind.spec().event_name;
        let is_sign_in = self.deed.kind == TriggerKind::SignIn;
        let mut envelope =
            if self.by_administrator && !is_sign_in { by_administrator(name) } else { envelope(name) };
        let detail = &mut envelope["detail"];
        if is_sign_in && !user.devices.is_empty() {
            detail["additionalEventData"]["MFAUsed"] = "Yes".into();
        }
        if is_sign_in || !self.by_administrator {
            detail["userIdentity"]["userName"] = self.name.into();
            detail["userIdentity"]["principalId"] = user.id.clone().into();
            detail["userIdentity"]["arn"] = format!("arn:aws:iam::123456789012:user/{}", self.name).into();
        }
        if !is_sign_in {
            detail["requestParameters"] = self.deed.parameters.clone();
            detail["requestParameters"]["userName"] = self.name.into();
        }
        detail["eventID"] = format!("event-{index}").into();
        detail["eventTime"] = self.at.to_string().into();
        envelope["time"] = self.at.to_string().into();
        envelope
    }
}

/// What was said to whom, and when.
type Told = BTreeMap<String, Vec<String>>;

/// Everything that happens, in order of time, with the records of it.
async fn live(account: &Account, acts: &[Act], settings: &Settings) -> (Vec<Value>, Told) {
    let (mut told, mut records) = (Told::new(), Vec::new());
    let mut arrivals: VecDeque<(Timestamp, Value)> = VecDeque::new();
    let schedule = Schedule::new("06:00", "Europe/Berlin").unwrap();
    let mut sweeps: VecDeque<_> = schedule.sweeps(start(), u16::try_from(DAYS).unwrap()).into();
    let mut acts = acts.iter().enumerate().peekable();
    loop {
        let act = acts.peek().map(|(_, act)| act.at);
        let arrival = arrivals.front().map(|(at, _)| *at);
        let sweep = sweeps.front().map(|request| request.time);
        // What is due at the same time comes in this order.
        let next = [arrival, sweep, act].into_iter().flatten().min();
        let Some(now) = next else { return (records, told) };
        *account.clock.lock().unwrap() = Some(now);
        if arrival == Some(now) {
            let (_, envelope) = arrivals.pop_front().unwrap();
            let function = function_of(envelope["detail"]["eventName"].as_str().unwrap());
            let invocation = Invocation { function, settings, now, request_id: "test" };
            Box::pin(handle(&envelope.to_string(), invocation, account, account)).await.unwrap();
        } else if sweep == Some(now) {
            let request = sweeps.pop_front().unwrap();
            let payload = format!(r#"{{"sweep": "{}", "scheduledTime": "{now}"}}"#, request.kind.name());
            sweep_with(&payload, now, settings, account, &|| Duration::from_mins(10)).await.unwrap();
        } else {
            let (index, act) = acts.next().unwrap();
            let user = account.users.lock().unwrap().get(act.name).cloned();
            if let Some(user) = user.filter(|user| act.is_possible(user)) {
                let envelope = act.envelope(index, &user);
                act.deed.happen(act.name, account, now);
                account.own_calls.lock().unwrap().push(envelope["detail"].clone());
                records.push(envelope["detail"].clone());
                if now < day(LOST.0) || now >= day(LOST.1) {
                    arrivals.push_back((now + DELAY, envelope));
                }
            }
        }
        for (to, kind) in account.mail.lock().unwrap().drain(..) {
            told.entry(to).or_default().push(format!("{} {kind}", now.strftime("%d %H:%M:%S")));
        }
    }
}

fn replayed(users: Vec<UserFacts>, records: &[Value], settings: &Settings) -> (Replay, Told) {
    let schedule = Schedule::new("06:00", "Europe/Berlin").unwrap();
    let mut topics: BTreeMap<String, String> = users
        .iter()
        .map(|user| (user.name.to_string(), format!("{}{}", settings.user_topic_prefix, user.id)))
        .collect();
    topics.insert(RENAMED[1].to_owned(), topics[RENAMED[0]].clone());
    let mut replay = Replay::new(settings.clone(), schedule)
        .with_users(users, start())
        .without_events(day(LOST.0), day(LOST.1));
    for record in records {
        replay.take(&record.to_string()).unwrap();
    }
    replay.finish(day(DAYS));
    let mut told = Told::new();
    for entry in replay.entries() {
        if matches!(entry.what, Some(ChangeKind::Withheld | ChangeKind::StaysContained)) {
            continue;
        }
        let Some(topic) = topics.get(&entry.subject) else { continue };
        let at = entry.at.strftime("%d %H:%M:%S").to_string();
        let kinds = entry.messages.iter().filter(|kind| kind.is_to_user());
        let lines: Vec<String> = kinds.map(|kind| format!("{at} {}", kind.code())).collect();
        if !lines.is_empty() {
            told.entry(topic.clone()).or_default().extend(lines);
        }
    }
    (replay, told)
}

fn people() -> Vec<UserFacts> {
    let dated = |name: &str, days: i64| {
        let created = start() - SignedDuration::from_hours(24 * days);
        UserFacts { login_profile_created: Some(created), ..user(name) }
    };
    vec![user("alice"), enrolled(user("bob")), dated("carol", 1), dated("dave", 5)]
}

fn compare(acts: &[Act], settings: &Settings) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let account = Account::of(people());
    let (records, told) = runtime.block_on(live(&account, acts, settings));
    let (replay, foretold) = replayed(people(), &records, settings);
    prop_assert_eq!(&foretold, &told);
    let users = account.users.lock().unwrap().clone();
    prop_assert_eq!(replay.users().count(), users.len());
    for after in replay.users() {
        let then = &users[after.name.as_str()];
        prop_assert_eq!(&after.tags, &then.tags, "{}", after.name);
        prop_assert_eq!(&after.attached_policies, &then.attached_policies, "{}", after.name);
        prop_assert_eq!(&after.groups, &then.groups, "{}", after.name);
    }
    Ok(())
}

/// A month takes some seconds. `PROPTEST_CASES` asks for more of them.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]
    #[test]
    fn replay_is_what_functions_did(acts in acts(), approves in any::<bool>()) {
        let settings = if approves { approval_settings(&[]) } else { settings_with(&[]) };
        compare(&acts, &settings)?;
    }
}

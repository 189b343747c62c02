//! What starts the enforcer, and the account in which it happens.

use super::deeds::{Deed, restriction};
use crate::account::Account;
use crate::fixtures::{
    GROUP, KEY_SERIAL, PHONE_SERIAL, POLICY, compliant, contained, days_ago, envelope, exempt, function_of,
    in_grace, overdue, users, warned, with_device, with_tag, without_password,
};
use crate::own_calls;
use jiff::Timestamp;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{EventId, Function, Reading, Relation, Subject, TriggerKind, read};
use mfa_enforcer_core::facts::{AccessKeys, Approval, AttachedBy, UserFacts};
use mfa_enforcer_core::settings::{Release, Settings};
use mfa_enforcer_core::tags::{self, UserTag};
use serde_json::{Value, json};
use strum::IntoEnumIterator;

/// What starts the enforcer.
#[derive(Debug, Clone)]
pub struct Scene {
    /// What it is, and about whom.
    pub name: String,
    /// When it happened.
    pub at: Timestamp,
    /// What the function is sent.
    pub payload: String,
    /// Who handles it.
    pub by: Started,
    /// The call; `None` for a sweep, unless it is after a call whose event was lost.
    pub deed: Option<Deed>,
    /// Whether it is about root.
    pub is_about_root: bool,
    /// Whether it is about a policy or a group of the quarantine.
    pub is_about_quarantine: bool,
}

/// How the enforcer is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// A function, by an event.
    ByEvent(Function),
    /// A sweep.
    BySweep,
}

/// When the events of [`Scene::of_events`] happened.
pub fn event_time() -> Timestamp {
    "2026-11-24T09:01:00Z".parse().unwrap()
}

impl Scene {
    /// The events of this kind about alice. `by_other` says that somebody else caused them. None of what nobody else can
    /// do, such as a sign-in.
    pub fn of_events(kind: TriggerKind, by_other: bool, settings: &Settings) -> Vec<Self> {
        let deeds = Deed::all(kind, settings).into_iter();
        deeds
            .filter_map(|deed| {
                let mut envelope = envelope(kind.spec().event_name);
                if by_other {
                    envelope["detail"]["userIdentity"] = administrator();
                }
                let by = if by_other { " by an administrator" } else { "" };
                let what = format!("{}{by}", deed.what);
                Self::of_deed(&deed, envelope, "alice", &what, settings)
            })
            .collect()
    }

    /// The event of a call about the user of this name, in this envelope; `None` if it is ignored.
    pub fn of_deed(
        deed: &Deed,
        mut envelope: Value,
        name: &str,
        what: &str,
        settings: &Settings,
    ) -> Option<Self> {
        if deed.kind != TriggerKind::EnforcerTouched && !deed.parameters.is_null() {
            let mut parameters = deed.parameters.clone();
            parameters["userName"] = name.into();
            envelope["detail"]["requestParameters"] = parameters;
        }
        let event_name = deed.kind.spec().event_name;
        let payload = envelope.to_string();
        let subject = match read(&payload, function_of(event_name), &settings.deployment) {
            Ok(Reading::Event(event)) => event.subject,
            Ok(Reading::Ignored(_)) => return None,
            Err(malformed) => panic!("{event_name}{what}: {malformed}"),
        };
        Some(Self {
            name: format!("{event_name}{what}"),
            at: envelope["detail"]["eventTime"].as_str().unwrap().parse().unwrap(),
            payload,
            by: Started::ByEvent(function_of(event_name)),
            deed: Some(deed.clone()),
            is_about_root: subject == Subject::Root,
            is_about_quarantine: matches!(subject, Subject::Quarantine | Subject::Enforcer),
        })
    }

    /// An event about root; `None` if the trigger is never about root.
    pub fn of_root(kind: TriggerKind, settings: &Settings) -> Option<Self> {
        let event_name = kind.spec().event_name;
        let is_possible = matches!(
            kind,
            TriggerKind::SignIn
                | TriggerKind::LoginProfileCreated
                | TriggerKind::LoginProfileDeleted
                | TriggerKind::MfaDeactivated
                | TriggerKind::MfaEnabled
        );
        if !is_possible {
            return None;
        }
        let mut envelope = envelope(event_name);
        envelope["detail"]["userIdentity"] = json!({
            "type": "Root", "arn": "arn:aws:iam::123456789012:root", "accountId": "123456789012"
        });
        let parameters =
            if event_name == "ConsoleLogin" { Value::Null } else { json!({"serialNumber": PHONE_SERIAL}) };
        Self::of_deed(&Deed { kind, what: "", parameters }, envelope, "AWS ROOT USER", " of root", settings)
    }

    /// Which trigger it is; `None` for a sweep.
    pub fn kind(&self) -> Option<TriggerKind> {
        self.deed.as_ref().map(|deed| deed.kind)
    }

    /// Lets it happen, and the event history tell of it.
    pub fn happen(&self, account: &Account) {
        let Some(deed) = self.deed.as_ref().filter(|_| !self.is_about_root) else { return };
        deed.happen("alice", account, self.at);
        if self.by == Started::BySweep {
            return;
        }
        let envelope: Value = serde_json::from_str(&self.payload).unwrap();
        account.past.lock().unwrap().push(envelope["detail"].clone());
    }

    /// A sweep of this kind at this time.
    pub fn of_sweep(kind: &str, at: Timestamp) -> Self {
        let payload = json!({"sweep": kind, "scheduledTime": at.to_string()}).to_string();
        Self {
            name: format!("{kind} sweep"),
            at,
            payload,
            by: Started::BySweep,
            deed: None,
            is_about_root: false,
            is_about_quarantine: false,
        }
    }
}

impl Scene {
    /// A sweep of this kind after each change of the quarantine itself, whose event was lost.
    pub fn of_lost_events(kind: &str, settings: &Settings) -> Vec<Self> {
        let events = TriggerKind::iter().flat_map(|kind| Self::of_events(kind, true, settings));
        let lost = events
            .filter(|event| event.is_about_quarantine && event.kind() != Some(TriggerKind::EnforcerTouched));
        let sweep = Self::of_sweep(kind, event_time());
        lost.map(|event| Self {
            name: format!("{} after {}", sweep.name, event.name),
            deed: event.deed,
            is_about_quarantine: true,
            ..sweep.clone()
        })
        .collect()
    }
}

/// A session of an administrator, as a record tells of it.
pub fn administrator() -> Value {
    json!({
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:carol",
        "arn": "arn:aws:sts::123456789012:assumed-role/Admin/carol",
        "accountId": "123456789012",
        "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {"attributes": {"mfaAuthenticated": "true"}}
    })
}

/// What the event history tells of how this user got under the quarantine.
pub fn past(user: &UserFacts, settings: &Settings) -> Vec<Value> {
    let record = user.tag(UserTag::Quarantined);
    let recorded = user.quarantine_record().and_then(|record| record.since);
    let at = user.attached_by.by_us().or(recorded).unwrap_or_else(|| days_ago(3));
    let by_us = user.attached_by != AttachedBy::SomebodyElse;
    let call = |event_name: &str, parameters: Value| {
        let mut detail = own_calls::call(event_name, parameters, &user.name, at);
        if !by_us {
            detail["userIdentity"] = administrator();
        }
        detail
    };
    let quarantine = &settings.quarantine;
    let policies =
        quarantine.policies_of(user).map(|arn| call("AttachUserPolicy", json!({"policyArn": arn})));
    let groups =
        quarantine.groups_of(user).into_iter().map(|name| call("AddUserToGroup", json!({"groupName": name})));
    let tagged =
        |tag: UserTag, value: &str| call("TagUser", json!({"tags": [{"key": tag.key(), "value": value}]}));
    let record = record.map(|value| tagged(UserTag::Quarantined, value));
    // The note that the user was told, whatever became of it.
    let is_told = matches!(user.attached_by, AttachedBy::Us(_));
    let told = is_told
        .then(|| tagged(UserTag::Notified, &format!("quarantined {} event=earlier", tags::second(at))));
    policies.chain(groups).chain(record).chain(told).chain(approving(user)).collect()
}

/// The call by which somebody approved the release of this user.
fn approving(user: &UserFacts) -> Option<Value> {
    let Approval::Set { by, at, event } = &user.approval else { return None };
    let parameters = json!({"tags": [{"key": tags::APPROVED_KEY, "value": "yes"}]});
    let mut detail = own_calls::call("TagUser", parameters, &user.name, *at);
    detail["eventID"] = event.to_string().into();
    detail["userIdentity"] = administrator();
    if *by == Relation::Oneself {
        let name = user.name.to_string();
        detail["userIdentity"] =
            json!({"type": "IAMUser", "userName": name, "principalId": user.id, "accountId": "123456789012"});
    }
    Some(detail)
}

/// Alice before a call of this kind; `None` if she was not there.
pub fn before(kind: TriggerKind, user: &UserFacts) -> Option<UserFacts> {
    if kind == TriggerKind::UserCreated {
        return None;
    }
    let mut user = user.clone();
    if kind == TriggerKind::LoginProfileCreated {
        (user.login_profile_created, user.password_used) = (None, None);
    }
    Some(user)
}

/// Alice before it happens, in every state that leads to other steps under these settings.
pub fn starts(settings: &Settings) -> Vec<(&'static str, UserFacts)> {
    let mut full = warned();
    full.attached_policies.extend((0..8).map(|index| format!("arn:aws:iam::aws:policy/Other{index}")));
    let mut in_group = contained(compliant());
    in_group.attached_policies.clear();
    in_group.groups.push(GROUP.to_owned());
    let mut stripped = contained(overdue());
    stripped.tags.remove(UserTag::Quarantined.key());
    stripped.tags.remove(UserTag::Notified.key());
    stripped.attached_by = AttachedBy::Us(days_ago(3));
    let mut cut_off = overdue();
    cut_off.attached_policies.push(POLICY.to_owned());
    cut_off.attached_by = AttachedBy::CutOff(days_ago(3));
    let mut by_hand = overdue();
    by_hand.attached_policies.push(POLICY.to_owned());
    by_hand.attached_by = AttachedBy::SomebodyElse;
    let mut policy_lost = contained(overdue());
    policy_lost.attached_policies.clear();
    let ending = with_tag(
        with_device(contained(overdue()), PHONE_SERIAL),
        UserTag::Quarantined.key(),
        "2026-11-21T09:00:00Z reason=sign-in event=earlier release=2026-11-24T20:00:00Z approved=2026-11-22T09:00:00Z",
    );
    let ending = with_tag(ending, tags::APPROVED_KEY, "yes");
    let mut all = users();
    all.extend([
        ("overdue, never told", overdue()),
        ("overdue, no address", with_tag(warned(), "email", "none")),
        ("overdue, mail and phone", with_tag(warned(), tags::PHONE_KEY, "+15550100123")),
        ("overdue, no room for a policy", full),
        ("phone only", with_device(overdue(), PHONE_SERIAL)),
        ("phone only, in grace", with_device(in_grace(), PHONE_SERIAL)),
        ("phone and key", with_device(compliant(), PHONE_SERIAL)),
        ("phone, exempt", with_device(exempt(), PHONE_SERIAL)),
        ("key, contained by the group", in_group),
        ("contained, records lost", stripped),
        ("contained, cut off", cut_off),
        ("contained, policy lost", policy_lost),
        ("contained by hand", by_hand),
        ("key, contained by hand", {
            let mut user = with_device(overdue(), KEY_SERIAL);
            user.attached_policies.push(POLICY.to_owned());
            UserFacts { attached_by: AttachedBy::SomebodyElse, ..user }
        }),
        ("release is near", ending),
        ("no password, released before", {
            let value = "password-removed 2026-11-20T09:00:00Z event=earlier";
            with_tag(without_password(), UserTag::Notified.key(), value)
        }),
    ]);
    if settings.release == Release::Approval {
        all.extend(waiting());
    }
    if settings.quarantine.stops_keys {
        let user = contained(without_password());
        all.push(("no password, contained, with keys", UserFacts { keys: AccessKeys::Active, ..user }));
    }
    let held = restriction(settings);
    for (label, user) in &mut all {
        if !label.contains("by hand") && !HELD_LESS.contains(label) {
            let under = |known: &mut String, other: &str, held: &str| {
                if known == other {
                    held.clone_into(known);
                }
            };
            user.attached_policies.iter_mut().for_each(|arn| under(arn, POLICY, &held.policy));
            let group = held.group.as_deref().unwrap();
            user.groups.iter_mut().for_each(|name| under(name, GROUP, group));
        }
        user.attached_policies.insert(0, "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned());
        user.groups.insert(0, "developers".to_owned());
        user.tags.insert("team".to_owned(), "blue".to_owned());
    }
    all
}

/// The states in which alice is under less than at first.
const HELD_LESS: [&str; 2] = ["release is near", "contained for the deadline"];

/// The states of users whose release somebody else has to approve.
fn waiting() -> Vec<(&'static str, UserFacts)> {
    let enrolled = |days| {
        let mut user = contained(overdue());
        user.devices.push(MfaDevice { serial: Serial::listed(KEY_SERIAL), enabled: days_ago(days) });
        let value = "awaiting-approval 2026-11-22T09:05:00Z event=earlier";
        with_tag(user, UserTag::Notified.key(), value)
    };
    let approved = |by| UserFacts {
        approval: Approval::Set { by, at: days_ago(1), event: EventId::new("approving").unwrap() },
        ..with_tag(enrolled(2), tags::APPROVED_KEY, "yes")
    };
    let for_deadline = with_tag(
        contained(overdue()),
        UserTag::Quarantined.key(),
        "2026-11-21T09:00:00Z reason=deadline-passed event=earlier",
    );
    vec![
        ("key, waits for an approval", enrolled(2)),
        ("key, approved", approved(Relation::SomebodyElse)),
        ("key, approved by herself", approved(Relation::Oneself)),
        ("contained for the deadline", for_deadline),
    ]
}

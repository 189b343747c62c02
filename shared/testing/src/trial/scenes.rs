//! What starts the enforcer, and the account in which it happens.

use crate::fixtures::{
    GROUP, KEY_SERIAL, PHONE_SERIAL, POLICY, compliant, contained, days_ago, envelope, exempt, function_of,
    in_grace, overdue, users, warned, with_device, with_tag, without_password,
};
use jiff::Timestamp;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{Function, TriggerKind};
use mfa_enforcer_core::facts::{AttachedBy, UserFacts};
use mfa_enforcer_core::tags::{self, UserTag};
use serde_json::{Value, json};
use std::collections::BTreeMap;

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
    /// The trigger; `None` for a sweep.
    pub kind: Option<TriggerKind>,
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

/// When the events of [`Scene::of_event`] happened.
pub fn event_time() -> Timestamp {
    "2026-11-24T09:01:00Z".parse().unwrap()
}

impl Scene {
    /// An event about alice. `by_other` says that somebody else caused it.
    pub fn of_event(kind: TriggerKind, by_other: bool) -> Self {
        let mut envelope = envelope(kind.spec().event_name);
        if by_other {
            envelope["detail"]["userIdentity"] = administrator();
        }
        Self::of_envelope(kind, &envelope, if by_other { " by an administrator" } else { "" })
    }

    /// The event with this envelope.
    pub fn of_envelope(kind: TriggerKind, envelope: &Value, what: &str) -> Self {
        let event_name = kind.spec().event_name;
        Self {
            name: format!("{event_name}{what}"),
            at: envelope["detail"]["eventTime"].as_str().unwrap().parse().unwrap(),
            payload: envelope.to_string(),
            by: Started::ByEvent(function_of(event_name)),
            kind: Some(kind),
            is_about_root: false,
            is_about_quarantine: matches!(
                kind,
                TriggerKind::GroupPolicyDetached
                    | TriggerKind::GroupDeleted
                    | TriggerKind::GroupUpdated
                    | TriggerKind::PolicyDeleted
                    | TriggerKind::PolicyVersionDeleted
                    | TriggerKind::PolicyVersionCreated
                    | TriggerKind::DefaultVersionSet
                    | TriggerKind::EnforcerTouched
            ),
        }
    }

    /// An event about root; `None` if the trigger is never about root.
    pub fn of_root(kind: TriggerKind) -> Option<Self> {
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
        if event_name != "ConsoleLogin" {
            envelope["detail"]["requestParameters"]["userName"] = "AWS ROOT USER".into();
        }
        Some(Self { is_about_root: true, ..Self::of_envelope(kind, &envelope, " of root") })
    }

    /// A sweep of this kind at this time.
    pub fn of_sweep(kind: &str, at: Timestamp) -> Self {
        let payload = json!({"sweep": kind, "scheduledTime": at.to_string()}).to_string();
        Self {
            name: format!("{kind} sweep"),
            at,
            payload,
            by: Started::BySweep,
            kind: None,
            is_about_root: false,
            is_about_quarantine: false,
        }
    }
}

pub(super) fn administrator() -> Value {
    json!({
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:carol",
        "arn": "arn:aws:sts::123456789012:assumed-role/Admin/carol",
        "accountId": "123456789012",
        "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {"attributes": {"mfaAuthenticated": "true"}}
    })
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

/// What a call of this kind about alice changes. A new trigger needs a line here.
pub fn happen(kind: TriggerKind, users: &mut BTreeMap<String, UserFacts>, at: Timestamp) {
    let Some(user) = users.get_mut("alice") else { return };
    match kind {
        TriggerKind::SignIn => user.password_used = Some(at),
        TriggerKind::UserCreated => {
            user.created = at;
            user.login_profile_created = user.login_profile_created.map(|_| at);
        }
        TriggerKind::LoginProfileCreated => user.login_profile_created = Some(at),
        TriggerKind::LoginProfileDeleted => user.login_profile_created = None,
        TriggerKind::UserDeleted => drop(users.remove("alice")),
        TriggerKind::MfaDeactivated => user.devices.retain(|device| device.serial.as_str() != PHONE_SERIAL),
        TriggerKind::MfaEnabled => {
            user.devices.push(MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled: at });
        }
        TriggerKind::PolicyDetached => user.attached_policies.retain(|arn| arn != POLICY),
        TriggerKind::GroupLeft => user.groups.retain(|group| group != GROUP),
        TriggerKind::UserTagged => {
            user.tags.insert(UserTag::Quarantined.key().to_owned(), "no".to_owned());
        }
        TriggerKind::UserUntagged => user.tags.remove(UserTag::Quarantined.key()),
        // About nothing that a user has, or something that decides nothing.
        TriggerKind::UserUpdated
        | TriggerKind::BoundarySet
        | TriggerKind::GroupPolicyDetached
        | TriggerKind::GroupDeleted
        | TriggerKind::GroupUpdated
        | TriggerKind::PolicyDeleted
        | TriggerKind::PolicyVersionDeleted
        | TriggerKind::PolicyVersionCreated
        | TriggerKind::DefaultVersionSet
        | TriggerKind::EnforcerTouched => {}
    }
}

/// Alice before it happens, in every state that leads to other steps.
pub fn starts() -> Vec<(&'static str, UserFacts)> {
    let mut full = warned();
    full.attached_policies.extend((0..8).map(|index| format!("arn:aws:iam::aws:policy/Other{index}")));
    let mut in_group = contained(compliant());
    in_group.attached_policies.clear();
    in_group.groups.push(GROUP.to_owned());
    let mut stripped = contained(overdue());
    stripped.tags.remove(UserTag::Quarantined.key());
    stripped.tags.remove(UserTag::Notified.key());
    stripped.attached_by = AttachedBy::Us(days_ago(3));
    let mut by_hand = overdue();
    by_hand.attached_policies.push(POLICY.to_owned());
    by_hand.attached_by = AttachedBy::SomebodyElse;
    let mut policy_lost = contained(overdue());
    policy_lost.attached_policies.clear();
    let ending = with_tag(
        with_device(contained(overdue()), PHONE_SERIAL),
        UserTag::Quarantined.key(),
        "2026-11-21T09:00:00Z reason=sign-in event=earlier release=2026-11-24T20:00:00Z",
    );
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
    for (_, user) in &mut all {
        user.attached_policies.insert(0, "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned());
        user.groups.insert(0, "developers".to_owned());
        user.tags.insert("team".to_owned(), "blue".to_owned());
    }
    all
}

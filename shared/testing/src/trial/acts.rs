//! What can happen to a user, one thing after another.

use super::scenes::{Scene, administrator, event_time};
use crate::account::Account;
use crate::fixtures::{PHONE_SERIAL, POLICY, envelope};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{TriggerKind, UserName};
use mfa_enforcer_core::facts::{AttachedBy, UserFacts, UserTags};
use mfa_enforcer_core::tags;
use serde_json::{Value, json};
use strum::EnumIter;

/// Something that happens to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter)]
pub enum Act {
    /// They sign in without MFA.
    SignIn,
    /// They remove the authenticator app.
    Remove,
    /// They enrol the authenticator app.
    Enable,
    /// An administrator exempts them.
    Exempt,
    /// An administrator approves their release.
    Approve,
    /// An administrator detaches the quarantine.
    Detach,
    /// An administrator gives them another name.
    Rename,
    /// An administrator deletes them and creates somebody of the same name, with a password.
    Recreate,
}

/// What has happened so far, and what the functions get to know of it.
#[derive(Debug)]
pub struct Story {
    /// The events of each act.
    pub events: Vec<Vec<Scene>>,
    apart: SignedDuration,
    number: u32,
}

impl Story {
    /// A story whose acts are so many seconds apart.
    pub fn of(apart: i64) -> Self {
        Self { events: Vec::new(), apart: SignedDuration::from_secs(apart), number: 0 }
    }

    /// When the event that is delivered after so many others arrives: after all has happened.
    pub fn arrival(&self, number: usize) -> Timestamp {
        let all = i32::try_from(self.events.len()).unwrap();
        let between = SignedDuration::from_secs(220);
        event_time()
            + self.apart * all
            + SignedDuration::from_secs(15)
            + between * i32::try_from(number).unwrap()
    }

    /// Lets something happen, `apart` after the last thing.
    pub fn play(&mut self, act: Act, account: &Account) {
        let at = event_time() + self.apart * i32::try_from(self.events.len()).unwrap();
        let mut user = {
            let users = account.users.lock().unwrap();
            users.values().find(|user| user.name.as_str() != super::BYSTANDER).cloned().unwrap()
        };
        let name = user.name.to_string();
        let mut events = Vec::new();
        let mut tell = |user: &UserFacts, kind: TriggerKind, parameters: Value, by_other: bool| {
            self.number += 1;
            events.push(event(self.number, kind, user, &parameters, by_other, at));
        };
        match act {
            Act::SignIn => {
                tell(&user, TriggerKind::SignIn, Value::Null, false);
                user.password_used = Some(at);
            }
            Act::Remove => {
                let had = user.devices.len();
                user.devices.retain(|device| device.serial.as_str() != PHONE_SERIAL);
                if user.devices.len() < had {
                    tell(&user, TriggerKind::MfaDeactivated, json!({"serialNumber": PHONE_SERIAL}), false);
                }
            }
            Act::Enable => {
                if !user.devices.iter().any(|device| device.serial.as_str() == PHONE_SERIAL) {
                    tell(&user, TriggerKind::MfaEnabled, json!({"serialNumber": PHONE_SERIAL}), false);
                    user.devices.push(MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled: at });
                }
            }
            Act::Exempt => {
                let tag = json!([{"key": tags::EXEMPT_UNTIL_KEY, "value": "2026-12-31"}]);
                tell(&user, TriggerKind::UserTagged, json!({"tags": tag}), true);
                user.tags.insert(tags::EXEMPT_UNTIL_KEY.to_owned(), "2026-12-31".to_owned());
            }
            Act::Approve => {
                let tag = json!([{"key": tags::APPROVED_KEY, "value": "yes"}]);
                tell(&user, TriggerKind::UserTagged, json!({"tags": tag}), true);
                user.tags.insert(tags::APPROVED_KEY.to_owned(), "yes".to_owned());
            }
            Act::Detach => {
                if user.attached_policies.iter().any(|arn| arn == POLICY) {
                    tell(&user, TriggerKind::PolicyDetached, json!({"policyArn": POLICY}), true);
                    user.attached_policies.retain(|arn| arn != POLICY);
                    account.attached.lock().unwrap().remove(&user.id);
                }
            }
            Act::Rename => {
                let new = format!("{name}-new");
                tell(&user, TriggerKind::UserUpdated, json!({"newUserName": new}), true);
                user.name = UserName::new(&new).unwrap();
            }
            Act::Recreate => {
                tell(&user, TriggerKind::UserDeleted, json!({}), true);
                user = someone_new(&user, at);
                tell(&user, TriggerKind::UserCreated, json!({}), true);
                tell(&user, TriggerKind::LoginProfileCreated, json!({}), true);
            }
        }
        // The event history has all of it.
        for scene in &events {
            let envelope: Value = serde_json::from_str(&scene.payload).unwrap();
            account.past.lock().unwrap().push(envelope["detail"].clone());
        }
        account.happens(|users| {
            users.remove(&name);
            users.insert(user.name.to_string(), user);
        });
        self.events.push(events);
    }
}

fn event(
    number: u32,
    kind: TriggerKind,
    user: &UserFacts,
    parameters: &Value,
    by_other: bool,
    at: Timestamp,
) -> Scene {
    let mut envelope = envelope(kind.spec().event_name);
    let detail = &mut envelope["detail"];
    detail["eventTime"] = at.to_string().into();
    detail["eventID"] = format!("0d1f2a3b-0000-4000-8000-00000000f{number:03}").into();
    detail["userIdentity"]["userName"] = user.name.to_string().into();
    detail["userIdentity"]["principalId"] = user.id.clone().into();
    if by_other {
        detail["userIdentity"] = administrator();
    }
    if !parameters.is_null() {
        let mut parameters = parameters.clone();
        parameters["userName"] = user.name.to_string().into();
        detail["requestParameters"] = parameters;
    }
    let what = format!(" of {}", user.name);
    Scene::of_envelope(kind, &envelope, &what)
}

/// Somebody who gets the name of a user who was deleted.
fn someone_new(user: &UserFacts, at: Timestamp) -> UserFacts {
    UserFacts {
        id: format!("AIDAEXAMPLE{}", at.as_second()),
        created: at,
        login_profile_created: Some(at),
        password_used: None,
        devices: Vec::new(),
        tags: UserTags::from_iter([("email".to_owned(), "someone@example.com".to_owned())]),
        attached_policies: Vec::new(),
        groups: Vec::new(),
        attached_by: AttachedBy::Unknown,
        ..user.clone()
    }
}

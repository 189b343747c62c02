//! What can happen to a user, one thing after another.

use super::deeds::Deed;
use super::scenes::{Scene, administrator, event_time};
use crate::account::Account;
use crate::fixtures::{PHONE_SERIAL, envelope};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::event::TriggerKind;
use mfa_enforcer_core::facts::{Approval, AttachedBy, UserFacts, UserTags};
use mfa_enforcer_core::settings::Settings;
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
pub struct Story<'s> {
    /// The events of each act.
    pub events: Vec<Vec<Scene>>,
    settings: &'s Settings,
    apart: SignedDuration,
    number: u32,
}

impl<'s> Story<'s> {
    /// A story whose acts are so many seconds apart.
    pub fn of(apart: i64, settings: &'s Settings) -> Self {
        Self { events: Vec::new(), settings, apart: SignedDuration::from_secs(apart), number: 0 }
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
        let user = {
            let users = account.users.lock().unwrap();
            users.values().find(|user| user.name.as_str() != super::BYSTANDER).cloned().unwrap()
        };
        let has_phone = user.devices.iter().any(|device| device.serial.as_str() == PHONE_SERIAL);
        let held = self.settings.quarantine.policies_of(&user).next();
        let tag = |key: &str, value: &str| json!({"tags": [{"key": key, "value": value}]});
        let phone = json!({"serialNumber": PHONE_SERIAL});
        let deed = match act {
            Act::SignIn => Some((TriggerKind::SignIn, Value::Null)),
            Act::Remove => has_phone.then_some((TriggerKind::MfaDeactivated, phone)),
            Act::Enable => (!has_phone).then_some((TriggerKind::MfaEnabled, phone)),
            Act::Exempt => Some((TriggerKind::UserTagged, tag(tags::EXEMPT_UNTIL_KEY, "2026-12-31"))),
            Act::Approve => Some((TriggerKind::UserTagged, tag(tags::APPROVED_KEY, "yes"))),
            Act::Detach => held.map(|arn| (TriggerKind::PolicyDetached, json!({"policyArn": arn}))),
            Act::Rename => {
                Some((TriggerKind::UserUpdated, json!({"newUserName": format!("{}-new", user.name)})))
            }
            Act::Recreate => None,
        };
        let by_other = !matches!(act, Act::SignIn | Act::Remove | Act::Enable);
        let events: Vec<Scene> = if act == Act::Recreate {
            let new = someone_new(&user, at);
            let kinds = [(TriggerKind::UserDeleted, &user), (TriggerKind::UserCreated, &new)];
            let kinds = kinds.into_iter().chain([(TriggerKind::LoginProfileCreated, &new)]);
            let events = kinds.map(|(kind, user)| self.event(kind, json!({}), user, by_other, at)).collect();
            account.happens(|users| drop(users.insert(new.name.to_string(), new)));
            events
        } else {
            deed.into_iter()
                .map(|(kind, parameters)| {
                    let scene = self.event(kind, parameters, &user, by_other, at);
                    scene.deed.as_ref().unwrap().happen(user.name.as_str(), account, at);
                    scene
                })
                .collect()
        };
        // The event history has all of it.
        for scene in &events {
            let envelope: Value = serde_json::from_str(&scene.payload).unwrap();
            account.past.lock().unwrap().push(envelope["detail"].clone());
        }
        self.events.push(events);
    }

    fn event(
        &mut self,
        kind: TriggerKind,
        parameters: Value,
        user: &UserFacts,
        by_other: bool,
        at: Timestamp,
    ) -> Scene {
        self.number += 1;
        let number = self.number;
        let mut envelope = envelope(kind.spec().event_name);
        let detail = &mut envelope["detail"];
        detail["eventTime"] = at.to_string().into();
        detail["eventID"] = format!("0d1f2a3b-0000-4000-8000-00000000f{number:03}").into();
        detail["userIdentity"]["userName"] = user.name.to_string().into();
        detail["userIdentity"]["principalId"] = user.id.clone().into();
        if by_other {
            detail["userIdentity"] = administrator();
        }
        let deed = Deed { kind, what: "", parameters };
        Scene::of_deed(&deed, envelope, user.name.as_str(), &format!(" of {}", user.name), self.settings)
            .unwrap()
    }
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
        approval: Approval::NotLooked,
        ..user.clone()
    }
}

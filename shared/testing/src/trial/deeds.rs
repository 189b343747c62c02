//! What people do in an account, as the records of their calls tell it, and what it changes.

use crate::account::{Account, Policy};
use crate::fixtures::PHONE_SERIAL;
use jiff::Timestamp;
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{TriggerKind, UserName};
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::policy_text::Document;
use mfa_enforcer_core::quarantine::Restriction;
use mfa_enforcer_core::settings::{Release, Settings};
use mfa_enforcer_core::tags::{APPROVED_KEY, EXEMPT_UNTIL_KEY, UserTag};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use strum::IntoEnumIterator;

/// A boundary under which nobody can enrol a device.
const BOUNDARY: &str = "arn:aws:iam::123456789012:policy/developers";
/// A document that stops nobody.
const OTHER_TEXT: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// A call.
#[derive(Debug, Clone)]
pub struct Deed {
    /// Which trigger it is.
    pub kind: TriggerKind,
    /// What it does, where there are several of a kind; begins with a space.
    pub what: &'static str,
    /// What it asks for, without the name of the user.
    pub parameters: Value,
}

/// What users are put under first, for a possible takeover.
pub fn restriction(settings: &Settings) -> &Restriction {
    let strict = settings.quarantine.strict.as_ref().filter(|_| settings.release == Release::Approval);
    strict.unwrap_or(&settings.quarantine.full)
}

impl Deed {
    /// The calls of this kind. A new trigger needs a line here, and one in [`Deed::happen`].
    pub fn all(kind: TriggerKind, settings: &Settings) -> Vec<Self> {
        let Restriction { policy, group, .. } = restriction(settings);
        let tag = |key: &str, value: &str| json!({"tags": [{"key": key, "value": value}]});
        let keys = UserTag::iter().map(UserTag::key).chain([EXEMPT_UNTIL_KEY, APPROVED_KEY]);
        let deeds = match kind {
            TriggerKind::SignIn | TriggerKind::EnforcerTouched => vec![("", Value::Null)],
            TriggerKind::UserCreated
            | TriggerKind::LoginProfileCreated
            | TriggerKind::LoginProfileDeleted
            | TriggerKind::UserDeleted => vec![("", json!({}))],
            TriggerKind::MfaDeactivated | TriggerKind::MfaEnabled => {
                vec![("", json!({"serialNumber": PHONE_SERIAL}))]
            }
            TriggerKind::PolicyDetached | TriggerKind::PolicyDeleted => {
                vec![("", json!({"policyArn": policy}))]
            }
            TriggerKind::GroupLeft | TriggerKind::GroupDeleted => vec![("", json!({"groupName": group}))],
            TriggerKind::UserTagged => vec![
                ("", tag(UserTag::Quarantined.key(), "no")),
                (", an exemption", tag(EXEMPT_UNTIL_KEY, "2026-12-31 TICKET-7")),
                (", an approval", tag(APPROVED_KEY, "yes")),
                (", the count", tag(UserTag::Undone.key(), "2026-11-24T09 4 event=other")),
            ],
            TriggerKind::UserUntagged => vec![
                ("", json!({"tagKeys": [UserTag::Quarantined.key()]})),
                (", all tags", json!({"tagKeys": keys.collect::<Vec<_>>()})),
            ],
            TriggerKind::UserUpdated => {
                vec![
                    (", a name", json!({"newUserName": "alice-new"})),
                    (", a path", json!({"newPath": "/staff/"})),
                ]
            }
            TriggerKind::BoundarySet => vec![("", json!({"permissionsBoundary": BOUNDARY}))],
            TriggerKind::GroupPolicyDetached => vec![("", json!({"groupName": group, "policyArn": policy}))],
            TriggerKind::GroupUpdated => vec![("", json!({"groupName": group, "newGroupName": "spared"}))],
            TriggerKind::PolicyVersionDeleted => vec![("", json!({"policyArn": policy, "versionId": "v1"}))],
            TriggerKind::PolicyVersionCreated => {
                let document =
                    json!({"policyArn": policy, "policyDocument": OTHER_TEXT, "setAsDefault": true});
                vec![("", document)]
            }
            TriggerKind::DefaultVersionSet => vec![("", json!({"policyArn": policy, "versionId": "v2"}))],
        };
        deeds.into_iter().map(|(what, parameters)| Self { kind, what, parameters }).collect()
    }

    /// Lets the call happen, about the user of this name.
    pub fn happen(&self, name: &str, account: &Account, at: Timestamp) {
        self.change_quarantine(account);
        account.happens(|users| {
            if self.kind == TriggerKind::PolicyDeleted {
                // IAM deletes no policy that somebody has.
                for user in users.values_mut() {
                    user.attached_policies.retain(|arn| arn != self.text("policyArn"));
                }
            }
            self.change_user(name, users, at);
        });
    }

    fn text(&self, parameter: &str) -> &str {
        self.parameters[parameter].as_str().unwrap_or_default()
    }

    fn change_user(&self, name: &str, users: &mut BTreeMap<String, UserFacts>, at: Timestamp) {
        let Some(mut user) = users.remove(name) else { return };
        match self.kind {
            TriggerKind::SignIn => user.password_used = Some(at),
            TriggerKind::UserCreated => {
                user.created = at;
                user.login_profile_created = user.login_profile_created.map(|_| at);
            }
            TriggerKind::LoginProfileCreated => user.login_profile_created = Some(at),
            TriggerKind::LoginProfileDeleted => user.login_profile_created = None,
            TriggerKind::UserDeleted => return,
            TriggerKind::MfaDeactivated => {
                user.devices.retain(|device| device.serial.as_str() != self.text("serialNumber"));
            }
            TriggerKind::MfaEnabled => {
                let serial = Serial::listed(self.text("serialNumber"));
                user.devices.push(MfaDevice { serial, enabled: at });
            }
            TriggerKind::PolicyDetached => user.attached_policies.retain(|arn| arn != self.text("policyArn")),
            TriggerKind::GroupLeft => user.groups.retain(|group| group != self.text("groupName")),
            TriggerKind::UserTagged => {
                for tag in self.parameters["tags"].as_array().unwrap() {
                    let text = |field: &str| tag[field].as_str().unwrap().to_owned();
                    user.tags.insert(text("key"), text("value"));
                }
            }
            TriggerKind::UserUntagged => {
                for key in self.parameters["tagKeys"].as_array().unwrap() {
                    user.tags.remove(key.as_str().unwrap());
                }
            }
            TriggerKind::UserUpdated => {
                user.name = UserName::new(self.text("newUserName")).unwrap_or(user.name);
                if !self.text("newPath").is_empty() {
                    self.text("newPath").clone_into(&mut user.path);
                }
            }
            // About nothing that a look at the user shows.
            TriggerKind::BoundarySet
            | TriggerKind::GroupPolicyDetached
            | TriggerKind::GroupDeleted
            | TriggerKind::GroupUpdated
            | TriggerKind::PolicyDeleted
            | TriggerKind::PolicyVersionDeleted
            | TriggerKind::PolicyVersionCreated
            | TriggerKind::DefaultVersionSet
            | TriggerKind::EnforcerTouched => {}
        }
        users.insert(user.name.to_string(), user);
    }

    /// What happens to the policies and groups.
    fn change_quarantine(&self, account: &Account) {
        let (group, arn) = (self.text("groupName").to_owned(), self.text("policyArn").to_owned());
        let set =
            |policy: Option<Policy>| drop(account.quarantine.lock().unwrap().insert(arn.clone(), policy));
        let edited = || {
            let is_its = |document: &Document| arn.ends_with(&format!("-quarantine-{}", document.code()));
            Policy::of(&[Document::iter().find(is_its).unwrap().text(), OTHER_TEXT])
        };
        match self.kind {
            TriggerKind::BoundarySet => {
                let mut policies = account.policies.lock().unwrap();
                policies.insert(self.text("permissionsBoundary").to_owned(), OTHER_TEXT.to_owned());
            }
            TriggerKind::GroupPolicyDetached => {
                account.groups.lock().unwrap().insert(group, Vec::new());
            }
            TriggerKind::GroupDeleted | TriggerKind::GroupUpdated => {
                account.gone_groups.lock().unwrap().insert(group);
            }
            TriggerKind::PolicyDeleted => set(None),
            TriggerKind::PolicyVersionCreated | TriggerKind::DefaultVersionSet => set(Some(edited())),
            TriggerKind::PolicyVersionDeleted => {
                let mut policy = edited();
                policy.versions.retain(|version| version.id != self.text("versionId"));
                set(Some(policy));
            }
            TriggerKind::SignIn
            | TriggerKind::UserCreated
            | TriggerKind::LoginProfileCreated
            | TriggerKind::LoginProfileDeleted
            | TriggerKind::UserDeleted
            | TriggerKind::MfaDeactivated
            | TriggerKind::MfaEnabled
            | TriggerKind::PolicyDetached
            | TriggerKind::GroupLeft
            | TriggerKind::UserTagged
            | TriggerKind::UserUntagged
            | TriggerKind::UserUpdated
            | TriggerKind::EnforcerTouched => {}
        }
    }
}

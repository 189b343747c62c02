//! The state of an account, rebuilt from its records.

use super::member::{Gaps, Member, PasswordGap, settle, snapshot, stranger};
use crate::device::{MfaDevice, Serial};
use crate::event::{PastCall, Subject, UserName};
use crate::facts::{RootLedger, UserFacts};
use crate::snapshot::{UNLISTED_SERIAL, UserSnapshot};
use jiff::Timestamp;

/// The users of an account, in the order of their names.
#[derive(Debug)]
pub(super) struct State {
    pub(super) users: Vec<UserSnapshot>,
    pub(super) members: Vec<Member>,
    /// What was told about root and the account.
    pub(super) ledger: RootLedger,
}

impl State {
    pub(super) fn of(users: Vec<(UserSnapshot, Gaps)>) -> Self {
        let mut state = Self { users: Vec::new(), members: Vec::new(), ledger: RootLedger::Told(Vec::new()) };
        for (user, gaps) in users {
            state.insert(user, gaps);
        }
        state
    }

    fn find(&self, name: &UserName) -> Result<usize, usize> {
        let key = |name: &UserName| name.as_str().to_lowercase();
        let wanted = key(name);
        self.users.binary_search_by(|user| key(&user.user.name).cmp(&wanted))
    }

    pub(super) fn insert(&mut self, user: UserSnapshot, gaps: Gaps) {
        let member = Member { gaps, ..Member::default() };
        match self.find(&user.user.name) {
            Ok(index) => {
                if let (Some(own), Some(of)) = (self.users.get_mut(index), self.members.get_mut(index)) {
                    (*own, *of) = (user, member);
                }
            }
            Err(index) => {
                self.users.insert(index, user);
                self.members.insert(index, member);
            }
        }
    }

    pub(super) fn remove(&mut self, name: &UserName) -> Option<(UserSnapshot, Member)> {
        let index = self.find(name).ok()?;
        Some((self.users.remove(index), self.members.remove(index)))
    }

    /// The user of this name.
    pub(super) fn user(&self, name: &UserName) -> Option<(&UserSnapshot, &Member)> {
        let index = self.find(name).ok()?;
        self.users.get(index).zip(self.members.get(index))
    }

    /// Replaces what is known of a user.
    pub(super) fn put(&mut self, user: UserFacts) {
        let Ok(index) = self.find(&user.name) else { return };
        if let (Some(own), Some(member)) = (self.users.get_mut(index), self.members.get_mut(index)) {
            own.user = user;
            settle(own);
            member.course.is_quiet = false;
        }
    }

    /// Changes a user, who is met for the first time if no record told of them before.
    fn change(&mut self, call: &PastCall, name: &UserName, change: impl FnOnce(&mut UserFacts, &mut Gaps)) {
        if self.find(name).is_err() {
            self.insert(stranger(name.clone(), call.subject_id.as_deref()), Gaps::ALL);
        }
        let Ok(index) = self.find(name) else { return };
        if let (Some(own), Some(member)) = (self.users.get_mut(index), self.members.get_mut(index)) {
            change(&mut own.user, &mut member.gaps);
            settle(own);
            member.course.is_quiet = false;
        }
    }

    /// A user signed in: they have a password, and devices only if they used one.
    pub(super) fn signed_in(&mut self, call: &PastCall, with_mfa: bool) {
        let Subject::User(name) = &call.subject else { return };
        self.change(call, name, |user, gaps| {
            user.password_used = Some(call.time);
            gaps.password = gaps.password.after_use();
            if !with_mfa {
                gaps.devices = false;
                user.devices.clear();
            } else if user.devices.is_empty() {
                user.devices.push(device(UNLISTED_SERIAL, Timestamp::MIN));
            }
        });
    }

    /// Makes the change that the call made.
    pub(super) fn apply(&mut self, call: &PastCall) {
        let Subject::User(name) = &call.subject else { return };
        let text = |parameter: &str| call.parameter(parameter).unwrap_or_default();
        match call.name.as_str() {
            "CreateUser" => self.create(call, name),
            "DeleteUser" => drop(self.remove(name)),
            "UpdateUser" => self.rename(call, name),
            "CreateLoginProfile" => self.change(call, name, |user, gaps| {
                user.login_profile_created = Some(call.time);
                gaps.password = PasswordGap::None;
            }),
            "UpdateLoginProfile" | "ChangePassword" => {
                self.change(call, name, |_, gaps| gaps.password = gaps.password.after_use());
            }
            "DeleteLoginProfile" => self.change(call, name, |user, gaps| {
                user.login_profile_created = None;
                gaps.password = PasswordGap::None;
            }),
            "EnableMFADevice" => self.change(call, name, |user, _| {
                let serial = call.parameter("serialNumber").unwrap_or(UNLISTED_SERIAL);
                user.devices.retain(|own| own.serial.as_str() != serial);
                user.devices.push(device(serial, call.time));
            }),
            "DeactivateMFADevice" => self.change(call, name, |user, _| {
                let of = |serial: &str| user.devices.iter().position(|own| own.serial.as_str() == serial);
                // One of which only the existence is known may be this one.
                let at = of(text("serialNumber")).or_else(|| of(UNLISTED_SERIAL));
                at.map(|at| user.devices.remove(at));
            }),
            "TagUser" => self.change(call, name, |user, _| {
                call.tags().into_iter().for_each(|(key, value)| user.tags.insert(key, value));
            }),
            "UntagUser" => self.change(call, name, |user, _| {
                call.tag_keys().into_iter().for_each(|key| user.tags.remove(&key));
            }),
            "AttachUserPolicy" => self.change(call, name, |user, _| {
                user.attached_policies.retain(|own| own != text("policyArn"));
                user.attached_policies.push(text("policyArn").to_owned());
            }),
            "DetachUserPolicy" => self.change(call, name, |user, _| {
                user.attached_policies.retain(|own| own != text("policyArn"));
            }),
            "AddUserToGroup" => self.change(call, name, |user, _| {
                user.groups.retain(|own| !own.eq_ignore_ascii_case(text("groupName")));
                user.groups.push(text("groupName").to_owned());
            }),
            "RemoveUserFromGroup" => self.change(call, name, |user, _| {
                user.groups.retain(|own| !own.eq_ignore_ascii_case(text("groupName")));
            }),
            _ => {}
        }
    }

    fn create(&mut self, call: &PastCall, name: &UserName) {
        let id = call.created_id().unwrap_or_default().to_owned();
        let mut user = UserFacts::bare(name.clone(), id, call.time);
        if let Some(path) = call.parameter("path") {
            path.clone_into(&mut user.path);
        }
        call.tags().into_iter().for_each(|(key, value)| user.tags.insert(key, value));
        self.insert(snapshot(user), Gaps::default());
    }

    fn rename(&mut self, call: &PastCall, name: &UserName) {
        self.change(call, name, |user, _| {
            if let Some(path) = call.parameter("newPath") {
                path.clone_into(&mut user.path);
            }
        });
        let Some(to) = call.parameter("newUserName").and_then(UserName::new) else { return };
        if let Some((mut user, member)) = self.remove(name) {
            user.user.name = to;
            self.insert(user, member.gaps);
        }
    }
}

fn device(serial: &str, enabled: Timestamp) -> MfaDevice {
    MfaDevice { serial: Serial::listed(serial), enabled }
}

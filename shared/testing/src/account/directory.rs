//! What is answered about single users and about the quarantine, and what a change does.

use super::{Account, Policy, deployed, deployed_in, no_such_entity};
use crate::own_calls;
use jiff::Timestamp;
use mfa_enforcer_aws::{AwsError, Directory, ErrorKind, History};
use mfa_enforcer_core::access_keys::ActiveKey;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::{AccessKeys, Approval, AttachedBy, BoundaryText, Traces, UserFacts};
use mfa_enforcer_core::history::{
    Lookup, Records, approval, approvals_to_look_up, attached_by, attachments_to_look_up, traces,
    traces_to_look_up,
};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{Holder, Slot};
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::AccountSummary;
use mfa_enforcer_core::stack::StackState;

impl Directory for Account {
    async fn user(&self, name: &UserName) -> Result<Option<UserFacts>, AwsError> {
        self.calls.lock().unwrap().push("user");
        let old = self.old.lock().unwrap().get_mut(name.as_str()).and_then(|(old, looks)| {
            *looks += 1;
            (*looks <= self.lag).then(|| old.clone())
        });
        let mut user = old.or_else(|| self.as_seen(|users| users.get(name.as_str()).cloned()));
        if *self.is_only_of_lists.lock().unwrap() {
            let now = self.users.lock().unwrap().get(name.as_str()).cloned();
            user = now.map(|now| match user {
                Some(UserFacts { attached_policies, groups, .. }) => {
                    UserFacts { attached_policies, groups, ..now }
                }
                None => now,
            });
        }
        Ok(user.map(|user| UserFacts {
            attached_by: AttachedBy::Unknown,
            keys: AccessKeys::NotLooked,
            approval: Approval::NotLooked,
            traces: None,
            boundary: BoundaryText::NotLooked,
            ..user
        }))
    }

    async fn attached_by(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> AttachedBy {
        self.calls.lock().unwrap().push("attached_by");
        if self.clock().is_some() {
            let lookups = attachments_to_look_up(user, settings, now).into_iter();
            let answers: Vec<Records> = lookups.map(|lookup| self.past_calls(lookup)).collect();
            return attached_by(&answers, user, settings, now);
        }
        let users = self.users.lock().unwrap();
        users.get(user.name.as_str()).map_or(AttachedBy::NotFound, |user| user.attached_by)
    }

    async fn approval(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Approval {
        self.calls.lock().unwrap().push("approval");
        let known = self.users.lock().unwrap().get(user.name.as_str()).map(|user| user.approval.clone());
        match known.unwrap_or_default() {
            Approval::NotLooked => {
                let lookups = approvals_to_look_up(user, now).into_iter();
                let answers: Vec<Records> = lookups.map(|lookup| self.past_calls(lookup)).collect();
                approval(&answers, user, settings, now)
            }
            known @ (Approval::NotFound | Approval::Set { .. }) => known,
        }
    }

    async fn traces(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Traces> {
        self.calls.lock().unwrap().push("traces");
        let mut answers = Vec::new();
        for lookup in traces_to_look_up(now) {
            answers.push(self.past_calls(lookup));
        }
        Some(traces(&answers, user, settings, now))
    }

    async fn policy_document(&self, arn: &str) -> Result<String, AwsError> {
        self.calls.lock().unwrap().push("policy_document");
        self.policies.lock().unwrap().get(arn).cloned().ok_or_else(no_such_entity)
    }

    async fn access_keys(&self, name: &UserName) -> Result<AccessKeys, AwsError> {
        self.calls.lock().unwrap().push("access_keys");
        let keys = self.users.lock().unwrap().get(name.as_str()).map(|user| user.keys);
        Ok(match keys.ok_or_else(no_such_entity)? {
            AccessKeys::NotLooked => AccessKeys::NoneActive,
            known @ (AccessKeys::Active | AccessKeys::NoneActive) => known,
        })
    }

    async fn account_alias(&self) -> Option<String> {
        self.calls.lock().unwrap().push("account_alias");
        self.alias.clone()
    }

    async fn active_keys(&self, name: &UserName) -> Result<Vec<ActiveKey>, AwsError> {
        self.calls.lock().unwrap().push("active_keys");
        Ok(self.active_keys.lock().unwrap().get(name.as_str()).cloned().unwrap_or_default())
    }

    async fn account_summary(&self) -> Result<AccountSummary, AwsError> {
        self.calls.lock().unwrap().push("account_summary");
        Ok(self.summary)
    }

    async fn stack(&self, _: &str) -> Result<StackState, AwsError> {
        self.calls.lock().unwrap().push("stack");
        Ok(self.stack.lock().unwrap().clone())
    }

    async fn policy_in_force(&self, arn: &str) -> Result<Option<PolicyVersion>, AwsError> {
        self.calls.lock().unwrap().push("policy_in_force");
        let policies = self.quarantine.lock().unwrap();
        let in_force =
            |policy: &Policy| policy.versions.iter().find(|one| one.id == policy.in_force).cloned();
        Ok(policies.get(arn).map_or_else(|| Some(deployed(arn)), |policy| policy.as_ref().and_then(in_force)))
    }

    async fn policy_versions(&self, arn: &str) -> Result<Vec<PolicyVersion>, AwsError> {
        self.calls.lock().unwrap().push("policy_versions");
        let policies = self.quarantine.lock().unwrap();
        let versions = |policy: &Option<Policy>| policy.iter().flat_map(|one| one.versions.clone()).collect();
        Ok(policies.get(arn).map_or_else(|| vec![deployed(arn)], versions))
    }

    async fn group_policies(&self, group: &str) -> Result<Option<Vec<String>>, AwsError> {
        self.calls.lock().unwrap().push("group_policies");
        if self.gone_groups.lock().unwrap().contains(group) {
            return Ok(None);
        }
        let groups = self.groups.lock().unwrap();
        Ok(Some(groups.get(group).cloned().unwrap_or_else(|| deployed_in(group))))
    }

    async fn take_slot(&self, slot: &Slot) -> Result<Holder, AwsError> {
        self.calls.lock().unwrap().push("take_slot");
        let mut slots = self.bucket.lock().unwrap();
        if let Some(bytes) = slots.get(&slot.key) {
            return Ok(Holder::Before(bytes.clone()));
        }
        slots.insert(slot.key.clone(), slot.bytes.clone());
        Ok(Holder::Taken)
    }

    async fn repair(&self, repair: &Repair) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("repair");
        let operation = repair.operation();
        if let Some(kind) = self.refuses_repairs {
            let code = "Injected".to_owned();
            return Err(AwsError { operation, kind, code, source: None });
        }
        match repair {
            Repair::SetDefaultVersion { policy, version } => {
                if let Some(Some(policy)) = self.quarantine.lock().unwrap().get_mut(policy) {
                    policy.in_force.clone_from(version);
                }
            }
            Repair::AttachToGroup { group, policy } => {
                let mut groups = self.groups.lock().unwrap();
                let policies = groups.entry(group.clone()).or_insert_with(|| deployed_in(group));
                if !policies.contains(policy) {
                    policies.push(policy.clone());
                }
            }
        }
        Ok(())
    }

    async fn stack_ended(&self, _: &str) -> Result<Option<Timestamp>, AwsError> {
        self.calls.lock().unwrap().push("stack_ended");
        Ok(self.stack_ended)
    }

    async fn change(&self, user: &UserName, change: &Change) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push(match change {
            Change::AttachPolicy(_) | Change::NarrowToPolicy(_) => "attach_policy",
            Change::DetachPolicy(_) => "detach_policy",
            Change::JoinGroup(_) | Change::NarrowToGroup(_) => "join_group",
            Change::LeaveGroup(_) => "leave_group",
            Change::SetTag(..)
            | Change::ScheduleRelease(_)
            | Change::RestoreRecord(_)
            | Change::CountPutBack(_)
            | Change::RecordReport(..)
            | Change::ClaimNotice(_)
            | Change::Exempt(_)
            | Change::Approve(_) => "set_tag",
            Change::RemoveQuarantineTag | Change::RemoveApproval => "remove_tag",
        });
        if self.refuses.is_some_and(|refuses| refuses(user, change)) {
            let code = "AccessDenied".to_owned();
            let operation = Operation::AttachUserPolicy;
            return Err(AwsError { operation, kind: ErrorKind::Denied, code, source: None });
        }
        if let Change::AttachPolicy(arn) | Change::NarrowToPolicy(arn) = change
            && matches!(self.quarantine.lock().unwrap().get(arn), Some(None))
        {
            let code = "NoSuchEntity".to_owned();
            let operation = Operation::AttachUserPolicy;
            return Err(AwsError { operation, kind: ErrorKind::NotFound, code, source: None });
        }
        let before = self.users.lock().unwrap().clone();
        let mut users = self.users.lock().unwrap();
        let Some(now) = users.get_mut(user.as_str()) else {
            return Err(no_such_entity());
        };
        self.old.lock().unwrap().entry(user.to_string()).or_insert_with(|| (now.clone(), 0));
        if let Some(clock) = self.clock() {
            self.own_calls.lock().unwrap().extend(own_calls::record(user, change, clock));
        }
        change.apply_to(now);
        if matches!(change, Change::AttachPolicy(_))
            && let Some(meddle) = self.meddler.lock().unwrap().take()
        {
            meddle(&mut users);
        }
        drop(users);
        self.earlier.lock().unwrap().push(before);
        Ok(())
    }
}

impl History for Account {
    async fn look_up(&self, lookup: Lookup) -> Result<Records, AwsError> {
        self.calls.lock().unwrap().push("look_up");
        Ok(self.past_calls(lookup))
    }
}

//! The account as a sweep reads it, and the bucket of its evidence.

use super::{Account, no_such_entity};
use crate::fixtures::now;
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_aws::{AccountDirectory, AwsError, EvidenceStore};
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::event::{SweepKind, UserName};
use mfa_enforcer_core::evidence::Object;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::rights::{Grants, GroupPermissions, Permissions};
use mfa_enforcer_core::snapshot::{BulkAnswers, ReportFile, UserDetail, VirtualDevice};
use mfa_enforcer_core::trail::Trail;
use std::collections::BTreeMap;

/// Creation time of users without a password.
const FOUNDED: &str = "2026-01-01T00:00:00Z";

fn arn(user: &UserFacts) -> String {
    format!("arn:aws:iam::123456789012:user{}{}", user.path, user.name)
}

fn row(user: &UserFacts) -> String {
    let set = user.login_profile_created.map_or("N/A".to_owned(), |created| created.to_string());
    let created = user.login_profile_created.unwrap_or_else(|| FOUNDED.parse().unwrap());
    let (enabled, mfa) = (user.login_profile_created.is_some(), !user.devices.is_empty());
    format!("{},{},{created},{enabled},no_information,{set},{mfa},false,false\n", user.name, arn(user))
}

impl Account {
    /// What groups and policies grant. Those of which a test says nothing grant nothing.
    fn permissions(&self, users: &BTreeMap<String, UserFacts>) -> Permissions {
        let (groups, policies) = (self.groups.lock().unwrap(), self.policies.lock().unwrap());
        let mut permissions = Permissions::default();
        for user in users.values() {
            for name in &user.groups {
                let attached_policies = groups.get(name).cloned().unwrap_or_default();
                let group = GroupPermissions { inline: Grants::default(), attached_policies };
                permissions.groups.insert(name.to_lowercase(), group);
            }
        }
        let of_groups = permissions.groups.values().flat_map(|group| group.attached_policies.clone());
        let of_users = users.values().flat_map(|user| user.attached_policies.clone());
        let attached: Vec<String> = of_groups.chain(of_users).collect();
        for arn in attached.into_iter().filter(|arn| !arn.contains(":iam::aws:")) {
            let grants =
                policies.get(&arn).map_or_else(Grants::default, |document| Grants::of(document, &arn));
            permissions.policies.insert(arn, grants);
        }
        permissions
    }
}

impl AccountDirectory for Account {
    async fn bulk_answers(&self, kind: SweepKind) -> Result<BulkAnswers, AwsError> {
        self.calls.lock().unwrap().push("bulk_answers");
        let users = self.users.lock().unwrap();
        let summary = (kind == SweepKind::Daily).then_some(self.summary);
        let permissions = (kind == SweepKind::Daily).then(|| self.permissions(&users));
        let mut answers = BulkAnswers { summary, permissions, ..BulkAnswers::default() };
        for user in users.values() {
            let created: Timestamp = user.login_profile_created.unwrap_or_else(|| FOUNDED.parse().unwrap());
            answers.users.push(UserDetail {
                name: user.name.clone(),
                id: user.id.clone(),
                arn: arn(user),
                path: user.path.clone(),
                created,
                tags: user.tags.clone(),
                attached_policies: user.attached_policies.clone(),
                groups: user.groups.clone(),
                inline: Grants::default(),
                boundary: self.boundaries.lock().unwrap().get(user.name.as_str()).cloned(),
            });
            let virtual_ones = user.devices.iter().filter(|device| device.serial.as_str().contains(":mfa/"));
            answers.virtual_devices.extend(virtual_ones.map(|device| VirtualDevice {
                serial: device.serial.clone(),
                owner_arn: arn(user),
                enabled: Some(device.enabled),
            }));
        }
        Ok(answers)
    }

    async fn credential_report(&self) -> Result<ReportFile, AwsError> {
        self.calls.lock().unwrap().push("credential_report");
        let mut report = "user,arn,user_creation_time,password_enabled,password_last_used,\
                          password_last_changed,mfa_active,access_key_1_active,access_key_2_active\n\
                          <root_account>,arn:aws:iam::123456789012:root,2020-01-01T00:00:00Z,not_supported,\
                          no_information,not_supported,true,false,false\n"
            .to_owned();
        for user in self.users.lock().unwrap().values() {
            report.push_str(&row(user));
        }
        Ok(ReportFile { csv: report.into_bytes(), made: Some(now() - SignedDuration::from_mins(100)) })
    }

    async fn trails(&self) -> Result<Vec<Trail>, AwsError> {
        self.calls.lock().unwrap().push("trails");
        Ok(self.trails.lock().unwrap().clone())
    }

    async fn devices(&self, name: &UserName) -> Result<Vec<MfaDevice>, AwsError> {
        self.calls.lock().unwrap().push("devices");
        let devices = self.users.lock().unwrap().get(name.as_str()).map(|user| user.devices.clone());
        devices.ok_or_else(no_such_entity)
    }
}

impl EvidenceStore for Account {
    async fn put_object(&self, object: &Object) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("put_object");
        let mut bucket = self.bucket.lock().unwrap();
        let kept = bucket.entry(object.key.clone()).or_insert_with(|| object.bytes.clone());
        assert_eq!(*kept, object.bytes, "{} is written over", object.key);
        Ok(())
    }

    async fn list_objects(&self, prefix: &str, after: &str) -> Result<Vec<String>, AwsError> {
        self.calls.lock().unwrap().push("list_objects");
        let bucket = self.bucket.lock().unwrap();
        Ok(bucket.keys().filter(|key| key.starts_with(prefix) && key.as_str() > after).cloned().collect())
    }

    async fn get_object(&self, key: &str) -> Result<Vec<u8>, AwsError> {
        self.calls.lock().unwrap().push("get_object");
        self.bucket.lock().unwrap().get(key).cloned().ok_or_else(no_such_entity)
    }
}

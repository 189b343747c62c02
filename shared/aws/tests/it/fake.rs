//! An account in memory, as far as the shell sees it: users, and what was said to whom.

use mfa_enforcer_aws::{AwsError, Directory, ErrorKind, Messenger};
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Mutex;

pub(crate) const POLICY: &str = "arn:aws:iam::123456789012:policy/mfa-enforcer-quarantine";
pub(crate) const ALERTS: &str = "arn:aws:sns:us-east-1:123456789012:mfa-enforcer-alerts";

/// The account.
#[derive(Debug, Default)]
pub(crate) struct Account {
    pub(crate) users: Mutex<BTreeMap<String, UserFacts>>,
    pub(crate) calls: Mutex<Vec<&'static str>>,
    pub(crate) to_users: Mutex<Vec<String>>,
    pub(crate) to_admins: Mutex<Vec<String>>,
    pub(crate) ledger: Mutex<Option<String>>,
    /// What an e-mail subscription is found to be.
    pub(crate) unconfirmed: bool,
    /// Every address is refused.
    pub(crate) refuses_addresses: bool,
}

impl Account {
    pub(crate) fn with(user: UserFacts) -> Self {
        let account = Self::default();
        account.users.lock().unwrap().insert(user.name.to_string(), user);
        account
    }

    pub(crate) fn user(&self, name: &str) -> UserFacts {
        self.users.lock().unwrap()[name].clone()
    }

    pub(crate) fn writes(&self) -> Vec<&'static str> {
        let reads = ["user", "root_ledger"];
        self.calls.lock().unwrap().iter().copied().filter(|call| !reads.contains(call)).collect()
    }

    pub(crate) fn forget_calls(&self) {
        self.calls.lock().unwrap().clear();
    }

    fn change(&self, call: &'static str, user: &UserName, change: impl FnOnce(&mut UserFacts)) {
        self.calls.lock().unwrap().push(call);
        change(self.users.lock().unwrap().get_mut(user.as_str()).unwrap());
    }
}

fn kind(message: &Rendered) -> String {
    let texts: Value = serde_json::from_str(&message.message).unwrap();
    let machine: Value = serde_json::from_str(texts["sqs"].as_str().unwrap()).unwrap();
    format!("{} reach={}", machine["kind"].as_str().unwrap(), machine["reach"].as_str().unwrap())
}

impl Directory for Account {
    async fn user(&self, name: &UserName) -> Result<Option<UserFacts>, AwsError> {
        self.calls.lock().unwrap().push("user");
        Ok(self.users.lock().unwrap().get(name.as_str()).cloned())
    }

    async fn attach_policy(&self, user: &UserName, arn: &str) -> Result<(), AwsError> {
        self.change("attach_policy", user, |facts| facts.attached_policies.push(arn.to_owned()));
        Ok(())
    }

    async fn detach_policy(&self, user: &UserName, arn: &str) -> Result<(), AwsError> {
        self.change("detach_policy", user, |facts| facts.attached_policies.retain(|own| own != arn));
        Ok(())
    }

    async fn join_group(&self, user: &UserName, group: &str) -> Result<(), AwsError> {
        self.change("join_group", user, |facts| facts.groups.push(group.to_owned()));
        Ok(())
    }

    async fn leave_group(&self, user: &UserName, group: &str) -> Result<(), AwsError> {
        self.change("leave_group", user, |facts| facts.groups.retain(|own| own != group));
        Ok(())
    }

    async fn set_tag(&self, user: &UserName, key: &str, value: &str) -> Result<(), AwsError> {
        self.change("set_tag", user, |facts| {
            facts.tags.insert(key.to_owned(), value.to_owned());
        });
        Ok(())
    }

    async fn remove_tag(&self, user: &UserName, key: &str) -> Result<(), AwsError> {
        self.change("remove_tag", user, |facts| {
            facts.tags.remove(key);
        });
        Ok(())
    }
}

impl Messenger for Account {
    async fn tell_user(&self, _: &Channel, message: &Rendered) -> Result<Delivery, AwsError> {
        self.calls.lock().unwrap().push("tell_user");
        if self.refuses_addresses {
            let code = "InvalidParameter".to_owned();
            return Err(AwsError {
                operation: "sns:Subscribe",
                kind: ErrorKind::BadAddress,
                code,
                source: None,
            });
        }
        self.to_users.lock().unwrap().push(kind(message));
        Ok(if self.unconfirmed { Delivery::Unconfirmed } else { Delivery::Sent })
    }

    async fn tell_admins(&self, message: &Rendered) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("tell_admins");
        self.to_admins.lock().unwrap().push(kind(message));
        Ok(())
    }

    async fn root_ledger(&self) -> Result<Option<String>, AwsError> {
        self.calls.lock().unwrap().push("root_ledger");
        Ok(self.ledger.lock().unwrap().clone())
    }

    async fn write_root_ledger(&self, topic_arn: &str, value: &str) -> Result<(), AwsError> {
        assert_eq!(topic_arn, ALERTS);
        self.calls.lock().unwrap().push("write_root_ledger");
        *self.ledger.lock().unwrap() = Some(value.to_owned());
        Ok(())
    }
}

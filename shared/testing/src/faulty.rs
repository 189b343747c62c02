//! A decorator that makes one call to an account fail.

use jiff::Timestamp;
use mfa_enforcer_aws::{AccountDirectory, AwsError, Directory, ErrorKind, History, Messenger, TopicKeeper};
use mfa_enforcer_core::access_keys::ActiveKey;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::event::{EventId, SweepKind, UserName};
use mfa_enforcer_core::facts::{AccessKeys, Approval, AttachedBy, Mailbox, Traces, UserFacts};
use mfa_enforcer_core::history::{Lookup, Records};
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::settings::Settings;
use mfa_enforcer_core::snapshot::{AccountSummary, BulkAnswers};
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_core::subscription::Subscription;
use mfa_enforcer_core::trail::Trail;
use std::collections::BTreeMap;
use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether the failing call has an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// It fails before it takes effect.
    Before,
    /// It takes effect, but its answer is lost.
    After,
    /// It has no effect, and there is never an answer.
    Never,
}

/// An account in which one call fails.
#[derive(Debug)]
pub struct Faulty<'a, T> {
    inner: &'a T,
    fails: usize,
    when: When,
    kind: ErrorKind,
    calls: AtomicUsize,
}

impl<'a, T> Faulty<'a, T> {
    /// Makes call number `fails` to `inner` fail, counted from 0.
    pub fn new(inner: &'a T, fails: usize, when: When, kind: ErrorKind) -> Self {
        Self { inner, fails, when, kind, calls: AtomicUsize::new(0) }
    }

    async fn call<R>(&self, call: impl Future<Output = Result<R, AwsError>>) -> Result<R, AwsError> {
        let failing = self.calls.fetch_add(1, Ordering::SeqCst) == self.fails;
        let error = || AwsError {
            operation: Operation::GetUser,
            kind: self.kind,
            code: "Injected".to_owned(),
            source: None,
        };
        match (failing, self.when) {
            (false, _) => call.await,
            (true, When::Before) => Err(error()),
            (true, When::Never) => pending().await,
            (true, When::After) => {
                call.await?;
                Err(error())
            }
        }
    }
}

impl<T: Directory + Sync> Directory for Faulty<'_, T> {
    async fn user(&self, name: &UserName) -> Result<Option<UserFacts>, AwsError> {
        self.call(self.inner.user(name)).await
    }

    async fn account_summary(&self) -> Result<AccountSummary, AwsError> {
        self.call(self.inner.account_summary()).await
    }

    async fn attached_by(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> AttachedBy {
        // The call never fails: a history that cannot be read is an answer.
        let answer = self.call(async { Ok(self.inner.attached_by(user, settings, now).await) });
        answer.await.unwrap_or_default()
    }

    async fn approval(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Approval {
        let answer = self.call(async { Ok(self.inner.approval(user, settings, now).await) });
        answer.await.unwrap_or_default()
    }

    async fn traces(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Traces> {
        // The same.
        let answer = self.call(async { Ok(self.inner.traces(user, settings, now).await) });
        answer.await.unwrap_or_default()
    }

    async fn policy_document(&self, arn: &str) -> Result<String, AwsError> {
        self.call(self.inner.policy_document(arn)).await
    }

    async fn access_keys(&self, name: &UserName) -> Result<AccessKeys, AwsError> {
        self.call(self.inner.access_keys(name)).await
    }

    async fn stack(&self, arn: &str) -> Result<StackState, AwsError> {
        self.call(self.inner.stack(arn)).await
    }

    async fn active_keys(&self, name: &UserName) -> Result<Vec<ActiveKey>, AwsError> {
        self.call(self.inner.active_keys(name)).await
    }

    async fn policy_in_force(&self, arn: &str) -> Result<Option<PolicyVersion>, AwsError> {
        self.call(self.inner.policy_in_force(arn)).await
    }

    async fn policy_versions(&self, arn: &str) -> Result<Vec<PolicyVersion>, AwsError> {
        self.call(self.inner.policy_versions(arn)).await
    }

    async fn group_policies(&self, group: &str) -> Result<Option<Vec<String>>, AwsError> {
        self.call(self.inner.group_policies(group)).await
    }

    async fn repair(&self, repair: &Repair) -> Result<(), AwsError> {
        self.call(self.inner.repair(repair)).await
    }

    async fn stack_ended(&self, arn: &str) -> Result<Option<Timestamp>, AwsError> {
        self.call(self.inner.stack_ended(arn)).await
    }

    async fn change(&self, user: &UserName, change: &Change) -> Result<(), AwsError> {
        self.call(self.inner.change(user, change)).await
    }
}

impl<T: History + Sync> History for Faulty<'_, T> {
    async fn look_up(&self, lookup: Lookup) -> Result<Records, AwsError> {
        self.call(self.inner.look_up(lookup)).await
    }
}

impl<T: Messenger + Sync> Messenger for Faulty<'_, T> {
    async fn tell_user(&self, channel: &Channel, message: &Rendered) -> Result<Delivery, AwsError> {
        self.call(self.inner.tell_user(channel, message)).await
    }

    async fn tell_admins(&self, message: &Rendered) -> Result<(), AwsError> {
        self.call(self.inner.tell_admins(message)).await
    }

    async fn order_sweep(&self, queue: &str, id: &EventId, time: Timestamp) -> Result<(), AwsError> {
        self.call(self.inner.order_sweep(queue, id, time)).await
    }

    async fn alerts_tags(&self) -> Result<BTreeMap<String, String>, AwsError> {
        self.call(self.inner.alerts_tags()).await
    }

    async fn set_alerts_tag(&self, key: &'static str, value: &str) -> Result<(), AwsError> {
        self.call(self.inner.set_alerts_tag(key, value)).await
    }
}

impl<T: AccountDirectory + Sync> AccountDirectory for Faulty<'_, T> {
    async fn bulk_answers(&self, kind: SweepKind) -> Result<BulkAnswers, AwsError> {
        self.call(self.inner.bulk_answers(kind)).await
    }

    async fn credential_report(&self) -> Result<Vec<u8>, AwsError> {
        self.call(self.inner.credential_report()).await
    }

    async fn trails(&self) -> Result<Vec<Trail>, AwsError> {
        self.call(self.inner.trails()).await
    }

    async fn devices(&self, name: &UserName) -> Result<Vec<MfaDevice>, AwsError> {
        self.call(self.inner.devices(name)).await
    }
}

impl<T: TopicKeeper + Sync> TopicKeeper for Faulty<'_, T> {
    async fn alerts_subscriptions(&self) -> Result<Vec<Subscription>, AwsError> {
        self.call(self.inner.alerts_subscriptions()).await
    }

    async fn user_topics(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        self.call(self.inner.user_topics(prefix)).await
    }

    async fn mailbox(&self, channel: &Channel) -> Result<Mailbox, AwsError> {
        self.call(self.inner.mailbox(channel)).await
    }

    async fn delete_topic(&self, name: &str) -> Result<(), AwsError> {
        self.call(self.inner.delete_topic(name)).await
    }
}

//! Ends every call of a sweep before the function ends, so that the digest and the log line still come.
//!
//! A decorator of the account and of SNS, so that no call can be forgotten: a new one needs a line here to compile.

use super::{END, LAST};
use crate::directory::{AccountDirectory, Directory, History};
use crate::error::AwsError;
use crate::events::{EventBus, NotTaken};
use crate::evidence::EvidenceStore;
use crate::messenger::{Messenger, Prepared, TopicKeeper};
use jiff::Timestamp;
use mfa_enforcer_core::access_keys::ActiveKey;
use mfa_enforcer_core::bus::BusEvent;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::event::{EventId, SweepKind, UserName};
use mfa_enforcer_core::evidence::Object;
use mfa_enforcer_core::facts::{AccessKeys, Approval, AttachedBy, Mailbox, Traces, UserFacts};
use mfa_enforcer_core::history::{Lookup, Records};
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{Holder, Slot};
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::sender::SenderSeen;
use mfa_enforcer_core::settings::{Sender, Settings};
use mfa_enforcer_core::snapshot::{AccountSummary, BulkAnswers, ReportFile};
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_core::subscription::Subscription;
use mfa_enforcer_core::trail::Trail;
use std::collections::BTreeMap;
use std::time::Duration;

/// The account, or SNS, with a limit to every call.
pub(super) struct Punctual<'a, T> {
    inner: &'a T,
    time_left: &'a (dyn Fn() -> Duration + Send + Sync),
}

impl<'a, T> Punctual<'a, T> {
    pub(super) fn new(inner: &'a T, time_left: &'a (dyn Fn() -> Duration + Send + Sync)) -> Self {
        Self { inner, time_left }
    }

    /// Waits for the call until no more than `reserve` is left.
    async fn until<R>(
        &self,
        reserve: Duration,
        operation: Operation,
        call: impl Future<Output = Result<R, AwsError>>,
    ) -> Result<R, AwsError> {
        let left = (self.time_left)().saturating_sub(reserve);
        tokio::time::timeout(left, call).await.unwrap_or_else(|_| Err(AwsError::out_of_time(operation)))
    }
}

// What is called for a single user ends with that user, who is then left for the next run. Here is the last resort.
impl<T: Directory + Sync> Directory for Punctual<'_, T> {
    async fn user(&self, name: &UserName) -> Result<Option<UserFacts>, AwsError> {
        self.until(END, Operation::GetUser, self.inner.user(name)).await
    }

    async fn account_summary(&self) -> Result<AccountSummary, AwsError> {
        self.until(LAST, Operation::GetAccountSummary, self.inner.account_summary()).await
    }

    async fn attached_by(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> AttachedBy {
        let answer = async { Ok(self.inner.attached_by(user, settings, now).await) };
        self.until(LAST, Operation::LookupEvents, answer).await.unwrap_or_default()
    }

    async fn approval(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Approval {
        let answer = async { Ok(self.inner.approval(user, settings, now).await) };
        self.until(LAST, Operation::LookupEvents, answer).await.unwrap_or_default()
    }

    async fn traces(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Traces> {
        let answer = async { Ok(self.inner.traces(user, settings, now).await) };
        self.until(LAST, Operation::LookupEvents, answer).await.unwrap_or_default()
    }

    async fn policy_document(&self, arn: &str) -> Result<String, AwsError> {
        self.until(LAST, Operation::GetPolicyVersion, self.inner.policy_document(arn)).await
    }

    async fn access_keys(&self, name: &UserName) -> Result<AccessKeys, AwsError> {
        self.until(END, Operation::ListAccessKeys, self.inner.access_keys(name)).await
    }

    async fn stack(&self, arn: &str) -> Result<StackState, AwsError> {
        self.until(LAST, Operation::DescribeStacks, self.inner.stack(arn)).await
    }

    async fn active_keys(&self, name: &UserName) -> Result<Vec<ActiveKey>, AwsError> {
        self.until(END, Operation::ListAccessKeys, self.inner.active_keys(name)).await
    }

    async fn account_alias(&self) -> Option<String> {
        let answer = async { Ok(self.inner.account_alias().await) };
        self.until(END, Operation::ListAccountAliases, answer).await.unwrap_or_default()
    }

    async fn policy_in_force(&self, arn: &str) -> Result<Option<PolicyVersion>, AwsError> {
        self.until(LAST, Operation::GetPolicy, self.inner.policy_in_force(arn)).await
    }

    async fn policy_versions(&self, arn: &str) -> Result<Vec<PolicyVersion>, AwsError> {
        self.until(LAST, Operation::ListPolicyVersions, self.inner.policy_versions(arn)).await
    }

    async fn group_policies(&self, group: &str) -> Result<Option<Vec<String>>, AwsError> {
        self.until(LAST, Operation::ListAttachedGroupPolicies, self.inner.group_policies(group)).await
    }

    async fn repair(&self, repair: &Repair) -> Result<(), AwsError> {
        self.until(LAST, repair.operation(), self.inner.repair(repair)).await
    }

    async fn stack_ended(&self, arn: &str) -> Result<Option<Timestamp>, AwsError> {
        self.until(LAST, Operation::DescribeStackEvents, self.inner.stack_ended(arn)).await
    }

    async fn take_slot(&self, slot: &Slot) -> Result<Holder, AwsError> {
        self.until(END, Operation::PutObject, self.inner.take_slot(slot)).await
    }

    async fn change(&self, user: &UserName, change: &Change) -> Result<(), AwsError> {
        let operation = change.operations().first().copied().unwrap_or(Operation::TagUser);
        self.until(END, operation, self.inner.change(user, change)).await
    }
}

impl<T: History + Sync> History for Punctual<'_, T> {
    async fn look_up(&self, lookup: Lookup) -> Result<Records, AwsError> {
        self.until(LAST, Operation::LookupEvents, self.inner.look_up(lookup)).await
    }
}

impl<T: AccountDirectory + Sync> AccountDirectory for Punctual<'_, T> {
    async fn bulk_answers(&self, kind: SweepKind) -> Result<BulkAnswers, AwsError> {
        self.until(LAST, Operation::GetAccountAuthorizationDetails, self.inner.bulk_answers(kind)).await
    }

    async fn credential_report(&self) -> Result<ReportFile, AwsError> {
        self.until(LAST, Operation::GetCredentialReport, self.inner.credential_report()).await
    }

    async fn trails(&self) -> Result<Vec<Trail>, AwsError> {
        self.until(LAST, Operation::DescribeTrails, self.inner.trails()).await
    }

    async fn devices(&self, name: &UserName) -> Result<Vec<MfaDevice>, AwsError> {
        self.until(LAST, Operation::ListMfaDevices, self.inner.devices(name)).await
    }
}

// The digest does not wait for evidence.
impl<T: EvidenceStore + Sync> EvidenceStore for Punctual<'_, T> {
    async fn put_object(&self, object: &Object) -> Result<(), AwsError> {
        self.until(LAST, Operation::PutObject, self.inner.put_object(object)).await
    }

    async fn list_objects(&self, prefix: &str, after: &str) -> Result<Vec<String>, AwsError> {
        self.until(LAST, Operation::ListObjectsV2, self.inner.list_objects(prefix, after)).await
    }

    async fn get_object(&self, key: &str) -> Result<Vec<u8>, AwsError> {
        self.until(LAST, Operation::GetObject, self.inner.get_object(key)).await
    }
}

// Neither does the digest wait for machines.
impl<T: EventBus + Sync> EventBus for Punctual<'_, T> {
    async fn put_events(&self, batch: &[BusEvent]) -> Result<Vec<NotTaken>, AwsError> {
        self.until(LAST, Operation::PutEvents, self.inner.put_events(batch)).await
    }
}

impl<T: Messenger + Sync> Messenger for Punctual<'_, T> {
    async fn prepare(
        &self,
        channel: &Channel,
        wanted: impl Future<Output = ()> + Send,
    ) -> Result<Prepared, AwsError> {
        self.until(END, Operation::CreateTopic, self.inner.prepare(channel, wanted)).await
    }

    async fn tell_user(
        &self,
        channel: &Channel,
        prepared: Option<Prepared>,
        message: &Rendered,
    ) -> Result<Delivery, AwsError> {
        self.until(END, Operation::Publish, self.inner.tell_user(channel, prepared, message)).await
    }

    async fn tell_admins(&self, message: &Rendered) -> Result<(), AwsError> {
        self.until(END, Operation::Publish, self.inner.tell_admins(message)).await
    }

    async fn order_sweep(&self, queue: &str, id: &EventId, time: Timestamp) -> Result<(), AwsError> {
        self.until(END, Operation::SendMessage, self.inner.order_sweep(queue, id, time)).await
    }

    async fn alerts_tags(&self) -> Result<BTreeMap<String, String>, AwsError> {
        self.until(LAST, Operation::ListTagsForResource, self.inner.alerts_tags()).await
    }

    async fn set_alerts_tag(&self, key: &'static str, value: &str) -> Result<(), AwsError> {
        self.until(END, Operation::TagResource, self.inner.set_alerts_tag(key, value)).await
    }
}

impl<T: TopicKeeper + Sync> TopicKeeper for Punctual<'_, T> {
    async fn alerts_subscriptions(&self) -> Result<Vec<Subscription>, AwsError> {
        self.until(LAST, Operation::ListSubscriptionsByTopic, self.inner.alerts_subscriptions()).await
    }

    async fn user_topics(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        self.until(LAST, Operation::ListTopics, self.inner.user_topics(prefix)).await
    }

    async fn mailbox(&self, channel: &Channel) -> Result<Mailbox, AwsError> {
        self.until(END, Operation::ListSubscriptionsByTopic, self.inner.mailbox(channel)).await
    }

    async fn sender(&self, sender: &Sender) -> Result<SenderSeen, AwsError> {
        self.until(LAST, Operation::GetAccount, self.inner.sender(sender)).await
    }

    async fn delete_topic(&self, name: &str) -> Result<(), AwsError> {
        self.until(END, Operation::DeleteTopic, self.inner.delete_topic(name)).await
    }
}

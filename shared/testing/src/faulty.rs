//! A decorator that makes calls to an account fail, or lets another run act between them.

use jiff::Timestamp;
use mfa_enforcer_aws::{
    AccountDirectory, AwsError, Directory, ErrorKind, EventBus, EvidenceStore, History, Messenger, NotTaken,
    Prepared, TopicKeeper,
};
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
use std::future::{pending, poll_fn};
use std::sync::Mutex;
use std::task::Poll;

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

/// A call that fails, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The number of the call, counted from 0.
    pub call: usize,
    /// Whether it has an effect.
    pub when: When,
    /// What AWS answers.
    pub kind: ErrorKind,
    /// AWS's error code.
    pub code: &'static str,
}

/// Which calls fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// These.
    Calls(Vec<Fault>),
    /// The first call of this name.
    First(&'static str, When, ErrorKind),
    /// The call of this name, each time: nobody allows it. Where it reads the event history, nobody may read that.
    Denied(String),
}

/// What reads the event history.
const OF_HISTORY: [&str; 4] = ["look_up", "attached_by", "approval", "traces"];

fn is_denied(denied: &str, call: &str) -> bool {
    denied == call || [denied, call].iter().all(|name| OF_HISTORY.contains(name))
}

impl Trouble {
    /// No call fails.
    pub const NONE: Self = Self::Calls(Vec::new());
}

/// An account in which some calls fail.
#[derive(Debug)]
pub struct Faulty<'a, T> {
    inner: &'a T,
    trouble: Trouble,
    /// Whether each call waits until it is polled once more, so that somebody else can act before it.
    is_stepped: bool,
    calls: Mutex<Vec<String>>,
}

impl<'a, T> Faulty<'a, T> {
    /// Makes call number `call` to `inner` fail, counted from 0.
    pub fn new(inner: &'a T, call: usize, when: When, kind: ErrorKind) -> Self {
        Self::with(inner, Trouble::Calls(vec![Fault { call, when, kind, code: "Injected" }]))
    }

    /// Makes the first call of this name fail.
    pub fn of_first(inner: &'a T, name: &'static str, when: When, kind: ErrorKind) -> Self {
        Self::with(inner, Trouble::First(name, when, kind))
    }

    /// Makes these calls fail.
    pub fn with(inner: &'a T, trouble: Trouble) -> Self {
        Self { inner, trouble, is_stepped: false, calls: Mutex::default() }
    }

    /// Lets no call fail, and each wait until it is polled once more.
    pub fn stepped(inner: &'a T) -> Self {
        Self { is_stepped: true, ..Self::with(inner, Trouble::NONE) }
    }

    /// Names of the calls so far, those that failed included.
    pub fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    async fn call<R>(
        &self,
        name: impl ToString,
        call: impl Future<Output = Result<R, AwsError>>,
    ) -> Result<R, AwsError> {
        let name = name.to_string();
        if self.is_stepped {
            let mut is_next = false;
            poll_fn(|context| {
                context.waker().wake_by_ref();
                if std::mem::replace(&mut is_next, true) { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(name.clone());
            calls.len() - 1
        };
        let error = |kind, code: &str| {
            Err(AwsError { operation: Operation::GetUser, kind, code: code.to_owned(), source: None })
        };
        let fault = match &self.trouble {
            Trouble::First(first, when, kind) => {
                let is_first = self.calls.lock().unwrap().iter().filter(|call| call == first).count() == 1;
                let fault = Fault { call: number, when: *when, kind: *kind, code: "Injected" };
                (*first == name && is_first).then_some(fault)
            }
            Trouble::Denied(denied) if is_denied(denied, &name) => {
                return error(ErrorKind::Denied, "AccessDenied");
            }
            Trouble::Denied(_) => None,
            Trouble::Calls(faults) => faults.iter().find(|fault| fault.call == number).copied(),
        };
        match fault.map(|fault| (fault.when, fault)) {
            None => call.await,
            Some((When::Before, fault)) => error(fault.kind, fault.code),
            Some((When::Never, _)) => pending().await,
            Some((When::After, fault)) => {
                call.await?;
                error(fault.kind, fault.code)
            }
        }
    }
}

impl<T: Directory + Sync> Directory for Faulty<'_, T> {
    async fn user(&self, name: &UserName) -> Result<Option<UserFacts>, AwsError> {
        self.call("user", self.inner.user(name)).await
    }

    async fn account_summary(&self) -> Result<AccountSummary, AwsError> {
        self.call("account_summary", self.inner.account_summary()).await
    }

    async fn attached_by(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> AttachedBy {
        // The call never fails: a history that cannot be read is an answer.
        let answer =
            self.call("attached_by", async { Ok(self.inner.attached_by(user, settings, now).await) });
        answer.await.unwrap_or_default()
    }

    async fn approval(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Approval {
        let answer = self.call("approval", async { Ok(self.inner.approval(user, settings, now).await) });
        answer.await.unwrap_or_default()
    }

    async fn traces(&self, user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Traces> {
        // The same.
        let answer = self.call("traces", async { Ok(self.inner.traces(user, settings, now).await) });
        answer.await.unwrap_or_default()
    }

    async fn policy_document(&self, arn: &str) -> Result<String, AwsError> {
        self.call("policy_document", self.inner.policy_document(arn)).await
    }

    async fn access_keys(&self, name: &UserName) -> Result<AccessKeys, AwsError> {
        self.call("access_keys", self.inner.access_keys(name)).await
    }

    async fn stack(&self, arn: &str) -> Result<StackState, AwsError> {
        self.call("stack", self.inner.stack(arn)).await
    }

    async fn active_keys(&self, name: &UserName) -> Result<Vec<ActiveKey>, AwsError> {
        self.call("active_keys", self.inner.active_keys(name)).await
    }

    async fn account_alias(&self) -> Option<String> {
        // The call never fails either: messages give the number then.
        let answer = self.call("account_alias", async { Ok(self.inner.account_alias().await) });
        answer.await.unwrap_or_default()
    }

    async fn policy_in_force(&self, arn: &str) -> Result<Option<PolicyVersion>, AwsError> {
        self.call("policy_in_force", self.inner.policy_in_force(arn)).await
    }

    async fn policy_versions(&self, arn: &str) -> Result<Vec<PolicyVersion>, AwsError> {
        self.call("policy_versions", self.inner.policy_versions(arn)).await
    }

    async fn group_policies(&self, group: &str) -> Result<Option<Vec<String>>, AwsError> {
        self.call("group_policies", self.inner.group_policies(group)).await
    }

    async fn repair(&self, repair: &Repair) -> Result<(), AwsError> {
        self.call("repair", self.inner.repair(repair)).await
    }

    async fn stack_ended(&self, arn: &str) -> Result<Option<Timestamp>, AwsError> {
        self.call("stack_ended", self.inner.stack_ended(arn)).await
    }

    async fn take_slot(&self, slot: &Slot) -> Result<Holder, AwsError> {
        self.call("take_slot", self.inner.take_slot(slot)).await
    }

    async fn change(&self, user: &UserName, change: &Change) -> Result<(), AwsError> {
        self.call(change, self.inner.change(user, change)).await
    }
}

impl<T: History + Sync> History for Faulty<'_, T> {
    async fn look_up(&self, lookup: Lookup) -> Result<Records, AwsError> {
        self.call("look_up", self.inner.look_up(lookup)).await
    }
}

impl<T: Messenger + Sync> Messenger for Faulty<'_, T> {
    async fn prepare(
        &self,
        channel: &Channel,
        wanted: impl Future<Output = ()> + Send,
    ) -> Result<Prepared, AwsError> {
        self.call("prepare", self.inner.prepare(channel, wanted)).await
    }

    async fn tell_user(
        &self,
        channel: &Channel,
        prepared: Option<Prepared>,
        message: &Rendered,
    ) -> Result<Delivery, AwsError> {
        self.call("tell_user", self.inner.tell_user(channel, prepared, message)).await
    }

    async fn tell_admins(&self, message: &Rendered) -> Result<(), AwsError> {
        self.call("tell_admins", self.inner.tell_admins(message)).await
    }

    async fn order_sweep(&self, queue: &str, id: &EventId, time: Timestamp) -> Result<(), AwsError> {
        self.call("order_sweep", self.inner.order_sweep(queue, id, time)).await
    }

    async fn alerts_tags(&self) -> Result<BTreeMap<String, String>, AwsError> {
        self.call("alerts_tags", self.inner.alerts_tags()).await
    }

    async fn set_alerts_tag(&self, key: &'static str, value: &str) -> Result<(), AwsError> {
        self.call("set_alerts_tag", self.inner.set_alerts_tag(key, value)).await
    }
}

impl<T: EventBus + Sync> EventBus for Faulty<'_, T> {
    async fn put_events(&self, batch: &[BusEvent]) -> Result<Vec<NotTaken>, AwsError> {
        self.call("put_events", self.inner.put_events(batch)).await
    }
}

impl<T: EvidenceStore + Sync> EvidenceStore for Faulty<'_, T> {
    async fn put_object(&self, object: &Object) -> Result<(), AwsError> {
        self.call("put_object", self.inner.put_object(object)).await
    }

    async fn list_objects(&self, prefix: &str, after: &str) -> Result<Vec<String>, AwsError> {
        self.call("list_objects", self.inner.list_objects(prefix, after)).await
    }

    async fn get_object(&self, key: &str) -> Result<Vec<u8>, AwsError> {
        self.call("get_object", self.inner.get_object(key)).await
    }
}

impl<T: AccountDirectory + Sync> AccountDirectory for Faulty<'_, T> {
    async fn bulk_answers(&self, kind: SweepKind) -> Result<BulkAnswers, AwsError> {
        self.call("bulk_answers", self.inner.bulk_answers(kind)).await
    }

    async fn credential_report(&self) -> Result<ReportFile, AwsError> {
        self.call("credential_report", self.inner.credential_report()).await
    }

    async fn trails(&self) -> Result<Vec<Trail>, AwsError> {
        self.call("trails", self.inner.trails()).await
    }

    async fn devices(&self, name: &UserName) -> Result<Vec<MfaDevice>, AwsError> {
        self.call("devices", self.inner.devices(name)).await
    }
}

impl<T: TopicKeeper + Sync> TopicKeeper for Faulty<'_, T> {
    async fn alerts_subscriptions(&self) -> Result<Vec<Subscription>, AwsError> {
        self.call("alerts_subscriptions", self.inner.alerts_subscriptions()).await
    }

    async fn user_topics(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        self.call("user_topics", self.inner.user_topics(prefix)).await
    }

    async fn mailbox(&self, channel: &Channel) -> Result<Mailbox, AwsError> {
        self.call("mailbox", self.inner.mailbox(channel)).await
    }

    async fn sender(&self, sender: &Sender) -> Result<SenderSeen, AwsError> {
        self.call("sender", self.inner.sender(sender)).await
    }

    async fn delete_topic(&self, name: &str) -> Result<(), AwsError> {
        self.call("delete_topic", self.inner.delete_topic(name)).await
    }
}

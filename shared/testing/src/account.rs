//! An account in memory, in place of IAM and SNS: users, and the messages sent to whom.

use crate::fixtures::{POLICY, now, sample, settings};
use crate::own_calls;
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_aws::{
    AccountDirectory, AwsError, Directory, ErrorKind, EvidenceStore, Failure, History, Invocation, Messenger,
    Report, TopicKeeper, handle,
};
use mfa_enforcer_core::access_keys::ActiveKey;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::device::MfaDevice;
use mfa_enforcer_core::event::{EventId, Function, SweepKind, UserName};
use mfa_enforcer_core::evidence::Object;
use mfa_enforcer_core::facts::{AccessKeys, Approval, AttachedBy, BoundaryText, Mailbox, Traces, UserFacts};
use mfa_enforcer_core::history::{
    Lookup, Records, approval, approvals_to_look_up, attached_by, attachments_to_look_up, traces,
    traces_to_look_up,
};
use mfa_enforcer_core::notice::{Channel, Delivery, Rendered};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::policy_text::Document;
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::repair::Repair;
use mfa_enforcer_core::sender::SenderSeen;
use mfa_enforcer_core::settings::{Sender, Settings};
use mfa_enforcer_core::snapshot::{AccountSummary, BulkAnswers, ReportFile, UserDetail, VirtualDevice};
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_core::subscription::Subscription;
use mfa_enforcer_core::trail::Trail;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// The sample in which the overdue user bob signs in.
pub const SIGN_IN: &str = "ConsoleLogin/bob-overdue-without-mfa";
/// The sample in which the contained user heidi enrols [`HEIDIS_PHONE`].
pub const ENABLED: &str = "EnableMFADevice/heidi-contained-by-herself";
/// The device that [`ENABLED`] enrols.
pub const HEIDIS_PHONE: &str = "arn:aws:iam::123456789012:mfa/heidi-phone";

/// Sends a sample to a function, at [`now`].
///
/// # Errors
/// If the function fails.
pub async fn send<T>(function: Function, sample_name: &str, account: &T) -> Result<Report, Failure>
where
    T: Directory + Messenger + Sync,
{
    let settings = settings();
    let invocation = Invocation { function, settings: &settings, now: now(), request_id: "test" };
    Box::pin(handle(&sample(sample_name), invocation, account, account)).await
}

/// What somebody else does to the users.
pub type Meddling = fn(&mut BTreeMap<String, UserFacts>);

/// An account that implements everything the shell needs from AWS, and records the calls.
#[derive(Debug, Default)]
pub struct Account {
    /// Users by name.
    pub users: Mutex<BTreeMap<String, UserFacts>>,
    /// Names of the calls so far.
    pub calls: Mutex<Vec<&'static str>>,
    /// Kinds of the notices to users.
    pub to_users: Mutex<Vec<String>>,
    /// Topic or phone number, and kind, of each notice to a user.
    pub mail: Mutex<Vec<(String, String)>>,
    /// Kinds of the messages to administrators, and whether they say that the user was reached.
    pub to_admins: Mutex<Vec<String>>,
    /// The messages to administrators, in their JSON form.
    pub admin_mail: Mutex<Vec<Value>>,
    /// The digests sent so far, in their JSON form.
    pub digests: Mutex<Vec<Value>>,
    /// Policies of the groups. Others have the quarantine policy.
    pub groups: Mutex<BTreeMap<String, Vec<String>>>,
    /// Names of groups that are gone.
    pub gone_groups: Mutex<BTreeSet<String>>,
    /// Quarantine policies that somebody changed, by ARN; `None` for one that is gone. The others are as deployed.
    pub quarantine: Mutex<BTreeMap<String, Option<Policy>>>,
    /// How IAM refuses to repair policies and groups, if it does.
    pub refuses_repairs: Option<ErrorKind>,
    /// The events that ordered a sweep.
    pub orders: Mutex<BTreeSet<String>>,
    /// ARNs of permissions boundaries, by user.
    pub boundaries: Mutex<BTreeMap<String, String>>,
    /// Documents of policies, by ARN.
    pub policies: Mutex<BTreeMap<String, String>>,
    /// What the event history has, as records of `CloudTrail`.
    pub past: Mutex<Vec<Value>>,
    /// The event history has more than it tells.
    pub forgets: bool,
    /// When the last change of the stack ended; `None` if it has not.
    pub stack_ended: Option<Timestamp>,
    /// The trails. One that logs everything, unless a test says otherwise.
    pub trails: Mutex<Vec<Trail>>,
    /// Tags of the alerts topic.
    pub alerts_tags: Mutex<BTreeMap<String, String>>,
    /// The subscriptions of the alerts topic; `None` if they cannot be listed.
    pub alerts_subscriptions: Option<Vec<Subscription>>,
    /// The users' topics, and whether messages reach the address of each.
    pub topics: Mutex<BTreeMap<String, Mailbox>>,
    /// The stack of the deployment.
    pub stack: Mutex<StackState>,
    /// IAM's account summary, which is about root.
    pub summary: AccountSummary,
    /// New e-mail subscriptions stay unconfirmed.
    pub unconfirmed: bool,
    /// Which changes IAM refuses for good.
    pub refuses: Option<fn(&UserName, &Change) -> bool>,
    /// Active access keys, by user.
    pub active_keys: Mutex<BTreeMap<String, Vec<ActiveKey>>>,
    /// How SNS and SES refuse every message to a user, if they do.
    pub refuses_mail: Option<ErrorKind>,
    /// What SES says of the company's address; `None` if all is well.
    pub sender: Option<SenderSeen>,
    /// After the first change, so many looks at the user show them as they were before.
    pub lag: usize,
    /// What somebody else does to the users right after the first policy is attached.
    pub meddler: Mutex<Option<Meddling>>,
    /// Users as they were before the first change, and how many looks showed them like that.
    pub old: Mutex<BTreeMap<String, (UserFacts, usize)>>,
    /// The time, where the event history is to tell some minutes later what the enforcer did.
    pub clock: Mutex<Option<Timestamp>>,
    /// What it is to tell of that.
    pub own_calls: Mutex<Vec<Value>>,
    /// The users before each change, oldest first.
    pub earlier: Mutex<Vec<BTreeMap<String, UserFacts>>>,
    /// The bucket of the evidence.
    pub bucket: Mutex<BTreeMap<String, Vec<u8>>>,
    /// By how many changes the reads of single users lag.
    pub behind: Mutex<usize>,
    /// Whether only the lists of policies and groups do.
    pub is_only_of_lists: Mutex<bool>,
}

impl Account {
    /// An account with one user.
    pub fn with(user: UserFacts) -> Self {
        Self::of([user])
    }

    /// An account with these users, whose root has MFA.
    pub fn of(users: impl IntoIterator<Item = UserFacts>) -> Self {
        let users = users.into_iter().map(|user| (user.name.to_string(), user)).collect();
        let summary = AccountSummary { root_mfa: true, ..AccountSummary::default() };
        let alerts_subscriptions = Some(vec![subscribed()]);
        let trails = Mutex::new(vec![good_trail()]);
        Self { users: Mutex::new(users), summary, alerts_subscriptions, trails, ..Self::default() }
    }

    /// Changes a user outside the enforcer.
    pub fn edit(&self, name: &str, change: impl FnOnce(&mut UserFacts)) {
        change(self.users.lock().unwrap().get_mut(name).unwrap());
    }

    /// Changes the users outside the enforcer, as reads that lag do not see yet.
    pub fn happens(&self, change: impl FnOnce(&mut BTreeMap<String, UserFacts>)) {
        let before = self.users.lock().unwrap().clone();
        self.earlier.lock().unwrap().push(before);
        change(&mut self.users.lock().unwrap());
    }

    /// Sets what reads that lag show of a user before the first change; `None` if they show nobody.
    pub fn saw_before(&self, name: &str, user: Option<&UserFacts>) {
        for users in self.earlier.lock().unwrap().iter_mut() {
            users.remove(name);
            users.extend(user.map(|user| (name.to_owned(), user.clone())));
        }
    }

    fn clock(&self) -> Option<Timestamp> {
        *self.clock.lock().unwrap()
    }

    /// The users as IAM's answers show them: as they are, or as they were some changes ago.
    fn as_seen<R>(&self, look: impl FnOnce(&BTreeMap<String, UserFacts>) -> R) -> R {
        let (lag, earlier) = (*self.behind.lock().unwrap(), self.earlier.lock().unwrap());
        match earlier.len().checked_sub(lag.min(earlier.len())).and_then(|index| earlier.get(index)) {
            Some(users) => look(users),
            None => look(&self.users.lock().unwrap()),
        }
    }

    /// The user with this name.
    pub fn user(&self, name: &str) -> UserFacts {
        self.users.lock().unwrap()[name].clone()
    }

    /// Names of the calls that changed or sent something.
    pub fn writes(&self) -> Vec<&'static str> {
        let reads = [
            "user",
            "attached_by",
            "approval",
            "traces",
            "access_keys",
            "active_keys",
            "alerts_tags",
            "bulk_answers",
            "look_up",
            "credential_report",
            "group_policies",
            "policy_in_force",
            "policy_versions",
            "policy_document",
            "trails",
            "stack_ended",
            "devices",
            "account_summary",
            "stack",
            "user_topics",
            "mailbox",
            "alerts_subscriptions",
        ];
        self.calls.lock().unwrap().iter().copied().filter(|call| !reads.contains(call)).collect()
    }

    fn past_calls(&self, lookup: Lookup) -> Records {
        let time = |record: &Value| -> Timestamp { record["eventTime"].as_str().unwrap().parse().unwrap() };
        let is_asked = |record: &&Value| record["eventName"] == lookup.name && time(record) >= lookup.from;
        let clock = self.clock();
        let is_told =
            |record: &&Value| clock.is_some_and(|now| now.duration_since(time(record)) >= HISTORY_LAG);
        let (past, own) = (self.past.lock().unwrap(), self.own_calls.lock().unwrap());
        let records = past.iter().chain(own.iter().filter(is_told)).filter(is_asked);
        let records = records.map(Value::to_string).collect();
        Records { records, is_complete: !self.forgets }
    }

    /// All that a run can read, besides the event history and what a test sets beforehand.
    pub fn state(&self) -> String {
        let Self { users, groups, gone_groups, quarantine, orders, boundaries, policies, .. } = self;
        let Self { alerts_tags, topics, own_calls, .. } = self;
        let of_quarantine = (groups, gone_groups, quarantine, boundaries, policies);
        format!("{:?}", (users, of_quarantine, orders, alerts_tags, topics, own_calls))
    }

    /// Forgets the recorded calls.
    pub fn forget_calls(&self) {
        self.calls.lock().unwrap().clear();
    }
}

/// A managed policy with its versions.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Id of the version in force.
    pub in_force: String,
    /// All versions.
    pub versions: Vec<PolicyVersion>,
}

impl Policy {
    /// A policy with these documents as versions from `v1` on, of which the last is in force.
    pub fn of(documents: &[&str]) -> Self {
        let version = |(index, document): (usize, &&str)| PolicyVersion {
            id: format!("v{}", index + 1),
            document: (*document).to_owned(),
        };
        let versions = documents.iter().enumerate().map(version).collect();
        Self { in_force: format!("v{}", documents.len()), versions }
    }
}

/// A quarantine policy as the stack deployed it.
fn deployed(arn: &str) -> PolicyVersion {
    let document = Document::of(arn, &settings()).unwrap_or(Document::Console);
    PolicyVersion { id: "v1".to_owned(), document: document.text().to_owned() }
}

/// The policies of a group as the stack deployed it: the one of the same name.
pub(crate) fn deployed_in(group: &str) -> Vec<String> {
    vec![POLICY.to_owned(), format!("arn:aws:iam::123456789012:policy/{group}")]
}

/// A confirmed subscription of an administrator.
pub fn subscribed() -> Subscription {
    Subscription {
        protocol: "email".to_owned(),
        endpoint: "admins@example.com".to_owned(),
        arn: "arn:aws:sns:us-east-1:123456789012:mfa-enforcer-AlertsTopic-1ABCDEF2GHIJ:1".to_owned(),
    }
}

/// A trail that logs what it should, in every region.
pub fn good_trail() -> Trail {
    Trail { is_in_every_region: true, has_global_services: true, is_logging: Ok(true), logs_writes: Ok(true) }
}

fn machine(message: &Rendered) -> Value {
    let texts: Value = serde_json::from_str(&message.message).unwrap();
    serde_json::from_str(texts["sqs"].as_str().unwrap()).unwrap()
}

fn kind(message: &Rendered) -> String {
    let machine = machine(message);
    // A digest is about no single user, so it has no reach.
    let reach = machine["reach"].as_str().map(|reach| format!(" reach={reach}"));
    machine["kind"].as_str().unwrap().to_owned() + &reach.unwrap_or_default()
}

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
            | Change::ClaimNotice(_) => "set_tag",
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

impl Messenger for Account {
    async fn tell_user(&self, channel: &Channel, message: &Rendered) -> Result<Delivery, AwsError> {
        self.calls.lock().unwrap().push("tell_user");
        if let Some(kind) = self.refuses_mail {
            let code = "InvalidParameter".to_owned();
            return Err(AwsError { operation: Operation::Subscribe, kind, code, source: None });
        }
        self.to_users.lock().unwrap().push(kind(message));
        let to = match channel {
            Channel::Topic { name, .. } => name,
            Channel::Mail { email } => email,
            Channel::Sms { phone } => phone,
        };
        let what = message.attributes[0].1.clone();
        self.mail.lock().unwrap().push((to.clone(), what));
        let name = match channel {
            Channel::Topic { name, .. } => name,
            Channel::Mail { .. } => return Ok(Delivery::Sent),
            Channel::Sms { .. } => return Ok(Delivery::HandedOver),
        };
        let first = if self.unconfirmed { Mailbox::Unconfirmed } else { Mailbox::Confirmed };
        let mut topics = self.topics.lock().unwrap();
        let mailbox = topics.entry(name.clone()).or_insert(first);
        if *mailbox == Mailbox::NotSubscribed {
            *mailbox = first;
        }
        Ok(if *mailbox == Mailbox::Confirmed { Delivery::Sent } else { Delivery::Unconfirmed })
    }

    async fn tell_admins(&self, message: &Rendered) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("tell_admins");
        self.to_admins.lock().unwrap().push(kind(message));
        self.admin_mail.lock().unwrap().push(machine(message));
        if message.attributes[0].1 == "digest" {
            self.digests.lock().unwrap().push(machine(message));
        }
        Ok(())
    }

    async fn order_sweep(&self, _: &str, id: &EventId, _: Timestamp) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("order_sweep");
        self.orders.lock().unwrap().insert(id.to_string());
        Ok(())
    }

    async fn alerts_tags(&self) -> Result<BTreeMap<String, String>, AwsError> {
        self.calls.lock().unwrap().push("alerts_tags");
        Ok(self.alerts_tags.lock().unwrap().clone())
    }

    async fn set_alerts_tag(&self, key: &'static str, value: &str) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("set_alerts_tag");
        self.alerts_tags.lock().unwrap().insert(key.to_owned(), value.to_owned());
        Ok(())
    }
}

/// How late the event history is.
const HISTORY_LAG: SignedDuration = SignedDuration::from_mins(20);

fn no_such_entity() -> AwsError {
    let code = "NoSuchEntity".to_owned();
    AwsError { operation: Operation::GetUser, kind: ErrorKind::NotFound, code, source: None }
}

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

impl AccountDirectory for Account {
    async fn bulk_answers(&self, kind: SweepKind) -> Result<BulkAnswers, AwsError> {
        self.calls.lock().unwrap().push("bulk_answers");
        let users = self.users.lock().unwrap();
        let summary = (kind == SweepKind::Daily).then_some(self.summary);
        let mut answers = BulkAnswers { summary, ..BulkAnswers::default() };
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

impl TopicKeeper for Account {
    async fn alerts_subscriptions(&self) -> Result<Vec<Subscription>, AwsError> {
        self.calls.lock().unwrap().push("alerts_subscriptions");
        let denied = || AwsError {
            operation: Operation::ListSubscriptionsByTopic,
            kind: ErrorKind::Denied,
            code: "AuthorizationError".to_owned(),
            source: None,
        };
        self.alerts_subscriptions.clone().ok_or_else(denied)
    }

    async fn user_topics(&self, prefix: &str) -> Result<Vec<String>, AwsError> {
        self.calls.lock().unwrap().push("user_topics");
        let topics = self.topics.lock().unwrap();
        Ok(topics.keys().filter(|name| name.starts_with(prefix)).cloned().collect())
    }

    async fn mailbox(&self, channel: &Channel) -> Result<Mailbox, AwsError> {
        self.calls.lock().unwrap().push("mailbox");
        let Channel::Topic { name, .. } = channel else { return Ok(Mailbox::NotLooked) };
        Ok(self.topics.lock().unwrap().get(name).copied().unwrap_or(Mailbox::NotSubscribed))
    }

    async fn sender(&self, _: &Sender) -> Result<SenderSeen, AwsError> {
        self.calls.lock().unwrap().push("sender");
        let all_is_well = SenderSeen { has_production_access: true, is_sending: true, is_verified: true };
        Ok(self.sender.unwrap_or(all_is_well))
    }

    async fn delete_topic(&self, name: &str) -> Result<(), AwsError> {
        self.calls.lock().unwrap().push("delete_topic");
        self.topics.lock().unwrap().remove(name);
        Ok(())
    }
}

//! An account in memory, in place of AWS: its users, and the messages sent to whom.

mod directory;
mod messenger;
mod whole;

use crate::fixtures::{POLICY, now, sample, settings};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_aws::{AwsError, Directory, ErrorKind, Failure, Invocation, Messenger, Report, handle};
use mfa_enforcer_core::access_keys::ActiveKey;
use mfa_enforcer_core::bus::BusEvent;
use mfa_enforcer_core::change::Change;
use mfa_enforcer_core::event::{Function, UserName};
use mfa_enforcer_core::facts::{Mailbox, UserFacts};
use mfa_enforcer_core::history::{Lookup, Records};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::policy_text::Document;
use mfa_enforcer_core::quarantine_look::PolicyVersion;
use mfa_enforcer_core::sender::SenderSeen;
use mfa_enforcer_core::snapshot::AccountSummary;
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

/// How late the event history is.
const HISTORY_LAG: SignedDuration = SignedDuration::from_mins(20);

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
    /// The subjects of the messages to administrators.
    pub subjects: Mutex<Vec<String>>,
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
    /// The account's alias.
    pub alias: Option<String>,
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
    /// What was put on the event bus.
    pub bus: Mutex<Vec<BusEvent>>,
    /// How many entries the bus does not take before it takes any.
    pub busy: Mutex<usize>,
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
            "account_alias",
            "prepare",
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

fn no_such_entity() -> AwsError {
    let code = "NoSuchEntity".to_owned();
    AwsError { operation: Operation::GetUser, kind: ErrorKind::NotFound, code, source: None }
}

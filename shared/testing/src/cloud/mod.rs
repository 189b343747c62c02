//! AWS in memory, for the hub of an organization: an HTTP client that plays Organizations, STS, S3, SQS and SNS, and
//! IAM and `CloudTrail` of each account.
//!
//! It answers as AWS documents it, as far as the hub asks. Tests pause tokio's clock, so that each call takes a tenth
//! of a second and a queue hides a message for 18 minutes, without anybody waiting.

mod answer;
mod call;
mod iam;
mod lambda;
mod member;
mod organization;
mod queue;
mod store;
mod topics;

pub use call::Call;
pub use lambda::{CONCURRENCY, Ended, Fleet, Invoked, simulate};
pub use member::{Fault, Member};

use crate::fixtures::now;
use answer::Answer;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_core::facts::UserFacts;
use organization::Organization;
use queue::Queue;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use store::Store;
use tokio::sync::Notify;
use tokio::time::Instant;
use topics::Topics;

/// The bucket of the hub.
pub const BUCKET: &str = "hub-evidence";
/// The id of the organization.
pub const ORGANIZATION: &str = "o-exampleorgid";
/// URL of the queue of accounts.
pub const QUEUE: &str = "https://sqs.us-east-1.amazonaws.com/123456789012/accounts.fifo";
/// How long each call takes.
pub const LATENCY: Duration = Duration::from_millis(100);
/// The key of whoever runs the hub's own functions.
const HUB_KEY: &str = "ASIAHUB0000000000000";

/// All of AWS.
#[derive(Clone)]
pub struct Cloud(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    started: Instant,
    /// A process that was ended, by its number.
    ended: Notify,
}

#[derive(Default)]
struct State {
    organization: Organization,
    members: BTreeMap<String, Member>,
    store: Store,
    queue: Queue,
    topics: Topics,
    calls: Vec<Call>,
    /// Ends the process that makes the first call of which this is true.
    end_at: Option<EndAt>,
    ended: Vec<usize>,
}

type EndAt = Box<dyn Fn(&Call) -> bool + Send>;

impl Cloud {
    /// An organization with these accounts in units of a hundred, in each of which this is so.
    pub fn with(members: impl IntoIterator<Item = Member>) -> Self {
        let members: BTreeMap<_, _> =
            members.into_iter().map(|member| (member.account.clone(), member)).collect();
        let organization = Organization::of(members.values());
        let state = State { organization, members, ..State::default() };
        let shared = Shared { state: Mutex::new(state), started: Instant::now(), ended: Notify::new() };
        Self(Arc::new(shared))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap()
    }

    /// What time it is there: [`now`], when it was made.
    pub fn now(&self) -> Timestamp {
        now() + SignedDuration::try_from(self.0.started.elapsed()).unwrap()
    }

    /// Puts an object into the hub's bucket, as an operator does.
    pub fn put(&self, key: &str, text: &str) {
        self.state().store.put(key, text.as_bytes().to_vec());
    }

    /// An object in the hub's bucket, in its newest version.
    pub fn object(&self, key: &str) -> Option<Vec<u8>> {
        self.state().store.newest(key).map(<[u8]>::to_vec)
    }

    /// The keys of all objects that begin like this.
    pub fn keys(&self, prefix: &str) -> Vec<String> {
        self.state().store.keys(prefix)
    }

    /// The calls so far.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// What was published to the topic of the administrators: subject and text.
    pub fn told_admins(&self) -> Vec<(String, String)> {
        self.state().topics.told_admins.clone()
    }

    /// How many messages went to each topic of a user.
    pub fn told_users(&self) -> BTreeMap<String, usize> {
        self.state().topics.told_users.clone()
    }

    /// Makes these the users of an account.
    pub fn set_users(&self, account: &str, users: Vec<UserFacts>) {
        self.state().members.get_mut(account).unwrap().users = users;
    }

    /// How an account is now.
    pub fn member(&self, account: &str) -> Member {
        self.state().members[account].clone()
    }

    /// The messages that nobody could handle: their groups.
    pub fn dead_letters(&self) -> Vec<String> {
        self.state().queue.dead_letters.clone()
    }

    /// The next message of this account that was handled is not removed, and comes again.
    pub fn lose_removal(&self, account: &str) {
        self.state().queue.lost_removals.push(account.to_owned());
    }

    /// The next order of this account is not taken, and the others of the same call are.
    pub fn lose_order(&self, account: &str) {
        self.state().queue.lost_orders.push(account.to_owned());
    }

    /// The orders that wait in the queue: the group of each message, and its body.
    pub fn orders(&self) -> Vec<(String, String)> {
        self.state().queue.orders()
    }

    /// Puts an order into the queue.
    pub fn order(&self, group: &str, body: &str) {
        let now = self.now();
        self.state().queue.add(group, body, now);
    }

    /// Ends the process that makes the first call of which this is true. The call is made, and its answer is lost.
    pub fn end_at(&self, call: impl Fn(&Call) -> bool + Send + 'static) {
        self.state().end_at = Some(Box::new(call));
    }

    /// Makes the topic of this name, to which this address is subscribed.
    pub fn subscribe(&self, topic: &str, email: &str) {
        self.state().topics.subscribe(topic, email);
    }

    /// What a process of the hub configures its clients with.
    fn config(&self, process: usize) -> SdkConfig {
        self.config_with(process, HUB_KEY)
    }

    /// What a function in this account configures its clients with.
    pub fn config_in(&self, account: &str) -> SdkConfig {
        self.config_with(0, &format!("ASIA{account}"))
    }

    fn config_with(&self, process: usize, key: &str) -> SdkConfig {
        let credentials = Credentials::new(key, "secret", Some("token".to_owned()), None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(Connection { cloud: self.clone(), process })
            .build()
    }

    /// Answers a call; `None` if no answer comes, or whoever made it does not live to hear of it.
    fn answer(&self, process: usize, sent: Timestamp, request: &HttpRequest) -> Option<Answer> {
        let call = Call::read(process, sent, request);
        let now = self.now();
        let state = &mut *self.state();
        state.calls.push(call.clone().without_texts());
        let body = request.body().bytes().unwrap_or_default();
        let answer = match call.service.as_str() {
            "organizations" => Some(state.organization.answer(&call)),
            "sts" => Some(member::assume(&state.members, &call, now)),
            "s3" => Some(state.store.answer(&call, body)),
            "sqs" => Some(state.queue.answer(&call, now)),
            "sns" => Some(state.topics.answer(&call)),
            // Whatever a run puts on a bus or mails itself goes out. Nobody looks at it here.
            "events" => {
                Some(Answer::json(&json!({"FailedEntryCount": 0, "Entries": [{"EventId": "event"}]})))
            }
            "ses" => Some(Answer::json(&json!({"MessageId": "mail"}))),
            "iam" | "cloudtrail" | "cloudformation" => {
                state.members.get_mut(&call.account).unwrap().answer(&call, now)
            }
            other => panic!("nobody plays {other}"),
        };
        if state.end_at.as_ref().is_some_and(|is_last| is_last(&call)) {
            state.end_at = None;
            state.ended.push(process);
            self.0.ended.notify_waiters();
            return None;
        }
        answer
    }

    /// Waits for the end of a process.
    async fn end_of(&self, process: usize) {
        loop {
            let notified = self.0.ended.notified();
            if self.take_end_of(process) {
                return;
            }
            notified.await;
        }
    }

    fn take_end_of(&self, process: usize) -> bool {
        let ended = &mut self.state().ended;
        let before = ended.len();
        ended.retain(|other| *other != process);
        ended.len() < before
    }
}

/// The client of one process.
#[derive(Clone)]
struct Connection {
    cloud: Cloud,
    process: usize,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("process", &self.process).finish_non_exhaustive()
    }
}

impl HttpConnector for Connection {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { cloud, process } = self.clone();
        HttpConnectorFuture::new(async move {
            let sent = cloud.now();
            tokio::time::sleep(LATENCY).await;
            match cloud.answer(process, sent, &request) {
                Some(answer) => Ok(answer.into()),
                None => std::future::pending().await,
            }
        })
    }
}

impl HttpClient for Connection {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

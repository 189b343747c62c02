//! Lambda: processes of the hub's sweep, one message each at a time, as the mapping of the queue says.

use super::queue::{Message, Next};
use super::{BUCKET, Cloud, ORGANIZATION, QUEUE};
use crate::fixtures::variables;
use futures_util::future::join_all;
use jiff::Timestamp;
use mfa_enforcer_aws::{Failure, HubEvents, HubSweep, SweepContext};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::organization::HubSettings;
use serde_json::{Value, json};
use std::time::Duration;

/// As template.yaml advises for a thousand accounts: how many run at once.
pub const CONCURRENCY: usize = 10;
/// How long an invocation may take.
const LONGEST: Duration = Duration::from_mins(15);
/// How often a process without work looks for some.
const PAUSE: Duration = Duration::from_secs(1);

/// As much as the main thread of a process on Linux has: calls of the SDK go deep where nothing is optimized.
const STACK: usize = 8 << 20;

/// Runs this where the time passes only while nobody has anything to do.
///
/// # Panics
/// If it does.
pub fn simulate<T: Send>(run: impl AsyncFnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_time().start_paused(true).build().unwrap().block_on(run())
        });
        thread.unwrap().join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The processes of the sweep's function.
pub struct Fleet {
    cloud: Cloud,
}

/// How an invocation for one message ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoked {
    /// The account of the message.
    pub account: String,
    /// When it ended.
    pub at: Timestamp,
    /// How.
    pub ended: Ended,
}

/// How an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The message was removed from the queue.
    Handled,
    /// The message comes again.
    Failed,
    /// The process was ended midway.
    Killed,
}

impl Fleet {
    /// Processes in this organization.
    pub fn of(cloud: &Cloud) -> Self {
        Self { cloud: cloud.clone() }
    }

    /// Plans a run, as the schedule orders it, when it is due.
    ///
    /// # Errors
    /// That of the function.
    pub async fn plan(&self, sweep: &str, due: Timestamp) -> Result<Value, Failure> {
        if let Ok(wait) = Duration::try_from(due.duration_since(self.cloud.now())) {
            tokio::time::sleep(wait).await;
        }
        let payload = json!({"sweep": sweep, "scheduledTime": due.to_string()}).to_string();
        let clock = || self.cloud.now();
        let context = SweepContext { clock: &clock, request_id: "plan", time_left: &|| LONGEST };
        self.process(CONCURRENCY).answer(&payload, context).await
    }

    /// Handles messages until there are none left. Returns how each invocation ended, the first one first.
    pub async fn work(&self) -> Vec<Invoked> {
        let mut invoked = join_all((0..CONCURRENCY).map(|number| self.work_of(number))).await.concat();
        invoked.sort_by_key(|invoked| invoked.at);
        invoked
    }

    async fn work_of(&self, number: usize) -> Vec<Invoked> {
        let mut process = self.process(number);
        let mut invoked = Vec::new();
        loop {
            let now = self.cloud.now();
            let next = self.cloud.state().queue.receive(now);
            match next {
                Next::Message(message) => {
                    let ended = self.invoke(&process, number, &message).await;
                    if ended == Ended::Killed {
                        process = self.process(number);
                    }
                    invoked.push(Invoked { account: message.group, at: self.cloud.now(), ended });
                }
                Next::Later => tokio::time::sleep(PAUSE).await,
                Next::Nothing => return invoked,
            }
        }
    }

    async fn invoke(&self, process: &HubSweep, number: usize, message: &Message) -> Ended {
        let record = json!({"messageId": message.id, "body": message.body, "eventSource": "aws:sqs"});
        let payload = json!({"Records": [record]}).to_string();
        let until = tokio::time::Instant::now() + LONGEST;
        let time_left = move || until.duration_since(tokio::time::Instant::now());
        let clock = || self.cloud.now();
        let request_id = format!("{}-{number}", message.id);
        let context = SweepContext { clock: &clock, request_id: &request_id, time_left: &time_left };
        let answer = tokio::select! {
            answer = Box::pin(process.answer(&payload, context)) => answer,
            () = self.cloud.end_of(number) => return Ended::Killed,
            () = tokio::time::sleep_until(until) => return Ended::Killed,
        };
        let is_handled = answer.is_ok_and(|answer| answer == json!({"batchItemFailures": []}));
        if is_handled {
            self.cloud.state().queue.remove(message);
            Ended::Handled
        } else {
            Ended::Failed
        }
    }

    fn process(&self, number: usize) -> HubSweep {
        HubSweep::new(hub_settings(), &self.cloud.config(number))
    }

    /// A process of a function for events.
    pub fn function(&self, function: Function) -> HubEvents {
        HubEvents::new(function, hub_settings(), &self.cloud.config(0))
    }
}

fn hub_settings() -> HubSettings {
    let mut given = variables();
    for name in ["QUARANTINE_POLICY_ARN", "QUARANTINE_GROUP_NAME", "ENFORCER_ROLES", "STACK_ID"] {
        given.remove(name);
    }
    given.insert("ORGANIZATION_ID", ORGANIZATION.to_owned());
    given.insert("EVIDENCE_BUCKET", BUCKET.to_owned());
    given.insert("ACCOUNT_QUEUE_URL", QUEUE.to_owned());
    HubSettings::read(|name| given.get(name).cloned()).unwrap().unwrap()
}

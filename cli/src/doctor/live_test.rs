//! Sets something off for a test, waits for its line in the log, and deletes what it made.

use super::Live;
use crate::access::Connection;
use crate::output::note;
use crate::stack_resources;
use anyhow::bail;
use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::Client as Logs;
use aws_sdk_cloudwatchlogs::operation::filter_log_events::FilterLogEventsOutput;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_iam::types::Tag;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_aws::{AwsError, Clients, Elsewhere, ErrorKind, Pace};
use mfa_enforcer_core::checkup::{LiveSeen, LiveTest, Read, TEST_USER_PATH, TESTED_LOGS};
use mfa_enforcer_core::event::{EventId, TEST_DETAIL_TYPE, TEST_SOURCE};
use mfa_enforcer_core::operation::Operation;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep};

/// The log is asked for the line this often.
pub(super) const EVERY: Duration = Duration::from_secs(2);
/// The clocks of AWS and of this machine differ by less.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(2);
/// IAM shows a new user some seconds later, and then it can be deleted.
const DELETIONS: u32 = 8;

/// Where the line of a test is to appear, and how long it is waited for.
struct Log {
    client: Logs,
    group: String,
    patience: SignedDuration,
}

/// Runs the test.
pub(super) async fn run(
    connection: &Connection,
    stack: &str,
    live: Live,
    wait: Option<SignedDuration>,
) -> anyhow::Result<LiveSeen> {
    let Connection { config, .. } = connection;
    let patience = wait.unwrap_or_else(|| LiveTest::patience(live == Live::Iam));
    let log = Log { client: Logs::new(config), group: String::new(), patience };
    let group = match stack_resources::list(config, stack).await {
        Ok(listed) => listed.into_iter().find(|resource| resource.logical == TESTED_LOGS),
        Err(error) => return Ok(log.not_begun(&error)),
    };
    // The other checks say more about a stack that lacks it.
    let Some(group) = group else {
        return Ok(log.not_begun(&format!("the stack {stack} lists no {TESTED_LOGS}")));
    };
    let log = Log { group: group.name, ..log };
    match live {
        Live::Bus => Ok(of_bus(config, &log).await),
        Live::Iam => of_iam(config, &log).await,
    }
}

/// Puts an event on the bus, and waits for its line.
async fn of_bus(config: &SdkConfig, log: &Log) -> LiveSeen {
    let since = Timestamp::now();
    match put_event(config).await {
        Ok(id) => log.wait(LiveTest::Event(id), since).await,
        Err(error) => log.not_begun(&error),
    }
}

/// Puts a test event on the bus of this account and region.
pub(super) async fn put_event(config: &SdkConfig) -> Result<EventId, AwsError> {
    const OPERATION: Operation = Operation::PutEvents;
    let entry = PutEventsRequestEntry::builder()
        .event_bus_name("default")
        .source(TEST_SOURCE)
        .detail_type(TEST_DETAIL_TYPE)
        .detail("{}");
    let call = aws_sdk_eventbridge::Client::new(config).put_events().entries(entry.build()).send().await;
    let entries = call.map_err(|error| AwsError::new(OPERATION, error))?.entries.unwrap_or_default();
    let entry = entries.first();
    if let Some(code) = entry.and_then(|entry| entry.error_code.clone()) {
        return Err(AwsError { operation: OPERATION, kind: ErrorKind::Refused, code, source: None });
    }
    let id = entry.and_then(|entry| EventId::new(entry.event_id.as_deref()?));
    id.ok_or_else(|| AwsError::incomplete(OPERATION, "the id of an event"))
}

/// Makes a user, and deletes it whatever happens.
async fn of_iam(config: &SdkConfig, log: &Log) -> anyhow::Result<LiveSeen> {
    // From here on, a signal does not end the program by itself.
    let mut signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .map(signal)
        .into_iter()
        .collect::<Result<Vec<Signal>, _>>()?;
    let iam = Clients::new(config, Pace::Event, Elsewhere::default()).iam;
    let since = Timestamp::now();
    let name = LiveTest::user_name(since, std::process::id());
    note(&format!("Making the IAM user {name}, which is deleted afterwards..."));
    if let Err(error) = create(&iam, &name).await {
        // Whether a call that was not answered did anything is not known.
        let left = if error.is_transient() { delete(&iam, &name, false).await } else { None };
        let left = left.map(|why| format!("{name} ({why})"));
        return Ok(LiveSeen { left, ..log.not_begun(&error) });
    }
    let seen = tokio::select! {
        seen = log.wait(LiveTest::User(name.clone()), since) => Some(seen),
        () = any(&mut signals) => None,
    };
    let left = delete(&iam, &name, true).await;
    match (seen, left) {
        (Some(seen), left) => Ok(LiveSeen { left, ..seen }),
        (None, None) => bail!("it was interrupted, and the IAM user {name} is deleted again"),
        (None, Some(error)) => bail!(
            "it was interrupted, and the IAM user {name} could not be deleted again ({error}): aws iam delete-user \
             --user-name {name}"
        ),
    }
}

/// Waits for any of the signals.
async fn any(signals: &mut [Signal]) {
    let waiting: Vec<BoxFuture<'_, Option<()>>> =
        signals.iter_mut().map(|signal| Box::pin(signal.recv()) as BoxFuture<'_, Option<()>>).collect();
    futures_util::future::select_all(waiting).await;
}

async fn create(iam: &aws_sdk_iam::Client, name: &str) -> Result<(), AwsError> {
    let tag = Tag::builder().key("application").value("mfa-enforcer").build();
    let tag = tag.map_err(|_| AwsError::incomplete(Operation::CreateUser, "a tag"))?;
    let call = iam.create_user().user_name(name).path(TEST_USER_PATH).tags(tag).send().await;
    call.map(drop).map_err(|error| AwsError::new(Operation::CreateUser, error))
}

/// Deletes the user. Returns why it may still be there.
async fn delete(iam: &aws_sdk_iam::Client, name: &str, was_made: bool) -> Option<String> {
    let mut left = None;
    for _ in 0..DELETIONS {
        let call = iam.delete_user().user_name(name).send().await;
        let error = match call.map_err(|error| AwsError::new(Operation::DeleteUser, error)) {
            Ok(_) => return None,
            // IAM may not list it yet.
            Err(error) if error.kind == ErrorKind::NotFound && !was_made => {
                sleep(EVERY).await;
                continue;
            }
            Err(error) => error,
        };
        left = Some(error.to_string());
        if !error.is_transient() && error.kind != ErrorKind::NotFound {
            break;
        }
        sleep(EVERY).await;
    }
    left
}

impl Log {
    /// Nothing was set off.
    fn not_begun(&self, error: &impl ToString) -> LiveSeen {
        let Self { group, patience, .. } = self;
        LiveSeen {
            test: Err(error.to_string()),
            log_group: group.clone(),
            logged: Ok(None),
            waited: *patience,
            left: None,
        }
    }

    /// Waits for the line of the test.
    async fn wait(&self, test: LiveTest, since: Timestamp) -> LiveSeen {
        note(&format!("Waiting up to {} seconds for its line in {}...", self.patience.as_secs(), self.group));
        let logged = self.line_of(&test, since).await;
        LiveSeen { test: Ok(test), log_group: self.group.clone(), logged, waited: self.patience, left: None }
    }

    /// How long it took until the line was there.
    async fn line_of(&self, test: &LiveTest, since: Timestamp) -> Read<Option<SignedDuration>> {
        let deadline = Instant::now() + self.patience.unsigned_abs();
        loop {
            let is_over = Instant::now() >= deadline;
            match self.has_line_of(test, since).await {
                Ok(true) => return Ok(Some(Timestamp::now().duration_since(since))),
                Ok(false) if is_over => return Ok(None),
                Err(error) if is_over || !error.is_transient() => return Err(error.to_string()),
                Ok(false) | Err(_) => sleep(EVERY).await,
            }
        }
    }

    async fn has_line_of(&self, test: &LiveTest, since: Timestamp) -> Result<bool, AwsError> {
        let lines = lines_since(&self.client, &self.group, since, test.mark()).await?;
        Ok(lines.iter().any(|line| test.is_told_by(line)))
    }
}

/// The lines of a log since then that have this text.
pub(super) async fn lines_since(
    client: &Logs,
    group: &str,
    since: Timestamp,
    text: &str,
) -> Result<Vec<String>, AwsError> {
    let call = client
        .filter_log_events()
        .log_group_name(group)
        .start_time((since - CLOCK_SKEW).as_millisecond())
        .filter_pattern(format!("\"{text}\""));
    // A page can be empty although another one follows.
    let pages: Result<Vec<FilterLogEventsOutput>, _> = call.into_paginator().send().collect().await;
    let pages = pages.map_err(|error| AwsError::new(Operation::FilterLogEvents, error))?;
    let lines = pages.iter().flat_map(FilterLogEventsOutput::events).filter_map(|line| line.message());
    Ok(lines.map(str::to_owned).collect())
}

//! Puts a test event on the bus of each account that has a way to the hub, and waits for their lines in the hub's log.

use super::read_hub::Hub;
use super::{AT_ONCE, Sessions};
use crate::doctor::live_test::{EVERY, lines_since, put_event};
use crate::output::note;
use aws_config::Region;
use aws_sdk_cloudwatchlogs::Client as Logs;
use futures_util::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use mfa_enforcer_aws::AwsError;
use mfa_enforcer_core::checkup::{
    AccountSeen, CheckSession, LiveTest, Read, TESTED_LOGS, TestEvents, accounts_to_test,
};
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::event::{EventId, Ignored};
use std::collections::BTreeMap;
use tokio::time::{Instant, sleep};

/// Runs the test. Nothing is put anywhere if it cannot be seen whether it arrives.
pub(super) async fn run(
    sessions: Sessions<'_>,
    hub: &Hub,
    accounts: &[AccountSeen],
    waited: SignedDuration,
) -> TestEvents {
    let nothing = |log_group: &str, error: String| TestEvents {
        log_group: log_group.to_owned(),
        events: BTreeMap::new(),
        logged: Err(error),
        waited,
    };
    let Some(log_group) = &hub.logs else {
        return nothing("", format!("the stack {} lists no {TESTED_LOGS}", hub.seen.stack.name));
    };
    let reader = match sessions.open(&hub.seen.account, CheckSession::Log(log_group)).await {
        Ok(session) => Logs::new(&session.config),
        Err(error) => return nothing(log_group, format!("{error:#}")),
    };
    let since = Timestamp::now();
    if let Err(error) = lines_since(&reader, log_group, since, Ignored::Test.code()).await {
        return nothing(log_group, error.to_string());
    }
    let to_test = accounts_to_test(accounts, &hub.seen);
    note(&format!("Putting a test event on the bus of {}...", counted(to_test.len(), "account")));
    let puts = to_test.into_iter().map(|account| async move {
        let put = sessions.put(account, &hub.seen.region).await;
        (account.to_owned(), put)
    });
    let put: Vec<_> = stream::iter(puts).buffer_unordered(AT_ONCE).collect().await;
    let sent = put.iter().filter_map(|(_, put)| put.clone().ok()).collect();
    note(&format!("Waiting up to {} seconds for their lines in {log_group}...", waited.as_secs()));
    let logged = wait(&reader, log_group, sent, since, waited).await.map_err(|error| error.to_string());
    let events = put.into_iter().map(|(account, put)| (account, put.map(|(id, _)| id))).collect();
    TestEvents { log_group: log_group.clone(), events, logged, waited }
}

impl Sessions<'_> {
    /// Puts an event on the bus of an account, in the region of `member.yaml`.
    async fn put(self, account: &str, region: &str) -> Read<(EventId, Timestamp)> {
        let session = self.open(account, CheckSession::TestEvent).await;
        let config = session.map_err(|error| format!("{error:#}"))?.config;
        let config = config.to_builder().region(Region::new(region.to_owned())).build();
        let at = Timestamp::now();
        put_event(&config).await.map(|id| (id, at)).map_err(|error| error.to_string())
    }
}

/// How long after each event its line was there, of those whose line is, until all are or the time is up.
async fn wait(
    reader: &Logs,
    log_group: &str,
    mut sent: Vec<(EventId, Timestamp)>,
    since: Timestamp,
    waited: SignedDuration,
) -> Result<BTreeMap<String, SignedDuration>, AwsError> {
    let deadline = Instant::now() + waited.unsigned_abs();
    let mut logged = BTreeMap::new();
    while !sent.is_empty() {
        let is_over = Instant::now() >= deadline;
        match lines_since(reader, log_group, since, Ignored::Test.code()).await {
            Ok(lines) => sent.retain(|(id, at)| {
                let test = LiveTest::Event(id.clone());
                let is_there = lines.iter().any(|line| test.is_told_by(line));
                if is_there {
                    logged.insert(id.to_string(), Timestamp::now().duration_since(*at));
                }
                !is_there
            }),
            Err(error) if is_over || !error.is_transient() => return Err(error),
            Err(_) => {}
        }
        if is_over {
            break;
        }
        if !sent.is_empty() {
            sleep(EVERY).await;
        }
    }
    Ok(logged)
}

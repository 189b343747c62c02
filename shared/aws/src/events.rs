//! Puts acts and findings on the event bus, for machines. Whatever fails here is told, and fails nothing else.

use crate::error::AwsError;
use crate::lazy::Lazy;
use crate::measure;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use futures_util::StreamExt;
use futures_util::stream;
use mfa_enforcer_core::bus::{BusEvent, Lost, SOURCE, batches};
use mfa_enforcer_core::operation::Operation;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Requests at once. A daily sweep of thousands of users has hundreds.
const AT_ONCE: usize = 4;
/// After so many requests that failed, no other begins: it would fare the same, and take time.
const ENOUGH: usize = 4;

/// The event bus.
pub trait EventBus {
    /// Puts these entries, as many as one request takes. Returns those that were not taken.
    ///
    /// # Errors
    /// If the request as a whole is refused, or not answered.
    fn put_events(&self, batch: &[BusEvent]) -> impl Future<Output = Result<Vec<NotTaken>, AwsError>> + Send;
}

/// An entry that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotTaken {
    /// Its place in the request, counted from 0.
    pub index: usize,
    /// EventBridge's error code.
    pub code: String,
}

/// A bus, through the SDK's client.
#[derive(Debug, Clone)]
pub struct Bus {
    client: Lazy<Client>,
    arn: String,
}

impl Bus {
    /// The bus with this ARN.
    #[must_use]
    pub fn new(client: impl Into<Lazy<Client>>, arn: &str) -> Self {
        Self { client: client.into(), arn: arn.to_owned() }
    }
}

impl EventBus for Bus {
    async fn put_events(&self, batch: &[BusEvent]) -> Result<Vec<NotTaken>, AwsError> {
        let entries = batch.iter().map(|event| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.arn)
                .source(SOURCE)
                .detail_type(event.detail_type.name())
                .time(DateTime::from_secs(event.time.as_second()))
                .resources(&event.resource)
                .detail(&event.detail)
                .build()
        });
        let call = self.client.put_events().set_entries(Some(entries.collect()));
        let answer = call.send().await.map_err(|error| AwsError::new(Operation::PutEvents, error))?;
        let refused = answer.entries.unwrap_or_default().into_iter().enumerate();
        Ok(refused.filter_map(|(index, entry)| Some(NotTaken { index, code: entry.error_code? })).collect())
    }
}

/// Puts all of these. What EventBridge does not take is tried once more. Returns what is not on the bus in the end.
pub async fn put<B: EventBus + Sync>(events: Vec<BusEvent>, bus: &B) -> Option<Lost> {
    let first = round(events, bus).await;
    let mut lost = first.lost;
    if !first.not_taken.is_empty() {
        let second = round(first.not_taken, bus).await;
        if let Some(Lost { count, error }) = second.lost {
            Lost::add(&mut lost, count, &error);
        }
        Lost::add(&mut lost, second.not_taken.len(), &second.code);
    }
    measure::lost(lost.as_ref().map_or(0, |lost| lost.count));
    lost
}

/// What became of all requests.
struct Round {
    not_taken: Vec<BusEvent>,
    /// The last error code of those.
    code: String,
    /// The entries of requests that failed, and of those that did not begin.
    lost: Option<Lost>,
}

async fn round<B: EventBus + Sync>(events: Vec<BusEvent>, bus: &B) -> Round {
    let batches = batches(events);
    let mut round = Round { not_taken: Vec::new(), code: String::new(), lost: None };
    let failed = &AtomicUsize::new(0);
    // One request that fails says little of the others. Those on their way when it is enough are waited for all the same.
    let requests = batches.iter().map(|batch| async move {
        if failed.load(Ordering::Relaxed) >= ENOUGH {
            return (batch, None);
        }
        let answer = bus.put_events(batch).await;
        failed.fetch_add(answer.is_err().into(), Ordering::Relaxed);
        (batch, Some(answer))
    });
    let mut answers = stream::iter(requests).buffered(AT_ONCE);
    while let Some((batch, answer)) = answers.next().await {
        match answer {
            Some(Ok(not_taken)) => {
                for NotTaken { index, code } in not_taken {
                    round.not_taken.extend(batch.get(index).cloned());
                    round.code = code;
                }
            }
            Some(Err(error)) => Lost::add(&mut round.lost, batch.len(), &error.to_string()),
            None => Lost::add(&mut round.lost, batch.len(), ""),
        }
    }
    round
}

#[cfg(test)]
mod tests {
    use super::{ENOUGH, EventBus, NotTaken, put};
    use crate::error::AwsError;
    use jiff::Timestamp;
    use mfa_enforcer_core::bus::{BATCH_ENTRIES, BusEvent, DetailType};
    use mfa_enforcer_core::operation::Operation;
    use std::sync::Mutex;

    /// Answers requests, counted from 0 as they come, and refuses these.
    struct Moody {
        refused: fn(usize) -> bool,
        requests: Mutex<usize>,
        taken: Mutex<Vec<String>>,
    }

    impl EventBus for Moody {
        async fn put_events(&self, batch: &[BusEvent]) -> Result<Vec<NotTaken>, AwsError> {
            let number = {
                let mut requests = self.requests.lock().unwrap();
                *requests += 1;
                *requests - 1
            };
            // The answers overlap, as they do over a wire.
            tokio::task::yield_now().await;
            if (self.refused)(number) {
                return Err(AwsError::out_of_time(Operation::PutEvents));
            }
            self.taken.lock().unwrap().extend(batch.iter().map(|event| event.detail.clone()));
            Ok(Vec::new())
        }
    }

    /// How many entries of so many requests arrived, how many are said to be lost, and how many requests were made.
    async fn counts(requests: usize, refused: fn(usize) -> bool) -> (usize, usize, usize) {
        let bus = Moody { refused, requests: Mutex::new(0), taken: Mutex::new(Vec::new()) };
        let event = |number: usize| BusEvent {
            detail_type: DetailType::DetectionFinding,
            time: Timestamp::UNIX_EPOCH,
            resource: "arn".to_owned(),
            detail: number.to_string(),
        };
        let lost = put((0..requests * BATCH_ENTRIES).map(event).collect(), &bus).await;
        let taken = bus.taken.lock().unwrap().len();
        (taken, lost.map_or(0, |lost| lost.count), *bus.requests.lock().unwrap())
    }

    #[tokio::test]
    async fn failed_request_costs_its_own_entries_only() {
        assert_eq!(counts(9, |number| number == 1).await, (80, 10, 9));
        assert_eq!(counts(9, |number| number == 8).await, (80, 10, 9));
    }

    #[tokio::test]
    async fn bus_that_refuses_everything_is_given_up() {
        let (taken, lost, requests) = counts(100, |_| true).await;
        assert_eq!((taken, lost), (0, 1000));
        assert!((ENOUGH..2 * ENOUGH).contains(&requests), "{requests}");
    }

    #[tokio::test]
    async fn what_is_taken_is_never_counted_as_lost() {
        for refused in
            [|number| number % 2 == 0, |number| number < 3, |number| number >= 5] as [fn(usize) -> bool; 3]
        {
            let (taken, lost, _) = counts(20, refused).await;
            assert_eq!(taken + lost, 200);
        }
    }
}

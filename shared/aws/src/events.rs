//! Puts acts and findings on the event bus, for machines. Whatever fails here is told, and fails nothing else.

use crate::error::AwsError;
use crate::measure;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use futures_util::StreamExt;
use futures_util::stream;
use mfa_enforcer_core::bus::{BusEvent, Lost, SOURCE, batches};
use mfa_enforcer_core::operation::Operation;
use std::future::Future;

/// Requests at once. A daily sweep of thousands of users has hundreds.
const AT_ONCE: usize = 4;

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
    client: Client,
    arn: String,
}

impl Bus {
    /// The bus with this ARN.
    #[must_use]
    pub fn new(client: Client, arn: &str) -> Self {
        Self { client, arn: arn.to_owned() }
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
pub(crate) async fn put<B: EventBus + Sync>(events: Vec<BusEvent>, bus: &B) -> Option<Lost> {
    let first = round(events, bus).await;
    let mut lost = first.lost;
    if !first.not_taken.is_empty() {
        let second = round(first.not_taken, bus).await;
        let count = second.not_taken.len() + second.lost.as_ref().map_or(0, |lost| lost.count);
        let error = second.lost.map_or(second.code, |lost| lost.error);
        let before = lost.as_ref().map_or(0, |lost| lost.count);
        if count > 0 {
            lost = Some(Lost { count: before + count, error });
        }
    }
    measure::lost(lost.as_ref().map_or(0, |lost| lost.count));
    lost
}

/// What became of all requests.
struct Round {
    not_taken: Vec<BusEvent>,
    /// The last error code of those.
    code: String,
    /// The entries of requests that failed, and of those that would fare the same.
    lost: Option<Lost>,
}

async fn round<B: EventBus + Sync>(events: Vec<BusEvent>, bus: &B) -> Round {
    let mut left = events.len();
    let batches = batches(events);
    let mut round = Round { not_taken: Vec::new(), code: String::new(), lost: None };
    let requests = batches.iter().map(|batch| async move { (batch, bus.put_events(batch).await) });
    let mut answers = stream::iter(requests).buffered(AT_ONCE);
    while let Some((batch, answer)) = answers.next().await {
        match answer {
            Ok(not_taken) => {
                left = left.saturating_sub(batch.len());
                for NotTaken { index, code } in not_taken {
                    round.not_taken.extend(batch.get(index).cloned());
                    round.code = code;
                }
            }
            Err(error) => {
                round.lost = Some(Lost { count: left, error: error.to_string() });
                break;
            }
        }
    }
    round
}

//! `CloudTrail`'s event history.

use crate::clients::Pace;
use crate::error::AwsError;
use crate::lazy::Lazy;
use crate::trails::trails;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use mfa_enforcer_core::event::EventId;
use mfa_enforcer_core::history::{Lookup, Records};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::trail::Trail;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

const OPERATION: Operation = Operation::LookupEvents;
/// `CloudTrail` allows two calls a second, in the whole account and region.
const BETWEEN_CALLS: Duration = Duration::from_millis(500);
/// The largest page.
const PAGE: i32 = 50;
/// How long an answer serves further users of the same sweep. The history is some minutes late anyway.
const KEPT: Duration = Duration::from_mins(2);

/// The event history, through the SDK's client. Clones share the pace and the answers.
#[derive(Debug, Clone)]
pub struct CloudTrail {
    client: Lazy<Client>,
    most_pages: usize,
    last_call: Arc<Mutex<Option<Instant>>>,
    kept: Arc<Mutex<Vec<(Instant, Lookup, Records)>>>,
}

impl CloudTrail {
    /// A history that uses this client.
    #[must_use]
    pub fn new(client: impl Into<Lazy<Client>>, pace: Pace) -> Self {
        // At two calls a second: 5 seconds, and not quite two minutes for 10,000 events.
        let most_pages = match pace {
            Pace::Event => 10,
            Pace::Sweep => 200,
        };
        Self { client: client.into(), most_pages, last_call: Arc::default(), kept: Arc::default() }
    }

    /// The record of the event with this id as JSON; `None` if the history of this region does not have it.
    ///
    /// # Errors
    /// If the history cannot be read.
    pub async fn event(&self, id: &EventId) -> Result<Option<String>, AwsError> {
        let found = self.read(LookupAttributeKey::EventId, id.as_str(), None).await?;
        Ok(found.records.into_iter().next())
    }

    /// All calls of a name.
    pub(crate) async fn look_up(&self, lookup: Lookup) -> Result<Records, AwsError> {
        let from = DateTime::from_secs(lookup.from.as_second());
        self.read(LookupAttributeKey::EventName, lookup.name, Some(from)).await
    }

    /// Reads the history, page by page.
    async fn read(
        &self,
        key: LookupAttributeKey,
        value: &str,
        from: Option<DateTime>,
    ) -> Result<Records, AwsError> {
        let attribute = LookupAttribute::builder()
            .attribute_key(key)
            .attribute_value(value)
            .build()
            .map_err(|_| AwsError::incomplete(OPERATION, "an attribute"))?;
        let call =
            self.client.lookup_events().lookup_attributes(attribute).set_start_time(from).max_results(PAGE);
        let mut found = Records { records: Vec::new(), is_complete: false };
        let mut token = None;
        for _ in 0..self.most_pages {
            self.wait_for_turn().await;
            let page = call
                .clone()
                .set_next_token(token)
                .send()
                .await
                .map_err(|error| AwsError::new(OPERATION, error))?;
            let records = page.events.unwrap_or_default().into_iter();
            found.records.extend(records.filter_map(|event| event.cloud_trail_event));
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                found.is_complete = true;
                break;
            }
        }
        Ok(found)
    }

    /// The same, or an answer of a moment ago.
    pub(crate) async fn look_up_once(&self, lookup: Lookup) -> Result<Records, AwsError> {
        // Held while looking up, so that users who are handled at once wait for one answer.
        let mut kept = self.kept.lock().await;
        kept.retain(|(at, ..)| at.elapsed() < KEPT);
        let serves = |known: &Lookup| known.name == lookup.name && known.from <= lookup.from;
        if let Some((_, _, records)) = kept.iter().find(|(_, known, _)| serves(known)) {
            return Ok(records.clone());
        }
        let records = self.look_up(lookup).await?;
        kept.push((Instant::now(), lookup, records.clone()));
        Ok(records)
    }

    /// The trails that this region knows.
    pub(crate) async fn trails(&self) -> Result<Vec<Trail>, AwsError> {
        trails(&self.client).await
    }

    async fn wait_for_turn(&self) {
        let mut last = self.last_call.lock().await;
        if let Some(last) = *last {
            tokio::time::sleep_until(last + BETWEEN_CALLS).await;
        }
        *last = Some(Instant::now());
    }
}

//! Looks dead letters up in CloudTrail's event history, each in the region that recorded it.

use super::advice;
use super::run_again::Taken;
use crate::output::note;
use aws_config::{Region, SdkConfig};
use jiff::Timestamp;
use mfa_enforcer_aws::{Clients, CloudTrail, Elsewhere, Pace};
use mfa_enforcer_core::redrive::{InHistory, ToLookUp};
use std::collections::BTreeMap;

/// Notes on each dead letter what the history says. Returns why it could not be read, if so.
pub(super) async fn look_up(taken: &mut [Taken], config: &SdkConfig, now: Timestamp) -> Option<String> {
    let home = config.region().map(ToString::to_string).unwrap_or_default();
    let mut asked = Asked { config, histories: BTreeMap::new(), error: None };
    for taken in taken {
        let letter = &mut taken.letter;
        letter.history = match letter.to_look_up(&home) {
            None => None,
            Some(Err(known)) => Some(known),
            Some(Ok(event)) => Some(match asked.record(&event).await {
                Some(found) => InHistory::of(letter, found.as_deref(), now),
                None => InHistory::NotRead,
            }),
        };
    }
    asked.error
}

/// The histories of regions, as far as they were asked.
struct Asked<'a> {
    config: &'a SdkConfig,
    histories: BTreeMap<String, CloudTrail>,
    error: Option<String>,
}

impl Asked<'_> {
    /// The record of the event; `None` if a history could not be read. After that, none is asked.
    async fn record(&mut self, ToLookUp { id, region }: &ToLookUp) -> Option<Option<String>> {
        if self.error.is_some() {
            return None;
        }
        if self.histories.is_empty() {
            note("Looking events up in CloudTrail's event history, two a second...");
        }
        let history = self.histories.entry(region.clone()).or_insert_with(|| {
            let config = self.config.to_builder().region(Region::new(region.clone())).build();
            CloudTrail::new(Clients::new(&config, Pace::Event, Elsewhere::default()).cloudtrail, Pace::Event)
        });
        let found = history.event(id).await;
        found.map_err(|error| self.error = Some(advice(&error))).ok()
    }
}

//! Looks dead letters up in CloudTrail's event history, each in the region that recorded it.

use super::advice;
use super::run_again::Taken;
use crate::output::note;
use aws_config::{Region, SdkConfig};
use jiff::Timestamp;
use mfa_enforcer_aws::{Clients, CloudTrail, Elsewhere, Pace};
use mfa_enforcer_core::redrive::{InHistory, ToLookUp};
use std::collections::BTreeMap;

/// Notes on each dead letter what the history says. Returns why one could not be read, the first if there are more.
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

/// The histories of regions, as far as they were asked; `None` if one could not be read. A message names its region, so one
/// that fails says nothing of the others.
struct Asked<'a> {
    config: &'a SdkConfig,
    histories: BTreeMap<String, Option<CloudTrail>>,
    error: Option<String>,
}

impl Asked<'_> {
    /// The record of the event; `None` if the history of its region could not be read. After that, it is not asked again.
    async fn record(&mut self, ToLookUp { id, region }: &ToLookUp) -> Option<Option<String>> {
        if self.histories.is_empty() {
            note("Looking events up in CloudTrail's event history, two a second...");
        }
        let history = self.histories.entry(region.clone()).or_insert_with(|| {
            let config = self.config.to_builder().region(Region::new(region.clone())).build();
            let client = Clients::new(&config, Pace::Event, Elsewhere::default()).cloudtrail;
            Some(CloudTrail::new(client, Pace::Event))
        });
        match history.as_ref()?.event(id).await {
            Ok(found) => Some(found),
            Err(error) => {
                *history = None;
                self.error.get_or_insert_with(|| format!("in {region}, {}", advice(&error)));
                None
            }
        }
    }
}

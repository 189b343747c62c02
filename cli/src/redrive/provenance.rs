//! Looks dead letters up in CloudTrail's event history, each in the account and region that recorded it.

use super::advice;
use super::run_again::Taken;
use crate::access::Connection;
use crate::organization::HISTORY;
use crate::output::note;
use aws_config::{Region, SdkConfig};
use jiff::Timestamp;
use mfa_enforcer_aws::{Clients, CloudTrail, Elsewhere, Pace};
use mfa_enforcer_core::redrive::{InHistory, ToLookUp};
use std::collections::BTreeMap;

/// Whose history is asked, and how.
pub(super) struct Histories<'a> {
    pub(super) connection: &'a Connection,
    /// The role in each other account, of whose users a hub handles the events; `None` unless it is a hub.
    pub(super) role: Option<&'a str>,
}

/// Notes on each dead letter what the history says. Returns why one could not be read, the first if there are more.
pub(super) async fn look_up(taken: &mut [Taken], histories: Histories<'_>, now: Timestamp) -> Option<String> {
    let Histories { connection, role } = histories;
    let home = connection.config.region().map(ToString::to_string).unwrap_or_default();
    let hub = role.map(|_| connection.account.as_str());
    let mut asked = Asked {
        connection,
        role: role.unwrap_or_default(),
        sessions: BTreeMap::new(),
        histories: BTreeMap::new(),
        error: None,
    };
    for taken in taken {
        let letter = &mut taken.letter;
        letter.history = match letter.to_look_up(&home, hub) {
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

/// The histories of accounts and regions, as far as they were asked; `None` if one could not be read. A message names both, so
/// one that fails says nothing of the others.
struct Asked<'a> {
    connection: &'a Connection,
    role: &'a str,
    sessions: BTreeMap<String, Option<SdkConfig>>,
    histories: BTreeMap<(Option<String>, String), Option<CloudTrail>>,
    error: Option<String>,
}

impl Asked<'_> {
    /// The record of the event; `None` if the history of its account and region could not be read. After that, it is not
    /// asked again.
    async fn record(&mut self, ToLookUp { id, region, account }: &ToLookUp) -> Option<Option<String>> {
        if self.histories.is_empty() {
            note("Looking events up in CloudTrail's event history, two a second...");
        }
        let place = (account.clone(), region.clone());
        if !self.histories.contains_key(&place) {
            let history = self.session(account.as_deref()).await.map(|config| {
                let config = config.to_builder().region(Region::new(region.clone())).build();
                CloudTrail::new(
                    Clients::new(&config, Pace::Event, Elsewhere::default()).cloudtrail,
                    Pace::Event,
                )
            });
            self.histories.insert(place.clone(), history);
        }
        let history = self.histories.get_mut(&place)?;
        match history.as_ref()?.event(id).await {
            Ok(found) => Some(found),
            Err(error) => {
                *history = None;
                let account =
                    account.as_ref().map(|account| format!("account {account}, ")).unwrap_or_default();
                self.error.get_or_insert_with(|| format!("in {account}{region}, {}", advice(&error)));
                None
            }
        }
    }

    /// The caller's own configuration, or that of a session in another account, which may read its event history and
    /// nothing else; `None` if there is none.
    async fn session(&mut self, account: Option<&str>) -> Option<SdkConfig> {
        let Some(account) = account else { return Some(self.connection.config.clone()) };
        if let Some(known) = self.sessions.get(account) {
            return known.clone();
        }
        let opened = match self.connection.to_account(account, self.role, HISTORY).await {
            Ok(opened) => Some(opened.config),
            Err(error) => {
                self.error.get_or_insert_with(|| {
                    format!(
                        "in account {account}, {error:#}. Name a role with --role; policies/redrive-organization.json \
                         allows to assume it"
                    )
                });
                None
            }
        };
        self.sessions.insert(account.to_owned(), opened.clone());
        opened
    }
}

//! What sweeps did since the last digest, so that the next one tells of it: hourly sweeps send none, and a sweep may
//! end before its own.

use super::{ChangeKind, LAST_SWEEP_KEY, Memory, SweepResult, UserChange, UserStatus};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

/// Tag of the alerts topic that holds the users whom hourly sweeps have released since the last digest. Nothing on the
/// users themselves tells that.
pub const RELEASED_KEY: &str = "mfa-enforcer:released";
/// SNS allows 256 characters in a tag value. Some are left for a longer count.
const TAG_VALUE_LIMIT: usize = 250;

/// Content of the tag: how many users, and the ids of as many as fit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Released {
    count: usize,
    ids: Vec<String>,
}

/// A tag of the alerts topic to write: key and value.
pub type Note = (&'static str, String);

impl Released {
    /// Reads the tags of the alerts topic. A value that cannot be parsed counts as nobody.
    #[must_use]
    pub fn of(topic: Option<&BTreeMap<String, String>>) -> Self {
        let Some(value) = topic.and_then(|tags| tags.get(RELEASED_KEY)) else { return Self::default() };
        let mut words = value.split_ascii_whitespace();
        let Some(count) = words.next().and_then(|count| count.parse().ok()) else { return Self::default() };
        let ids: Vec<String> = words.map(str::to_owned).collect();
        Self { count: ids.len().max(count), ids }
    }

    /// The same, and those whom this sweep released.
    #[must_use]
    pub fn and(mut self, result: &SweepResult) -> Self {
        for change in result.users.iter().filter(|change| change.what == ChangeKind::Released) {
            if self.ids.contains(&change.id) {
                continue;
            }
            self.count += 1;
            if self.to_string().len() + 1 + change.id.len() <= TAG_VALUE_LIMIT {
                self.ids.push(change.id.clone());
            }
        }
        self
    }
}

impl fmt::Display for Released {
    /// Writes the tag value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.count)?;
        self.ids.iter().try_for_each(|id| write!(f, " {id}"))
    }
}

impl SweepResult {
    /// The result, and what earlier sweeps did that no digest has told yet.
    #[must_use]
    pub fn and_earlier(
        mut self,
        statuses: &[UserStatus],
        before: Option<&Memory>,
        released: &Released,
        now: Timestamp,
    ) -> Self {
        let before = before.and_then(|before| before.believed(now));
        let is_new = |since: Timestamp| match &before {
            Some(Memory { digest: Some(last), .. }) => since.as_second() > last.as_second(),
            Some(_) => true,
            None => false,
        };
        let is_listed =
            |result: &Self, id: &str| result.users.iter().any(|change| change.id == id && is_done(change));
        for status in statuses {
            let since = status.contained_by_sweep.filter(|since| *since <= now && is_new(*since));
            if since.is_some() && !is_listed(&self, &status.id) {
                self.users.push(change_of(status, ChangeKind::Contained));
            }
        }
        for id in &released.ids {
            if !is_listed(&self, id) {
                let status = statuses.iter().find(|status| status.id == *id);
                let change = status.map(|status| change_of(status, ChangeKind::Released));
                self.users.push(change.unwrap_or_else(|| released_and_deleted(id)));
            }
        }
        self.released_unnamed = released.count.saturating_sub(released.ids.len());
        self
    }
}

/// Whether the change made a difference to a quarantine.
fn is_done(change: &UserChange) -> bool {
    matches!(change.what, ChangeKind::Contained | ChangeKind::Repaired | ChangeKind::Released)
}

fn change_of(status: &UserStatus, what: ChangeKind) -> UserChange {
    let (name, id) = (status.name.clone(), status.id.clone());
    // Once the user is released, only the last notice tells.
    let episode = status.episode.clone().or_else(|| status.last_episode.clone());
    UserChange { name, id, episode, what, reason: None, error: String::new() }
}

/// The release of a user who has been deleted since.
fn released_and_deleted(id: &str) -> UserChange {
    let (name, id) = (id.to_owned(), id.to_owned());
    let what = ChangeKind::Released;
    UserChange { name, id, episode: None, what, reason: None, error: String::new() }
}

/// What to note on the alerts topic after an hourly sweep. The first sweep of all starts the clock by which a missed
/// daily one is noticed.
#[must_use]
pub fn notes_after_hourly(
    topic: Option<&BTreeMap<String, String>>,
    result: &SweepResult,
    now: Timestamp,
) -> Vec<Note> {
    let Some(tags) = topic else { return Vec::new() };
    let mut notes = Vec::new();
    let before = Released::of(topic);
    let released = before.clone().and(result);
    if released != before {
        notes.push((RELEASED_KEY, released.to_string()));
    }
    if !tags.contains_key(LAST_SWEEP_KEY) {
        notes.push((LAST_SWEEP_KEY, Memory::after_sweep(now, None).to_string()));
    }
    notes
}

/// What to note on the alerts topic after a daily sweep that remembers `memory`. Once a digest has told of those
/// released, they are forgotten.
#[must_use]
pub fn notes_after_daily(
    topic: Option<&BTreeMap<String, String>>,
    memory: &Memory,
    told: bool,
    result: &SweepResult,
) -> Vec<Note> {
    let before = Released::of(topic);
    let released = if told { Released::default() } else { before.clone().and(result) };
    let memory = memory.to_string();
    let value_of = |key: &str| topic.and_then(|tags| tags.get(key));
    let mut notes = Vec::new();
    if value_of(LAST_SWEEP_KEY) != Some(&memory) {
        notes.push((LAST_SWEEP_KEY, memory));
    }
    if released != before {
        notes.push((RELEASED_KEY, released.to_string()));
    }
    notes
}

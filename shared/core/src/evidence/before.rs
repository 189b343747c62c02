//! What a sweep takes over from the record before, and how that is found in the bucket.

use super::Object;
use super::files::read_json_lines;
use super::place::{Place, from, sha256, written};
use super::record::{Chain, Point, ROWS, Record};
use super::remembered::Remembered;
use super::row::Row;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A record is looked for among the objects of so many days before all objects are listed.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(3 * 24);
/// An act may be written this long after its name says, so two records look at the same time at its edge.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

/// An object, and its SHA-256 in hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Key of the object.
    pub key: String,
    /// Its hash.
    pub sha256: String,
}

/// The objects that are in the bucket, by their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    keys: Vec<String>,
}

/// What the bucket has of the record before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Before {
    record: Option<(Link, Option<Box<Record>>)>,
    /// The rows of that record by the users' ids; none if its file is not as the record has it.
    pub rows: BTreeMap<String, Row>,
    /// The acts since.
    pub acts: Vec<Link>,
    /// What the enforcer remembers of the record that it wrote last.
    remembered: Option<Remembered>,
}

/// The key after which the objects of the last days are listed.
#[must_use]
pub fn look_after(account: &str, now: Timestamp) -> String {
    from(account, now.checked_sub(LOOK_BACK).unwrap_or(now))
}

impl Listing {
    /// The objects with these keys.
    #[must_use]
    pub fn of(mut keys: Vec<String>) -> Self {
        keys.sort_unstable();
        Self { keys }
    }

    /// The key of the last record; `None` if there is none.
    #[must_use]
    pub fn last_record(&self) -> Option<&str> {
        let records = self.keys.iter().filter(|key| matches!(Place::of(key), Some(Place::Record { .. })));
        records.map(String::as_str).max_by_key(|key| written(key))
    }

    /// The key of the rows beside a record.
    #[must_use]
    pub fn rows_of(record: &str) -> String {
        match Place::of(record) {
            Some(Place::Record { folder }) => format!("{folder}{ROWS}"),
            Some(_) | None => String::new(),
        }
    }

    /// The periods for which a sign-off was written, with the time at which each was signed.
    pub fn reviews(&self) -> impl Iterator<Item = (&str, Timestamp)> {
        self.keys.iter().filter_map(|key| match Place::of(key) {
            Some(Place::Review { period, signed }) => Some((period, signed)),
            Some(_) | None => None,
        })
    }

    /// The acts that were written since then.
    fn acts_since(&self, since: Option<Timestamp>) -> Vec<Link> {
        let from = since.map(|since| since.checked_sub(OVERLAP).unwrap_or(since));
        let acts = self.keys.iter().filter_map(|key| match Place::of(key) {
            Some(Place::Act { sha256 }) if written(key) >= from => {
                Some(Link { key: key.clone(), sha256: sha256.to_owned() })
            }
            Some(_) | None => None,
        });
        acts.collect()
    }
}

impl Before {
    /// The record before, given its bytes and those of its rows. Acts that it lists are not listed again.
    #[must_use]
    pub fn of(
        listing: &Listing,
        record: Option<&[u8]>,
        rows: Option<&[u8]>,
        remembered: Option<Remembered>,
    ) -> Self {
        let (Some(key), Some(bytes)) = (listing.last_record(), record) else {
            return Self { acts: listing.acts_since(None), remembered, ..Self::default() };
        };
        let read: Option<Box<Record>> = serde_json::from_slice(bytes).ok();
        let is_listed = |link: &Link| read.as_ref().is_some_and(|record| record.acts.contains(link));
        let acts = listing.acts_since(written(key)).into_iter().filter(|link| !is_listed(link)).collect();
        let rows = read.as_ref().zip(rows).and_then(|(record, rows)| rows_of(record, rows));
        let link = Link { key: key.to_owned(), sha256: sha256(bytes) };
        Self { record: Some((link, read)), rows: rows.unwrap_or_default(), acts, remembered }
    }

    /// The same, with acts that were written since the bucket was listed.
    #[must_use]
    pub fn and_acts(mut self, written: &[Object]) -> Self {
        self.acts.extend(written.iter().map(|act| Link { key: act.key.clone(), sha256: sha256(&act.bytes) }));
        self
    }

    /// When the record before was made.
    #[must_use]
    pub fn at(&self) -> Option<Timestamp> {
        self.record.as_ref().and_then(|(link, _)| written(&link.key))
    }

    /// Whether it is remembered what the last record should be.
    #[must_use]
    pub fn is_remembered(&self) -> bool {
        self.remembered.is_some()
    }

    /// Whether the record before is neither the one that the enforcer wrote last nor the one that it was about to write:
    /// somebody changed or removed it, or added one.
    #[must_use]
    pub fn is_not_ours(&self) -> bool {
        let found = self.record.as_ref().map(|(link, _)| link.sha256.as_str());
        self.remembered.as_ref().is_some_and(|remembered| !remembered.accepts(found))
    }

    /// Whether that is so, or was so before a sweep whose digest did not go out.
    #[must_use]
    pub fn is_to_be_told(&self) -> bool {
        self.is_not_ours() || self.remembered.as_ref().is_some_and(Remembered::is_untold)
    }

    /// What to remember before this record is written, which may fail.
    #[must_use]
    pub fn announce(&self, record: &Link, bucket: &str) -> Remembered {
        let found = self.record.as_ref().map(|(link, _)| link.sha256.as_str());
        let last = match &self.remembered {
            // Until there is a record that follows what was found instead.
            Some(remembered) if self.is_not_ours() => remembered.last(),
            Some(_) | None => found,
        };
        Remembered::announced(last, record, bucket, self.is_to_be_told())
    }

    pub(super) fn trend(&self) -> &[Point] {
        self.record.as_ref().and_then(|(_, record)| record.as_deref()).map_or(&[], |record| &record.trend)
    }

    pub(super) fn chain(&self) -> Chain {
        let start = match (&self.record, &self.remembered) {
            (Some(_), _) => None,
            (None, Some(_)) if self.is_not_ours() => Some("emptied"),
            (None, _) => Some("first"),
        };
        let remembered = self.remembered.as_ref().filter(|_| self.is_not_ours());
        Chain {
            before: self.record.as_ref().map(|(link, _)| link.clone()),
            start: start.map(str::to_owned),
            remembered: remembered.and_then(Remembered::last).map(str::to_owned),
        }
    }
}

/// The rows, if the file is as the record has it.
fn rows_of(record: &Record, bytes: &[u8]) -> Option<BTreeMap<String, Row>> {
    let hash = sha256(bytes);
    record.files.iter().find(|file| file.name == ROWS && file.sha256 == hash)?;
    let rows = read_json_lines(bytes)?;
    Some(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
}

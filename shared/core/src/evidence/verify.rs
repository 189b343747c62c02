//! Whether records and acts are as they were written: which is broken, missing, or out of place.

use super::act::Act;
use super::before::Link;
use super::counts::Counts;
use super::fault::Fault;
use super::files::read_json_lines;
use super::place::{Place, sha256, written};
use super::record::{FILES, ROWS, Record};
use crate::exemption::day;
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// An act that was written within this time before the last record may wait for the next one.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

/// A key has milliseconds of the time of its record.
const STEP: SignedDuration = SignedDuration::from_millis(1);

/// The objects of an account. Each is read once or twice, so they need not all be in memory.
pub trait Objects {
    /// All keys, in order.
    fn keys(&self) -> Vec<&str>;

    /// The content of an object; `None` if it cannot be read.
    fn read(&self, key: &str) -> Option<Cow<'_, [u8]>>;
}

impl Objects for BTreeMap<String, Vec<u8>> {
    fn keys(&self) -> Vec<&str> {
        BTreeMap::keys(self).map(String::as_str).collect()
    }

    fn read(&self, key: &str) -> Option<Cow<'_, [u8]>> {
        self.get(key).map(|bytes| Cow::Borrowed(bytes.as_slice()))
    }
}

/// What came of a look at records and acts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// How many records there are.
    pub records: usize,
    /// When the first and the last one were made.
    pub span: Option<(Timestamp, Timestamp)>,
    /// How many acts there are.
    pub acts: usize,
    /// How many of them no record lists yet, because they are newer than the last one.
    pub acts_to_come: usize,
    /// The last record, with its hash.
    pub head: Option<Link>,
    /// The record before the first one, if it is not here: it has expired, or only a part was looked at.
    pub begins_after: Option<Link>,
    /// How many acts have expired that the first record lists. They are older than it, so they expire before it.
    pub acts_expired: usize,
    /// Folders of sweeps that wrote files and no record, because something failed on the way.
    pub unfinished: Vec<String>,
    /// The key of each record that starts a chain, and why it says it does.
    pub starts: Vec<(String, String)>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Looks at the objects of one account, by their keys. `head` is the hash of the last record, as the digest or the log has
/// it. Without it, a chain that was written anew from its start to its end looks whole.
#[must_use]
pub fn verify(objects: &impl Objects, head: Option<&str>) -> Verification {
    let mut found = Verification::default();
    let keys = objects.keys();
    let are_records = keys.iter().filter(|key| matches!(Place::of(key), Some(Place::Record { .. })));
    let mut records: Vec<Found<'_>> = are_records.map(|key| Found::of(key, objects)).collect();
    records.sort_by_key(|record| (written(record.key), record.key));
    found.records = records.len();
    let times: Vec<Timestamp> = records.iter().filter_map(|record| written(record.key)).collect();
    found.span = times.first().copied().zip(times.last().copied());
    found.head = records.last().map(|last| Link { key: last.key.to_owned(), sha256: last.sha256.clone() });
    for record in &records {
        files(record, objects, &mut found);
    }
    links(&records, &keys, &mut found);
    acts(&records, &keys, objects, &mut found);
    strays(&records, &keys, objects, &mut found);
    if let Some(head) = head {
        compare_head(&records, head, &mut found);
    }
    found
}

impl Verification {
    /// Whether everything is as it was written.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

/// A record as it was found.
struct Found<'a> {
    key: &'a str,
    folder: &'a str,
    sha256: String,
    /// `None` if it cannot be read.
    record: Option<Record>,
}

impl<'a> Found<'a> {
    fn of(key: &'a str, objects: &impl Objects) -> Self {
        let bytes = objects.read(key).unwrap_or_default();
        let folder = match Place::of(key) {
            Some(Place::Record { folder }) => folder,
            Some(_) | None => key,
        };
        Self { key, folder, sha256: sha256(&bytes), record: serde_json::from_slice(&bytes).ok() }
    }

    /// The record that this one follows.
    fn before(&self) -> Option<&Link> {
        self.record.as_ref().and_then(|record| record.chain.before.as_ref())
    }

    /// How many records there were between this one and a later one, which has a point for each.
    fn missing_until(&self, later: &Self) -> usize {
        let is_later = |at: Timestamp| written(self.key).is_some_and(|own| at.duration_since(own) >= STEP);
        let is_earlier = |at: Timestamp| written(later.key).is_some_and(|other| at < other);
        let points = later.record.iter().flat_map(|record| &record.trend);
        points.filter(|point| is_later(point.at) && is_earlier(point.at)).count()
    }
}

/// The files of a record, and whether its figures are theirs.
fn files(found: &Found<'_>, objects: &impl Objects, into: &mut Verification) {
    let key = found.key.to_owned();
    let Some(record) = &found.record else {
        into.faults.push(Fault::RecordUnreadable(key));
        return;
    };
    if record.key != key {
        into.faults.push(Fault::RecordMisplaced(key.clone()));
    }
    for file in &record.files {
        let fault = match objects.read(&format!("{}{}", found.folder, file.name)) {
            None => Some(Fault::FileMissing { record: key.clone(), file: file.name.clone() }),
            Some(bytes) if sha256(&bytes) != file.sha256 => {
                Some(Fault::FileChanged { record: key.clone(), file: file.name.clone() })
            }
            Some(bytes) if file.name == ROWS => {
                let counts = read_json_lines(&bytes).map(|rows| Counts::of(&rows));
                (counts != Some(record.figures)).then(|| Fault::FiguresWrong(key.clone()))
            }
            Some(_) => None,
        };
        into.faults.extend(fault);
    }
}

/// Whether each record names the one before it as it is.
fn links(records: &[Found<'_>], keys: &[&str], into: &mut Verification) {
    let mut earlier: Option<&Found<'_>> = None;
    for found in records {
        let key = found.key.to_owned();
        let previous = earlier.replace(found);
        let Some(record) = &found.record else { continue };
        if record.chain.remembered.is_some() {
            into.faults.push(Fault::FoundAnother(key.clone()));
        }
        let Some(before) = &record.chain.before else {
            let why = record.chain.start.clone().unwrap_or_default();
            into.starts.push((key.clone(), why));
            if previous.is_some() {
                into.faults.push(Fault::StartsAnew(key));
            }
            continue;
        };
        let Some(previous) = previous else {
            into.begins_after = Some(before.clone());
            continue;
        };
        if previous.key == before.key {
            if previous.sha256 != before.sha256 {
                into.faults.push(Fault::RecordChanged { record: previous.key.to_owned(), next: key });
            }
            continue;
        }
        if !keys.contains(&before.key.as_str()) {
            into.faults.push(Fault::RecordMissing { record: before.key.clone(), next: key.clone() });
        }
        let missing = previous.missing_until(found);
        if missing > 1 {
            let record = previous.key.to_owned();
            into.faults.push(Fault::RecordsMissing { record, next: key.clone(), missing });
        }
        if written(&before.key) <= written(previous.key) {
            let (record, next) = (previous.key.to_owned(), key);
            let is_beside = previous.before() == Some(before);
            into.faults.push(if is_beside {
                Fault::RecordBesideChain { record, beside: next }
            } else {
                Fault::RecordNotInChain { record, next }
            });
        }
    }
}

/// Whether each act is as it was written, and each is in a record.
fn acts(records: &[Found<'_>], keys: &[&str], objects: &impl Objects, into: &mut Verification) {
    let mut changed = BTreeSet::new();
    let all: BTreeMap<&str, String> = keys
        .iter()
        .filter_map(|key| match Place::of(key) {
            Some(Place::Act { sha256: named }) => {
                let bytes = objects.read(key).unwrap_or_default();
                let hash = sha256(&bytes);
                if hash != named || serde_json::from_slice::<Act>(&bytes).is_err() {
                    changed.insert(*key);
                }
                Some((*key, hash))
            }
            Some(_) | None => None,
        })
        .collect();
    into.acts = all.len();
    let mut listed = BTreeSet::new();
    for found in records {
        for link in found.record.iter().flat_map(|record| &record.acts) {
            match all.get(link.key.as_str()) {
                None if may_have_expired(link, found, records, into) => into.acts_expired += 1,
                None => into
                    .faults
                    .push(Fault::ActMissing { act: link.key.clone(), record: found.key.to_owned() }),
                Some(hash) => {
                    if *hash != link.sha256 {
                        changed.insert(link.key.as_str());
                    }
                    listed.insert(link.key.as_str());
                }
            }
        }
    }
    into.faults.extend(changed.into_iter().map(|key| Fault::ActChanged(key.to_owned())));
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return };
    let settled = written(last.key).and_then(|last| last.checked_sub(OVERLAP).ok());
    for key in all.keys().filter(|key| !listed.contains(**key)) {
        // What is older than the first record is in one that has expired.
        if written(key) >= settled {
            into.acts_to_come += 1;
        } else if into.begins_after.is_none() || written(key) >= written(first.key) {
            into.faults.push(Fault::ActUnlisted((*key).to_owned()));
        }
    }
}

/// Whether an act may have expired before the record that lists it. All objects of a day expire on the same day, so only
/// those of earlier days may, and only if the record before has.
fn may_have_expired(act: &Link, lists: &Found<'_>, records: &[Found<'_>], into: &Verification) -> bool {
    let is_first = records.first().is_some_and(|first| first.key == lists.key);
    let day_of = |key: &str| written(key).map(day);
    is_first && into.begins_after.is_some() && day_of(&act.key) < day_of(lists.key)
}

/// Objects that belong to nothing, and folders of sweeps that were not finished.
fn strays(records: &[Found<'_>], keys: &[&str], objects: &impl Objects, into: &mut Verification) {
    let own = |folder: &str| records.iter().find(|record| record.folder == folder);
    let mut without_record: BTreeSet<&str> = BTreeSet::new();
    for key in keys {
        match Place::of(key) {
            Some(Place::File { folder, name }) => match own(folder).map(|own| &own.record) {
                // Beside a record that cannot be read, every file would be a stray.
                Some(None) => {}
                Some(Some(record)) if record.files.iter().any(|file| file.name == name) => {}
                None if FILES.contains(&name) => drop(without_record.insert(folder)),
                Some(Some(_)) | None => into.faults.push(Fault::Unlisted((*key).to_owned())),
            },
            Some(Place::Record { .. } | Place::Act { .. } | Place::Review { .. }) => {}
            // A folder, as consoles make them.
            None if key.ends_with('/') && objects.read(key).is_some_and(|bytes| bytes.is_empty()) => {}
            None => into.faults.push(Fault::Unlisted((*key).to_owned())),
        }
    }
    for folder in without_record {
        // The files of a record that is gone, which the next record names.
        let is_named = records
            .iter()
            .any(|record| record.before().is_some_and(|before| before.key.strip_prefix(folder).is_some()));
        if !is_named {
            into.unfinished.push(folder.to_owned());
        }
    }
}

fn compare_head(records: &[Found<'_>], head: &str, into: &mut Verification) {
    let head = head.trim().to_ascii_lowercase();
    match records.iter().position(|record| record.sha256 == head) {
        None => {
            let last = records.last().map(|last| last.key.to_owned());
            into.faults.push(Fault::HeadNotFound { head, last });
        }
        Some(index) => {
            let later = records.len() - index - 1;
            if let (Some(record), 1..) = (records.get(index), later) {
                into.faults.push(Fault::HeadNotLast { record: record.key.to_owned(), later });
            }
        }
    }
}

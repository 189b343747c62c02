//! Whether records and acts are as they were written: which is broken, missing, or out of place.

use super::act::Act;
use super::before::Link;
use super::counts::Counts;
use super::files::read_json_lines;
use super::place::{Place, sha256, written};
use super::record::{ROWS, Record};
use jiff::{SignedDuration, Timestamp};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use strum::IntoStaticStr;

/// An act that was written within this time before the last record may wait for the next one.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);

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
    /// The key of each record that starts a chain, and why it says it does.
    pub starts: Vec<(String, String)>,
    /// What is wrong.
    pub faults: Vec<Fault>,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Fault {
    /// The record cannot be read.
    RecordUnreadable(String),
    /// The record says that it lies somewhere else.
    RecordMisplaced(String),
    /// The record is not as the next one has it.
    RecordChanged {
        /// The record.
        record: String,
        /// The next one.
        next: String,
    },
    /// The record is gone.
    RecordMissing {
        /// The record.
        record: String,
        /// The next one, which names it.
        next: String,
    },
    /// The next record does not follow this one.
    RecordNotInChain {
        /// The record.
        record: String,
        /// The next one.
        next: String,
    },
    /// The record starts a chain, although there are earlier records.
    StartsAnew(String),
    /// The record found another one before it than the enforcer had written.
    FoundAnother(String),
    /// The figures of the record are not those of its rows.
    FiguresWrong(String),
    /// A file is not as its record has it.
    FileChanged {
        /// The record.
        record: String,
        /// Name of the file.
        file: String,
    },
    /// A file is gone.
    FileMissing {
        /// The record.
        record: String,
        /// Name of the file.
        file: String,
    },
    /// The object is in no record, and is none of ours.
    Unlisted(String),
    /// The act is not as it was written.
    ActChanged(String),
    /// The act is gone.
    ActMissing {
        /// The act.
        act: String,
        /// The record that lists it.
        record: String,
    },
    /// No record lists the act, although one was made since.
    ActUnlisted(String),
    /// No record has the hash that the last one should have.
    HeadNotFound(String),
    /// Records were written after the one whose hash is known.
    HeadNotLast {
        /// The record whose hash is known.
        record: String,
        /// How many there are after it.
        later: usize,
    },
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
    strays(&records, &keys, &mut found);
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
        if written(&before.key) <= written(previous.key) {
            into.faults.push(Fault::RecordNotInChain { record: previous.key.to_owned(), next: key });
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

/// Objects that belong to nothing.
fn strays(records: &[Found<'_>], keys: &[&str], into: &mut Verification) {
    let is_listed = |folder: &str, name: &str| {
        let own = records.iter().find(|record| record.folder == folder);
        own.and_then(|own| own.record.as_ref())
            .is_some_and(|record| record.files.iter().any(|file| file.name == name))
    };
    // Beside a record that cannot be read, every file would be a stray.
    let is_readable = |folder: &str| !records.iter().any(|own| own.folder == folder && own.record.is_none());
    for key in keys {
        let is_stray = match Place::of(key) {
            Some(Place::File { folder, name }) => !is_listed(folder, name) && is_readable(folder),
            Some(Place::Record { .. } | Place::Act { .. } | Place::Review { .. }) => false,
            None => true,
        };
        if is_stray {
            into.faults.push(Fault::Unlisted((*key).to_owned()));
        }
    }
}

fn compare_head(records: &[Found<'_>], head: &str, into: &mut Verification) {
    let head = head.trim().to_ascii_lowercase();
    match records.iter().position(|record| record.sha256 == head) {
        None => into.faults.push(Fault::HeadNotFound(head)),
        Some(index) => {
            let later = records.len() - index - 1;
            if let (Some(record), 1..) = (records.get(index), later) {
                into.faults.push(Fault::HeadNotLast { record: record.key.to_owned(), later });
            }
        }
    }
}

impl Fault {
    /// Stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordUnreadable(record) => write!(f, "{record} cannot be read"),
            Self::RecordMisplaced(record) => write!(f, "{record} says that it lies somewhere else"),
            Self::RecordChanged { record, next } => {
                write!(f, "{record} was changed: {next} has another hash of it")
            }
            Self::RecordMissing { record, next } => write!(f, "{record} is gone: {next} follows it"),
            Self::RecordNotInChain { record, next } => {
                write!(f, "{record} is not in the chain: {next} does not follow it")
            }
            Self::StartsAnew(record) => {
                write!(f, "{record} starts a new chain, although there are earlier records")
            }
            Self::FoundAnother(record) => {
                write!(f, "{record} did not find the record before it that had been written")
            }
            Self::FiguresWrong(record) => write!(f, "{record} has other figures than its rows"),
            Self::FileChanged { record, file } => {
                write!(f, "{file} was changed: {record} has another hash of it")
            }
            Self::FileMissing { record, file } => write!(f, "{file} is gone: {record} lists it"),
            Self::Unlisted(key) => write!(f, "{key} is in no record"),
            Self::ActChanged(act) => write!(f, "{act} was changed"),
            Self::ActMissing { act, record } => write!(f, "{act} is gone: {record} lists it"),
            Self::ActUnlisted(act) => write!(f, "{act} is in no record, although one was made since"),
            Self::HeadNotFound(head) => write!(f, "no record has the hash {head}"),
            Self::HeadNotLast { record, later } => {
                write!(f, "{record} has that hash, and {later} later records are there")
            }
        }
    }
}

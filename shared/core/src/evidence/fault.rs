//! What can be wrong with records and acts.

use std::fmt;
use strum::IntoStaticStr;

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
    /// More records are gone than the one that the next record names.
    RecordsMissing {
        /// The last record before them.
        record: String,
        /// The first record after them.
        next: String,
        /// How many are gone, those that are named included.
        missing: usize,
    },
    /// Two records follow the same one, and this is the one that nothing follows. Two sweeps ran side by side, or somebody
    /// added it later: it does not show which.
    RecordBesideChain {
        /// The record.
        record: String,
        /// The one that follows the same record.
        beside: String,
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
    HeadNotFound {
        /// The hash.
        head: String,
        /// The last record that is there, which has another; `None` if there is none.
        last: Option<String>,
    },
    /// Records were written after the one whose hash is known.
    HeadNotLast {
        /// The record whose hash is known.
        record: String,
        /// How many there are after it.
        later: usize,
    },
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
            Self::RecordsMissing { record, next, missing } => {
                write!(f, "{missing} records are gone between {record} and {next}")
            }
            Self::RecordBesideChain { record, beside } => write!(
                f,
                "{record} is beside the chain: it follows the same record as {beside}, and nothing follows it. Two sweeps \
                 ran side by side, or somebody added it; do not rely on it"
            ),
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
            Self::HeadNotFound { head, last: None } => write!(f, "no record has the hash {head}"),
            Self::HeadNotFound { head, last: Some(last) } => {
                write!(f, "no record has the hash {head}: {last} was changed, or a later one is gone")
            }
            Self::HeadNotLast { record, later } => {
                write!(f, "{record} has that hash, and {later} later records are there")
            }
        }
    }
}

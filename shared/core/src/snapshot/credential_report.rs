//! The credential report: CSV, by its header.
//!
//! Owns the spelling of every value. Must never join or judge, nor guess: either a row is understood, or it
//! says nothing. The meanings are those of "Understanding the report format" in the IAM User Guide.

use super::LastUse;
use csv::{ByteRecord, ReaderBuilder};
use jiff::Timestamp;
use std::collections::HashMap;
use std::str;

/// How the report names root.
const ROOT: &str = "<root_account>";

/// Why a credential report cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// A column is missing.
    #[error("the credential report has no column `{0}`")]
    MissingColumn(&'static str),
    /// It is no CSV.
    #[error("line {line} of the credential report is no CSV")]
    NotCsv {
        /// Number of the line, from 1.
        line: u64,
    },
}

/// The rows of a report.
pub(super) struct Report {
    /// By ARN; `None` for a row that was not understood.
    users: HashMap<String, Option<UserRow>>,
    /// The row of root, where there is one that was understood.
    pub(super) root: Option<RootRow>,
}

/// What the report says of a user.
pub(super) struct UserRow {
    /// When the user was created, to the second.
    pub(super) created: Timestamp,
    /// There is a console password.
    pub(super) password: bool,
    /// When the password was last set, where that can be read.
    pub(super) password_changed: Option<Timestamp>,
    /// When the password was last used.
    pub(super) password_used: LastUse,
    /// There is an MFA device of any kind.
    pub(super) mfa: bool,
}

/// What the report says of root.
pub(super) struct RootRow {
    /// An access key is active.
    pub(super) active_key: bool,
    /// The last use of password or access key.
    pub(super) last_used: LastUse,
}

impl Report {
    /// Reads a report. Columns may stand in any order, and those that are not needed are not looked at.
    ///
    /// # Errors
    /// Where there is no header with the columns that are needed. A row alone is never an error.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ReportError> {
        // A row with too few or too many cells must not end the reading, so the reader has to be flexible.
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = reader.byte_headers().map_err(|error| not_csv(&error))?;
        let columns = Columns::of(header)?;
        let mut report = Self { users: HashMap::new(), root: None };
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|error| not_csv(&error))? {
            report.add(&columns, &record);
        }
        Ok(report)
    }

    /// The row of the user with this ARN, if it is there and was understood.
    pub(super) fn user(&self, arn: &str) -> Option<&UserRow> {
        self.users.get(arn)?.as_ref()
    }

    fn add(&mut self, columns: &Columns, record: &ByteRecord) {
        if cell(record, columns.user) == Some(ROOT) {
            self.root = columns.root_row(record);
        } else if let Some(arn) = cell(record, columns.arn) {
            let row = columns.user_row(record);
            // Two rows of one ARN cannot both be right, and nothing tells which is: neither is believed.
            self.users.entry(arn.to_owned()).and_modify(|earlier| *earlier = None).or_insert(row);
        }
    }
}

/// Where in a row things are.
struct Columns {
    count: usize,
    user: usize,
    arn: usize,
    created: usize,
    password: usize,
    password_used: usize,
    password_changed: usize,
    mfa: usize,
    key_1: usize,
    key_2: usize,
    key_1_used: Option<usize>,
    key_2_used: Option<usize>,
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Self, ReportError> {
        // A single cell, or none, is no header: an error page, JSON, or nothing at all.
        if header.len() < 2 {
            return Err(ReportError::NotCsv { line: 1 });
        }
        let find = |name: &str| {
            header.iter().position(|cell| cell.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        };
        let need = |name: &'static str| find(name).ok_or(ReportError::MissingColumn(name));
        Ok(Self {
            count: header.len(),
            user: need("user")?,
            arn: need("arn")?,
            created: need("user_creation_time")?,
            password: need("password_enabled")?,
            password_used: need("password_last_used")?,
            password_changed: need("password_last_changed")?,
            mfa: need("mfa_active")?,
            key_1: need("access_key_1_active")?,
            key_2: need("access_key_2_active")?,
            key_1_used: find("access_key_1_last_used_date"),
            key_2_used: find("access_key_2_last_used_date"),
        })
    }

    /// With a cell too few or too many, nobody can tell which cell belongs to which column.
    fn fit(&self, record: &ByteRecord) -> bool {
        record.len() == self.count
    }

    /// `None` unless every cell is understood without which password or MFA would be a guess.
    fn user_row(&self, record: &ByteRecord) -> Option<UserRow> {
        self.fit(record).then_some(())?;
        Some(UserRow {
            created: time(cell(record, self.created)?)?,
            password: flag(cell(record, self.password)?)?,
            password_changed: cell(record, self.password_changed).and_then(time),
            password_used: cell(record, self.password_used).map_or(LastUse::Unknown, password_use),
            mfa: flag(cell(record, self.mfa)?)?,
        })
    }

    fn root_row(&self, record: &ByteRecord) -> Option<RootRow> {
        self.fit(record).then_some(())?;
        let active = |column| cell(record, column).and_then(flag) == Some(true);
        let key_used = |column: Option<usize>| {
            column.and_then(|column| cell(record, column)).map_or(LastUse::Unknown, key_use)
        };
        let password_used = cell(record, self.password_used).map_or(LastUse::Unknown, password_use);
        Some(RootRow {
            active_key: active(self.key_1) || active(self.key_2),
            last_used: password_used.latest(key_used(self.key_1_used)).latest(key_used(self.key_2_used)),
        })
    }
}

/// `None` where the row has no such cell, or where it is no text.
fn cell(record: &ByteRecord, column: usize) -> Option<&str> {
    str::from_utf8(record.get(column)?).ok().map(str::trim)
}

/// `N/A`, `no_information`, `not_supported` and an empty cell say neither yes nor no.
fn flag(cell: &str) -> Option<bool> {
    if cell.eq_ignore_ascii_case("true") {
        Some(true)
    } else if cell.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

fn time(cell: &str) -> Option<Timestamp> {
    cell.parse().ok()
}

/// `no_information` is said of a password that was never used since AWS keeps track. `N/A` is said where
/// there is no password, and tells nothing about one that was there before.
fn password_use(cell: &str) -> LastUse {
    match time(cell) {
        Some(at) => LastUse::At(at),
        None if cell.eq_ignore_ascii_case("no_information") => LastUse::Never,
        None => LastUse::Unknown,
    }
}

/// Of an access key, `N/A` is said where there is none, or where it was never used since AWS keeps track.
fn key_use(cell: &str) -> LastUse {
    if cell.eq_ignore_ascii_case("N/A") { LastUse::Never } else { password_use(cell) }
}

fn not_csv(error: &csv::Error) -> ReportError {
    ReportError::NotCsv { line: error.position().map_or(1, csv::Position::line) }
}

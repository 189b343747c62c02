//! The credential report: CSV, with columns found by their header.
//!
//! Owns the spelling of every value. Must never join, judge or guess: a row that is not fully understood counts as
//! missing. Source of the meanings: IAM User Guide, "Understanding the report format".

use super::{LastUse, ReportedKey};
use csv::{ByteRecord, ReaderBuilder};
use jiff::Timestamp;
use std::collections::HashMap;
use std::str;

/// How the report names root.
const ROOT: &str = "<root_account>";

/// Why a credential report cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// A required column is missing.
    #[error("the credential report has no column `{0}`")]
    MissingColumn(&'static str),
    /// The report is not valid CSV.
    #[error("line {line} of the credential report is not valid CSV")]
    NotCsv {
        /// Line number, starting at 1.
        line: u64,
    },
}

/// The rows of a report.
pub(super) struct Report {
    /// Rows by user ARN; `None` for a row that was not understood.
    users: HashMap<String, Option<UserRow>>,
    /// Root's row; `None` if it is missing or was not understood.
    pub(super) root: Option<RootRow>,
}

/// What the report says about a user.
pub(super) struct UserRow {
    /// When the user was created, to the second.
    pub(super) created: Timestamp,
    /// Whether the user has a console password.
    pub(super) password: bool,
    /// When the password was last set; `None` if that cannot be read.
    pub(super) password_changed: Option<Timestamp>,
    /// When the password was last used.
    pub(super) password_used: LastUse,
    /// Whether the user has an MFA device of any kind.
    pub(super) mfa: bool,
    /// The user's access keys.
    pub(super) keys: Vec<ReportedKey>,
}

/// What the report says about root.
pub(super) struct RootRow {
    /// Whether root has an active access key.
    pub(super) active_key: bool,
    /// When root's password or an access key was last used.
    pub(super) last_used: LastUse,
}

impl Report {
    /// Parses a report. Columns may be in any order; those that are not needed are ignored.
    ///
    /// # Errors
    /// If there is no header with the required columns. A bad row is never an error.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ReportError> {
        // Flexible, so that a row with too few or too many cells does not end the parsing.
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = reader.byte_headers().map_err(|error| not_csv(&error))?;
        let columns = Columns::of(header)?;
        let mut report = Self::empty();
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|error| not_csv(&error))? {
            report.add(&columns, &record);
        }
        Ok(report)
    }

    /// A report that says nothing about anybody.
    pub(super) fn empty() -> Self {
        Self { users: HashMap::new(), root: None }
    }

    /// The row of the user with this ARN; `None` if it is missing or was not understood.
    pub(super) fn user(&self, arn: &str) -> Option<&UserRow> {
        self.users.get(arn)?.as_ref()
    }

    fn add(&mut self, columns: &Columns, record: &ByteRecord) {
        if cell(record, columns.user) == Some(ROOT) {
            self.root = columns.root_row(record);
        } else if let Some(arn) = cell(record, columns.arn) {
            let row = columns.user_row(record);
            // Two rows with the same ARN cannot both be right, and nothing says which one is, so neither counts.
            self.users.entry(arn.to_owned()).and_modify(|earlier| *earlier = None).or_insert(row);
        }
    }
}

/// Index of each column, and the number of columns.
struct Columns {
    count: usize,
    user: usize,
    arn: usize,
    created: usize,
    password: usize,
    password_used: usize,
    password_changed: usize,
    mfa: usize,
    keys: [KeyColumns; 2],
}

/// Index of each column about one of the two access keys.
#[derive(Clone, Copy)]
struct KeyColumns {
    number: u8,
    active: usize,
    rotated: Option<usize>,
    used: Option<usize>,
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Self, ReportError> {
        // One cell or none is not a header but an error page, JSON, or nothing at all.
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
            keys: [
                KeyColumns {
                    number: 1,
                    active: need("access_key_1_active")?,
                    rotated: find("access_key_1_last_rotated"),
                    used: find("access_key_1_last_used_date"),
                },
                KeyColumns {
                    number: 2,
                    active: need("access_key_2_active")?,
                    rotated: find("access_key_2_last_rotated"),
                    used: find("access_key_2_last_used_date"),
                },
            ],
        })
    }

    /// Whether a row has the right number of cells. If not, it is unclear which cell belongs to which column.
    fn fit(&self, record: &ByteRecord) -> bool {
        record.len() == self.count
    }

    /// `None` unless all cells that determine password and MFA are understood.
    fn user_row(&self, record: &ByteRecord) -> Option<UserRow> {
        self.fit(record).then_some(())?;
        Some(UserRow {
            created: time(cell(record, self.created)?)?,
            password: flag(cell(record, self.password)?)?,
            password_changed: cell(record, self.password_changed).and_then(time),
            password_used: cell(record, self.password_used).map_or(LastUse::Unknown, password_use),
            mfa: flag(cell(record, self.mfa)?)?,
            keys: self.keys.iter().filter_map(|columns| columns.key(record)).collect(),
        })
    }

    fn root_row(&self, record: &ByteRecord) -> Option<RootRow> {
        self.fit(record).then_some(())?;
        let password_used = cell(record, self.password_used).map_or(LastUse::Unknown, password_use);
        let of_keys = self.keys.iter().map(|columns| columns.use_in(record));
        Some(RootRow {
            active_key: self.keys.iter().any(|columns| columns.is_active(record)),
            last_used: of_keys.fold(password_used, LastUse::latest),
        })
    }
}

impl KeyColumns {
    fn is_active(self, record: &ByteRecord) -> bool {
        cell(record, self.active).and_then(flag) == Some(true)
    }

    fn use_in(self, record: &ByteRecord) -> LastUse {
        let cell = self.used.and_then(|column| cell(record, column));
        cell.map_or(LastUse::Unknown, key_use)
    }

    /// `None` if there is no such key: it is not active, and was never made.
    fn key(self, record: &ByteRecord) -> Option<ReportedKey> {
        let active = self.is_active(record);
        let rotated = self.rotated.and_then(|column| cell(record, column)).and_then(time);
        let exists = active || rotated.is_some();
        exists.then(|| ReportedKey { number: self.number, active, rotated, used: self.use_in(record) })
    }
}

/// `None` if the row has no such cell or the cell is not UTF-8.
fn cell(record: &ByteRecord, column: usize) -> Option<&str> {
    str::from_utf8(record.get(column)?).ok().map(str::trim)
}

/// `None` for `N/A`, `no_information`, `not_supported` and an empty cell, which mean neither true nor false.
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

/// For a password, `no_information` means never used since AWS began to track use. `N/A` means that there is no
/// password, and says nothing about an earlier one.
fn password_use(cell: &str) -> LastUse {
    match time(cell) {
        Some(at) => LastUse::At(at),
        None if cell.eq_ignore_ascii_case("no_information") => LastUse::Never,
        None => LastUse::Unknown,
    }
}

/// For an access key, `N/A` means that there is none or that it was never used since AWS began to track use.
fn key_use(cell: &str) -> LastUse {
    if cell.eq_ignore_ascii_case("N/A") { LastUse::Never } else { password_use(cell) }
}

fn not_csv(error: &csv::Error) -> ReportError {
    ReportError::NotCsv { line: error.position().map_or(1, csv::Position::line) }
}

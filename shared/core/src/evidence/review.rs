//! Reviews: a person looks at a record, decides about each exception, and signs. `docs/REVIEW.md` says how.

use super::SCHEMA_VERSION;
use super::before::{Link, Listing};
use super::place::{account_prefix, sha256, sign_off_name};
use super::record::Record;
use super::row::Row;
use crate::exemption::day;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use strum::{EnumIter, EnumString, IntoEnumIterator, IntoStaticStr};

/// A decision is good for a year at most.
const LONGEST_DAYS: i32 = 366;

/// How often somebody signs a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum ReviewPeriod {
    /// Each month: `2026-11`.
    Month,
    /// Each quarter: `2026-Q4`.
    Quarter,
    /// Twice a year: `2026-H2`.
    HalfYear,
    /// Once a year: `2026`.
    Year,
}

/// A signed review. `docs/evidence.schema.json` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SignOff {
    /// Version of the form.
    pub schema_version: String,
    /// The account.
    pub account: String,
    /// The period: `2026-11`, `2026-Q4`, `2026-H2` or `2026`.
    pub period: String,
    /// The record that was reviewed.
    pub record: Link,
    /// Who reviewed it.
    pub reviewer: String,
    /// When they signed.
    pub signed: Timestamp,
    /// What they decided about each exception.
    pub decisions: Vec<Decided>,
}

/// A decision about one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Decided {
    /// Unique id of the user.
    pub user_id: String,
    /// Name of the user, for people.
    pub user: String,
    /// `keep` or `remove`.
    pub decision: String,
    /// Until when the exception is kept; `None` if it is removed.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
}

/// What is wrong with a sign-off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignOffProblem {
    /// It is not the JSON of a sign-off.
    #[error("it is not a sign-off: {0}")]
    Unreadable(String),
    /// It has another version.
    #[error("it has the version {0}, expected {SCHEMA_VERSION}")]
    Version(String),
    /// It is about something else than its place says.
    #[error("its {0} is not the one of its place")]
    Misplaced(&'static str),
    /// The period does not exist, or had not begun when it was signed.
    #[error("its period is none, or had not begun when it was signed")]
    Period,
    /// Nobody signed it.
    #[error("it names no reviewer")]
    NoReviewer,
    /// The reviewed record is another one, or was changed.
    #[error("the record is not the one that was reviewed")]
    OtherRecord,
    /// There is no decision about this user, who is exempt or was not known.
    #[error("it decides nothing about {0}")]
    Undecided(String),
    /// There are two decisions about this user.
    #[error("it decides twice about {0}")]
    Twice(String),
    /// The decision is about somebody who is no exception.
    #[error("{0} is no exception in the record")]
    NoException(String),
    /// The decision about this user is none, has no reason, or no end that is within a year.
    #[error("the decision about {0} needs `keep` with an end within a year, or `remove`, and a reason")]
    BadDecision(String),
}

/// Where the reviews of an account stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The last period that is over was signed.
    Signed,
    /// No review was signed since this day; `None` if none was ever signed.
    Open(Option<Date>),
}

impl ReviewPeriod {
    /// Stable name, as the setting has it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The name of the period of this day: `2026-Q4`.
    #[must_use]
    pub fn of(self, day: Date) -> String {
        let (year, month) = (day.year(), day.month());
        match self {
            Self::Month => format!("{year:04}-{month:02}"),
            Self::Quarter => format!("{year:04}-Q{}", (month + 2) / 3),
            Self::HalfYear => format!("{year:04}-H{}", (month + 5) / 6),
            Self::Year => format!("{year:04}"),
        }
    }

    /// The first day of the period of this day.
    fn first_day(self, day: Date) -> Date {
        let month = match self {
            Self::Month => day.month(),
            Self::Quarter => (day.month() - 1) / 3 * 3 + 1,
            Self::HalfYear => (day.month() - 1) / 6 * 6 + 1,
            Self::Year => 1,
        };
        Date::new(day.year(), month, 1).unwrap_or(day)
    }

    /// The last day of the period of this day.
    fn last_day(self, day: Date) -> Date {
        first_and_last(&self.of(day)).map_or(day, |(_, last)| last)
    }

    /// Where the reviews stand on this day, given what is in the bucket. A sign-off counts for a period of this length or a
    /// longer one, once both the period and the time of its name have come.
    #[must_use]
    pub fn standing(self, listing: &Listing, today: Date) -> Standing {
        let last = self.first_day(today).yesterday().unwrap_or(today);
        let ends = listing.reviews().filter_map(|(period, signed)| self.covered(period, day(signed), today));
        // A review of the period under way counts as well.
        match ends.max() {
            Some(end) if end >= last => Standing::Signed,
            latest => Standing::Open(latest),
        }
    }

    /// The last day that a sign-off covers; `None` if it does not count. One for a longer period says nothing of the months
    /// after it was signed.
    fn covered(self, period: &str, signed: Date, today: Date) -> Option<Date> {
        let (first, last) = first_and_last(period)?;
        let is_long_enough = first == self.first_day(first) && last >= self.last_day(first);
        let counts = is_long_enough && first <= signed && signed <= today;
        counts.then(|| last.min(self.last_day(signed)))
    }
}

impl SignOff {
    /// The place of a sign-off that is written at this time.
    #[must_use]
    pub fn key(account: &str, period: &str, at: Timestamp) -> String {
        format!("{}reviews/{period}/{}.json", account_prefix(account), sign_off_name(at))
    }

    /// A sign-off to fill in: every exception in the rows of the record, not yet decided.
    #[must_use]
    pub fn draft(
        account: &str,
        period: &str,
        reviewer: &str,
        signed: Timestamp,
        (key, record): (&str, &[u8]),
        rows: &[Row],
    ) -> Self {
        let undecided = |row: &Row| Decided {
            user_id: row.id.clone(),
            user: row.name.clone(),
            decision: String::new(),
            until: None,
            reason: String::new(),
        };
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            account: account.to_owned(),
            period: period.to_owned(),
            record: Link { key: key.to_owned(), sha256: sha256(record) },
            reviewer: reviewer.to_owned(),
            signed,
            decisions: rows.iter().filter(|row| is_exception(row)).map(undecided).collect(),
        }
    }

    /// Reads a sign-off from its place, and says what is wrong with it, given the record that was reviewed and its rows.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn check(key: &str, bytes: &[u8], record: &[u8], rows: &[Row]) -> Result<Self, Vec<SignOffProblem>> {
        let sign_off: Self = match serde_json::from_slice(bytes) {
            Ok(sign_off) => sign_off,
            // Without what was found there: it may be anything.
            Err(error) => {
                let place = format!("line {}, column {}", error.line(), error.column());
                return Err(vec![SignOffProblem::Unreadable(place)]);
            }
        };
        let mut problems = sign_off.problems_of_place(key);
        let reviewed: Option<Record> = serde_json::from_slice(record).ok();
        let is_reviewed = reviewed.is_some_and(|record| record.key == sign_off.record.key);
        if !is_reviewed || sha256(record) != sign_off.record.sha256 {
            problems.push(SignOffProblem::OtherRecord);
        }
        problems.extend(sign_off.problems_of_decisions(rows));
        if problems.is_empty() { Ok(sign_off) } else { Err(problems) }
    }

    fn problems_of_place(&self, key: &str) -> Vec<SignOffProblem> {
        let mut problems = Vec::new();
        if self.schema_version != SCHEMA_VERSION {
            problems.push(SignOffProblem::Version(self.schema_version.clone()));
        }
        if !key.starts_with(&account_prefix(&self.account)) {
            problems.push(SignOffProblem::Misplaced("account"));
        }
        if key.rsplit('/').nth(1) != Some(self.period.as_str()) {
            problems.push(SignOffProblem::Misplaced("period"));
        }
        let signed = day(self.signed);
        if first_and_last(&self.period).is_none_or(|(first, _)| signed < first) {
            problems.push(SignOffProblem::Period);
        }
        if self.reviewer.trim().is_empty() {
            problems.push(SignOffProblem::NoReviewer);
        }
        problems
    }

    fn problems_of_decisions(&self, rows: &[Row]) -> Vec<SignOffProblem> {
        let exceptions: BTreeSet<&str> =
            rows.iter().filter(|row| is_exception(row)).map(|row| row.id.as_str()).collect();
        let mut problems = Vec::new();
        let mut decided = BTreeSet::new();
        for decision in &self.decisions {
            let user = || decision.user.clone();
            if !decided.insert(decision.user_id.as_str()) {
                problems.push(SignOffProblem::Twice(user()));
            }
            if !exceptions.contains(decision.user_id.as_str()) {
                problems.push(SignOffProblem::NoException(user()));
            }
            if !decision.is_good(day(self.signed)) {
                problems.push(SignOffProblem::BadDecision(user()));
            }
        }
        let undecided = rows.iter().filter(|row| is_exception(row) && !decided.contains(row.id.as_str()));
        problems.extend(undecided.map(|row| SignOffProblem::Undecided(row.name.clone())));
        problems
    }
}

impl Decided {
    fn is_good(&self, signed: Date) -> bool {
        let ends_in_time = |until: Date| {
            let days = until.duration_since(signed).as_hours() / 24;
            (0..=i64::from(LONGEST_DAYS)).contains(&days)
        };
        let is_decision = match (self.decision.as_str(), self.until) {
            ("keep", Some(until)) => ends_in_time(until),
            ("remove", None) => true,
            (_, _) => false,
        };
        is_decision && !self.reason.trim().is_empty()
    }
}

/// Whether somebody has to decide about a user: they are exempt, or it is not known whether they have MFA.
#[must_use]
pub fn is_exception(row: &Row) -> bool {
    row.is_console() && (row.is_exempt() || row.mfa.has.is_none())
}

/// The first and the last day of a period; `None` if it is none.
fn first_and_last(period: &str) -> Option<(Date, Date)> {
    let year: i16 = period.get(..4)?.parse().ok()?;
    let number = |digits: &str| digits.parse::<i8>().ok();
    let (first, months) = match period.get(4..)? {
        "" => (1, 12),
        rest => {
            let rest = rest.strip_prefix('-')?;
            match (rest.strip_prefix('Q'), rest.strip_prefix('H')) {
                (Some(quarter), _) => (number(quarter)?.checked_mul(3)?.checked_sub(2)?, 3),
                (_, Some(half)) => (number(half)?.checked_mul(6)?.checked_sub(5)?, 6),
                (None, None) => (number(rest)?, 1),
            }
        }
    };
    let begin = Date::new(year, first, 1).ok()?;
    let last_month = Date::new(year, first.checked_add(months - 1)?, 1).ok()?;
    let end = last_month.last_of_month();
    // Only in the way in which it is written.
    let is_written_so = ReviewPeriod::iter().any(|kind| kind.of(begin) == period);
    is_written_so.then_some((begin, end))
}

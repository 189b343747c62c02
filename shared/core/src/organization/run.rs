//! A sweep of all accounts of an organization: its name, what it asks, and where its objects are kept.

use super::account::Account;
use crate::event::SweepKind;
use crate::evidence::json;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Version of the form of a plan.
const SCHEMA_VERSION: &str = "1.0";
/// What versions that can be read begin with.
const READABLE: &str = "1.";
/// What the keys of all runs begin with.
const RUNS: &str = "organization/runs/";
/// The hour in the name of a run.
const HOUR: &str = "%Y-%m-%dT%H";
/// Within so many hours there is an hourly run, unless they are not planned any more.
const LATEST_HOURLY: i64 = 3;
/// Within so many hours there is a daily run: a day, the hour of summer time, and an hour for the plan itself.
const LATEST_DAILY: i64 = 26;
/// For how many hours a run is looked after.
const LAST_HOURS: i64 = 6;
/// What the name of a daily run ends with.
const DAILY: &str = "-daily";

/// A run of the sweep in all accounts: `2026-11-28T09`, or `2026-11-28T09-daily`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepRun {
    /// What the sweeps do.
    pub kind: SweepKind,
    /// The hour in which it was due.
    hour: Timestamp,
}

/// What a run asks of which account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SweepPlan {
    /// Version of the form.
    pub schema_version: String,
    /// Name of the run.
    pub run: String,
    /// Id of the organization.
    pub organization: String,
    /// When the run was due.
    pub due: Timestamp,
    /// When the accounts were asked.
    pub asked: Timestamp,
    /// Every account, by its number.
    pub accounts: Vec<PlannedAccount>,
}

/// An account in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedAccount {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The names of the organizational units above it, the root first.
    pub units: Vec<String>,
    /// Why it was not asked; `None` if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_in_use: Option<String>,
    /// Whether it is the management account of the organization.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_management: bool,
}

impl SweepRun {
    /// The run that was due at this time.
    #[must_use]
    pub fn of(kind: SweepKind, due: Timestamp) -> Self {
        let hour = due.as_second().div_euclid(3600).saturating_mul(3600);
        Self { kind, hour: Timestamp::from_second(hour).unwrap_or(due) }
    }

    /// Reads the name of a run.
    ///
    /// # Errors
    /// What is expected, if this is none.
    pub fn parse(name: &str) -> Result<Self, String> {
        let (hour, kind) =
            name.strip_suffix(DAILY).map_or((name, SweepKind::Hourly), |hour| (hour, SweepKind::Daily));
        let run = format!("{hour}:00:00Z").parse().ok().map(|due| Self::of(kind, due));
        // Anything else that jiff would take is another name.
        run.filter(|run| run.to_string() == name)
            .ok_or_else(|| "expected a run such as 2026-11-28T09, or 2026-11-28T09-daily".to_owned())
    }

    /// The runs among which the newest of this kind is, the newest first.
    pub fn latest(kind: SweepKind, now: Timestamp) -> impl Iterator<Item = Self> {
        let hours = match kind {
            SweepKind::Hourly => LATEST_HOURLY,
            SweepKind::Daily => LATEST_DAILY,
        };
        (0..=hours).filter_map(move |hours| {
            Some(Self::of(kind, now.checked_sub(SignedDuration::from_hours(hours)).ok()?))
        })
    }

    /// The daily runs of the last hours, of which a collector may still have to tell.
    pub fn unfinished(now: Timestamp) -> impl Iterator<Item = Self> {
        (1..=LAST_HOURS).filter_map(move |hours| {
            let due = now.checked_sub(SignedDuration::from_hours(hours)).ok()?;
            Some(Self::of(SweepKind::Daily, due))
        })
    }

    /// Key of the plan.
    #[must_use]
    pub fn plan_key(&self) -> String {
        format!("{RUNS}{self}/plan.json")
    }

    /// Key of the object that says who tells the administrators.
    #[must_use]
    pub fn told_key(&self) -> String {
        format!("{RUNS}{self}/told.json")
    }

    /// What the keys of results begin with.
    #[must_use]
    pub fn results_prefix(&self) -> String {
        format!("{RUNS}{self}/accounts/")
    }

    /// Key of the result of an account.
    #[must_use]
    pub fn result_key(&self, account: &str) -> String {
        format!("{}{account}.json", self.results_prefix())
    }

    /// What the keys of results begin with that are not final.
    #[must_use]
    pub fn attempts_prefix(&self) -> String {
        format!("{RUNS}{self}/attempts/")
    }

    /// Key of what an attempt left after which the account is tried again. The collector does not take it for a report,
    /// and if no other comes, the digest has it.
    #[must_use]
    pub fn attempt_key(&self, account: &str) -> String {
        format!("{}{account}.json", self.attempts_prefix())
    }

    /// The account to which a key of a result belongs, final or not; `None` if it is another key.
    #[must_use]
    pub fn account_of<'a>(&self, key: &'a str) -> Option<&'a str> {
        let name = key
            .strip_prefix(&self.results_prefix())
            .or_else(|| key.strip_prefix(&self.attempts_prefix()))?
            .strip_suffix(".json")?;
        super::account_number(name).is_ok().then_some(name)
    }
}

impl fmt::Display for SweepRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let daily = match self.kind {
            SweepKind::Daily => DAILY,
            SweepKind::Hourly => "",
        };
        write!(f, "{}{daily}", self.hour.to_zoned_datetime(TimeZone::UTC).strftime(HOUR))
    }
}

impl SweepPlan {
    /// The plan for these accounts, of which one is the management account, if that is known. Each is in it once.
    #[must_use]
    pub fn of(
        run: &SweepRun,
        organization: &str,
        due: Timestamp,
        asked: Timestamp,
        accounts: Vec<Account>,
        management: Option<&str>,
    ) -> Self {
        let mut accounts = Account::each_once(accounts, Vec::new());
        accounts.sort_by(|one, other| one.id.cmp(&other.id));
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            run: run.to_string(),
            organization: organization.to_owned(),
            due,
            asked,
            accounts: accounts
                .into_iter()
                .map(|account| {
                    let is_management = Some(account.id.as_str()) == management;
                    PlannedAccount { is_management, ..PlannedAccount::of(account) }
                })
                .collect(),
        }
    }

    /// Reads the plan of this run.
    ///
    /// # Errors
    /// Why it cannot be read, in words.
    pub fn read(bytes: &[u8], run: &SweepRun) -> Result<Self, String> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let plan: Self = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| format!("the plan of the run {run} cannot be read: {error}"))?;
        if !plan.schema_version.starts_with(READABLE) || plan.run != run.to_string() {
            return Err(format!("the plan of the run {run} is of another run, or of a later version"));
        }
        let mut ids = BTreeSet::new();
        if !plan.accounts.iter().all(|account| ids.insert(account.id.as_str())) {
            return Err(format!("the plan of the run {run} names an account twice"));
        }
        Ok(plan)
    }

    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        json(self)
    }

    /// The accounts that were asked.
    pub fn asked_accounts(&self) -> impl Iterator<Item = &PlannedAccount> {
        self.accounts.iter().filter(|account| account.is_asked())
    }
}

impl PlannedAccount {
    /// Whether a sweep of it was ordered. Stack sets never deploy to the management account, and a hub that could act there
    /// would put the whole organization into the hands of whoever has the hub.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.not_in_use.is_none() && !self.is_management
    }

    fn of(account: Account) -> Self {
        let not_in_use =
            (!account.is_in_use()).then(|| format!("the account is {}", account.state_in_words()));
        let Account { units, name, id, .. } = account;
        Self { id, name, units, not_in_use, is_management: false }
    }
}

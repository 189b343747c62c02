//! MFA in all accounts of an organization as it is now.

use super::account::{Account, unit_in_words};
use crate::evidence::{Counts, Overview, Product, Row, Share};
use jiff::Timestamp;
use serde::Serialize;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// An organization as it is now. `docs/organization-report.schema.json` describes it as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationOverview {
    /// Version of the form.
    pub schema_version: &'static str,
    /// What made it.
    pub product: Product,
    /// Id of the organization.
    pub organization: String,
    /// ARN of whoever asked.
    pub caller: String,
    /// When the last account was read.
    pub at: Timestamp,
    /// The figures of all accounts that were read.
    pub figures: Counts,
    /// How many users of these have MFA, each share with its definition.
    pub coverage: Vec<Share>,
    /// Every organizational unit with an account below it, from the root down.
    pub units: Vec<UnitFigures>,
    /// Every account, read or not.
    pub accounts: Vec<AccountReport>,
}

/// An organizational unit, with all accounts below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnitFigures {
    /// The names of the units above it and its own, the root first.
    pub path: Vec<String>,
    /// How many accounts there are.
    pub accounts: usize,
    /// How many of them were read.
    pub read: usize,
    /// The figures of those.
    pub figures: Counts,
}

/// An account, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountReport {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The names of the organizational units above it, the root first.
    pub units: Vec<String>,
    /// Why it was not read; `None` if it was.
    pub not_read: Option<NotRead>,
    /// What was read; `None` if it was not.
    pub report: Option<Overview>,
}

/// Why an account was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NotRead {
    /// Whether its users can sign in all the same: then the figures lack them.
    pub is_gap: bool,
    /// The reason in words.
    pub why: String,
}

impl OrganizationOverview {
    /// The organization, given what was read of each account, or why it was not. Accounts that are not in use need no
    /// answer.
    #[must_use]
    pub fn of(
        organization: &str,
        caller: &str,
        at: Timestamp,
        accounts: Vec<(Account, Option<Result<Overview, String>>)>,
    ) -> Self {
        let mut accounts: Vec<AccountReport> =
            accounts.into_iter().map(|(account, read)| AccountReport::of(account, read)).collect();
        accounts.sort_by(|one, other| {
            (&one.units, &one.name, &one.id).cmp(&(&other.units, &other.name, &other.id))
        });
        let figures = Counts::of(accounts.iter().flat_map(AccountReport::users));
        Self {
            schema_version: SCHEMA_VERSION,
            product: Product::own(),
            organization: organization.to_owned(),
            caller: caller.to_owned(),
            at,
            coverage: figures.shares(),
            figures,
            units: units(&accounts),
            accounts,
        }
    }

    /// Whether something is not known that should be: an account that was not read, or a part of one.
    #[must_use]
    pub fn has_gaps(&self) -> bool {
        let is_gap = |account: &AccountReport| match (&account.not_read, &account.report) {
            (Some(not_read), _) => not_read.is_gap,
            (None, report) => report.as_ref().is_some_and(|report| !report.unknown.is_empty()),
        };
        self.accounts.iter().any(is_gap)
    }

    /// How many accounts were read.
    #[must_use]
    pub fn read(&self) -> usize {
        self.accounts.iter().filter(|account| account.report.is_some()).count()
    }

    /// Every user of every account that was read.
    #[must_use]
    pub fn users(&self) -> Vec<Row> {
        self.accounts.iter().flat_map(AccountReport::users).cloned().collect()
    }

    /// The accounts that were not read, each with the reason. Those whose users can sign in come first.
    #[must_use]
    pub fn not_read(&self) -> Vec<String> {
        NotRead::lines(self.accounts.iter().filter_map(|account| {
            let AccountReport { id, name, units, not_read, .. } = account;
            Some((not_read.as_ref()?, id.as_str(), name.as_str(), units.as_slice()))
        }))
    }

    /// What is not known of accounts that were read.
    #[must_use]
    pub fn unknown(&self) -> Vec<String> {
        let lines = |account: &AccountReport| {
            let id = account.id.clone();
            let unknown = account.report.iter().flat_map(|report| report.unknown.clone());
            unknown.map(move |text| format!("{id}: {text}")).collect::<Vec<_>>()
        };
        self.accounts.iter().flat_map(lines).collect()
    }

    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        crate::evidence::json(self)
    }
}

impl AccountReport {
    fn of(account: Account, read: Option<Result<Overview, String>>) -> Self {
        let (not_read, report) = NotRead::or_read(&account, read);
        let Account { units, name, id, .. } = account;
        Self { id, name, units, not_read, report }
    }

    fn users(&self) -> &[Row] {
        self.report.as_ref().map(|report| report.users.as_slice()).unwrap_or_default()
    }
}

impl NotRead {
    /// Why an account was not read, or what was read.
    pub(super) fn or_read<T>(
        account: &Account,
        read: Option<Result<T, String>>,
    ) -> (Option<Self>, Option<T>) {
        match read {
            Some(Ok(read)) => (None, Some(read)),
            Some(Err(why)) => (Some(Self { is_gap: true, why }), None),
            None => {
                let why = format!("the account is {}", account.state_in_words());
                (Some(Self { is_gap: account.is_in_use(), why }), None)
            }
        }
    }

    /// The accounts that were not read, each with the reason. Those whose users can sign in come first.
    pub(super) fn lines<'a>(
        accounts: impl Iterator<Item = (&'a Self, &'a str, &'a str, &'a [String])>,
    ) -> Vec<String> {
        let (gaps, others): (Vec<_>, Vec<_>) = accounts.partition(|(not_read, ..)| not_read.is_gap);
        let line = |(not_read, id, name, units): (&Self, &str, &str, &[String])| {
            format!("{id} {name} ({}): {}", unit_in_words(units), not_read.why)
        };
        gaps.into_iter().chain(others).map(line).collect()
    }
}

/// Each unit with an account below it, before those below itself.
fn units(accounts: &[AccountReport]) -> Vec<UnitFigures> {
    let prefixes = |account: &AccountReport| -> Vec<Vec<String>> {
        (1..=account.units.len()).filter_map(|length| Some(account.units.get(..length)?.to_vec())).collect()
    };
    let mut paths: Vec<Vec<String>> = accounts.iter().flat_map(prefixes).collect();
    paths.sort_unstable();
    paths.dedup();
    let figures = |path: Vec<String>| {
        let below: Vec<&AccountReport> =
            accounts.iter().filter(|account| account.units.starts_with(&path)).collect();
        UnitFigures {
            accounts: below.len(),
            read: below.iter().filter(|account| account.report.is_some()).count(),
            figures: Counts::of(below.iter().flat_map(|account| account.users())),
            path,
        }
    };
    paths.into_iter().map(figures).collect()
}

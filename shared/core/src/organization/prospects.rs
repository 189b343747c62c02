//! What deployments would do in all accounts of an organization.

use super::account::Account;
use super::held::{HeldHour, Queue};
use super::overview::NotRead;
use crate::evidence::Product;
use crate::forecast::{Day, Prospect};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// What deployments would do in an organization. `docs/organization-plan.schema.json` describes it as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationProspect {
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
    /// How much is expected in all accounts on each day on which anything is. Days are those of each account's time zone.
    /// What a hub would hold is on the day on which it follows.
    pub days: Vec<Day>,
    /// The hours in which a hub would hold some of the quarantines of all accounts.
    pub held: Vec<HeldHour>,
    /// Every account, read or not, with its plan as if there were no other.
    pub accounts: Vec<AccountProspect>,
}

/// An account, and what is expected in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountProspect {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The names of the organizational units above it, the root first.
    pub units: Vec<String>,
    /// Why it was not read; `None` if it was.
    pub not_read: Option<NotRead>,
    /// What is expected; `None` if it was not read.
    pub plan: Option<Prospect>,
}

impl OrganizationProspect {
    /// The organization, given what is expected in each account, or why it was not read. Accounts that are not in use need
    /// no answer. `everywhere` is `MAX_QUARANTINES` where no unit and no account says anything else.
    #[must_use]
    pub fn of(
        organization: &str,
        caller: &str,
        at: Timestamp,
        everywhere: Option<usize>,
        accounts: Vec<(Account, Option<Result<Prospect, String>>)>,
    ) -> Self {
        let mut accounts: Vec<AccountProspect> =
            accounts.into_iter().map(|(account, read)| AccountProspect::of(account, read)).collect();
        accounts.sort_by(|one, other| {
            (&one.units, &one.name, &one.id).cmp(&(&other.units, &other.name, &other.id))
        });
        let plans = || accounts.iter().filter_map(|account| account.plan.as_ref());
        let queue = Queue::of(plans(), everywhere);
        let days = days(plans(), &queue);
        let held = queue.held;
        Self {
            schema_version: SCHEMA_VERSION,
            product: Product::own(),
            organization: organization.to_owned(),
            caller: caller.to_owned(),
            at,
            days,
            held,
            accounts,
        }
    }

    /// Whether something is not known that should be: an account that was not read, or a part of one.
    #[must_use]
    pub fn has_gaps(&self) -> bool {
        let is_gap = |account: &AccountProspect| match (&account.not_read, &account.plan) {
            (Some(not_read), _) => not_read.is_gap,
            (None, plan) => plan.as_ref().is_some_and(|plan| !plan.unknown.is_empty()),
        };
        self.accounts.iter().any(is_gap)
    }

    /// Every account that was read, and what is expected in it.
    pub fn read(&self) -> impl Iterator<Item = (&AccountProspect, &Prospect)> {
        self.accounts.iter().filter_map(|account| Some((account, account.plan.as_ref()?)))
    }

    /// The accounts that were not read, each with the reason. Those whose users can sign in come first.
    #[must_use]
    pub fn not_read(&self) -> Vec<String> {
        NotRead::lines(self.accounts.iter().filter_map(|account| {
            let AccountProspect { id, name, units, not_read, .. } = account;
            Some((not_read.as_ref()?, id.as_str(), name.as_str(), units.as_slice()))
        }))
    }

    /// What is not known of accounts that were read.
    #[must_use]
    pub fn unknown(&self) -> Vec<String> {
        let lines = |(account, plan): (&AccountProspect, &Prospect)| {
            let line = |text: &String| format!("{}: {text}", account.id);
            plan.unknown.iter().map(line).collect::<Vec<_>>()
        };
        self.read().flat_map(lines).collect()
    }

    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        crate::evidence::json(self)
    }
}

impl AccountProspect {
    fn of(account: Account, read: Option<Result<Prospect, String>>) -> Self {
        let (not_read, plan) = NotRead::or_read(&account, read);
        let Account { units, name, id, .. } = account;
        Self { id, name, units, not_read, plan }
    }
}

fn days<'a>(plans: impl Iterator<Item = &'a Prospect>, queue: &Queue<'_>) -> Vec<Day> {
    let mut sums: BTreeMap<Date, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for day in plans.flat_map(|plan| &plan.days) {
        let sum = sums.entry(day.date).or_default();
        for (what, users) in &day.users {
            *sum.entry(what).or_default() += users;
        }
    }
    queue.move_in(&mut sums);
    sums.into_iter().map(|(date, users)| Day { date, users }).collect()
}

//! The document beside the organization that it is for.

use super::held::{Held, Resolved, in_words};
use super::value::exempts;
use super::{Document, Unit};
use crate::evidence::Product;
use crate::organization::account::{Account, unit_in_words};
use crate::organization::unit::OrganizationalUnit;
use crate::settings::{Fault, Problems, Settings, shortened};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// The organization, as it is now.
#[derive(Debug, Clone, Copy)]
pub struct Live<'a> {
    /// Id of the organization.
    pub organization: &'a str,
    /// ARN of whoever asked.
    pub caller: &'a str,
    /// When.
    pub at: Timestamp,
    /// Every unit, the root included.
    pub units: &'a [OrganizationalUnit],
    /// Every account, with its tags.
    pub accounts: &'a [(Account, BTreeMap<String, String>)],
    /// What holds where the document says nothing.
    pub hub: &'a Settings,
}

/// What a document means in an organization. `docs/organization-settings.schema.json` describes it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentCheck {
    /// Version of the form.
    pub schema_version: &'static str,
    /// What made it.
    pub product: Product,
    /// Id of the organization.
    pub organization: String,
    /// ARN of whoever asked.
    pub caller: String,
    /// When the organization was read.
    pub at: Timestamp,
    /// What is wrong with the document in this organization, by line.
    pub faults: Vec<Fault>,
    /// Every account, by unit and name.
    pub accounts: Vec<AccountSettings>,
}

/// What holds in an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountSettings {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The names of the organizational units above it, the root first.
    pub units: Vec<String>,
    /// What holds, by the name of the setting; nothing if it is not known where the account is.
    pub values: Vec<Held>,
    /// What the document gives, and what has ended.
    pub ended: Vec<Held>,
    /// What is wrong here: with tags of the account, with values that do not go together, or with its place.
    pub faults: Vec<String>,
}

impl Document {
    /// What the document means in an organization, and what is wrong with it there.
    #[must_use]
    pub fn check(&self, live: Live<'_>) -> DocumentCheck {
        let Live { organization, caller, at, units, accounts, hub } = live;
        let mut faults = self.faults_of_units(units);
        faults.extend(self.faults_of_accounts(accounts));
        faults.sort_by_key(|fault| fault.line);
        let of_account =
            |(account, tags): &(Account, BTreeMap<String, String>)| match self.cannot_place(account) {
                Some(why) => AccountSettings::unknown(account, &format!("{why}: run it again")),
                None => AccountSettings::of(account, self.of_account(account, tags, &hub.in_force, at), hub),
            };
        let mut accounts: Vec<AccountSettings> = accounts.iter().map(of_account).collect();
        accounts.sort_by(|one, other| {
            (&one.units, &one.name, &one.id).cmp(&(&other.units, &other.name, &other.id))
        });
        DocumentCheck {
            schema_version: SCHEMA_VERSION,
            product: Product::own(),
            organization: organization.to_owned(),
            caller: caller.to_owned(),
            at,
            faults,
            accounts,
        }
    }

    fn faults_of_units(&self, units: &[OrganizationalUnit]) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut first: BTreeMap<&str, &Unit> = BTreeMap::new();
        for unit in &self.units {
            let mut fault = |text: String| faults.push(Fault { line: Some(unit.line), text });
            let key = unit.key.text();
            let meant: Vec<&OrganizationalUnit> =
                units.iter().filter(|live| unit.key.is_of(&live.id, &live.path)).collect();
            match meant.as_slice() {
                [] => fault(format!("there is no unit `{}`: {}", shortened(key), unit.key.hint(units))),
                [live] => {
                    if let Some(before) = first.insert(&live.id, unit) {
                        fault(format!("`{}` is the same unit as in line {}", shortened(key), before.line));
                    }
                }
                several => fault(format!(
                    "{} units are called `{}`: write the id, such as {}",
                    several.len(),
                    shortened(key),
                    several.iter().map(|live| live.id.as_str()).collect::<Vec<_>>().join(" or ")
                )),
            }
        }
        faults
    }

    fn faults_of_accounts(&self, accounts: &[(Account, BTreeMap<String, String>)]) -> Vec<Fault> {
        let ids: Vec<&str> = accounts.iter().map(|(account, _)| account.id.as_str()).collect();
        let unknown = self.accounts.iter().filter(|(id, _)| !ids.contains(&id.as_str()));
        let fault = |(id, (line, _)): (&String, &(usize, _))| Fault {
            line: Some(*line),
            text: format!("{id} is not in this organization"),
        };
        unknown.map(fault).collect()
    }
}

impl AccountSettings {
    fn of(account: &Account, resolved: Resolved, hub: &Settings) -> Self {
        let read = Settings::read(|name| resolved.variable(name).or_else(|| hub.in_force.get(name).cloned()));
        let problems = read.err().map(|Problems(problems)| problems).unwrap_or_default();
        let told = problems.iter().map(|problem| format!("{} {}", problem.variable, problem.problem));
        let Account { id, name, units, .. } = account.clone();
        let faults = resolved.faults.into_iter().chain(told).collect();
        Self { id, name, units, values: resolved.held, ended: resolved.ended, faults }
    }

    fn unknown(account: &Account, why: &str) -> Self {
        let Account { id, name, units, .. } = account.clone();
        Self { id, name, units, values: Vec::new(), ended: Vec::new(), faults: vec![why.to_owned()] }
    }

    /// What holds for a setting.
    pub fn values_of<'a>(&'a self, setting: &'a str) -> impl Iterator<Item = &'a Held> {
        self.values.iter().filter(move |held| held.setting == setting)
    }

    /// How many users and paths are exempt here.
    #[must_use]
    pub fn exemptions(&self) -> usize {
        self.values.iter().filter(|held| exempts(held.setting) && !held.value.is_empty()).count()
    }

    /// The unit above it, as the document would name it.
    #[must_use]
    pub fn unit(&self) -> String {
        if self.units.is_empty() { unit_in_words(&self.units) } else { self.units.join("/") }
    }
}

impl DocumentCheck {
    /// Whether something is wrong.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        !self.faults.is_empty() || self.accounts.iter().any(|account| !account.faults.is_empty())
    }

    /// Everything that is wrong in single accounts.
    #[must_use]
    pub fn faults_in_accounts(&self) -> Vec<String> {
        let of = |account: &AccountSettings| {
            let head = format!("{} {}", account.id, account.name);
            account.faults.iter().map(move |fault| format!("{head}: {fault}")).collect::<Vec<_>>()
        };
        self.accounts.iter().flat_map(of).collect()
    }

    /// What has ended, once each.
    #[must_use]
    pub fn ended(&self) -> Vec<String> {
        in_words(self.accounts.iter().flat_map(|account| &account.ended))
    }

    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        crate::evidence::json(self)
    }
}

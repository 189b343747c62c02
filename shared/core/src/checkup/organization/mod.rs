//! A check of an organization with a hub: whether each account has what the hub needs there, and the hub knows it.

mod account;
mod check_session;
mod documents;
mod hub;
mod of_test_events;
mod roles;
mod rules;
mod seen;
mod words;

pub use account::AccountKind;
pub use check_session::CheckSession;
pub use of_test_events::accounts_to_test;
pub use rules::{dead_letters_of, members_with_rules};
pub use seen::{
    AccountSeen, HubSeen, ListedRule, ManagedSeen, MemberGroupSeen, MemberIam, MemberSeen, OrganizationSeen,
    RegionSeen, ResultSeen, RoleSeen, RulesSeen, TestEvents,
};

use super::check::{Check, State, state_code};
use crate::evidence::Product;
use jiff::Timestamp;
use serde::Serialize;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// What came of a check of an organization. `docs/organization-doctor.schema.json` describes it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationCheckup {
    /// Version of the form.
    pub schema_version: &'static str,
    /// What made it.
    pub product: Product,
    /// When the accounts were read.
    pub at: Timestamp,
    /// ARN of whoever asked.
    pub caller: String,
    /// Id of the organization.
    pub organization: String,
    /// How the worst of it is.
    #[serde(serialize_with = "state_code")]
    pub state: State,
    /// The hub.
    pub hub: HubCheckup,
    /// Every account.
    pub accounts: Vec<AccountCheckup>,
}

/// What came of a check of the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HubCheckup {
    /// Number of its account.
    pub account: String,
    /// The region of its stack.
    pub region: String,
    /// Name of its stack.
    pub stack: String,
    /// What was checked, in order.
    pub checks: Vec<Check>,
}

/// What came of a check of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountCheckup {
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The names of the organizational units above it, the root first.
    pub units: Vec<String>,
    /// What it is to the hub.
    pub kind: AccountKind,
    /// How the worst of it is.
    #[serde(serialize_with = "state_code")]
    pub state: State,
    /// What was checked, in order.
    pub checks: Vec<Check>,
}

impl OrganizationCheckup {
    /// Judges what was read.
    #[must_use]
    pub fn of(seen: &OrganizationSeen) -> Self {
        let HubSeen { account, region, stack, .. } = &seen.hub;
        let hub = HubCheckup {
            account: account.clone(),
            region: region.clone(),
            stack: stack.name.clone(),
            checks: hub::hub(seen),
        };
        let mut accounts: Vec<AccountCheckup> =
            seen.accounts.iter().map(|account| AccountCheckup::of(account, seen)).collect();
        accounts.sort_by(|one, other| {
            (&one.units, &one.name, &one.id).cmp(&(&other.units, &other.name, &other.id))
        });
        let states = accounts.iter().map(|account| account.state);
        Self {
            schema_version: SCHEMA_VERSION,
            product: Product::own(),
            at: seen.at,
            caller: seen.caller.clone(),
            organization: seen.organization.clone(),
            state: states.chain([worst(&hub.checks)]).max().unwrap_or(State::Unknown),
            hub,
            accounts,
        }
    }

    /// How many accounts came to this.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.accounts.iter().filter(|account| account.state == state).count()
    }

    /// The checkup as JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        crate::evidence::json(self)
    }
}

impl AccountCheckup {
    fn of(seen: &AccountSeen, whole: &OrganizationSeen) -> Self {
        let checks = account::account(seen, whole);
        Self {
            id: seen.account.id.clone(),
            name: seen.account.name.clone(),
            units: seen.account.units.clone(),
            kind: AccountKind::of(seen, whole),
            state: worst(&checks),
            checks,
        }
    }

    /// What people are told of: what is not as it should be, and what is named all the same.
    pub fn told(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.state != State::Ok || check.is_named)
    }

    /// What is not as it should be.
    pub fn wrong(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.state != State::Ok)
    }
}

fn worst(checks: &[Check]) -> State {
    checks.iter().map(|check| check.state).max().unwrap_or(State::Unknown)
}

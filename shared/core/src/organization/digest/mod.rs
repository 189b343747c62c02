//! The digest of an organization: a summary of MFA in all of its accounts, for the administrators.
//!
//! It is made of the results of one daily run. Every account of the plan is in exactly one of these states: covered, not
//! covered, not in use, or the management account.

mod chat;
mod content;
mod html;
mod json;
mod memory;
mod message;
mod people;
mod readings;
mod sections;
mod text;
mod view;

pub use memory::{ORGANIZATION_MEMORY_KEY, OrganizationMemory, is_organization_digest_due};
pub use message::render_organization;
pub use readings::Readings;

use super::result::{AccountResult, Outcome, Swept};
use super::run::{PlannedAccount, SweepPlan};
use crate::digest::{AccountFinding, AlertsSubscribers, Figures};
use crate::settings::Sender;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The content of an organization's digest.
#[derive(Debug, Clone, PartialEq)]
pub struct OrganizationDigest {
    /// Id of the organization.
    pub organization: String,
    /// The account of the hub, from which the digest comes.
    pub hub: String,
    /// Name of the run.
    pub run: String,
    /// When the accounts were asked.
    pub asked: Timestamp,
    /// When the results were read.
    pub at: Timestamp,
    /// Every account of the plan, by units and name.
    pub accounts: Vec<AccountStanding>,
    /// Accounts with a result that the plan did not ask.
    pub unasked: Vec<String>,
    /// Who gets the alerts of the hub.
    pub alerts_subscribers: AlertsSubscribers,
    /// What an administrator should fix in the hub.
    pub findings: Vec<AccountFinding>,
    /// Who sends it as mail; `None` if SNS alone does.
    pub sender: Option<Box<Sender>>,
}

/// An account, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountStanding {
    /// The account, as the plan has it.
    pub account: PlannedAccount,
    /// What came of it.
    pub standing: Standing,
}

/// What came of an account in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was swept.
    Covered(Box<Swept>),
    /// It was not swept, although people may work in it. Why, in words.
    NotCovered(String),
    /// Nobody can work in it. Why, in words.
    NotInUse(String),
    /// It is the management account, in which a hub does nothing.
    Management,
}

/// What was read for an account: its result, or why that cannot be read.
type Read = Result<AccountResult, String>;

impl OrganizationDigest {
    /// The digest of a run, given what was read for each account: its result or its last failure, once or more often.
    #[must_use]
    pub fn of(
        plan: &SweepPlan,
        hub: &str,
        read: impl IntoIterator<Item = (String, Result<AccountResult, String>)>,
        at: Timestamp,
    ) -> Self {
        let mut results: BTreeMap<String, Read> = BTreeMap::new();
        for (account, read) in read {
            let better = match results.remove(&account) {
                Some(known) if rank(&known) >= rank(&read) => known,
                Some(_) | None => read,
            };
            results.insert(account, better);
        }
        let mut accounts: Vec<AccountStanding> = Vec::new();
        for account in &plan.accounts {
            let read = results.remove(&account.id);
            let standing = Standing::of(account, read);
            accounts.push(AccountStanding { account: account.clone(), standing });
        }
        accounts.sort_by(|one, other| one.order().cmp(&other.order()));
        Self {
            organization: plan.organization.clone(),
            hub: hub.to_owned(),
            run: plan.run.clone(),
            asked: plan.asked,
            at,
            accounts,
            unasked: results.into_keys().collect(),
            alerts_subscribers: AlertsSubscribers::NotAsked,
            findings: Vec::new(),
            sender: None,
        }
    }

    /// The accounts that were swept, with what was found.
    pub fn covered(&self) -> impl Iterator<Item = (&PlannedAccount, &Swept)> {
        self.accounts.iter().filter_map(|account| Some((&account.account, account.swept()?)))
    }

    /// The accounts that were not swept although people may work in them, and why.
    pub fn not_covered(&self) -> impl Iterator<Item = (&PlannedAccount, &str)> {
        self.accounts.iter().filter_map(|account| match &account.standing {
            Standing::NotCovered(why) => Some((&account.account, why.as_str())),
            Standing::Covered(_) | Standing::NotInUse(_) | Standing::Management => None,
        })
    }

    /// The accounts in which nobody can work, and why.
    pub fn not_in_use(&self) -> impl Iterator<Item = (&PlannedAccount, &str)> {
        self.accounts.iter().filter_map(|account| match &account.standing {
            Standing::NotInUse(why) => Some((&account.account, why.as_str())),
            Standing::Covered(_) | Standing::NotCovered(_) | Standing::Management => None,
        })
    }

    /// The management account, if it is in use.
    #[must_use]
    pub fn management(&self) -> Option<&PlannedAccount> {
        let standing = self.accounts.iter().find(|account| account.standing == Standing::Management)?;
        Some(&standing.account)
    }

    /// The figures of all accounts that were swept.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.covered().fold(Figures::default(), |sum, (_, swept)| sum.and(swept.figures))
    }
}

impl AccountStanding {
    /// What was found; `None` if the account was not swept.
    #[must_use]
    pub fn swept(&self) -> Option<&Swept> {
        match &self.standing {
            Standing::Covered(swept) => Some(swept),
            Standing::NotCovered(_) | Standing::NotInUse(_) | Standing::Management => None,
        }
    }

    fn order(&self) -> (&[String], &str, &str) {
        (&self.account.units, &self.account.name, &self.account.id)
    }
}

impl Standing {
    fn of(account: &PlannedAccount, read: Option<Read>) -> Self {
        if let Some(why) = &account.not_in_use {
            return Self::NotInUse(why.clone());
        }
        if account.is_management {
            return Self::Management;
        }
        match read {
            Some(Ok(AccountResult { outcome: Outcome::Swept(swept), .. })) => Self::Covered(swept),
            Some(Ok(AccountResult { outcome: Outcome::NotCovered(why), .. }) | Err(why)) => {
                Self::NotCovered(why)
            }
            None => Self::NotCovered(
                "it has not reported: its sweep did not end in time, or its message still waits".to_owned(),
            ),
        }
    }
}

/// Of several results of one account, a sweep counts more than a failure, and a later one more than an earlier. The rest
/// decides between equals, so that their order makes no difference.
fn rank(read: &Read) -> (u8, Option<Timestamp>, Vec<u8>) {
    match read {
        Ok(result) => {
            let is_swept = matches!(result.outcome, Outcome::Swept(_));
            (if is_swept { 2 } else { 1 }, Some(result.at), result.json())
        }
        Err(why) => (0, None, why.as_bytes().to_vec()),
    }
}

//! An account of an organization.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The states in which IAM's users cannot work, and nothing can be read.
const IDLE: [&str; 4] = ["PENDING_ACTIVATION", "SUSPENDED", "PENDING_CLOSURE", "CLOSED"];

/// An account, as AWS Organizations lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Names of the organizational units above it, the root first.
    pub units: Vec<String>,
    /// Ids of the same units.
    pub unit_ids: Vec<String>,
    /// Its name.
    pub name: String,
    /// Its number.
    pub id: String,
    /// `State` in the answer of `ListAccounts`, such as `ACTIVE` or `CLOSED`; empty if there is none.
    pub state: String,
}

impl Account {
    /// Whether its users may be at work. A state that nobody here knows counts as one in which they are.
    ///
    /// ```
    /// use mfa_enforcer_core::organization::Account;
    ///
    /// let account = |state: &str| Account {
    ///     units: vec!["Root".to_owned(), "Sandbox".to_owned()],
    ///     unit_ids: vec!["r-ab12".to_owned(), "ou-ab12-cdefgh34".to_owned()],
    ///     name: "play".to_owned(),
    ///     id: "111122223333".to_owned(),
    ///     state: state.to_owned(),
    /// };
    /// assert!(account("ACTIVE").is_in_use());
    /// assert!(!account("PENDING_CLOSURE").is_in_use());
    /// ```
    #[must_use]
    pub fn is_in_use(&self) -> bool {
        !IDLE.contains(&self.state.as_str())
    }

    /// Every account once: those that were found below a unit, and whichever were moved while the units were gone through.
    #[must_use]
    pub fn each_once(in_units: Vec<Self>, all: Vec<Self>) -> Vec<Self> {
        let mut seen = BTreeSet::new();
        in_units.into_iter().chain(all).filter(|account| seen.insert(account.id.clone())).collect()
    }

    /// Its state in words.
    #[must_use]
    pub fn state_in_words(&self) -> String {
        self.state.to_lowercase().replace('_', " ")
    }
}

/// The organizational units above an account, in one line.
pub(super) fn unit_in_words(units: &[String]) -> String {
    if units.is_empty() { "moved meanwhile".to_owned() } else { units.join(" / ") }
}

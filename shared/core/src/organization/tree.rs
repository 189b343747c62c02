//! An organization as it was listed, kept as an object so that every function knows where an account is.

use super::account::Account;
use super::document::{Document, Resolved};
use super::unit::OrganizationalUnit;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The list is made anew each hour. After this long, accounts may have been moved.
const STALE: SignedDuration = SignedDuration::from_hours(3);
/// So old has the list to be before it is made anew because of an event. SQS takes no second order for as long.
const SETTLED: SignedDuration = SignedDuration::from_mins(5);
/// Version of the form.
const FORM: u8 = 1;

/// The units and accounts of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tree {
    form: u8,
    /// Id of the organization.
    pub organization: String,
    /// When it was listed.
    pub at: Timestamp,
    /// Every unit, the root included.
    pub units: Vec<OrganizationalUnit>,
    /// Every account, with its tags.
    pub accounts: Vec<TaggedAccount>,
}

/// An account with its tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaggedAccount {
    /// The account.
    #[serde(flatten)]
    pub account: Account,
    /// The tags of the enforcer, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// Why it is not known what holds in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unplaced {
    /// The account is not in the organization as it was listed last.
    Unknown,
    /// It was moved while the organization was listed.
    Moved,
}

impl fmt::Display for Unplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "the organization, as it was listed last, does not have the account",
            Self::Moved => "the account was moved while the organization was read",
        })
    }
}

impl Tree {
    /// An organization that was listed.
    #[must_use]
    pub fn new(
        organization: String,
        at: Timestamp,
        units: Vec<OrganizationalUnit>,
        accounts: Vec<TaggedAccount>,
    ) -> Self {
        Self { form: FORM, organization, at, units, accounts }
    }

    /// Reads what [`Tree::json`] wrote.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let tree: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if tree.form == FORM { Ok(tree) } else { Err(format!("has the form {}, expected {FORM}", tree.form)) }
    }

    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> Vec<u8> {
        crate::evidence::json(self)
    }

    /// Whether to list the organization anew, because it is not known where the account of an event is. Accounts that are
    /// made or moved are in the next list. One that a fresh list does not have is in no list, and nothing is done.
    #[must_use]
    pub fn is_to_be_renewed(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) > SETTLED
    }

    /// What a document sets in an account.
    ///
    /// While a unit that the document names by its path is not there, nobody is contained anywhere: it may have been renamed,
    /// and its accounts would get settings that nobody chose for them. The same holds while the list is old.
    ///
    /// # Errors
    /// If it is not known where the account is.
    pub fn place(
        &self,
        account: &str,
        document: &Document,
        hub: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<Resolved, Unplaced> {
        let found = self.accounts.iter().find(|tagged| tagged.account.id == account);
        let TaggedAccount { account, tags } = found.ok_or(Unplaced::Unknown)?;
        if let Some(unplaced) = document.cannot_place(account) {
            return Err(unplaced);
        }
        let resolved = document.of_account(account, tags, hub, now);
        Ok(match self.doubt(document, now) {
            Some(doubt) => resolved.without_containment(doubt),
            None => resolved,
        })
    }

    /// Why nobody is contained anywhere.
    pub(super) fn doubt(&self, document: &Document, now: Timestamp) -> Option<String> {
        let lost = document.lost_units(&self.units);
        let why = if !lost.is_empty() {
            format!("there is no unit `{}`", lost.join("`, `"))
        } else if now.duration_since(self.at) > STALE {
            format!("the organization was listed last at {} UTC", self.at.strftime("%Y-%m-%d %H:%M"))
        } else {
            return None;
        };
        Some(format!("nobody is contained anywhere, because {why}"))
    }
}

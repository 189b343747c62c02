//! What the hub's bucket says of the organization.

use super::document::{Document, Resolved};
use super::tree::{Tree, Unplaced};
use crate::settings::account_name_of;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The key of the settings, which the operator puts there.
pub const DOCUMENT_KEY: &str = "organization/settings.yaml";
/// The key of the list of units and accounts, which the sweep puts there.
pub const TREE_KEY: &str = "organization/tree.json";

/// The settings of an organization, and where its accounts are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// The settings.
    pub document: Document,
    /// The version of the object that they were read from.
    pub version: String,
    /// Where accounts are.
    pub tree: Tree,
    /// What is wrong with a newer version of the settings, which is why it does not hold.
    pub doubt: Option<String>,
}

impl Books {
    /// The settings in an object.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn document(bytes: &[u8]) -> Result<Document, String> {
        let text = str::from_utf8(bytes).map_err(|_| "it is no UTF-8".to_owned())?;
        Document::read(text).map_err(|faults| {
            let told = faults.iter().map(|fault| match fault.line {
                Some(line) => format!("line {line}: {}", fault.text),
                None => fault.text.clone(),
            });
            told.collect::<Vec<_>>().join("; ")
        })
    }

    /// The name of an account, as messages have it; `None` if it is not known.
    #[must_use]
    pub fn name_of(&self, account: &str) -> Option<String> {
        let tagged = self.tree.accounts.iter().find(|tagged| tagged.account.id == account)?;
        account_name_of(&tagged.account.name)
    }

    /// What holds in an account, with what an administrator should know of it.
    ///
    /// # Errors
    /// If it is not known where the account is.
    pub fn place(
        &self,
        account: &str,
        hub: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Result<Resolved, Unplaced> {
        let mut resolved = self.tree.place(account, &self.document, hub, now)?;
        resolved.faults.extend(self.unused());
        Ok(resolved)
    }

    /// What an administrator should know of all accounts: why nobody is contained, and why the newest settings do not hold.
    #[must_use]
    pub fn doubts(&self, now: Timestamp) -> Vec<String> {
        self.tree.doubt(&self.document, now).into_iter().chain(self.unused()).collect()
    }

    /// Why the newest settings do not hold, if they do not.
    fn unused(&self) -> Option<String> {
        let (doubt, version) = (self.doubt.as_ref()?, &self.version);
        Some(format!("the newest settings cannot be used, and version {version} holds: {doubt}"))
    }
}

//! The settings of an organization, as a file has them.

use super::MAX_QUARANTINES;
use super::tree::{Organization, tags_of};
use crate::access::Connection;
use crate::chosen::{ANY_ACCOUNT, Chosen};
use crate::output::warn;
use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use mfa_enforcer_core::organization::{Account, Document, DocumentCheck, Live, Resolved, of_one_account};
use mfa_enforcer_core::settings::{Fault, Settings};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A file with the settings of an organization.
pub(crate) struct DocumentFile {
    path: PathBuf,
    text: String,
}

impl DocumentFile {
    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Self { path: path.to_owned(), text })
    }

    /// The document, or all that is wrong with it.
    pub(crate) fn document(&self) -> Result<Document, Vec<String>> {
        Document::read(&self.text).map_err(|faults| faults.iter().map(|fault| self.told(fault)).collect())
    }

    /// A fault, with its place.
    pub(crate) fn told(&self, Fault { line, text }: &Fault) -> String {
        let line = line.map(|line| format!(", line {line}")).unwrap_or_default();
        format!("{}{line}: {text}", self.path.display())
    }
}

/// What is chosen for every account of an organization.
pub(crate) struct OfOrganization {
    document: Option<(DocumentFile, Document)>,
    hub: Settings,
    tags: BTreeMap<String, BTreeMap<String, String>>,
}

impl OfOrganization {
    /// What the flags choose beside this one, which names the accounts. What is wrong with it is said before anybody is
    /// asked. `has_names` if no account would be called like another one.
    pub(crate) fn of(
        path: Option<&Path>,
        chosen: &Chosen,
        flag: &str,
        has_names: bool,
    ) -> anyhow::Result<Self> {
        let hub = chosen.check()?;
        if let Some(why) = of_one_account(&hub, ANY_ACCOUNT, has_names) {
            bail!("these settings cannot be used with {flag}, since {why}");
        }
        let document = match path.map(DocumentFile::read).transpose()? {
            Some(file) => {
                let document = file.document().map_err(|faults| anyhow!("{}", faults.join("\n       ")))?;
                Some((file, document))
            }
            None => None,
        };
        Ok(Self { document, hub, tags: BTreeMap::new() })
    }

    /// Looks up what the document depends on, and whether it fits the organization. What is wrong with single accounts is
    /// said where they are read.
    pub(crate) async fn fit(
        &mut self,
        organization: &Organization,
        connection: &Connection,
    ) -> anyhow::Result<()> {
        let Some((file, document)) = &self.document else { return Ok(()) };
        let (check, tags) = checked(document, organization, connection, &self.hub).await?;
        if !check.faults.is_empty() {
            let faults: Vec<String> = check.faults.iter().map(|fault| file.told(fault)).collect();
            bail!("the document does not fit this organization:\n       {}", faults.join("\n       "));
        }
        self.tags = tags;
        Ok(())
    }

    /// What the document sets in an account; `None` if there is no document. Tags that do nothing are warned of.
    ///
    /// # Errors
    /// Why that is not known.
    pub(crate) fn in_account(&self, account: &Account, at: Timestamp) -> Result<Option<Resolved>, String> {
        let Some((_, document)) = &self.document else { return Ok(None) };
        if let Some(why) = document.cannot_place(account) {
            return Err(format!("{why}: run it again"));
        }
        let none = BTreeMap::new();
        let tags = self.tags.get(&account.id).unwrap_or(&none);
        let set = document.of_account(account, tags, &self.hub.in_force, at);
        set.faults.iter().for_each(|fault| warn(&format!("{} {}: {fault}", account.id, account.name)));
        Ok(Some(set))
    }
}

impl OfOrganization {
    /// How many quarantines an account may begin in an hour where no unit and no account says anything else. A flag wins.
    pub(crate) fn max_quarantines(&self, chosen: &Chosen, accounts: &[Account]) -> Option<usize> {
        let hub = self.hub.max_quarantines;
        let (Some((_, document)), false) = (&self.document, chosen.has_flag(MAX_QUARANTINES)) else {
            return hub;
        };
        // It is the same in every account.
        let any = accounts.iter().find(|account| account.is_in_use());
        let set =
            any.map(|any| document.of_account(any, &BTreeMap::new(), &self.hub.in_force, Timestamp::now()));
        set.map_or(hub, |set| set.max_quarantines_everywhere(hub))
    }
}

/// The document beside the organization, and the tags of its accounts by number, if the document asks for them.
pub(crate) async fn checked(
    document: &Document,
    organization: &Organization,
    connection: &Connection,
    hub: &Settings,
) -> anyhow::Result<(DocumentCheck, BTreeMap<String, BTreeMap<String, String>>)> {
    let tags = if document.asks_tags() { tags_of(organization, connection).await? } else { BTreeMap::new() };
    let with_tags = |account: &Account| (account.clone(), tags.get(&account.id).cloned().unwrap_or_default());
    let accounts: Vec<_> = organization.accounts.iter().map(with_tags).collect();
    let live = Live {
        organization: &organization.id,
        caller: &connection.caller,
        at: Timestamp::now(),
        units: &organization.units,
        accounts: &accounts,
        hub,
    };
    Ok((document.check(live), tags))
}

//! The settings of an organization, in one document: for all accounts, for units, and for single accounts.

mod block;
mod check;
mod held;
mod unit_key;
mod value;
mod yaml;

pub use check::{AccountSettings, DocumentCheck, Live};
pub use held::{Held, Level, Resolved};
pub use value::settings_of_accounts;

use super::session::account_number;
use super::unit::OrganizationalUnit;
use crate::settings::{Fault, shortened};
use block::Block;
use std::collections::BTreeMap;
use unit_key::UnitKey;
use value::{Given, MODE_OF_ALL, setting_of, unknown};
use yaml::{Content, Entry, Node};

/// Settings that can be told by a tag of the account have this before their name: `mfa-enforcer:mode`.
pub const TAG_PREFIX: &str = "mfa-enforcer:";

/// The keys of the document.
const KEYS: [&str; 5] = [MODE, ACCOUNT_TAGS, DEFAULTS, UNITS, ACCOUNTS];
const MODE: &str = "mode";
const ACCOUNT_TAGS: &str = "account_tags";
const DEFAULTS: &str = "defaults";
const UNITS: &str = "units";
const ACCOUNTS: &str = "accounts";

/// The settings of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The most that is done anywhere; `None` if there is no such limit.
    most: Option<Given>,
    /// Settings that a tag of the account may tell.
    by_tag: Vec<&'static str>,
    defaults: Block,
    /// In the order of the document. No two have the same key.
    units: Vec<Unit>,
    /// By number.
    accounts: BTreeMap<String, (usize, Block)>,
}

/// What the document says of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unit {
    key: UnitKey,
    line: usize,
    block: Block,
}

impl Document {
    /// Reads the document, which is YAML.
    ///
    /// # Errors
    /// Everything that is wrong with it, whatever the organization, by line.
    pub fn read(text: &str) -> Result<Self, Vec<Fault>> {
        let (root, faults) = yaml::parse(text);
        let mut reader = Reader { faults };
        let document = root.and_then(|root| reader.document(root));
        let Reader { mut faults } = reader;
        faults.sort_by_key(|fault| (fault.line.is_none(), fault.line));
        document.filter(|_| faults.is_empty()).ok_or(faults)
    }

    /// The units that the document names by a path that none of these has.
    pub(in crate::organization) fn lost_units(&self, units: &[OrganizationalUnit]) -> Vec<String> {
        let is_lost = |unit: &&Unit| {
            matches!(unit.key, UnitKey::Path(_))
                && !units.iter().any(|live| unit.key.is_of(&live.id, &live.path))
        };
        self.units.iter().filter(is_lost).map(|unit| unit.key.text().to_owned()).collect()
    }

    /// Whether tags of accounts are asked for.
    #[must_use]
    pub fn asks_tags(&self) -> bool {
        !self.by_tag.is_empty()
    }
}

/// Collects what is wrong, so that all of it can be told at once.
struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    fn document(&mut self, root: Node) -> Option<Document> {
        let entries = self.mapping(root, "the document")?;
        let says_mode = entries.iter().any(|entry| entry.key == DEFAULTS && entry.value.may_have(MODE));
        let mut document = Document {
            most: None,
            by_tag: Vec::new(),
            defaults: Block::default(),
            units: Vec::new(),
            accounts: BTreeMap::new(),
        };
        for Entry { key, line, value } in entries {
            match key.as_str() {
                MODE => document.most = self.given(MODE_OF_ALL, line, value),
                ACCOUNT_TAGS => document.by_tag = self.by_tag(value),
                DEFAULTS => document.defaults = self.defaults(value),
                UNITS => document.units = self.units(value),
                ACCOUNTS => document.accounts = self.accounts(value),
                _ => self.fault(line, unknown("key", &key, KEYS.into_iter())),
            }
        }
        if !says_mode {
            let text = "`defaults` has no `mode`: say what is done where nothing else is said, such as `mode: observe`";
            self.faults.push(Fault { line: None, text: text.to_owned() });
        }
        Some(document)
    }

    fn defaults(&mut self, node: Node) -> Block {
        let block = self.block(node, "`defaults`", false);
        if let Some(mode) = block.given.get(MODE_OF_ALL.name).filter(|mode| mode.until.is_some()) {
            let text = "`mode` of `defaults` cannot have `until`, after which nothing would say the mode: give an end to \
                        a mode elsewhere";
            self.fault(mode.line, text.to_owned());
        }
        block
    }

    fn by_tag(&mut self, node: Node) -> Vec<&'static str> {
        let mut settings = Vec::new();
        let entries = match node.content {
            Content::List(entries) => entries,
            Content::Unusable => return settings,
            Content::Text(_) | Content::Mapping(_) | Content::Nothing => {
                let text = "`account_tags` has to be a list of settings, such as [mode, contact]";
                self.fault(node.line, text.to_owned());
                return settings;
            }
        };
        for Node { line, content } in entries {
            let key = match content {
                Content::Text(key) => key,
                Content::Unusable => continue,
                Content::List(_) | Content::Mapping(_) | Content::Nothing => {
                    self.fault(line, "`account_tags` has an entry that is no text".to_owned());
                    continue;
                }
            };
            match setting_of(&key).map(|setting| (setting.name, setting.lacks_room_in_tag())) {
                Ok((_, Some(why))) => self.fault(line, format!("`{key}` cannot be told by a tag: {why}")),
                Ok((name, None)) if settings.contains(&name) => {
                    self.fault(line, format!("`{key}` is there twice"));
                }
                Ok((name, None)) => settings.push(name),
                Err(problem) => self.fault(line, problem),
            }
        }
        settings
    }

    fn units(&mut self, node: Node) -> Vec<Unit> {
        let mut units = Vec::new();
        for Entry { key, line, value } in self.mapping(node, "`units`").unwrap_or_default() {
            if let Some(problem) = UnitKey::problem(&key) {
                self.fault(line, problem);
            }
            let block = self.block(value, &format!("unit `{}`", shortened(&key)), false);
            units.push(Unit { key: UnitKey::of(&key), line, block });
        }
        units
    }

    fn accounts(&mut self, node: Node) -> BTreeMap<String, (usize, Block)> {
        let mut accounts = BTreeMap::new();
        for Entry { key, line, value } in self.mapping(node, "`accounts`").unwrap_or_default() {
            if let Err(expected) = account_number(&key) {
                self.fault(line, format!("`{}` is no account: {expected}", shortened(&key)));
            }
            let block = self.block(value, &format!("account {}", shortened(&key)), true);
            accounts.insert(key, (line, block));
        }
        accounts
    }

    /// The entries of a mapping; nothing at all is an empty one.
    fn mapping(&mut self, node: Node, what: &str) -> Option<Vec<Entry>> {
        match node.content {
            Content::Mapping(entries) => Some(entries),
            Content::Nothing => Some(Vec::new()),
            Content::Unusable => None,
            Content::Text(_) | Content::List(_) => {
                self.fault(node.line, format!("{what} has to be a mapping (`name: value`)"));
                None
            }
        }
    }

    fn fault(&mut self, line: usize, text: String) {
        self.faults.push(Fault { line: Some(line), text });
    }
}

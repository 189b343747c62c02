//! What the document sets at one place: for all accounts, for a unit, or for an account.

use super::Reader;
use super::value::{Form, Given, OfAccounts, key_of, reason, setting_of, unknown, until};
use super::yaml::{Content, Entry, Node};
use crate::settings::shortened;
use jiff::civil::Date;
use std::collections::BTreeMap;

const VALUE: &str = "value";
const REASON: &str = "reason";
const UNTIL: &str = "until";

/// What the document sets at one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block {
    /// By the name of the setting.
    pub(super) given: BTreeMap<&'static str, Given>,
    pub(super) exemptions: Vec<Given>,
}

impl Block {
    /// Everything that is set, one by one.
    pub(super) fn each(&self) -> impl Iterator<Item = &Given> {
        self.given.values().chain(&self.exemptions)
    }
}

/// A value and what is said of it, of which nothing has been checked.
struct Parts {
    value: Option<Node>,
    reason: Option<String>,
    until: Option<Date>,
}

impl Reader {
    /// What is set at one place.
    pub(super) fn block(&mut self, node: Node, of: &str, is_account: bool) -> Block {
        let mut block = Block::default();
        for Entry { key, line, value } in self.mapping(node, of).unwrap_or_default() {
            let setting = match setting_of(&key) {
                Ok(setting) => setting,
                Err(problem) => {
                    self.fault(line, problem);
                    continue;
                }
            };
            if setting.name == "ACCOUNT_NAME" && !is_account {
                self.fault(
                    line,
                    format!("`{key}` would call several accounts the same: set it below `accounts`"),
                );
            }
            match setting.form {
                Form::Exemptions(of) => block.exemptions.extend(self.exemptions(setting, of, line, value)),
                Form::One | Form::Exemption | Form::List => {
                    block.given.extend(self.given(setting, line, value).map(|given| (setting.name, given)));
                }
            }
        }
        block
    }

    /// A value: by itself, or with a reason and an end.
    pub(super) fn given(&mut self, setting: OfAccounts, line: usize, node: Node) -> Option<Given> {
        let key = key_of(setting.name);
        let had = self.faults.len();
        let Parts { value, reason, until } = match node.content {
            Content::Mapping(entries) => self.parts(&key, VALUE, entries)?,
            Content::Unusable => return None,
            Content::Text(_) | Content::List(_) | Content::Nothing => {
                Parts { value: Some(node), reason: None, until: None }
            }
        };
        let Some(value) = value else {
            self.fault(line, format!("`{key}` has no `{VALUE}`"));
            return None;
        };
        let value = self.value(setting, line, value)?;
        // Exemptions are decisions.
        let has_to_say_why = setting.exempts() && !value.is_empty();
        if has_to_say_why && reason.is_none() && self.faults.len() == had {
            let form = format!("{{{VALUE}: {}, {REASON}: ...}}", shortened(&value));
            self.fault(line, format!("`{key}` exempts users, and has no `{REASON}`: write {form}"));
        }
        Some(Given { setting: setting.name, value, line, reason, until })
    }

    fn value(&mut self, setting: OfAccounts, line: usize, node: Node) -> Option<String> {
        match (setting.form, node.content) {
            (Form::List, Content::List(entries)) => self.joined(setting, entries),
            (_, Content::Text(text)) => self.usable(setting, node.line, &text),
            (_, Content::Nothing) => {
                self.fault(line, format!("`{}` {}", key_of(setting.name), setting.no_value()));
                None
            }
            (_, Content::Unusable) => None,
            (Form::One | Form::Exemption | Form::Exemptions(_), Content::List(_))
            | (_, Content::Mapping(_)) => {
                self.fault(node.line, format!("`{}` has to be a single value", key_of(setting.name)));
                None
            }
        }
    }

    /// Exemptions are decisions: each has a reason.
    fn exemptions(&mut self, setting: OfAccounts, of: &str, line: usize, node: Node) -> Vec<Given> {
        let key = key_of(setting.name);
        let problem = match node.content {
            Content::List(entries) => {
                return entries.into_iter().filter_map(|entry| self.exemption(setting, of, entry)).collect();
            }
            Content::Unusable => return Vec::new(),
            Content::Nothing => setting.no_value().to_owned(),
            Content::Text(_) | Content::Mapping(_) => {
                format!("has to be a list, each entry with `{of}` and `{REASON}`")
            }
        };
        self.fault(line, format!("`{key}` {problem}"));
        Vec::new()
    }

    fn exemption(&mut self, setting: OfAccounts, of: &str, Node { line, content }: Node) -> Option<Given> {
        let key = key_of(setting.name);
        let entries = match content {
            Content::Mapping(entries) => entries,
            Content::Unusable => return None,
            Content::Text(_) | Content::List(_) | Content::Nothing => {
                let form = format!("write `{of}:` and `{REASON}:`");
                self.fault(line, format!("`{key}` has an entry without a reason: {form}"));
                return None;
            }
        };
        let had = self.faults.len();
        let Parts { value, reason, until } = self.parts(&key, of, entries)?;
        let (at, text) = match value {
            Some(Node { line, content: Content::Text(text) }) => (line, text),
            Some(Node { line, content: Content::List(_) | Content::Mapping(_) }) => {
                self.fault(line, format!("`{key}`: `{of}` has to be a text"));
                return None;
            }
            Some(Node { content: Content::Unusable, .. }) => return None,
            Some(Node { content: Content::Nothing, .. }) | None => {
                self.fault(line, format!("`{key}` has an entry without `{of}`"));
                return None;
            }
        };
        if reason.is_none() && self.faults.len() == had {
            self.fault(line, format!("`{key}` has an entry without `{REASON}`: {}", shortened(&text)));
        }
        let value = self.usable(setting, at, &text)?;
        Some(Given { setting: setting.name, value, line, reason, until })
    }

    /// A value under this key, its reason, and the last day on which it holds.
    fn parts(&mut self, setting: &str, key_of_value: &str, entries: Vec<Entry>) -> Option<Parts> {
        let mut parts = Parts { value: None, reason: None, until: None };
        let had = self.faults.len();
        for Entry { key, line, value } in entries {
            if key == key_of_value {
                parts.value = Some(value);
                continue;
            }
            let keys = [key_of_value, REASON, UNTIL];
            let text = match value.content {
                _ if key != REASON && key != UNTIL => Err(unknown("key", &key, keys.into_iter())),
                Content::Text(text) => Ok(text),
                Content::Nothing => Ok(String::new()),
                Content::Unusable => continue,
                Content::List(_) | Content::Mapping(_) => Err(format!("`{key}` has to be a text")),
            };
            let problem = match text {
                Ok(text) if key == REASON => reason(&text).map(|reason| parts.reason = Some(reason)),
                Ok(text) => until(&text).map(|day| parts.until = Some(day)),
                Err(problem) => Err(problem),
            };
            if let Err(problem) = problem {
                self.fault(line, format!("{setting}: {problem}"));
            }
        }
        (self.faults.len() == had || parts.value.is_some()).then_some(parts)
    }

    fn joined(&mut self, setting: OfAccounts, entries: Vec<Node>) -> Option<String> {
        let mut texts = Vec::new();
        for Node { line, content } in entries {
            let text = match content {
                Content::Text(text) => text,
                Content::Nothing => String::new(),
                Content::Unusable => return None,
                Content::List(_) | Content::Mapping(_) => {
                    self.fault(line, format!("`{}` has an entry that is no text", key_of(setting.name)));
                    return None;
                }
            };
            texts.push(self.usable(setting, line, &text)?);
        }
        Some(texts.join(","))
    }

    fn usable(&mut self, setting: OfAccounts, line: usize, text: &str) -> Option<String> {
        match setting.problem(text.trim()) {
            Some(problem) => {
                self.fault(line, format!("`{}` {problem}", key_of(setting.name)));
                None
            }
            None => Some(text.trim().to_owned()),
        }
    }
}

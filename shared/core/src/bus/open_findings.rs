//! Which findings about root and the account the last daily sweep put: a tag of the alerts topic.

use crate::digest::Note;
use crate::notice::UNREADABLE;
use std::collections::{BTreeMap, BTreeSet};

/// Tag of the alerts topic that holds the findings that are open.
pub const FINDINGS_KEY: &str = "mfa-enforcer:findings";
/// SNS allows 256 characters in a tag value.
const TAG_VALUE_LIMIT: usize = 256;

/// The codes of the findings about root and the account that are open. Anybody who may tag the topic can write them: they
/// say whether a finding is called new, and which are resolved because they are no longer found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenFindings(BTreeSet<String>);

impl OpenFindings {
    /// Reads the tags of the alerts topic.
    #[must_use]
    pub fn of(topic: Option<&BTreeMap<String, String>>) -> Self {
        let value = topic.and_then(|tags| tags.get(FINDINGS_KEY)).map_or("", String::as_str);
        Self(value.split(' ').filter(|word| is_code(word)).map(str::to_owned).collect())
    }

    /// These.
    #[must_use]
    pub fn from_codes(codes: impl IntoIterator<Item = &'static str>) -> Self {
        Self(codes.into_iter().map(str::to_owned).collect())
    }

    /// The same, and that the account could not be read. The next daily sweep that can read it resolves that.
    #[must_use]
    pub fn and_unreadable(mut self) -> Self {
        self.0.insert(UNREADABLE.to_owned());
        self
    }

    /// Whether the finding with this code is open.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.0.contains(code)
    }

    /// The codes that are open here and not there.
    pub(super) fn without<'a>(&'a self, others: &'a Self) -> impl Iterator<Item = &'a str> {
        self.0.difference(&others.0).map(String::as_str)
    }

    /// The tag to write. What does not fit is called new again.
    #[must_use]
    pub fn note(&self) -> Note {
        let mut value = String::new();
        for code in &self.0 {
            if value.len() + 1 + code.len() <= TAG_VALUE_LIMIT {
                if !value.is_empty() {
                    value.push(' ');
                }
                value.push_str(code);
            }
        }
        (FINDINGS_KEY, value)
    }
}

/// Whether this looks like the code of a finding, as the form of entries has it.
fn is_code(word: &str) -> bool {
    (2..=64).contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

//! The texts that the quarantine policies had in earlier versions, as `policies/former.json` lists them.
//!
//! A hub and the accounts of its organization are not updated at the same time. Until an account is, its policies have
//! the texts of an earlier version, and these are no attack.

use crate::policy_text::{Document, fingerprint};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The texts of earlier versions. By default, those that this version knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FormerTexts(BTreeMap<String, Vec<FormerText>>);

/// A text of an earlier version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerText {
    /// The last version that had it.
    pub version: String,
    /// Its [fingerprint].
    pub sha256: String,
}

static KNOWN: LazyLock<FormerTexts> = LazyLock::new(|| {
    let known = FormerTexts::read(include_str!("../../../policies/former.json"));
    known.unwrap_or_else(|_| FormerTexts(BTreeMap::new()))
});

impl Default for FormerTexts {
    fn default() -> Self {
        KNOWN.clone()
    }
}

impl FormerTexts {
    /// Reads a list.
    ///
    /// # Errors
    /// It does not have the form of `policies/former.json`.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The former texts of a document, the oldest first.
    #[must_use]
    pub fn of(&self, document: Document) -> &[FormerText] {
        self.0.get(document.code()).map_or(&[], Vec::as_slice)
    }

    /// Where this text is among the former ones of the document. It may be percent-encoded, as IAM returns it.
    #[must_use]
    pub fn position(&self, document: Document, text: &str) -> Option<usize> {
        let former = self.of(document);
        let found = fingerprint(text).filter(|_| !former.is_empty())?;
        former.iter().position(|one| one.sha256 == found)
    }
}

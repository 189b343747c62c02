//! What is noted about an account as a whole: alerts about root, and the last digest. A stack of one account has it in the
//! tags of its alerts topic, of which there are 50.

use std::collections::BTreeMap;

/// The key of the notes about an account.
#[must_use]
pub fn ledger_key(account: &str) -> String {
    format!("organization/ledger/{account}.json")
}

/// The notes as JSON, with a line break at the end.
#[must_use]
pub fn ledger_json(notes: &BTreeMap<String, String>) -> Vec<u8> {
    crate::evidence::json(notes)
}

/// The notes that [`ledger_json`] wrote; `None` if these are none.
///
/// ```
/// use mfa_enforcer_core::organization::{ledger_json, read_ledger};
///
/// let notes = [("mfa-enforcer:root-notified".to_owned(), "2026-11-24".to_owned())].into();
/// assert_eq!(read_ledger(&ledger_json(&notes)), Some(notes));
/// assert_eq!(read_ledger(b"[]"), None);
/// ```
#[must_use]
pub fn read_ledger(bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    serde_json::from_slice(bytes).ok()
}

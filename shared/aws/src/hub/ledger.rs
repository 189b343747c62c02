//! What a stack of one account notes in the tags of its alerts topic. Of an organization, each account has an object.

use crate::error::{AwsError, ErrorKind};
use crate::s3::{Bucket, Versioned};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{ledger_json, ledger_key, read_ledger};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// How often a note is tried while others write as well.
const TRIES: usize = 5;

/// The notes about an account.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    bucket: Bucket,
    key: String,
    /// What this run read or wrote last. A write names the tag, so it replaces nothing that somebody else wrote since.
    known: Arc<Mutex<Option<Known>>>,
}

/// The notes, and the tag of the object; `None` if there is none.
#[derive(Debug, Clone)]
struct Known {
    notes: BTreeMap<String, String>,
    tag: Option<String>,
}

impl Ledger {
    /// The notes about this account, in the hub's bucket.
    pub(crate) fn new(bucket: Bucket, account: &str) -> Self {
        Self { bucket, key: ledger_key(account), known: Arc::default() }
    }

    pub(crate) async fn notes(&self) -> Result<BTreeMap<String, String>, AwsError> {
        let read = self.read().await?;
        *self.known.lock().await = Some(read.clone());
        Ok(read.notes)
    }

    pub(crate) async fn set(&self, note: &str, value: &str) -> Result<(), AwsError> {
        let mut known = self.known.lock().await;
        for _ in 0..TRIES {
            // Taken out, since nobody knows what is there after a write that failed.
            let Known { mut notes, tag } = match known.take() {
                Some(known) => known,
                None => self.read().await?,
            };
            notes.insert(note.to_owned(), value.to_owned());
            let written = self.bucket.replace(&self.key, ledger_json(&notes), tag.as_deref()).await?;
            if let Some(tag) = written {
                *known = (!tag.is_empty()).then_some(Known { notes, tag: Some(tag) });
                return Ok(());
            }
        }
        Err(AwsError::incomplete(Operation::PutObject, "an end of others' changes"))
    }

    async fn read(&self) -> Result<Known, AwsError> {
        match self.bucket.get_version(&self.key, None).await {
            Ok(Versioned { bytes, tag, .. }) => {
                let notes =
                    read_ledger(&bytes).ok_or_else(|| AwsError::incomplete(Operation::GetObject, "notes"))?;
                Ok(Known { notes, tag: Some(tag) })
            }
            Err(error) if error.kind == ErrorKind::NotFound => {
                Ok(Known { notes: BTreeMap::new(), tag: None })
            }
            Err(error) => Err(error),
        }
    }
}

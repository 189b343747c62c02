//! What a stack of one account notes in the tags of its alerts topic. Of an organization, each account has an object.

use crate::error::{AwsError, ErrorKind};
use crate::s3::{Bucket, Versioned};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{ledger_json, ledger_key, read_ledger};
use std::collections::BTreeMap;

/// How often a note is tried while others write as well.
const TRIES: usize = 5;

/// The notes about an account.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    bucket: Bucket,
    key: String,
}

impl Ledger {
    /// The notes about this account, in the hub's bucket.
    pub(crate) fn new(bucket: Bucket, account: &str) -> Self {
        Self { bucket, key: ledger_key(account) }
    }

    pub(crate) async fn notes(&self) -> Result<BTreeMap<String, String>, AwsError> {
        Ok(self.read().await?.0)
    }

    pub(crate) async fn set(&self, note: &str, value: &str) -> Result<(), AwsError> {
        for _ in 0..TRIES {
            let (mut notes, tag) = self.read().await?;
            notes.insert(note.to_owned(), value.to_owned());
            if self.bucket.replace(&self.key, ledger_json(&notes), tag.as_deref()).await? {
                return Ok(());
            }
        }
        Err(AwsError::incomplete(Operation::PutObject, "an end of others' changes"))
    }

    /// The notes, and the tag of the object.
    async fn read(&self) -> Result<(BTreeMap<String, String>, Option<String>), AwsError> {
        match self.bucket.get_version(&self.key, None).await {
            Ok(Versioned { bytes, tag, .. }) => {
                let notes =
                    read_ledger(&bytes).ok_or_else(|| AwsError::incomplete(Operation::GetObject, "notes"))?;
                Ok((notes, Some(tag)))
            }
            Err(error) if error.kind == ErrorKind::NotFound => Ok((BTreeMap::new(), None)),
            Err(error) => Err(error),
        }
    }
}

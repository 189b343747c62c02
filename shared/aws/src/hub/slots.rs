//! The slots of an hour in the hub's bucket. Nobody writes one a second time, so what a function saw of an hour holds.

use crate::error::{AwsError, ErrorKind};
use crate::evidence::EvidenceStore;
use crate::s3::Bucket;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{Holder, Slot};
use std::collections::BTreeMap;
use tokio::sync::Mutex;

/// Takes slots, and remembers those of the hour.
pub(crate) struct Slots {
    bucket: Bucket,
    seen: Mutex<Seen>,
}

/// What was seen of an hour: who has which slot.
#[derive(Default)]
struct Seen {
    hour: String,
    slots: BTreeMap<String, Vec<u8>>,
}

impl Slots {
    pub(crate) fn new(bucket: Bucket) -> Self {
        Self { bucket, seen: Mutex::default() }
    }

    /// Takes a slot, or says who has it.
    pub(crate) async fn take(&self, slot: &Slot) -> Result<Holder, AwsError> {
        if let Some(bytes) = self.seen.lock().await.slots.get(&slot.key) {
            return Ok(Holder::Before(bytes.clone()));
        }
        let holder = if self.bucket.replace(&slot.key, slot.bytes.clone(), None).await?.is_some() {
            Holder::Taken
        } else {
            Holder::Before(self.read(&slot.key).await?)
        };
        let mut seen = self.seen.lock().await;
        if seen.hour != slot.hour {
            *seen = Seen { hour: slot.hour.clone(), slots: BTreeMap::new() };
        }
        let bytes = match &holder {
            Holder::Taken => &slot.bytes,
            Holder::Before(bytes) => bytes,
        };
        seen.slots.insert(slot.key.clone(), bytes.clone());
        Ok(holder)
    }

    async fn read(&self, key: &str) -> Result<Vec<u8>, AwsError> {
        match self.bucket.get_object(key).await {
            // S3 refuses a write also while another one is under way.
            Err(error) if error.kind == ErrorKind::NotFound => {
                Err(AwsError::incomplete(Operation::PutObject, "an end of others' changes"))
            }
            other => other,
        }
    }
}

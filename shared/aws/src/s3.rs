//! The [`EvidenceStore`] that calls S3.

use crate::error::AwsError;
use crate::evidence::EvidenceStore;
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::Object as Listed;
use mfa_enforcer_core::evidence::{Object, checksum};
use mfa_enforcer_core::operation::Operation;

/// A bucket of this account, through the SDK's client. Each call names the account, so that nothing goes to a bucket of
/// the same name that somebody else made after ours was deleted.
#[derive(Debug, Clone)]
pub struct Bucket {
    client: Client,
    name: String,
    account: String,
}

impl Bucket {
    /// The bucket of this name in this account.
    #[must_use]
    pub fn new(client: Client, name: &str, account: &str) -> Self {
        Self { client, name: name.to_owned(), account: account.to_owned() }
    }
}

impl EvidenceStore for Bucket {
    async fn put_object(&self, object: &Object) -> Result<(), AwsError> {
        let call = self
            .client
            .put_object()
            .bucket(&self.name)
            .expected_bucket_owner(&self.account)
            .key(&object.key)
            .content_type(object.media)
            .checksum_sha256(checksum(&object.bytes))
            .if_none_match("*")
            .body(ByteStream::from(object.bytes.clone()));
        match call.send().await.map(drop).map_err(|error| AwsError::new(Operation::PutObject, error)) {
            Err(error) if error.code == "PreconditionFailed" => Ok(()),
            other => other,
        }
    }

    async fn list_objects(&self, prefix: &str, after: &str) -> Result<Vec<String>, AwsError> {
        let call = self
            .client
            .list_objects_v2()
            .bucket(&self.name)
            .expected_bucket_owner(&self.account)
            .prefix(prefix)
            .start_after(after);
        let mut pages = call.into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| AwsError::new(Operation::ListObjectsV2, error))?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|Listed { key, .. }| key));
        }
        Ok(keys)
    }

    async fn get_object(&self, key: &str) -> Result<Vec<u8>, AwsError> {
        const OPERATION: Operation = Operation::GetObject;
        let call = self.client.get_object().bucket(&self.name).expected_bucket_owner(&self.account).key(key);
        let answer = call.send().await.map_err(|error| AwsError::new(OPERATION, error))?;
        let body = answer.body.collect().await.map_err(|_| AwsError::incomplete(OPERATION, "its end"))?;
        Ok(body.into_bytes().into())
    }
}

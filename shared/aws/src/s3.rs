//! The [`EvidenceStore`] that calls S3.

use crate::error::{AwsError, ErrorKind};
use crate::evidence::EvidenceStore;
use crate::lazy::Lazy;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::Object as Listed;
use mfa_enforcer_core::evidence::{Object, checksum};
use mfa_enforcer_core::operation::Operation;

/// How many versions of an object are looked at.
const VERSIONS: i32 = 50;
const JSON: &str = "application/json";

/// A bucket, through the SDK's client. Each call names the account that owns it, so that nothing goes to a bucket of the
/// same name that somebody else made after ours was deleted.
#[derive(Debug, Clone)]
pub struct Bucket {
    client: Lazy<Client>,
    name: String,
    owner: String,
}

impl Bucket {
    /// The bucket of this name that this account owns.
    #[must_use]
    pub fn new(client: impl Into<Lazy<Client>>, name: &str, owner: &str) -> Self {
        Self { client: client.into(), name: name.to_owned(), owner: owner.to_owned() }
    }
}

/// An object, and which version of it this is.
pub(crate) struct Versioned {
    pub(crate) bytes: Vec<u8>,
    pub(crate) version: String,
    /// What a write has to name, to replace this and nothing else.
    pub(crate) tag: String,
}

impl Bucket {
    /// An object, in its newest version or another one.
    pub(crate) async fn get_version(&self, key: &str, version: Option<&str>) -> Result<Versioned, AwsError> {
        const OPERATION: Operation = Operation::GetObject;
        let call = self.client.get_object().bucket(&self.name).expected_bucket_owner(&self.owner).key(key);
        let answer = call.set_version_id(version.map(str::to_owned)).send().await;
        let answer = answer.map_err(|error| AwsError::new(OPERATION, error))?;
        let (version, tag) = (answer.version_id.unwrap_or_default(), answer.e_tag.unwrap_or_default());
        let body = answer.body.collect().await.map_err(|_| AwsError::incomplete(OPERATION, "its end"))?;
        Ok(Versioned { bytes: body.into_bytes().into(), version, tag })
    }

    /// The bytes of an object in its newest version; `None` if it is not there.
    ///
    /// # Errors
    /// If S3 refuses or does not answer. Without permission to list the bucket, it refuses what is not there.
    pub async fn read_if_there(&self, key: &str) -> Result<Option<Vec<u8>>, AwsError> {
        match self.get_version(key, None).await {
            Ok(object) => Ok(Some(object.bytes)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The ids of the versions of an object, the newest first.
    pub(crate) async fn versions(&self, key: &str) -> Result<Vec<String>, AwsError> {
        const OPERATION: Operation = Operation::ListObjectVersions;
        let call = self
            .client
            .list_object_versions()
            .bucket(&self.name)
            .expected_bucket_owner(&self.owner)
            .prefix(key)
            .max_keys(VERSIONS);
        let answer = call.send().await.map_err(|error| AwsError::new(OPERATION, error))?;
        let listed = answer.versions.unwrap_or_default().into_iter();
        Ok(listed.filter(|found| found.key() == Some(key)).filter_map(|found| found.version_id).collect())
    }

    /// The call that writes an object; S3 compares the checksum.
    fn writing(&self, key: &str, media: &str, bytes: Vec<u8>) -> PutObjectFluentBuilder {
        self.client
            .put_object()
            .bucket(&self.name)
            .expected_bucket_owner(&self.owner)
            .key(key)
            .content_type(media)
            .checksum_sha256(checksum(&bytes))
            .body(ByteStream::from(bytes))
    }

    /// Writes an object, whatever was there.
    pub(crate) async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), AwsError> {
        let call = self.writing(key, JSON, bytes);
        call.send().await.map(drop).map_err(|error| AwsError::new(Operation::PutObject, error))
    }

    /// Writes an object in place of the version with this tag, or where there is none. Returns the tag of what it wrote; `None`
    /// if somebody else was first.
    pub(crate) async fn replace(
        &self,
        key: &str,
        bytes: Vec<u8>,
        tag: Option<&str>,
    ) -> Result<Option<String>, AwsError> {
        let call = self
            .writing(key, JSON, bytes)
            .set_if_match(tag.map(str::to_owned))
            .set_if_none_match(tag.is_none().then(|| "*".to_owned()));
        match call.send().await.map_err(|error| AwsError::new(Operation::PutObject, error)) {
            Ok(written) => Ok(Some(written.e_tag.unwrap_or_default())),
            Err(error)
                if ["PreconditionFailed", "ConditionalRequestConflict"].contains(&error.code.as_str()) =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl EvidenceStore for Bucket {
    async fn put_object(&self, object: &Object) -> Result<(), AwsError> {
        let call = self.writing(&object.key, object.media, object.bytes.clone()).if_none_match("*");
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
            .expected_bucket_owner(&self.owner)
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
        let call = self.client.get_object().bucket(&self.name).expected_bucket_owner(&self.owner).key(key);
        let answer = call.send().await.map_err(|error| AwsError::new(OPERATION, error))?;
        let body = answer.body.collect().await.map_err(|_| AwsError::incomplete(OPERATION, "its end"))?;
        Ok(body.into_bytes().into())
    }
}

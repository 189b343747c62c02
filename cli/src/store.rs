//! Objects in S3, named as the AWS CLI names them: `s3://BUCKET/PREFIX`.

use crate::access::{Access, Connection};
use anyhow::{Context, anyhow, bail};
use aws_config::{Region, SdkConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use mfa_enforcer_aws::AwsError;
use mfa_enforcer_core::evidence::{Object, checksum};
use mfa_enforcer_core::operation::Operation;
use std::io::{self, Write};
use std::path::Path;

const SCHEME: &str = "s3://";
/// S3 says it even if it refuses the call.
const REGION_HEADER: &str = "x-amz-bucket-region";

/// A bucket, and what the keys in it begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
}

impl Address {
    /// The address that was given in the place of a path. `None` if it is a path.
    pub(crate) fn of(place: &Path) -> anyhow::Result<Option<Self>> {
        let Some(rest) = place.to_str().and_then(|place| place.strip_prefix(SCHEME)) else { return Ok(None) };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            bail!("`{}` names no bucket: expected {SCHEME}BUCKET or {SCHEME}BUCKET/PREFIX", place.display());
        }
        Ok(Some(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() }))
    }
}

/// A bucket that answers.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    client: Client,
    bucket: String,
    /// The account that has to own the bucket; `None` if any may.
    owner: Option<String>,
}

impl Store {
    /// The bucket, in whatever region it is.
    pub(crate) async fn open(access: &Access, address: &Address) -> anyhow::Result<Self> {
        let connection = access.connect().await?;
        Self::through(&connection, &address.bucket, None).await
    }

    /// The same of a bucket of the caller's own account. One of somebody else is refused.
    pub(crate) async fn own(connection: &Connection, bucket: &str) -> anyhow::Result<Self> {
        Self::through(connection, bucket, Some(connection.account.clone())).await
    }

    async fn through(
        Connection { config, .. }: &Connection,
        bucket: &str,
        owner: Option<String>,
    ) -> anyhow::Result<Self> {
        let region = region(config, bucket).await?;
        let config = config.to_builder().region(region.or(config.region().cloned())).build();
        Ok(Self { client: Client::new(&config), bucket: bucket.to_owned(), owner })
    }

    /// The keys that begin so, in their order, each with its size in bytes.
    pub(crate) async fn list(&self, prefix: &str) -> anyhow::Result<Vec<(String, u64)>> {
        let call = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let mut pages = call.set_expected_bucket_owner(self.owner.clone()).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.explain(AwsError::new(Operation::ListObjectsV2, error)))?;
            found.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| {
                let size = object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
                // A folder that somebody made in the console.
                object.key.filter(|key| !key.ends_with('/')).map(|key| (key, size))
            }));
        }
        Ok(found)
    }

    /// Writes the object into `to`, piece by piece.
    pub(crate) async fn fetch(&self, key: &str, to: &mut (dyn Write + Send)) -> io::Result<()> {
        let call = self.client.get_object().bucket(&self.bucket).key(key);
        let answer = call.set_expected_bucket_owner(self.owner.clone()).send().await;
        let answer = answer
            .map_err(|error| io::Error::other(AwsError::new(Operation::GetObject, error).to_string()))?;
        let mut body = answer.body;
        while let Some(piece) = body.try_next().await.map_err(io::Error::other)? {
            to.write_all(&piece)?;
        }
        Ok(())
    }

    /// Writes an object that is not there yet; S3 compares the checksum.
    pub(crate) async fn put(&self, Object { key, bytes, media }: Object) -> anyhow::Result<()> {
        let call = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .set_expected_bucket_owner(self.owner.clone())
            .key(&key)
            .content_type(media)
            .checksum_sha256(checksum(&bytes))
            .if_none_match("*")
            .body(ByteStream::from(bytes.clone()));
        let Err(error) = call.send().await else { return Ok(()) };
        let error = AwsError::new(Operation::PutObject, error);
        // It may be there although the answer was lost.
        let mut found = Vec::new();
        match self.fetch(&key, &mut found).await {
            Ok(()) if found == bytes => Ok(()),
            Ok(()) | Err(_) => Err(self.explain(error)),
        }
    }

    fn explain(&self, error: AwsError) -> anyhow::Error {
        match error.code.as_str() {
            "NoSuchBucket" => anyhow!("there is no bucket `{}`", self.bucket),
            _ => anyhow!(error).context(format!("the bucket `{}`", self.bucket)),
        }
    }
}

/// The region of the bucket, if S3 says it.
async fn region(config: &SdkConfig, bucket: &str) -> anyhow::Result<Option<Region>> {
    let named = match Client::new(config).head_bucket().bucket(bucket).send().await {
        Ok(answer) => answer.bucket_region,
        Err(error) => {
            let raw = error.raw_response();
            let Some(raw) = raw else {
                let error = AwsError::new(Operation::ListObjectsV2, error);
                return Err(error).with_context(|| format!("the bucket `{bucket}`"));
            };
            if raw.status().as_u16() == 404 {
                bail!("there is no bucket `{bucket}`");
            }
            // What else is wrong is said by the call that needs the bucket.
            raw.headers().get(REGION_HEADER).map(str::to_owned)
        }
    };
    Ok(named.map(Region::new))
}

#[cfg(test)]
mod tests {
    use super::Address;
    use rstest::rstest;
    use std::path::Path;

    #[rstest]
    #[case::bucket("s3://records", Some(("records", "")))]
    #[case::prefix("s3://trail/AWSLogs/111122223333/", Some(("trail", "AWSLogs/111122223333/")))]
    #[case::path("records", None)]
    #[case::path_of_such_a_name("./s3://records", None)]
    fn address_is_told_from_a_path(#[case] place: &str, #[case] expected: Option<(&str, &str)>) {
        let address = Address::of(Path::new(place)).unwrap();
        let parts = address.as_ref().map(|address| (address.bucket.as_str(), address.prefix.as_str()));
        assert_eq!(parts, expected);
    }

    #[test]
    fn address_without_a_bucket_is_an_error() {
        let error = Address::of(Path::new("s3:///evidence")).unwrap_err().to_string();
        assert!(error.starts_with("`s3:///evidence` names no bucket"), "{error}");
    }
}

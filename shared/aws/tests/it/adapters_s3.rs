//! The calls to S3 and their errors.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::{GetObjectError, GetObjectOutput};
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::operation::put_object::{PutObjectError, PutObjectOutput};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::Object as Listed;
use aws_smithy_mocks::{mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;
use mfa_enforcer_aws::{Bucket, ErrorKind, EvidenceStore};
use mfa_enforcer_core::evidence::{Object, checksum};

const OWNER: &str = "123456789012";

fn object() -> Object {
    Object { key: "evidence/1/2026/11/27/x/users.csv".to_owned(), bytes: b"name".to_vec(), media: "text/csv" }
}

fn refusal(code: &str) -> ErrorMetadata {
    ErrorMetadata::builder().code(code).build()
}

#[tokio::test]
async fn object_is_written_with_its_hash_and_never_over_another() {
    let put = mock!(Client::put_object)
        .match_requests(|request| {
            request.bucket() == Some("evidence")
                && request.expected_bucket_owner() == Some(OWNER)
                && request.if_none_match() == Some("*")
                && request.checksum_sha256() == Some(&checksum(b"name"))
                && request.content_type() == Some("text/csv")
        })
        .then_output(|| PutObjectOutput::builder().build());
    let bucket = Bucket::new(mock_client!(aws_sdk_s3, [&put]), "evidence", OWNER);
    bucket.put_object(&object()).await.unwrap();
    assert_eq!(put.num_calls(), 1);
}

#[tokio::test]
async fn object_that_is_there_already_was_written_by_an_earlier_try() {
    let there = || PutObjectError::generic(refusal("PreconditionFailed"));
    let put = mock!(Client::put_object).then_error(there);
    let bucket = Bucket::new(mock_client!(aws_sdk_s3, [&put]), "evidence", OWNER);
    bucket.put_object(&object()).await.unwrap();
    let denied = mock!(Client::put_object).then_error(|| PutObjectError::generic(refusal("AccessDenied")));
    let bucket = Bucket::new(mock_client!(aws_sdk_s3, [&denied]), "evidence", OWNER);
    assert_eq!(bucket.put_object(&object()).await.unwrap_err().kind, ErrorKind::Denied);
}

#[tokio::test]
async fn every_page_of_keys_is_listed() {
    let page = |keys: &[&str], next: Option<&str>| {
        let contents = keys.iter().map(|key| Listed::builder().key(*key).build()).collect();
        ListObjectsV2Output::builder()
            .set_contents(Some(contents))
            .is_truncated(next.is_some())
            .set_next_continuation_token(next.map(str::to_owned))
            .build()
    };
    let first = mock!(Client::list_objects_v2)
        .match_requests(|request| {
            request.continuation_token().is_none()
                && request.start_after() == Some("a")
                && request.expected_bucket_owner() == Some(OWNER)
        })
        .then_output(move || page(&["b", "c"], Some("more")));
    let second = mock!(Client::list_objects_v2)
        .match_requests(|request| request.continuation_token() == Some("more"))
        .then_output(move || page(&["d"], None));
    let bucket = Bucket::new(mock_client!(aws_sdk_s3, [&first, &second]), "evidence", OWNER);
    assert_eq!(bucket.list_objects("", "a").await.unwrap(), ["b", "c", "d"]);
}

#[tokio::test]
async fn content_is_read_whole() {
    let body = || GetObjectOutput::builder().body(ByteStream::from_static(b"{}")).build();
    let get = mock!(Client::get_object)
        .match_requests(|request| request.expected_bucket_owner() == Some(OWNER))
        .then_output(body);
    let bucket = Bucket::new(mock_client!(aws_sdk_s3, [&get]), "evidence", OWNER);
    assert_eq!(bucket.get_object("key").await.unwrap(), b"{}");
    let gone = mock!(Client::get_object).then_error(|| GetObjectError::generic(refusal("NoSuchKey")));
    let bucket = Bucket::new(mock_client!(aws_sdk_s3, [&gone]), "evidence", OWNER);
    bucket.get_object("key").await.unwrap_err();
}

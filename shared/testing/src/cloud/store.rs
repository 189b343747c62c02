//! S3: one bucket with versions and conditional writes.

use super::answer::{Answer, escaped, tag};
use super::call::Call;
use std::collections::BTreeMap;
use std::ops::Bound;

/// S3 lists so many keys a page.
const PAGE: usize = 1000;

/// The objects of a bucket, each with its versions, the oldest first.
#[derive(Default)]
pub(super) struct Store {
    objects: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Store {
    pub(super) fn put(&mut self, key: &str, bytes: Vec<u8>) {
        self.objects.entry(key.to_owned()).or_default().push(bytes);
    }

    pub(super) fn newest(&self, key: &str) -> Option<&[u8]> {
        self.objects.get(key)?.last().map(Vec::as_slice)
    }

    pub(super) fn keys(&self, prefix: &str) -> Vec<String> {
        self.after(prefix, prefix)
            .chain(self.objects.contains_key(prefix).then_some(prefix))
            .map(str::to_owned)
            .collect()
    }

    fn after<'a>(&'a self, prefix: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
        let from = after.max(prefix);
        let range = self.objects.range::<str, _>((Bound::Excluded(from), Bound::Unbounded));
        range.map(|(key, _)| key.as_str()).take_while(move |key| key.starts_with(prefix))
    }

    pub(super) fn answer(&mut self, call: &Call, body: &[u8]) -> Answer {
        match call.operation.as_str() {
            "PutObject" => self.write(call, body),
            "ListObjectsV2" => self.list(call),
            "GetObject" => self.read(call),
            other => panic!("S3 does not play {other}"),
        }
    }

    fn read(&self, call: &Call) -> Answer {
        let versions = self.objects.get(&call.key);
        let Some((bytes, version)) = versions.and_then(|all| Some((all.last()?, all.len()))) else {
            return Answer::error_of_s3(404, "NoSuchKey");
        };
        Answer { headers: headers(version), body: bytes.clone(), ..Answer::empty() }
    }

    fn write(&mut self, call: &Call, body: &[u8]) -> Answer {
        let versions = self.objects.entry(call.key.clone()).or_default();
        let is_new = call.parameter("if-none-match").is_empty() || versions.is_empty();
        let expected = call.parameters.get("if-match");
        if !is_new || expected.is_some_and(|tag| *tag != etag(versions.len())) {
            return Answer::error_of_s3(412, "PreconditionFailed");
        }
        versions.push(body.to_vec());
        Answer { headers: headers(versions.len()), ..Answer::empty() }
    }

    fn list(&self, call: &Call) -> Answer {
        let (prefix, start) = (call.parameter("prefix"), call.parameter("start-after"));
        let mut keys = self.after(prefix, start.max(call.parameter("continuation-token")));
        let page: Vec<&str> = keys.by_ref().take(PAGE).collect();
        let is_truncated = keys.next().is_some();
        let contents: String = page.iter().map(|key| tag("Contents", &tag("Key", &escaped(key)))).collect();
        let next = match page.last().filter(|_| is_truncated) {
            Some(last) => tag("NextContinuationToken", &escaped(last)),
            None => String::new(),
        };
        Answer::xml(&tag(
            "ListBucketResult",
            &(contents + &tag("IsTruncated", &is_truncated.to_string()) + &next),
        ))
    }
}

fn etag(version: usize) -> String {
    format!("\"{version}\"")
}

fn headers(version: usize) -> Vec<(&'static str, String)> {
    vec![("etag", etag(version)), ("x-amz-version-id", version.to_string())]
}

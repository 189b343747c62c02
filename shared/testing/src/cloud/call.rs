//! A call to AWS, as it was sent.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// A call to AWS.
#[derive(Debug, Clone)]
pub struct Call {
    /// Which process of the hub made it.
    pub process: usize,
    /// When it was sent.
    pub sent: Timestamp,
    /// Prefix of the service, as in a policy.
    pub service: String,
    /// Name of the call.
    pub operation: String,
    /// The account that it is about: that of the session, or the one that the role, the key or the message names.
    /// Empty if it names none.
    pub account: String,
    /// The object of S3.
    pub key: String,
    /// What else it says, as text.
    pub parameters: BTreeMap<String, String>,
}

impl Call {
    pub(super) fn read(process: usize, sent: Timestamp, request: &HttpRequest) -> Self {
        let header = |name: &str| request.headers().get(name).unwrap_or_default();
        // `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...`
        let scope: Vec<&str> = header("authorization").split(['=', '/', ',']).collect();
        let (access_key, service) = (scope[1], scope[4]);
        let url = request.uri().split_once("://").unwrap().1;
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let body = request.body().bytes().unwrap_or_default();
        let mut parameters = pairs(query.as_bytes());
        let mut key = String::new();
        let operation = if let Some((_, operation)) = header("x-amz-target").split_once('.') {
            parameters = fields(body);
            operation.to_owned()
        } else if service == "s3" {
            key = decoded(path.split_once('/').unwrap().1);
            for name in ["if-match", "if-none-match"] {
                let condition = request.headers().get(name).map(|value| (name.to_owned(), value.to_owned()));
                parameters.extend(condition);
            }
            of_s3(request.method(), &parameters).to_owned()
        } else if service == "ses" {
            assert!(path.ends_with("/outbound-emails"), "SES plays nothing but SendEmail");
            "SendEmail".to_owned()
        } else {
            parameters = pairs(body);
            parameters["Action"].clone()
        };
        let named = parameters.get("RoleArn").or(parameters.get("MessageGroupId"));
        let named = named.map_or(key.as_str(), String::as_str);
        let account = match access_key.strip_prefix("ASIA").filter(|rest| is_account(rest)) {
            Some(account) => account.to_owned(),
            None => named.split([':', '/', '.']).find(|part| is_account(part)).unwrap_or_default().to_owned(),
        };
        Self { process, sent, service: service.to_owned(), operation, account, key, parameters }
    }

    /// The value of a parameter; empty if there is none.
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The same without what is long: there are tens of thousands.
    pub(super) fn without_texts(mut self) -> Self {
        self.parameters
            .retain(|name, _| !["Message", "MessageBody", "Entries", "Policy"].contains(&name.as_str()));
        self
    }

    /// As in a policy: `iam:GetUser`.
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

fn of_s3(method: &str, query: &BTreeMap<String, String>) -> &'static str {
    match method {
        "PUT" => "PutObject",
        _ if query.contains_key("list-type") => "ListObjectsV2",
        _ if query.contains_key("versions") => "ListObjectVersions",
        _ => "GetObject",
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.chars().all(|c| c.is_ascii_digit())
}

fn pairs(encoded: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

fn decoded(path: &str) -> String {
    pairs(format!("path={}", path.replace('+', "%2B")).as_bytes()).remove("path").unwrap()
}

/// The fields of a body in JSON, each as text.
fn fields(body: &[u8]) -> BTreeMap<String, String> {
    let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return BTreeMap::new() };
    fields.into_iter().map(|(name, value)| (name, text(value))).collect()
}

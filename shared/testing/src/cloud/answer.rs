//! Answers in the forms of AWS's protocols.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

/// What a service answers.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn empty() -> Self {
        Self { status: 200, headers: Vec::new(), body: Vec::new() }
    }

    pub(super) fn json(value: &Value) -> Self {
        Self { body: value.to_string().into_bytes(), ..Self::empty() }
    }

    pub(super) fn xml(body: &str) -> Self {
        Self { body: body.as_bytes().to_vec(), ..Self::empty() }
    }

    /// The result of a call of the query protocol.
    pub(super) fn result(operation: &str, content: &str) -> Self {
        let result = tag(&format!("{operation}Result"), content);
        Self::xml(&tag(&format!("{operation}Response"), &result))
    }

    /// An error of a service that speaks XML.
    pub(super) fn error(status: u16, code: &str) -> Self {
        let error = tag("Error", &(tag("Code", code) + &tag("Message", "no message")));
        Self { status, ..Self::xml(&tag("ErrorResponse", &error)) }
    }

    /// An error of S3.
    pub(super) fn error_of_s3(status: u16, code: &str) -> Self {
        Self { status, ..Self::xml(&tag("Error", &(tag("Code", code) + &tag("Message", "no message")))) }
    }
}

impl From<Answer> for HttpResponse {
    fn from(answer: Answer) -> Self {
        let status = StatusCode::try_from(answer.status).unwrap();
        let mut response = Self::new(status, SdkBody::from(answer.body));
        for (name, value) in answer.headers {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

pub(super) fn tag(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

/// A list of the query protocol.
pub(super) fn list(name: &str, items: impl IntoIterator<Item = String>) -> String {
    tag(name, &items.into_iter().map(|item| tag("member", &item)).collect::<String>())
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

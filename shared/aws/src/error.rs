//! Errors: what AWS answered, sorted by what has to happen next, and how an invocation can fail.

use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use lambda_runtime::Diagnostic;
use mfa_enforcer_core::event::Malformed;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::outcome::ErrorType;
use mfa_enforcer_core::progress::Fault;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::snapshot::ReportError;
use std::error::Error;
use std::fmt;

/// What an error of AWS means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Too many calls: try again later.
    Throttled,
    /// No answer, or a failure on the side of AWS: try again later.
    Unavailable,
    /// What the call is about does not exist.
    NotFound,
    /// A permission is missing.
    Denied,
    /// A quota is used up.
    Quota,
    /// SNS will not have this address or number.
    BadAddress,
    /// Refused for another reason.
    Refused,
}

/// A call to AWS that failed. The text has no message of AWS, which may quote names and addresses.
#[derive(thiserror::Error)]
#[error("{operation} failed: {kind} ({code})")]
pub struct AwsError {
    /// `iam:AttachUserPolicy`, as in a policy.
    pub operation: Operation,
    /// What it means.
    pub kind: ErrorKind,
    /// Error code of AWS, or what kept the call from being answered.
    pub code: String,
    /// The SDK's error.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl fmt::Debug for AwsError {
    /// Without the SDK's error: it holds the whole answer of AWS, and the runtime logs what it is given.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsError")
            .field("operation", &self.operation)
            .field("kind", &self.kind)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl AwsError {
    /// Sorts an error of the SDK.
    pub(crate) fn new<E>(operation: Operation, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let (kind, code) = match &error {
            SdkError::TimeoutError(_) => (ErrorKind::Unavailable, "no answer in time"),
            SdkError::DispatchFailure(_) => (ErrorKind::Unavailable, "no connection"),
            SdkError::ResponseError(_) => (ErrorKind::Unavailable, "answer not understood"),
            SdkError::ServiceError(service) => {
                // A failure on the way can answer with a status and no code at all.
                match (service.err().code(), service.raw().status().as_u16()) {
                    (Some(code), _) => (kind_of(code), code),
                    (None, 429) => (ErrorKind::Throttled, "status 429"),
                    (None, 500..) => (ErrorKind::Unavailable, "status 5xx"),
                    (None, _) => (ErrorKind::Refused, "no error code"),
                }
            }
            SdkError::ConstructionFailure(_) | _ => (ErrorKind::Refused, "call could not be made"),
        };
        Self { operation, kind, code: code.to_owned(), source: Some(Box::new(error)) }
    }

    /// An answer that lacks something which AWS documents as always there.
    pub(crate) fn incomplete(operation: Operation, what: &str) -> Self {
        Self { operation, kind: ErrorKind::Unavailable, code: format!("answer without {what}"), source: None }
    }

    /// A call that the function has no time left for.
    pub(crate) fn out_of_time(operation: Operation) -> Self {
        Self { operation, kind: ErrorKind::Unavailable, code: "no time is left".to_owned(), source: None }
    }

    /// The same error of a call whose one argument that can be wrong is an address or a number.
    pub(crate) fn about_an_address(self) -> Self {
        let about = self.kind == ErrorKind::Refused && self.code.starts_with("InvalidParameter");
        if about { Self { kind: ErrorKind::BadAddress, ..self } } else { self }
    }

    /// Whether running the event again can help without anybody mending something first.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.kind {
            ErrorKind::Throttled | ErrorKind::Unavailable => true,
            // Most likely the policy, group or topic is gone; a user who is gone is found out by the next run.
            ErrorKind::NotFound
            | ErrorKind::Denied
            | ErrorKind::Quota
            | ErrorKind::BadAddress
            | ErrorKind::Refused => false,
        }
    }
}

impl Fault for AwsError {
    fn is_transient(&self) -> bool {
        self.is_transient()
    }

    fn is_bad_address(&self) -> bool {
        self.kind == ErrorKind::BadAddress
    }
}

/// Sorts the codes of IAM, SNS and the common errors of AWS.
fn kind_of(code: &str) -> ErrorKind {
    match code {
        "Throttling"
        | "ThrottlingException"
        | "Throttled"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "RequestThrottled"
        | "KMSThrottling"
        | "KMSThrottlingException"
        | "SlowDown" => ErrorKind::Throttled,
        "ServiceFailure"
        | "InternalFailure"
        | "InternalError"
        | "ServiceUnavailable"
        | "ReportInProgress"
        | "ReportNotPresent"
        | "ReportExpired"
        | "RequestExpired"
        | "ConcurrentModification"
        | "ConcurrentAccess"
        | "EntityTemporarilyUnmodifiable"
        | "RequestTimeout" => ErrorKind::Unavailable,
        "NoSuchEntity" | "NotFound" | "ResourceNotFound" => ErrorKind::NotFound,
        "AccessDenied"
        | "AccessDeniedException"
        | "AuthorizationError"
        | "NotAuthorized"
        | "OptInRequired"
        | "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "ExpiredToken"
        | "KMSDisabled"
        | "KMSInvalidState"
        | "KMSNotFound"
        | "KMSOptInRequired"
        | "KMSAccessDenied" => ErrorKind::Denied,
        "LimitExceeded"
        | "TopicLimitExceeded"
        | "SubscriptionLimitExceeded"
        | "TagLimitExceeded"
        | "FilterPolicyLimitExceeded" => ErrorKind::Quota,
        _ => ErrorKind::Refused,
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "throttled",
            Self::Unavailable => "unavailable",
            Self::NotFound => "not found",
            Self::Denied => "access denied, the function's role lacks this permission",
            Self::Quota => "a quota is used up",
            Self::BadAddress => "no address or number that SNS takes",
            Self::Refused => "refused",
        })
    }
}

/// How an invocation fails. Lambda runs the event again, and keeps it in the dead-letter queue if that
/// does not help.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The event cannot be understood.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// IAM does not show yet what the event says.
    #[error("not yet: {0}; the event is to be run again")]
    NotYetVisible(Reason),
    /// A call to AWS failed.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The credential report cannot be read.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// One user of a sweep, for whom no time was left.
    #[error("broken off, no time is left; the sweep is to be run again")]
    OutOfTime,
    /// A sweep that left something to do.
    #[error(
        "the sweep is not finished: {failed} not done ({first}), {remaining} users left for want of time; \
         the sweep is to be run again"
    )]
    SweepUnfinished {
        /// How many things could not be done.
        failed: usize,
        /// Users who are left.
        remaining: usize,
        /// The first error, or that there was none.
        first: String,
    },
}

impl Failure {
    /// Stable name, which alarms and log queries can rely on.
    #[must_use]
    pub fn error_type(&self) -> ErrorType {
        match self {
            Self::Malformed(_) => ErrorType::Malformed,
            Self::NotYetVisible(_) => ErrorType::NotYetVisible,
            Self::Report(_) => ErrorType::UnreadableReport,
            Self::OutOfTime | Self::SweepUnfinished { .. } => ErrorType::SweepUnfinished,
            Self::Aws(error) => match error.kind {
                ErrorKind::Throttled => ErrorType::Throttled,
                ErrorKind::Unavailable => ErrorType::AwsUnavailable,
                ErrorKind::NotFound => ErrorType::NotFound,
                ErrorKind::Denied => ErrorType::AccessDenied,
                ErrorKind::Quota => ErrorType::QuotaExceeded,
                ErrorKind::BadAddress | ErrorKind::Refused => ErrorType::AwsRefused,
            },
        }
    }

    /// Whether running the event again can help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Malformed(_) | Self::Report(_) => false,
            Self::NotYetVisible(_) | Self::OutOfTime | Self::SweepUnfinished { .. } => true,
            Self::Aws(error) => error.is_transient(),
        }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.error_type().code().to_owned(), error_message: failure.to_string() }
    }
}

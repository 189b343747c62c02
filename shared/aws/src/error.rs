//! Errors of AWS, classified by what has to happen next, and the ways in which an invocation can fail.

use crate::hub::Unread;
use aws_sdk_iam::config::http::HttpResponse;
use aws_sdk_iam::error::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use lambda_runtime::Diagnostic;
use mfa_enforcer_core::counted::counted;
use mfa_enforcer_core::event::Malformed;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{MemberFault, Unplaced};
use mfa_enforcer_core::outcome::ErrorType;
use mfa_enforcer_core::progress::Fault;
use mfa_enforcer_core::reason::Reason;
use mfa_enforcer_core::snapshot::ReportError;
use std::error::Error;
use std::fmt;

/// What an AWS error means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Too many calls. Retry later.
    Throttled,
    /// No answer, or a failure on AWS's side. Retry later.
    Unavailable,
    /// The resource does not exist.
    NotFound,
    /// A change that was accepted does not show. It takes some seconds, or somebody undid it. Retry later.
    NotSeen,
    /// A permission is missing.
    Denied,
    /// A quota is exceeded.
    Quota,
    /// SNS or SES rejects this address or phone number.
    BadAddress,
    /// SES sends nothing in the company's name for now, or not to this address.
    SenderRefused,
    /// Refused for any other reason.
    Refused,
}

/// A failed call to AWS. The text leaves out AWS's message, which may quote names and addresses.
#[derive(thiserror::Error)]
#[error("{operation} failed: {kind} ({code})")]
pub struct AwsError {
    /// The call, written as in a policy: `iam:AttachUserPolicy`.
    pub operation: Operation,
    /// What the error means.
    pub kind: ErrorKind,
    /// AWS's error code, or the reason why there was no answer.
    pub code: String,
    /// The SDK's error.
    #[source]
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl fmt::Debug for AwsError {
    /// Leaves out the SDK's error: it holds AWS's whole answer, and the runtime logs the `Debug` form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsError")
            .field("operation", &self.operation)
            .field("kind", &self.kind)
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

impl AwsError {
    /// Classifies an error of the SDK.
    pub fn new<E>(operation: Operation, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let (kind, code) = match &error {
            SdkError::TimeoutError(_) => (ErrorKind::Unavailable, "no answer in time"),
            SdkError::DispatchFailure(_) => (ErrorKind::Unavailable, "no connection"),
            SdkError::ResponseError(_) => (ErrorKind::Unavailable, "answer not understood"),
            SdkError::ServiceError(service) => {
                // A proxy or gateway can answer with a status and no error code.
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

    /// An answer that lacks something AWS documents as always present.
    #[must_use]
    pub fn incomplete(operation: Operation, what: &str) -> Self {
        Self { operation, kind: ErrorKind::Unavailable, code: format!("answer without {what}"), source: None }
    }

    /// A call for which there is no client.
    pub(crate) fn not_asked(operation: Operation) -> Self {
        Self { operation, kind: ErrorKind::Refused, code: "no client".to_owned(), source: None }
    }

    /// A call for which no time is left.
    pub(crate) fn out_of_time(operation: Operation) -> Self {
        Self { operation, kind: ErrorKind::Unavailable, code: "out of time".to_owned(), source: None }
    }

    /// A containment or a release that IAM accepted, and does not show when the user is read back.
    pub(crate) fn not_seen() -> Self {
        let code = "written, and not there when it was read back".to_owned();
        Self { operation: Operation::GetUser, kind: ErrorKind::NotSeen, code, source: None }
    }

    /// The same error for a call in which only the address or phone number can be invalid.
    pub(crate) fn about_an_address(self) -> Self {
        let about = self.kind == ErrorKind::Refused && self.code.starts_with("InvalidParameter");
        if about { Self { kind: ErrorKind::BadAddress, ..self } } else { self }
    }

    /// The same error for a mail, all of which but the address was checked before.
    pub(crate) fn about_mail(self) -> Self {
        let kind = match self.code.as_str() {
            "BadRequestException" => ErrorKind::BadAddress,
            "MessageRejected"
            | "MailFromDomainNotVerifiedException"
            | "SendingPausedException"
            | "AccountSuspendedException"
            // The mails of a day are used up.
            | "LimitExceededException"
            // The configuration set.
            | "NotFoundException" => ErrorKind::SenderRefused,
            _ => self.kind,
        };
        Self { kind, ..self }
    }

    /// Whether a retry can help without anybody fixing something first.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.kind {
            ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::NotSeen => true,
            // The user, the policy, the group or the topic is gone, or not there yet. A second look tells.
            ErrorKind::NotFound
            | ErrorKind::Denied
            | ErrorKind::Quota
            | ErrorKind::BadAddress
            | ErrorKind::SenderRefused
            | ErrorKind::Refused => false,
        }
    }
}

impl Fault for AwsError {
    fn is_transient(&self) -> bool {
        self.is_transient()
    }

    fn is_not_found(&self) -> bool {
        self.kind == ErrorKind::NotFound
    }

    fn is_quota(&self) -> bool {
        self.kind == ErrorKind::Quota
    }

    fn is_bad_address(&self) -> bool {
        self.kind == ErrorKind::BadAddress
    }

    fn is_sender_refused(&self) -> bool {
        self.kind == ErrorKind::SenderRefused
    }
}

/// Classifies the error codes of IAM, SNS, SES and SQS, and AWS's common ones.
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
        "NoSuchEntity"
        | "NoSuchKey"
        | "NotFound"
        | "NotFoundException"
        | "ResourceNotFound"
        | "ResourceNotFoundException"
        | "NoSuchBucket"
        | "QueueDoesNotExist"
        | "AWS.SimpleQueueService.NonExistentQueue" => ErrorKind::NotFound,
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
            Self::NotSeen => "change not visible yet",
            Self::Denied => "access denied, whoever called lacks this permission",
            Self::Quota => "quota exceeded",
            Self::BadAddress => "AWS rejects this address or phone number",
            Self::SenderRefused => "SES does not send this mail",
            Self::Refused => "refused",
        })
    }
}

/// How an invocation fails. Lambda retries the event, and moves it to the dead-letter queue if that does not
/// help.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The event cannot be understood.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// IAM does not show yet what the event says.
    #[error("not yet: {0}; the event needs a retry")]
    NotYetVisible(Reason),
    /// A call to AWS failed.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// What holds in an account of the organization is not known.
    #[error("nothing is done in this account: {0}; the event needs a retry")]
    Unplaced(String),
    /// What the hub needs in an account of the organization is not there.
    #[error("nothing is done in this account: {0}; the event needs a retry")]
    Member(MemberFault),
    /// The credential report cannot be read.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Time ran out for one user of a sweep.
    #[error("out of time; the sweep needs a retry")]
    OutOfTime,
    /// A sweep left something to do.
    #[error(
        "sweep not finished: {failed} failed ({first}), {} left; the sweep needs a retry", counted(*remaining, "user")
    )]
    SweepUnfinished {
        /// Number of things that could not be done.
        failed: usize,
        /// Users left for the next run.
        remaining: usize,
        /// The first error, or a note that there was none.
        first: String,
    },
}

impl Failure {
    /// The stable name on which alarms and log queries can rely.
    #[must_use]
    pub fn error_type(&self) -> ErrorType {
        match self {
            Self::Malformed(_) => ErrorType::Malformed,
            Self::NotYetVisible(_) => ErrorType::NotYetVisible,
            Self::Unplaced(_) | Self::Member(_) => ErrorType::SettingsUnknown,
            Self::Report(_) => ErrorType::UnreadableReport,
            Self::OutOfTime | Self::SweepUnfinished { .. } => ErrorType::SweepUnfinished,
            Self::Aws(error) => match error.kind {
                ErrorKind::Throttled => ErrorType::Throttled,
                ErrorKind::Unavailable => ErrorType::AwsUnavailable,
                ErrorKind::NotFound => ErrorType::NotFound,
                ErrorKind::NotSeen => ErrorType::NotYetVisible,
                ErrorKind::Denied => ErrorType::AccessDenied,
                ErrorKind::Quota => ErrorType::QuotaExceeded,
                ErrorKind::BadAddress | ErrorKind::SenderRefused | ErrorKind::Refused => {
                    ErrorType::AwsRefused
                }
            },
        }
    }

    /// Whether it is the account itself that cannot be looked into, for as long as nobody repairs it.
    pub(crate) fn is_of_the_account(&self) -> bool {
        match self {
            Self::Member(_) => true,
            Self::Aws(error) => !error.is_transient(),
            Self::Malformed(_)
            | Self::NotYetVisible(_)
            | Self::Unplaced(_)
            | Self::Report(_)
            | Self::OutOfTime
            | Self::SweepUnfinished { .. } => false,
        }
    }

    /// Whether another try soon can sweep an account after all. An event waits for a stack that is being deployed; a sweep
    /// comes again.
    pub(crate) fn can_be_swept_soon(&self) -> bool {
        self.is_transient() && !self.is_of_the_account()
    }

    /// Whether a retry can help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Malformed(_) | Self::Report(_) => false,
            Self::NotYetVisible(_)
            | Self::Unplaced(_)
            | Self::Member(_)
            | Self::OutOfTime
            | Self::SweepUnfinished { .. } => true,
            Self::Aws(error) => error.is_transient(),
        }
    }
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Aws(error) => Self::Aws(error),
            Unread::Unusable(problem) => Self::Unplaced(problem),
        }
    }
}

impl From<Unplaced> for Failure {
    fn from(unplaced: Unplaced) -> Self {
        Self::Unplaced(unplaced.to_string())
    }
}

impl From<MemberFault> for Failure {
    fn from(fault: MemberFault) -> Self {
        Self::Member(fault)
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.error_type().code().to_owned(), error_message: failure.to_string() }
    }
}

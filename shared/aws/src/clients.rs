//! The AWS clients.

use crate::lazy::Lazy;
use crate::measure::CountCalls;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, Region, SdkConfig};
use aws_sdk_iam::config::retry::{ClientRateLimiter, RetryPartition, TokenBucket};
use mfa_enforcer_core::VERSION;
use mfa_enforcer_core::settings::Settings;
use std::time::{Duration, SystemTime};

/// How long a connection may take.
pub(crate) const CONNECT: Duration = Duration::from_secs(2);

/// How long a call may take, and how it is retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// One user, and time matters: a call that does not succeed soon fails, and Lambda retries the event.
    Event,
    /// The whole account, and nobody is waiting: calls are retried for as long as possible.
    Sweep,
}

/// The clients of a function, each of which is made when it is first used.
#[derive(Debug, Clone)]
pub struct Clients {
    /// The client for IAM.
    pub iam: Lazy<aws_sdk_iam::Client>,
    /// The client for SNS.
    pub sns: Lazy<aws_sdk_sns::Client>,
    /// The client for S3.
    pub s3: Lazy<aws_sdk_s3::Client>,
    /// The client for `CloudTrail`.
    pub cloudtrail: Lazy<aws_sdk_cloudtrail::Client>,
    /// The client for `CloudFormation`.
    pub cloudformation: Lazy<aws_sdk_cloudformation::Client>,
    /// The client for EventBridge in the region of the bus; `None` if nothing is put.
    pub events: Option<Lazy<aws_sdk_eventbridge::Client>>,
    /// The client for SES in the region that sends; `None` if SNS sends the mail.
    pub ses: Option<Lazy<aws_sdk_sesv2::Client>>,
    /// The client for SQS.
    pub sqs: Lazy<aws_sdk_sqs::Client>,
}

/// Services that are called in regions of their own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Elsewhere<'a> {
    /// The region whose SES sends; `None` if SNS sends the mail.
    pub mail_region: Option<&'a str>,
    /// The region of the event bus; `None` if nothing is put.
    pub bus_region: Option<&'a str>,
}

impl<'a> Elsewhere<'a> {
    /// What the settings name.
    #[must_use]
    pub fn of(settings: &'a Settings) -> Self {
        Self {
            mail_region: settings.sender.as_ref().map(|sender| sender.region.as_str()),
            bus_region: settings.bus_region(),
        }
    }
}

/// A client of this SDK, which counts its calls under the name of the service.
macro_rules! client {
    ($sdk:ident, $service:literal, $config:expr, $pace:expr) => {{
        let (config, pace): (SdkConfig, Pace) = ($config.clone(), $pace);
        Lazy::new(move || {
            let mut builder = $sdk::config::Builder::from(&config).interceptor(CountCalls::of($service));
            builder.set_retry_partition(pace.partition($service));
            $sdk::Client::from_conf(builder.build())
        })
    }};
}

impl Clients {
    /// Clients with these timeouts and retries, which count their calls.
    #[must_use]
    pub fn new(config: &SdkConfig, pace: Pace, elsewhere: Elsewhere<'_>) -> Self {
        let mut config = pace.applied_to(config).to_builder();
        // The SDK sends it with every call, as a part of its user agent.
        config.set_app_name(AppName::new(format!("mfa-enforcer-{VERSION}")).ok());
        let config = config.build();
        let within = |region: &str, config: &SdkConfig| {
            config.to_builder().region(Region::new(region.to_owned())).build()
        };
        // Nothing waits for evidence or an output bus for long: what cannot be written is told.
        let impatient = Pace::Event.applied_to(&config);
        let evidence = impatient.to_builder().timeout_config(pace.timeouts_of_evidence()).build();
        Self {
            iam: client!(aws_sdk_iam, "iam", config, pace),
            sns: client!(aws_sdk_sns, "sns", config, pace),
            s3: client!(aws_sdk_s3, "s3", evidence, Pace::Event),
            cloudtrail: client!(aws_sdk_cloudtrail, "cloudtrail", config, pace),
            cloudformation: client!(aws_sdk_cloudformation, "cloudformation", config, pace),
            events: elsewhere.bus_region.map(|region| {
                client!(aws_sdk_eventbridge, "events", within(region, &impatient), Pace::Event)
            }),
            ses: elsewhere
                .mail_region
                .map(|region| client!(aws_sdk_sesv2, "ses", within(region, &config), pace)),
            sqs: client!(aws_sdk_sqs, "sqs", config, pace),
        }
    }
}

impl Pace {
    /// The configuration with its timeouts and retries.
    #[must_use]
    pub fn applied_to(self, config: &SdkConfig) -> SdkConfig {
        config.to_builder().timeout_config(self.timeouts()).retry_config(self.retries()).build()
    }

    /// Event: 3 seconds per attempt and 8 per call, so that even ten calls that all hang end within the
    /// function's 90 seconds and leave time for the log line.
    ///
    /// Sweep: a page of a thousand users takes some seconds. The call timeout includes all attempts and all
    /// waiting between them, including the client's own rate limiting.
    fn timeouts(self) -> TimeoutConfig {
        let (attempt, call) = match self {
            Self::Event => (3, 8),
            Self::Sweep => (15, 120),
        };
        TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(Duration::from_secs(attempt))
            .operation_timeout(Duration::from_secs(call))
            .build()
    }

    /// The record of thousands of users is megabytes.
    fn timeouts_of_evidence(self) -> TimeoutConfig {
        let (attempt, call) = match self {
            Self::Event => (3, 8),
            Self::Sweep => (10, 30),
        };
        TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(Duration::from_secs(attempt))
            .operation_timeout(Duration::from_secs(call))
            .build()
    }

    /// IAM's rate limit applies to the whole account, so both back off. Once throttled, a sweep also slows down
    /// the calls it has not sent yet. It waits at most 5 seconds between attempts: by default, the first
    /// throttled call of an idle client waits for 20. With 20 attempts, the call timeout is the real limit; with
    /// 10, calls failed in an account where other callers left only one request per second.
    fn retries(self) -> RetryConfig {
        match self {
            Self::Event => RetryConfig::standard().with_max_attempts(4),
            Self::Sweep => {
                RetryConfig::adaptive().with_max_attempts(20).with_max_backoff(Duration::from_secs(5))
            }
        }
    }

    /// The retry partition that clients share; `None` for the SDK's own, one per service.
    ///
    /// The SDK's own has a retry quota. A sweep of a busy account would use it up, and then calls would fail at
    /// the first throttling. The sweep's rate limiter protects IAM better than a quota does.
    fn partition(self, service: &'static str) -> Option<RetryPartition> {
        match self {
            Self::Event => None,
            Self::Sweep => {
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                let partition = RetryPartition::custom(service)
                    .token_bucket(TokenBucket::unlimited())
                    .client_rate_limiter(ClientRateLimiter::new(now.as_secs_f64()));
                Some(partition.build())
            }
        }
    }
}

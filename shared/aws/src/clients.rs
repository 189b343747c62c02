//! The AWS clients.

use crate::measure::CountCalls;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_iam::config::retry::{ClientRateLimiter, RetryPartition, TokenBucket};
use std::time::{Duration, SystemTime};

/// Defaults of the SDK as they were on this day: an update of the SDK changes none of them unnoticed.
const BEHAVIOR: fn() -> BehaviorVersion = BehaviorVersion::v2026_01_12;

/// How long a call may take, and how it is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// One user, and somebody waits: a call that cannot be made soon fails, and Lambda runs the event again.
    Event,
    /// The whole account, and nobody waits: what matters is that no call fails for want of patience.
    Sweep,
}

/// The clients of a function.
#[derive(Debug, Clone)]
pub struct Clients {
    /// IAM.
    pub iam: aws_sdk_iam::Client,
    /// SNS.
    pub sns: aws_sdk_sns::Client,
}

/// Configuration from the environment that Lambda gives.
pub(crate) async fn config() -> SdkConfig {
    aws_config::defaults(BEHAVIOR()).load().await
}

impl Clients {
    /// Clients that keep this pace, and count their calls.
    #[must_use]
    pub fn new(config: &SdkConfig, pace: Pace) -> Self {
        let config = config.to_builder().timeout_config(pace.timeouts()).retry_config(pace.retries()).build();
        let mut iam = aws_sdk_iam::config::Builder::from(&config).interceptor(CountCalls::of("iam"));
        let mut sns = aws_sdk_sns::config::Builder::from(&config).interceptor(CountCalls::of("sns"));
        iam.set_retry_partition(pace.partition("iam"));
        sns.set_retry_partition(pace.partition("sns"));
        Self {
            iam: aws_sdk_iam::Client::from_conf(iam.build()),
            sns: aws_sdk_sns::Client::from_conf(sns.build()),
        }
    }
}

impl Pace {
    /// An event: a call gets 3 seconds an attempt and 8 in all, so that even a plan of ten calls that all hang
    /// ends within the function's 90 seconds, with its log line.
    ///
    /// A sweep: pages of a thousand users take some seconds. The time of a call holds all its attempts and all
    /// the waiting, also that for a turn when the client holds itself back.
    fn timeouts(self) -> TimeoutConfig {
        let (attempt, call) = match self {
            Self::Event => (3, 8),
            Self::Sweep => (15, 120),
        };
        TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(attempt))
            .operation_timeout(Duration::from_secs(call))
            .build()
    }

    /// IAM shares its throttle with the whole account, so all back off. A sweep, once it was throttled, also
    /// holds back what it has not sent yet, and waits at most 5 seconds between two attempts: left alone, the
    /// first throttled call of a quiet client waits for 20. With 20 attempts it is the time of a call that ends
    /// the trying; with 10, some calls failed in an account that others had left one request a second of.
    fn retries(self) -> RetryConfig {
        match self {
            Self::Event => RetryConfig::standard().with_max_attempts(4),
            Self::Sweep => {
                RetryConfig::adaptive().with_max_attempts(20).with_max_backoff(Duration::from_secs(5))
            }
        }
    }

    /// The share of attempts that clients have in common; `None` for the SDK's own, one for each service.
    ///
    /// That has a quota of retries, which a sweep of a busy account would use up, and then a call fails at its
    /// first refusal. The rate that the sweep keeps protects IAM better than such a quota.
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

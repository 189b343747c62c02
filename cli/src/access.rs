//! How a command reaches AWS, as the AWS CLI does.

use anyhow::{Context, anyhow};
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use clap::Args;
use mfa_enforcer_core::partition::Partition;
use std::error::Error;
use std::time::Duration;

/// The region to ask in if nothing names one: that of the commercial partition.
const ANY_REGION: &str = "us-east-1";

/// The credentials and the place of the AWS account
#[derive(Debug, Args)]
#[command(next_help_heading = "AWS")]
pub(crate) struct Access {
    /// A profile of the AWS configuration files
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// A region of the account's partition [default: the profile's, or us-east-1]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Where all calls are sent instead of AWS, such as an emulator
    #[arg(long, value_name = "URL", value_parser = url)]
    endpoint_url: Option<String>,
}

/// An account that answers, and who asks.
#[derive(Debug, Clone)]
pub(crate) struct Connection {
    /// The configuration for the region in which the events of IAM arrive.
    pub(crate) config: SdkConfig,
    /// Number of the account.
    pub(crate) account: String,
    /// ARN of whoever asks.
    pub(crate) caller: String,
}

impl Access {
    /// Asks AWS whose the credentials are, which every principal may.
    pub(crate) async fn connect(&self) -> anyhow::Result<Connection> {
        let config = self.config().await;
        // The first call tells a person what is wrong with the credentials: it should not take long.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_timeout(Duration::from_secs(20))
            .build();
        let sts = aws_sdk_sts::config::Builder::from(&config)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(2));
        let identity = aws_sdk_sts::Client::from_conf(sts.build()).get_caller_identity().send().await;
        let identity = identity.map_err(|error| self.explain(&error))?;
        let (account, caller) =
            identity.account.zip(identity.arn).context("AWS does not say whose the credentials are")?;
        let home = Partition::of_arn(&caller).traits().home_region;
        let region = home.map(Region::from_static).or(config.region().cloned());
        let config = config.to_builder().region(region).build();
        Ok(Connection { config, account, caller })
    }

    async fn config(&self) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
        if let Some(profile) = &self.profile {
            // As in the AWS CLI, a profile that is named wins over credentials in the environment.
            let provider = ProfileFileCredentialsProvider::builder().profile_name(profile).build();
            loader = loader.profile_name(profile).credentials_provider(provider);
        }
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        let config = loader.load().await;
        let region = config.region().cloned().unwrap_or(Region::from_static(ANY_REGION));
        config.to_builder().region(region).build()
    }

    /// What is wrong, and what to do.
    fn explain<E>(&self, error: &SdkError<E>) -> anyhow::Error
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let of_whom =
            self.profile.as_ref().map(|name| format!(" of the profile `{name}`")).unwrap_or_default();
        let advice = match error {
            SdkError::ServiceError(_) => match error.code().unwrap_or("no error code") {
                "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
                    format!("the credentials{of_whom} have expired: sign in again (aws sso login)")
                }
                "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => format!(
                    "AWS does not know the credentials{of_whom}: check them, and whether --region is in their partition"
                ),
                code => format!("AWS does not say whose the credentials{of_whom} are ({code})"),
            },
            SdkError::DispatchFailure(failure) if !failure.is_io() && !failure.is_timeout() => format!(
                "there are no usable credentials{of_whom}: choose a profile with --profile, or sign in (aws sso login)"
            ),
            SdkError::ConstructionFailure(_)
            | SdkError::TimeoutError(_)
            | SdkError::DispatchFailure(_)
            | SdkError::ResponseError(_)
            | _ => {
                let whom = self.endpoint_url.as_deref().unwrap_or("AWS");
                format!("{whom} does not answer: check the network, --region and --endpoint-url")
            }
        };
        anyhow!(innermost(error)).context(advice)
    }
}

/// The cause of an error that has no cause itself. The others only say that there is one.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// An address that starts with a scheme.
fn url(text: &str) -> Result<String, String> {
    let is_url =
        text.strip_prefix("http://").or(text.strip_prefix("https://")).is_some_and(|rest| !rest.is_empty());
    is_url
        .then(|| text.to_owned())
        .ok_or_else(|| "expected an address that begins with http:// or https://".to_owned())
}

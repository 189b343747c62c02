//! Counts the calls to AWS from inside the SDK, where a retry can be told from a new call.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use metrics::counter;
use mfa_enforcer_core::metric::Metric;

/// Counts the calls of a client, and the retries. Each page of a list is a call.
#[derive(Debug, Clone, Copy)]
pub struct CountCalls {
    service: &'static str,
}

impl CountCalls {
    /// A counter for a client of `service`, named as in a policy's actions.
    #[must_use]
    pub fn of(service: &'static str) -> Self {
        Self { service }
    }
}

impl Intercept for CountCalls {
    fn name(&self) -> &'static str {
        "CountCalls"
    }

    fn read_before_attempt(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // The SDK counts attempts from 1.
        let again = cfg.load::<RequestAttempts>().is_some_and(|attempts| attempts.attempts() > 1);
        let metric = if again { Metric::AwsRetries } else { Metric::AwsCalls };
        counter!(metric.name(), "Service" => self.service).increment(1);
        Ok(())
    }
}

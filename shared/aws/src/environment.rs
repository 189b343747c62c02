//! The SDK's configuration, from the environment that Lambda gives a function.

use crate::connections::Connections;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::identity::IdentityCache;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_iam::config::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::default_async_sleep;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The SDK's defaults as of this date, so that updating the SDK does not change them silently.
const BEHAVIOR: fn() -> BehaviorVersion = BehaviorVersion::v2026_01_12;
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// For clients that share these connections. The SDK would find the same by itself, but not before it has looked for what
/// Lambda does not have: profiles, web identities, and the metadata of containers and machines.
pub(crate) fn config(connections: Connections) -> SdkConfig {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    let mut config = SdkConfig::builder()
        .behavior_version(BEHAVIOR())
        .http_client(connections)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .identity_cache(IdentityCache::lazy().build())
        .service_config(EndpointOf(variable));
    config
        .set_region(variable("AWS_REGION").map(Region::new))
        .set_sleep_impl(default_async_sleep())
        .set_endpoint_url(variable(ENDPOINT))
        .set_use_fips(variable("AWS_USE_FIPS_ENDPOINT").map(|value| is_on(&value)))
        .set_use_dual_stack(variable("AWS_USE_DUALSTACK_ENDPOINT").map(|value| is_on(&value)));
    config.build()
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn is_on(value: &str) -> bool {
    value.eq_ignore_ascii_case("true")
}

/// The endpoint of one service, if it has one of its own.
#[derive(Debug)]
struct EndpointOf(fn(&str) -> Option<String>);

impl LoadServiceConfig for EndpointOf {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        self.0(&format!("{}_{service}", key.env()))
    }
}

#[cfg(test)]
mod tests {
    use super::{ENDPOINT, EndpointOf};
    use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

    #[test]
    fn service_has_an_endpoint_of_its_own() {
        let endpoint = |service| {
            let key = ServiceConfigKey::builder().service_id(service).env(ENDPOINT).profile("").build();
            EndpointOf(|name| Some(name.to_owned())).load_config(key.ok()?)
        };
        assert_eq!(endpoint("SES v2").as_deref(), Some("AWS_ENDPOINT_URL_SES_V2"));
    }
}

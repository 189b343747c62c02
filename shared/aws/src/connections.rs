//! The connections that all clients of a function share, and those that are opened before they are needed.

use crate::clients::{CONNECT, Pace};
use aws_config::retry::RetryConfig;
use aws_config::{Region, SdkConfig};
use aws_sdk_iam::config::SharedAsyncSleep;
use aws_smithy_http_client::ConnectorBuilder;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpConnector};
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use futures_util::future::{BoxFuture, FutureExt, join_all};
use std::sync::{Arc, OnceLock};

/// As many calls as IAM gets at once: five reads of a user, while two answers for the messages are still awaited.
const IAM: usize = 7;
/// A mail and a text message.
const SNS: usize = 2;

/// One pool of connections, whatever is called. By default each client of the SDK has one, and parses the system's roots of
/// trust when it is made, and once more when it is used.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connections(Arc<OnceLock<SharedHttpConnector>>);

impl Connections {
    /// As the SDK makes it. The clients differ in how long they wait for an answer, but not in how long for a connection.
    fn connector(&self, sleep: Option<SharedAsyncSleep>) -> SharedHttpConnector {
        let make = || {
            let mut connector = ConnectorBuilder::default()
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .connector_settings(HttpConnectorSettings::builder().connect_timeout(CONNECT).build())
                .proxy_config(ProxyConfig::from_env());
            connector.set_sleep_impl(sleep);
            SharedHttpConnector::new(connector.build())
        };
        self.0.get_or_init(make).clone()
    }

    /// Opens connections to what an event calls, as its own calls would. What fails is left to these.
    pub(crate) async fn open(self, config: SdkConfig, mail_region: Option<String>, is_in_hub: bool) {
        let sleep = config.sleep_impl();
        // The roots of trust are read on a thread of their own, since the runtime asks for the first event meanwhile.
        let read = tokio::task::spawn_blocking(move || drop(self.connector(sleep)));
        if read.await.is_ok() {
            join_all(greetings(&config, mail_region, is_in_hub)).await;
        }
    }
}

impl HttpClient for Connections {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.connector(components.sleep_impl())
    }
}

/// One for each connection. All are sent at once, so each opens its own.
fn greetings(
    config: &SdkConfig,
    mail_region: Option<String>,
    is_in_hub: bool,
) -> Vec<BoxFuture<'static, ()>> {
    let once = Pace::Event.applied_to(config).into_builder().retry_config(RetryConfig::disabled()).build();
    let iam = aws_sdk_iam::config::Builder::from(&once).interceptor(Greeting).build();
    let iam = aws_sdk_iam::Client::from_conf(iam);
    let sns = aws_sdk_sns::config::Builder::from(&once).interceptor(Greeting).build();
    let sns = aws_sdk_sns::Client::from_conf(sns);
    let ses = mail_region.map(|region| {
        let ses = aws_sdk_sesv2::config::Builder::from(&once).interceptor(Greeting);
        aws_sdk_sesv2::Client::from_conf(ses.region(Region::new(region)).build())
    });
    // A hub opens its session before it calls IAM.
    let sts = is_in_hub.then(|| {
        let sts = aws_sdk_sts::config::Builder::from(&once).interceptor(Greeting);
        aws_sdk_sts::Client::from_conf(sts.build())
    });
    let iam = (0..IAM).map(|_| iam.get_account_summary().send().map(drop).boxed());
    let sns = (0..SNS).map(|_| sns.list_topics().send().map(drop).boxed());
    let ses = ses.into_iter().map(|ses| ses.get_account().send().map(drop).boxed());
    let sts = sts.into_iter().map(|sts| sts.get_caller_identity().send().map(drop).boxed());
    iam.chain(sns).chain(ses).chain(sts).collect()
}

/// Makes of a call a request for nothing, with no signature and so under no permission. The answer is no answer to the call,
/// but the connection is there.
#[derive(Debug)]
struct Greeting;

impl Intercept for Greeting {
    fn name(&self) -> &'static str {
        "Greeting"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let call = context.request_mut();
        let host = call.uri().strip_prefix("https://").and_then(|rest| rest.split(['/', '?']).next());
        // Without TLS there is no handshake.
        let host = host.ok_or("nothing to prepare")?;
        *call = HttpRequest::get(format!("https://{host}/"))?;
        Ok(())
    }
}

//! How long a client waits and retries. The tests use a paused clock, so nothing here takes time.

use aws_sdk_iam::config::{Credentials, Region, SharedCredentialsProvider};
use aws_sdk_iam::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use futures_util::future::join_all;
use mfa_enforcer_aws::{Clients, Elsewhere, Lazy, Pace};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An IAM that throttles the first attempts for every user, and is slow.
#[derive(Debug, Clone, Default)]
struct BusyIam {
    throttles: u32,
    takes: Duration,
    attempts: Arc<Mutex<BTreeMap<String, u32>>>,
    user_agents: Arc<Mutex<Vec<String>>>,
}

impl HttpConnector for BusyIam {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let agent = request.headers().get("x-amz-user-agent").unwrap_or_default().to_owned();
        self.user_agents.lock().unwrap().push(agent);
        let form = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
        let attempt = {
            let mut attempts = self.attempts.lock().unwrap();
            let attempt = attempts.entry(form).or_default();
            *attempt += 1;
            *attempt
        };
        let (status, body) = if attempt > self.throttles {
            (200, "<GetUserResponse><GetUserResult/></GetUserResponse>")
        } else {
            (400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>")
        };
        let takes = self.takes;
        HttpConnectorFuture::new(async move {
            tokio::time::sleep(takes).await;
            Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body)))
        })
    }
}

fn iam(pace: Pace, iam: &BusyIam) -> Lazy<aws_sdk_iam::Client> {
    let connector = SharedHttpConnector::new(iam.clone());
    let config = aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    Clients::new(&config, pace, Elsewhere::default()).iam
}

/// Looks up this many users at once, and returns the error code of every failed call.
async fn ask(pace: Pace, users: usize, busy: BusyIam) -> Vec<Option<String>> {
    let client = iam(pace, &busy);
    let calls = (0..users).map(|user| client.get_user().user_name(format!("user-{user}")).send());
    let answers = join_all(calls).await.into_iter();
    answers.filter_map(Result::err).map(|error| error.code().map(str::to_owned)).collect()
}

#[tokio::test(start_paused = true)]
async fn sweep_outlasts_a_throttle_events_do_not() {
    let busy = || BusyIam { throttles: 15, ..BusyIam::default() };
    assert_eq!(ask(Pace::Event, 1, busy()).await, [Some("Throttling".to_owned())]);
    assert_eq!(ask(Pace::Sweep, 1, busy()).await, []);
}

#[tokio::test(start_paused = true)]
async fn sweep_waits_for_a_slow_page_events_do_not() {
    let busy = || BusyIam { takes: Duration::from_secs(10), ..BusyIam::default() };
    assert_eq!(ask(Pace::Event, 1, busy()).await, [None], "no answer, so no error code");
    assert_eq!(ask(Pace::Sweep, 1, busy()).await, []);
}

#[tokio::test(start_paused = true)]
async fn sweep_has_no_retry_quota() {
    // The SDK's default quota allows 100 retries, and these are 180.
    let busy = BusyIam { throttles: 3, takes: Duration::from_millis(1), ..BusyIam::default() };
    assert_eq!(ask(Pace::Sweep, 60, busy).await, []);
}

#[tokio::test(start_paused = true)]
async fn every_call_tells_the_version() {
    let busy = BusyIam::default();
    let agents = Arc::clone(&busy.user_agents);
    assert_eq!(ask(Pace::Event, 1, busy).await, []);
    let app = format!("app/mfa-enforcer-{}", env!("CARGO_PKG_VERSION"));
    assert!(agents.lock().unwrap()[0].split(' ').any(|part| part == app), "{agents:?}");
}

//! What is counted, with a recorder for the test's own thread.

use aws_sdk_iam::operation::tag_user::TagUserOutput;
use aws_sdk_iam::types::Tag;
use aws_smithy_mocks::{RuleMode, mock, mock_client};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use metrics::{
    Counter, CounterFn, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, SharedString, Unit,
};
use mfa_enforcer_aws::measure::{self, CountCalls};
use mfa_enforcer_aws::{ErrorKind, Invocation, handle};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::organization::Readings;
use mfa_enforcer_testing::account::{Account, ENABLED, HEIDIS_PHONE, SIGN_IN, send};
use mfa_enforcer_testing::faulty::{Faulty, When};
use mfa_enforcer_testing::fixtures::{contained, now, sample, settings_with, user, with_device};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A recorder: every value by metric and dimension.
#[derive(Debug, Default, Clone)]
struct Ledger(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

impl Ledger {
    /// The sum of each metric, without those that measure time.
    fn counts(&self) -> BTreeMap<String, f64> {
        let all = self.0.lock().unwrap();
        let sums = all.iter().map(|(name, values)| (name.clone(), values.iter().sum::<f64>()));
        sums.filter(|(name, _)| name != "Duration" && name != "DecisionLatency").collect()
    }

    fn values(&self, name: &str) -> Vec<f64> {
        self.0.lock().unwrap().get(name).cloned().unwrap_or_default()
    }

    fn entry(&self, key: &Key) -> Arc<Entry> {
        let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
        Arc::new(Entry {
            name: format!("{}{}", key.name(), labels.collect::<String>()),
            ledger: self.clone(),
        })
    }
}

struct Entry {
    name: String,
    ledger: Ledger,
}

impl CounterFn for Entry {
    fn increment(&self, by: u64) {
        self.record(f64::from(u32::try_from(by).unwrap()));
    }

    fn absolute(&self, _: u64) {}
}

impl HistogramFn for Entry {
    fn record(&self, value: f64) {
        self.ledger.0.lock().unwrap().entry(self.name.clone()).or_default().push(value);
    }
}

impl metrics::Recorder for Ledger {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.entry(key))
    }

    /// There must be no gauges: the next invocation would send them again.
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.entry(key))
    }
}

/// What was recorded while `work` ran. A tokio test runs on one thread, so that is complete, and nothing else.
async fn recorded<T>(work: impl Future<Output = T>) -> (Ledger, T) {
    let ledger = Ledger::default();
    let recorder = ledger.clone();
    let _guard = metrics::set_default_local_recorder(&recorder);
    let result = work.await;
    (ledger, result)
}

fn counts<const N: usize>(expected: [(&str, f64); N]) -> BTreeMap<String, f64> {
    expected.map(|(name, value)| (name.to_owned(), value)).into()
}

#[tokio::test]
async fn containment_is_counted_with_both_notices() {
    let account = Account::with(user("bob"));
    let (ledger, _) = recorded(send(Function::SignIn, SIGN_IN, &account)).await;
    let expected = counts([("Events Outcome=acted", 1.0), ("NoticesSent", 2.0), ("Quarantines", 1.0)]);
    assert_eq!(ledger.counts(), expected);
}

#[tokio::test]
async fn second_delivery_counts_only_as_an_event() {
    let account = Account::with(user("bob"));
    send(Function::SignIn, SIGN_IN, &account).await.unwrap();
    let (ledger, _) = recorded(send(Function::SignIn, SIGN_IN, &account)).await;
    assert_eq!(ledger.counts(), counts([("Events Outcome=nothing", 1.0)]));
    assert_eq!(ledger.values("Duration").len(), 1);
    assert!(ledger.values("DecisionLatency").is_empty());
}

#[tokio::test]
async fn release_from_policy_and_group_counts_once() {
    let mut heidi = with_device(contained(user("heidi")), HEIDIS_PHONE);
    heidi.groups.push("quarantine".to_owned());
    let account = Account::with(heidi);
    let settings = settings_with(&[("QUARANTINE_GROUP_NAME", "quarantine")]);
    let function = Function::MfaDevice;
    let invocation = Invocation { function, settings: &settings, now: now(), request_id: "test" };
    let (ledger, report) = recorded(handle(&sample(ENABLED), invocation, &account, &account)).await;
    let steps = report.unwrap().steps;
    assert!(steps.starts_with(&["detach-policy".to_owned(), "leave-group".to_owned()]), "{steps:?}");
    assert_eq!(ledger.values("Releases"), [1.0]);
    assert_eq!(ledger.values("Quarantines"), [0.0; 0]);
}

#[tokio::test]
async fn failed_containment_is_not_counted() {
    let account = Account::with(user("bob"));
    let cases = [(ErrorKind::Throttled, "retry"), (ErrorKind::Denied, "failed")];
    for (kind, outcome) in cases {
        // user, set_tag, and then attach_policy.
        let faulty = Faulty::new(&account, 2, When::Before, kind);
        let (ledger, _) = recorded(send(Function::SignIn, SIGN_IN, &faulty)).await;
        assert_eq!(ledger.values("Quarantines"), [0.0; 0], "{kind}");
        assert_eq!(ledger.values(&format!("Events Outcome={outcome}")), [1.0], "{kind}");
        assert!(ledger.values("DecisionLatency").is_empty(), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn containment_that_was_not_read_back_is_not_counted() {
    let account = Account { lag: 4, ..Account::with(user("bob")) };
    let (ledger, _) = recorded(send(Function::SignIn, SIGN_IN, &account)).await;
    assert_eq!(ledger.counts(), counts([("Events Outcome=retry", 1.0)]));
}

#[tokio::test]
async fn containment_counts_despite_a_later_failure() {
    let account = Account::with(user("bob"));
    let faulty = Faulty::of_first(&account, "tell_admins", When::Before, ErrorKind::Unavailable);
    let (ledger, _) = recorded(send(Function::SignIn, SIGN_IN, &faulty)).await;
    let expected =
        [("Events Outcome=retry", 1.0), ("NoticesFailed", 1.0), ("NoticesSent", 1.0), ("Quarantines", 1.0)];
    assert_eq!(ledger.counts(), counts(expected));
}

#[tokio::test]
async fn refused_address_counts_as_failed_notice() {
    let account =
        Account { refuses_mail: Some(mfa_enforcer_aws::ErrorKind::BadAddress), ..Account::with(user("bob")) };
    let (ledger, _) = recorded(send(Function::SignIn, SIGN_IN, &account)).await;
    assert_eq!((ledger.values("NoticesFailed"), ledger.values("NoticesSent")), (vec![1.0], vec![1.0]));
}

#[tokio::test]
async fn ignored_and_malformed_are_counted_apart() {
    let account = Account::default();
    let (ledger, ()) = recorded(async {
        let _ = send(Function::SignIn, "ConsoleLogin/mfa-used-dave", &account).await;
        let _ = send(Function::SignIn, "ConsoleLogin/saml-user", &account).await;
        let _ = send(Function::SignIn, "ConsoleLogin/mfa-used-dave", &account).await;
        let _ = send(Function::SignIn, "Malformed/detail-null", &account).await;
    })
    .await;
    let expected = [
        ("Events Outcome=ignored", 3.0),
        ("Events Outcome=malformed", 1.0),
        ("Ignored Reason=federated-identity", 1.0),
        ("Ignored Reason=mfa-used", 2.0),
        ("Malformed", 1.0),
    ];
    assert_eq!(ledger.counts(), counts(expected));
    assert_eq!(ledger.values("Duration").len(), 4);
}

#[tokio::test]
async fn latency_starts_at_the_event_time() {
    let account = Account::with(user("bob"));
    let (ledger, _) = recorded(send(Function::SignIn, SIGN_IN, &account)).await;
    let sample: Value = serde_json::from_str(&sample(SIGN_IN)).unwrap();
    let event: jiff::Timestamp = sample["detail"]["eventTime"].as_str().unwrap().parse().unwrap();
    let now: jiff::Timestamp = now();
    let waited = now.duration_since(event).as_secs_f64() * 1000.0;
    assert!(waited > 0.0);
    let latency = ledger.values("DecisionLatency");
    assert_eq!(latency.len(), 1);
    assert!(latency[0] >= waited, "{latency:?} is less than {waited}, the time until the event came in");
}

#[tokio::test]
async fn throttled_call_is_one_call_and_one_retry() {
    let throttled = || {
        let body = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>";
        HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body))
    };
    let once = mock!(aws_sdk_iam::Client::tag_user)
        .sequence()
        .http_response(throttled)
        .output(|| TagUserOutput::builder().build())
        .output(|| TagUserOutput::builder().build())
        .build();
    let client = mock_client!(aws_sdk_iam, RuleMode::Sequential, [&once], |config| {
        config.interceptor(CountCalls::of("iam"))
    });
    let tag = Tag::builder().key("key").value("value").build().unwrap();
    let call = client.tag_user().user_name("bob").tags(tag);
    let (first, answer) = recorded(call.clone().send()).await;
    answer.unwrap();
    assert_eq!(first.counts(), counts([("AwsCalls Service=iam", 1.0), ("AwsRetries Service=iam", 1.0)]));
    let (second, answer) = recorded(call.send()).await;
    answer.unwrap();
    assert_eq!(second.counts(), counts([("AwsCalls Service=iam", 1.0)]));
}

pub(crate) fn figures() -> measure::Account<'static> {
    measure::Account {
        users: &[("compliant", 7), ("overdue", 0)],
        contained: 2,
        coverage_percent: Some(87.5),
        protected_percent: Some(92.5),
        alerts_subscribers: Some(0),
        trail_logging: Some(false),
    }
}

pub(crate) const WORK: measure::Work = measure::Work { acted_on: 1, failed: 0, remaining: 3 };

#[tokio::test]
async fn daily_sweep_metrics_include_zeros() {
    let (ledger, ()) = recorded(async {
        measure::account(&figures());
        measure::work(&WORK, true);
    })
    .await;
    let expected = [
        ("AlertsSubscribers", 0.0),
        ("Contained", 2.0),
        ("CoveragePercent", 87.5),
        ("ProtectedPercent", 92.5),
        ("TrailLogging", 0.0),
        ("Users Posture=compliant", 7.0),
        ("Users Posture=overdue", 0.0),
        ("UsersActedOn", 1.0),
        ("UsersFailed", 0.0),
        ("UsersRemaining", 3.0),
    ];
    assert_eq!(ledger.counts(), counts(expected));
    assert_eq!(ledger.values("UsersFailed"), [0.0]);
    let (ledger, ()) = recorded(async {
        measure::account(&measure::Account {
            coverage_percent: None,
            protected_percent: None,
            alerts_subscribers: None,
            trail_logging: None,
            ..figures()
        });
    })
    .await;
    assert!(ledger.values("CoveragePercent").is_empty(), "nobody has a password, so there is no coverage");
    assert!(ledger.values("ProtectedPercent").is_empty(), "nobody needs MFA");
    assert!(ledger.values("AlertsSubscribers").is_empty(), "unknown is not zero");
    assert!(ledger.values("TrailLogging").is_empty(), "unknown is not zero");
}

#[tokio::test]
async fn hub_sends_what_a_daily_sweep_sends_and_its_accounts() {
    let readings = Readings {
        users: [
            ("compliant", 7),
            ("in-grace", 1),
            ("overdue", 0),
            ("exempt", 0),
            ("not-applicable", 3),
            ("unknown", 0),
        ],
        contained: 2,
        coverage_percent: Some(87.5),
        protected_percent: None,
        alerts_subscribers: Some(0),
        acted_on: 1,
        failed: 0,
        remaining: 3,
        covered: 12,
        not_covered: 2,
        no_longer_covered: 0,
    };
    let (ledger, ()) = recorded(async { measure::organization(&readings) }).await;
    let expected = [
        ("AccountsCovered", 12.0),
        ("AccountsNoLongerCovered", 0.0),
        ("AccountsNotCovered", 2.0),
        ("AlertsSubscribers", 0.0),
        ("Contained", 2.0),
        ("CoveragePercent", 87.5),
        ("Users Posture=compliant", 7.0),
        ("Users Posture=exempt", 0.0),
        ("Users Posture=in-grace", 1.0),
        ("Users Posture=not-applicable", 3.0),
        ("Users Posture=overdue", 0.0),
        ("Users Posture=unknown", 0.0),
        ("UsersActedOn", 1.0),
        ("UsersFailed", 0.0),
        ("UsersRemaining", 3.0),
    ];
    assert_eq!(ledger.counts(), counts(expected));
}

#[tokio::test]
async fn hourly_sweep_metrics_leave_zeros_out() {
    let (ledger, ()) = recorded(async { measure::work(&WORK, false) }).await;
    assert_eq!(ledger.counts(), counts([("UsersActedOn", 1.0), ("UsersRemaining", 3.0)]));
}

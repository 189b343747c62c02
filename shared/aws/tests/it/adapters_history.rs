//! The event history: pages, pace and errors.

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::error::ErrorMetadata;
use aws_sdk_cloudtrail::operation::lookup_events::{LookupEventsError, LookupEventsOutput};
use aws_sdk_cloudtrail::types::{Event, LookupAttributeKey};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use jiff::Timestamp;
use mfa_enforcer_aws::{AwsError, CloudTrail, Directory as _, ErrorKind, History, IamDirectory, Pace};
use mfa_enforcer_core::device::{MfaDevice, Serial};
use mfa_enforcer_core::event::{EventId, Relation};
use mfa_enforcer_core::facts::{Approval, AttachedBy};
use mfa_enforcer_core::history::{Lookup, Records};
use mfa_enforcer_testing::fixtures::{PHONE_SERIAL, POLICY, days_ago, now, settings, user};
use serde_json::json;
use tokio::time::Instant;

const FROM: i64 = 1_763_974_800;

fn page(records: &[&str], more: Option<&str>) -> LookupEventsOutput {
    let event = |record: &&str| Event::builder().cloud_trail_event(*record).build();
    LookupEventsOutput::builder()
        .set_events(Some(records.iter().map(event).collect()))
        .set_next_token(more.map(str::to_owned))
        .build()
}

fn directory(pace: Pace, rules: &[&Rule]) -> IamDirectory {
    let client = mock_client!(aws_sdk_cloudtrail, RuleMode::MatchAny, rules);
    let iam = mock_client!(aws_sdk_iam, RuleMode::MatchAny, &[] as &[&Rule]);
    IamDirectory::new(iam).with_history(CloudTrail::new(client, pace))
}

async fn look_up(pace: Pace, rules: &[&Rule]) -> Result<Records, AwsError> {
    let lookup = Lookup { name: "DeactivateMFADevice", from: Timestamp::from_second(FROM).unwrap() };
    directory(pace, rules).look_up(lookup).await
}

#[tokio::test(start_paused = true)]
async fn every_page_is_read_two_a_second() {
    let asked = |call: &aws_sdk_cloudtrail::operation::lookup_events::LookupEventsInput| {
        let [attribute] = call.lookup_attributes() else { return false };
        *attribute.attribute_key() == LookupAttributeKey::EventName
            && attribute.attribute_value() == "DeactivateMFADevice"
            && call.start_time().is_some_and(|time| time.secs() == FROM)
            && call.end_time().is_none()
    };
    let first = mock!(Client::lookup_events)
        .match_requests(move |call| asked(call) && call.next_token().is_none())
        .then_output(|| page(&["one"], Some("two")));
    let second = mock!(Client::lookup_events)
        .match_requests(move |call| asked(call) && call.next_token() == Some("two"))
        .then_output(|| page(&[], Some("three")));
    let third = mock!(Client::lookup_events)
        .match_requests(move |call| asked(call) && call.next_token() == Some("three"))
        .then_output(|| page(&["three"], None));
    let started = Instant::now();
    let found = look_up(Pace::Sweep, &[&first, &second, &third]).await.unwrap();
    assert_eq!(found, Records { records: vec!["one".to_owned(), "three".to_owned()], is_complete: true });
    assert_eq!(started.elapsed().as_millis(), 1000);
}

#[tokio::test(start_paused = true)]
async fn event_is_looked_up_by_its_id() {
    let asked = |call: &aws_sdk_cloudtrail::operation::lookup_events::LookupEventsInput| {
        let [attribute] = call.lookup_attributes() else { return false };
        *attribute.attribute_key() == LookupAttributeKey::EventId
            && call.start_time().is_none()
            && call.end_time().is_none()
    };
    let of = move |id: &'static str| {
        move |call: &aws_sdk_cloudtrail::operation::lookup_events::LookupEventsInput| {
            asked(call) && call.lookup_attributes()[0].attribute_value() == id
        }
    };
    // A page can be empty although another one follows.
    let first = mock!(Client::lookup_events)
        .match_requests(move |call| of("known")(call) && call.next_token().is_none())
        .then_output(|| page(&[], Some("two")));
    let second = mock!(Client::lookup_events)
        .match_requests(move |call| of("known")(call) && call.next_token() == Some("two"))
        .then_output(|| page(&["the record"], None));
    let none = mock!(Client::lookup_events).match_requests(of("unknown")).then_output(|| page(&[], None));
    let client = mock_client!(aws_sdk_cloudtrail, RuleMode::MatchAny, [&first, &second, &none]);
    let history = CloudTrail::new(client, Pace::Event);
    let id = |id| EventId::new(id).unwrap();
    assert_eq!(history.event(&id("known")).await.unwrap().as_deref(), Some("the record"));
    assert_eq!(history.event(&id("unknown")).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn endless_history_is_cut_off() {
    for (pace, pages) in [(Pace::Event, 10), (Pace::Sweep, 200)] {
        let endless = mock!(Client::lookup_events).then_output(|| page(&["one"], Some("more")));
        let found = look_up(pace, &[&endless]).await.unwrap();
        assert_eq!((found.records.len(), found.is_complete), (pages, false));
    }
}

#[tokio::test(start_paused = true)]
async fn refused_history_is_classified() {
    for (code, kind, transient) in [
        ("AccessDeniedException", ErrorKind::Denied, false),
        ("ThrottlingException", ErrorKind::Throttled, true),
        ("InvalidTimeRangeException", ErrorKind::Refused, false),
    ] {
        let refused = mock!(Client::lookup_events)
            .then_error(move || LookupEventsError::generic(ErrorMetadata::builder().code(code).build()));
        let error = look_up(Pace::Event, &[&refused]).await.unwrap_err();
        assert_eq!((error.kind, error.is_transient()), (kind, transient), "{code}");
        assert_eq!(error.operation.action(), "cloudtrail:LookupEvents");
    }
}

fn attached(name: &str) -> String {
    json!({
        "eventSource": "iam.amazonaws.com", "eventName": "AttachUserPolicy", "eventID": "one",
        "eventTime": "2026-11-24T09:00:00Z", "recipientAccountId": "123456789012",
        "userIdentity": {"type": "AssumedRole", "accountId": "123456789012",
            "arn": "arn:aws:sts::123456789012:assumed-role/mfa-enforcer-sweep/mfa-enforcer-sweep"},
        "requestParameters": {"userName": name, "policyArn": POLICY},
    })
    .to_string()
}

/// The enforcer's note that a user was told.
fn told(name: &str) -> String {
    let mut record: serde_json::Value = serde_json::from_str(&attached(name)).unwrap();
    record["eventName"] = "TagUser".into();
    let note = "quarantined 2026-11-24T09:00:00Z event=0d1f2a3b";
    let tags = json!([{"key": "mfa-enforcer:notified", "value": note}]);
    record["requestParameters"] = json!({"userName": name, "tags": tags});
    record.to_string()
}

#[tokio::test(start_paused = true)]
async fn one_answer_serves_all_users_of_a_sweep() {
    let both = mock!(Client::lookup_events).then_output(|| {
        let records = [attached("alice"), attached("bob"), told("alice"), told("bob")];
        page(&records.each_ref().map(String::as_str), None)
    });
    let directory = directory(Pace::Sweep, &[&both]);
    for name in ["alice", "bob"] {
        let mut user = user(name);
        user.attached_policies.push(POLICY.to_owned());
        let who = directory.attached_by(&user, &settings(), now()).await;
        assert_eq!(who, AttachedBy::Us("2026-11-24T09:00:00Z".parse().unwrap()), "{name}");
    }
    assert_eq!(both.num_calls(), 3, "one call for attachments, one for renames, one for notes");
}

#[tokio::test(start_paused = true)]
async fn unreadable_history_names_nobody() {
    let denied = mock!(Client::lookup_events).then_error(|| {
        LookupEventsError::generic(ErrorMetadata::builder().code("AccessDeniedException").build())
    });
    let mut alice = user("alice");
    alice.attached_policies.push(POLICY.to_owned());
    let directory = directory(Pace::Event, &[&denied]);
    assert_eq!(directory.attached_by(&alice, &settings(), now()).await, AttachedBy::Unknown);
    assert_eq!(directory.attached_by(&user("bob"), &settings(), now()).await, AttachedBy::Unknown);
    assert_eq!(denied.num_calls(), 1, "for a user without a quarantine there is nothing to look up");
}

fn approved(name: &str) -> String {
    json!({
        "eventSource": "iam.amazonaws.com", "eventName": "TagUser", "eventID": "two",
        "eventTime": "2026-11-24T09:00:00Z", "recipientAccountId": "123456789012",
        "userIdentity": {"type": "IAMUser", "userName": "carol", "principalId": "AIDAEXAMPLECAROL"},
        "requestParameters": {"userName": name, "tags": [{"key": "mfa-enforcer:approved", "value": "yes"}]},
    })
    .to_string()
}

#[tokio::test(start_paused = true)]
async fn kept_answer_serves_who_needs_no_older_one() {
    let both = mock!(Client::lookup_events)
        .then_output(|| page(&[approved("alice").as_str(), approved("bob").as_str()], None));
    let directory = directory(Pace::Sweep, &[&both]);
    for (name, enrolled, calls) in [("alice", 2, 3), ("bob", 1, 3), ("alice", 3, 6)] {
        let mut user = user(name);
        user.devices.push(MfaDevice { serial: Serial::listed(PHONE_SERIAL), enabled: days_ago(enrolled) });
        let approval = directory.approval(&user, &settings(), now()).await;
        assert!(matches!(approval, Approval::Set { by: Relation::SomebodyElse, .. }), "{name}");
        assert_eq!(both.num_calls(), calls, "enrolled {enrolled} days ago");
    }
}

#[tokio::test(start_paused = true)]
async fn unreadable_history_approves_nothing() {
    let denied = mock!(Client::lookup_events).then_error(|| {
        LookupEventsError::generic(ErrorMetadata::builder().code("AccessDeniedException").build())
    });
    let directory = directory(Pace::Event, &[&denied]);
    assert_eq!(directory.approval(&user("alice"), &settings(), now()).await, Approval::NotLooked);
}

//! The calls to EventBridge and their errors.

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::operation::put_events::{PutEventsError, PutEventsOutput};
use aws_sdk_eventbridge::types::PutEventsResultEntry;
use aws_smithy_mocks::{mock, mock_client};
use aws_smithy_types::error::ErrorMetadata;
use mfa_enforcer_aws::{Bus, ErrorKind, EventBus, NotTaken};
use mfa_enforcer_core::bus::{BusEvent, DetailType};
use mfa_enforcer_testing::fixtures::now;

const ARN: &str = "arn:aws:events:us-east-1:123456789012:event-bus/default";

fn entry(detail: &str) -> BusEvent {
    BusEvent {
        detail_type: DetailType::AccountChange,
        time: now(),
        resource: "arn:aws:iam::123456789012:user/alice".to_owned(),
        detail: detail.to_owned(),
    }
}

#[tokio::test]
async fn entries_name_their_bus_source_and_type() {
    let put = mock!(Client::put_events)
        .match_requests(|request| {
            let [first, second] = request.entries() else { return false };
            first.event_bus_name() == Some(ARN)
                && first.source() == Some("mfa-enforcer")
                && first.detail_type() == Some("Account Change")
                && first.time().unwrap().secs() == now().as_second()
                && first.resources() == ["arn:aws:iam::123456789012:user/alice"]
                && first.detail() == Some("{}")
                && second.detail() == Some("[]")
        })
        .then_output(|| PutEventsOutput::builder().build());
    let bus = Bus::new(mock_client!(aws_sdk_eventbridge, [&put]), ARN);
    assert_eq!(bus.put_events(&[entry("{}"), entry("[]")]).await.unwrap(), []);
    assert_eq!(put.num_calls(), 1);
}

#[tokio::test]
async fn entries_that_are_not_taken_are_named() {
    let put = mock!(Client::put_events).then_output(|| {
        let taken = PutEventsResultEntry::builder().event_id("1").build();
        let not_taken = PutEventsResultEntry::builder().error_code("ThrottlingException").build();
        PutEventsOutput::builder().failed_entry_count(1).entries(taken).entries(not_taken).build()
    });
    let bus = Bus::new(mock_client!(aws_sdk_eventbridge, [&put]), ARN);
    let not_taken = bus.put_events(&[entry("{}"), entry("[]")]).await.unwrap();
    assert_eq!(not_taken, [NotTaken { index: 1, code: "ThrottlingException".to_owned() }]);
}

#[tokio::test]
async fn refused_request_is_an_error() {
    let denied = || PutEventsError::generic(ErrorMetadata::builder().code("AccessDeniedException").build());
    let put = mock!(Client::put_events).then_error(denied);
    let bus = Bus::new(mock_client!(aws_sdk_eventbridge, [&put]), ARN);
    let error = bus.put_events(&[entry("{}")]).await.unwrap_err();
    assert_eq!((error.kind, error.operation.action()), (ErrorKind::Denied, "events:PutEvents"));
}

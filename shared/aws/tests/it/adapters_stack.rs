//! The stack of the deployment: status, outputs and errors.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ErrorMetadata;
use aws_sdk_cloudformation::operation::describe_stack_events::{
    DescribeStackEventsError, DescribeStackEventsOutput,
};
use aws_sdk_cloudformation::operation::describe_stacks::{DescribeStacksError, DescribeStacksOutput};
use aws_sdk_cloudformation::primitives::DateTime;
use aws_sdk_cloudformation::types::{
    Output, ResourceStatus, Stack, StackDriftInformation, StackDriftStatus, StackEvent, StackStatus,
};
use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
use jiff::Timestamp;
use mfa_enforcer_aws::{AwsError, CloudFormation, Directory as _, ErrorKind, IamDirectory};
use mfa_enforcer_core::checkup::StackSeen;
use mfa_enforcer_core::stack::StackState;
use mfa_enforcer_testing::fixtures::STACK;

const CHANGED: i64 = 1_763_974_800;

async fn stack(rules: &[&Rule]) -> Result<StackState, AwsError> {
    let client = mock_client!(aws_sdk_cloudformation, RuleMode::MatchAny, rules);
    let iam = mock_client!(aws_sdk_iam, RuleMode::MatchAny, &[] as &[&Rule]);
    IamDirectory::new(iam).with_stacks(CloudFormation::new(client)).stack(STACK).await
}

fn answer(status: &str, updated: Option<i64>) -> DescribeStacksOutput {
    let output = Output::builder().output_key("QuarantineDocuments").output_value("console=1").build();
    let stack = Stack::builder()
        .stack_name("mfa-enforcer")
        .creation_time(DateTime::from_secs(CHANGED - 60))
        .set_last_updated_time(updated.map(DateTime::from_secs))
        .stack_status(StackStatus::from(status))
        .outputs(output)
        .build();
    DescribeStacksOutput::builder().stacks(stack).build()
}

#[tokio::test]
async fn stack_is_asked_for_by_its_arn() {
    for (updated, changed) in [(Some(CHANGED), CHANGED), (None, CHANGED - 60)] {
        let describe = mock!(Client::describe_stacks)
            .match_requests(|call| call.stack_name() == Some(STACK))
            .then_output(move || answer("UPDATE_IN_PROGRESS", updated));
        let seen = stack(&[&describe]).await.unwrap();
        assert_eq!(seen.status, "UPDATE_IN_PROGRESS");
        assert_eq!(seen.changed.map(Timestamp::as_second), Some(changed));
        assert_eq!(seen.outputs.get("QuarantineDocuments").map(String::as_str), Some("console=1"));
    }
}

#[tokio::test]
async fn status_that_this_sdk_does_not_know_is_kept() {
    let describe = mock!(Client::describe_stacks).then_output(|| answer("MENDING_IN_PROGRESS", None));
    assert_eq!(stack(&[&describe]).await.unwrap().status, "MENDING_IN_PROGRESS");
}

#[tokio::test]
async fn refused_look_is_an_error() {
    for (code, kind) in [("AccessDenied", ErrorKind::Denied), ("ValidationError", ErrorKind::Refused)] {
        let describe = mock!(Client::describe_stacks)
            .then_error(move || DescribeStacksError::generic(ErrorMetadata::builder().code(code).build()));
        let error = stack(&[&describe]).await.unwrap_err();
        assert_eq!((error.kind, error.operation.action()), (kind, "cloudformation:DescribeStacks"));
    }
    let nothing = mock!(Client::describe_stacks).then_output(|| DescribeStacksOutput::builder().build());
    assert_eq!(stack(&[&nothing]).await.unwrap_err().kind, ErrorKind::Unavailable);
}

#[tokio::test]
async fn look_without_a_client_is_an_error() {
    let iam = mock_client!(aws_sdk_iam, RuleMode::MatchAny, &[] as &[&Rule]);
    let error = IamDirectory::new(iam).stack(STACK).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
}

#[tokio::test]
async fn deletion_is_the_last_change() {
    let describe = mock!(Client::describe_stacks).then_output(|| {
        let stack = Stack::builder()
            .stack_name("mfa-enforcer")
            .creation_time(DateTime::from_secs(CHANGED - 60))
            .last_updated_time(DateTime::from_secs(CHANGED - 30))
            .deletion_time(DateTime::from_secs(CHANGED))
            .stack_status(StackStatus::DeleteInProgress)
            .build();
        DescribeStacksOutput::builder().stacks(stack).build()
    });
    let seen = stack(&[&describe]).await.unwrap();
    assert_eq!(seen.changed.map(Timestamp::as_second), Some(CHANGED));
}

fn events(events: Vec<StackEvent>) -> Rule {
    mock!(Client::describe_stack_events).match_requests(|call| call.stack_name() == Some(STACK)).then_output(
        move || DescribeStackEventsOutput::builder().set_stack_events(Some(events.clone())).build(),
    )
}

fn event(resource: &str, status: ResourceStatus) -> StackEvent {
    let event = StackEvent::builder().stack_id(STACK).event_id("1").stack_name("mfa-enforcer");
    let event = event.physical_resource_id(resource).resource_status(status);
    event.timestamp(DateTime::from_secs(CHANGED)).build()
}

async fn ended(rule: &Rule) -> Result<Option<Timestamp>, AwsError> {
    let client = mock_client!(aws_sdk_cloudformation, RuleMode::MatchAny, &[rule]);
    let iam = mock_client!(aws_sdk_iam, RuleMode::MatchAny, &[] as &[&Rule]);
    IamDirectory::new(iam).with_stacks(CloudFormation::new(client)).stack_ended(STACK).await
}

#[tokio::test]
async fn change_ends_with_the_last_event_of_the_stack() {
    let earlier = event("mfa-enforcer-sign-ins", ResourceStatus::UpdateComplete);
    let over = events(vec![event(STACK, ResourceStatus::UpdateComplete), earlier.clone()]);
    assert_eq!(ended(&over).await.unwrap().map(Timestamp::as_second), Some(CHANGED));
    let cleaning = ResourceStatus::from("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
    for newest in [event(STACK, cleaning), earlier.clone()] {
        assert_eq!(ended(&events(vec![newest, earlier.clone()])).await.unwrap(), None);
    }
    assert_eq!(ended(&events(Vec::new())).await.unwrap(), None);
}

#[tokio::test]
async fn refused_events_are_an_error() {
    let refused = mock!(Client::describe_stack_events).then_error(|| {
        DescribeStackEventsError::generic(ErrorMetadata::builder().code("AccessDenied").build())
    });
    let error = ended(&refused).await.unwrap_err();
    assert_eq!(
        (error.kind, error.operation.action()),
        (ErrorKind::Denied, "cloudformation:DescribeStackEvents")
    );
}

async fn find(rules: &[&Rule]) -> Result<Option<StackSeen>, AwsError> {
    CloudFormation::new(mock_client!(aws_sdk_cloudformation, RuleMode::MatchAny, rules))
        .find("corp-mfa")
        .await
}

#[tokio::test]
async fn stack_is_found_by_its_name_with_its_drift() {
    let describe = mock!(Client::describe_stacks)
        .match_requests(|call| call.stack_name() == Some("corp-mfa"))
        .then_output(|| {
            let drift = StackDriftInformation::builder()
                .stack_drift_status(StackDriftStatus::Drifted)
                .last_check_timestamp(DateTime::from_secs(CHANGED));
            let stack = Stack::builder()
                .stack_name("corp-mfa")
                .stack_id(STACK)
                .creation_time(DateTime::from_secs(CHANGED))
                .stack_status(StackStatus::CreateComplete)
                .drift_information(drift.build());
            DescribeStacksOutput::builder().stacks(stack.build()).build()
        });
    let seen = find(&[&describe]).await.unwrap().unwrap();
    assert_eq!((seen.name.as_str(), seen.id.as_str()), ("corp-mfa", STACK));
    assert_eq!(seen.state.status, "CREATE_COMPLETE");
    assert_eq!(seen.drift.status, "DRIFTED");
    assert_eq!(seen.drift.at.map(Timestamp::as_second), Some(CHANGED));
}

#[tokio::test]
async fn name_of_no_stack_is_not_an_error_and_a_refusal_is() {
    let refused = |code: &'static str| {
        mock!(Client::describe_stacks)
            .then_error(move || DescribeStacksError::generic(ErrorMetadata::builder().code(code).build()))
    };
    assert_eq!(find(&[&refused("ValidationError")]).await.unwrap(), None);
    assert_eq!(find(&[&refused("AccessDenied")]).await.unwrap_err().kind, ErrorKind::Denied);
}

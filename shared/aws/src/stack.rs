//! `CloudFormation`: the stack of this deployment.

use crate::error::AwsError;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::ResourceStatus;
use jiff::Timestamp;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::stack::StackState;

const OPERATION: Operation = Operation::DescribeStacks;

/// `CloudFormation`, through the SDK's client.
#[derive(Debug, Clone)]
pub struct CloudFormation {
    client: Client,
}

impl CloudFormation {
    /// The stacks that this client sees.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// When the last change of the stack ended; `None` if it has not. The newest event of a stack is about the stack
    /// itself then.
    pub(crate) async fn ended(&self, arn: &str) -> Result<Option<Timestamp>, AwsError> {
        const OPERATION: Operation = Operation::DescribeStackEvents;
        let answer = self.client.describe_stack_events().stack_name(arn).send().await;
        let events =
            answer.map_err(|error| AwsError::new(OPERATION, error))?.stack_events.unwrap_or_default();
        let newest = events.into_iter().next().filter(|event| event.physical_resource_id() == Some(arn));
        let is_over = |status: &ResourceStatus| !status.as_str().ends_with("_IN_PROGRESS");
        let end = newest.filter(|event| event.resource_status().is_some_and(is_over));
        Ok(end.and_then(|event| Timestamp::from_second(event.timestamp()?.secs()).ok()))
    }

    /// The stack with this ARN. By its ARN a stack is found even after it was deleted.
    pub(crate) async fn stack(&self, arn: &str) -> Result<StackState, AwsError> {
        let answer = self.client.describe_stacks().stack_name(arn).send().await;
        let stacks = answer.map_err(|error| AwsError::new(OPERATION, error))?.stacks.unwrap_or_default();
        let stack = stacks.into_iter().next().ok_or_else(|| AwsError::incomplete(OPERATION, "a stack"))?;
        let status = stack.stack_status.ok_or_else(|| AwsError::incomplete(OPERATION, "a status"))?;
        let changed = stack.deletion_time.or(stack.last_updated_time).or(stack.creation_time);
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        Ok(StackState {
            status: status.as_str().to_owned(),
            changed: changed.and_then(|time| Timestamp::from_second(time.secs()).ok()),
            outputs: outputs.filter_map(|output| Some((output.output_key?, output.output_value?))).collect(),
        })
    }
}

//! `CloudFormation`: the stack of this deployment.

use crate::error::AwsError;
use aws_sdk_cloudformation::Client;
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

    /// The stack with this ARN. By its ARN a stack is found even after it was deleted.
    pub(crate) async fn stack(&self, arn: &str) -> Result<StackState, AwsError> {
        let answer = self.client.describe_stacks().stack_name(arn).send().await;
        let stacks = answer.map_err(|error| AwsError::new(OPERATION, error))?.stacks.unwrap_or_default();
        let stack = stacks.into_iter().next().ok_or_else(|| AwsError::incomplete(OPERATION, "a stack"))?;
        let status = stack.stack_status.ok_or_else(|| AwsError::incomplete(OPERATION, "a status"))?;
        let changed = stack.last_updated_time.or(stack.creation_time);
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        Ok(StackState {
            status: status.as_str().to_owned(),
            changed: changed.and_then(|time| Timestamp::from_second(time.secs()).ok()),
            outputs: outputs.filter_map(|output| Some((output.output_key?, output.output_value?))).collect(),
        })
    }
}

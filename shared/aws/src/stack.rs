//! `CloudFormation`: the stack of this deployment.

use crate::error::AwsError;
use crate::lazy::Lazy;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{ResourceStatus, Stack, StackDriftInformation, StackDriftStatus};
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use mfa_enforcer_core::checkup::{Drift, StackSeen};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::stack::StackState;

const OPERATION: Operation = Operation::DescribeStacks;
/// What `CloudFormation` answers for a name that no stack has.
const NO_SUCH_STACK: &str = "ValidationError";

/// `CloudFormation`, through the SDK's client.
#[derive(Debug, Clone)]
pub struct CloudFormation {
    client: Lazy<Client>,
}

impl CloudFormation {
    /// The stacks that this client sees.
    #[must_use]
    pub fn new(client: impl Into<Lazy<Client>>) -> Self {
        Self { client: client.into() }
    }

    /// The parameters of the stack with this name, in the order in which they are answered.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub async fn parameters(&self, name: &str) -> Result<Vec<(String, String)>, AwsError> {
        let answer = self.client.describe_stacks().stack_name(name).send().await;
        let stacks = answer.map_err(|error| AwsError::new(OPERATION, error))?.stacks.unwrap_or_default();
        let stack = stacks.into_iter().next().ok_or_else(|| AwsError::incomplete(OPERATION, "a stack"))?;
        let parameters = stack.parameters.unwrap_or_default().into_iter();
        Ok(parameters.filter_map(|each| Some((each.parameter_key?, each.parameter_value?))).collect())
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
        Ok(end.and_then(|event| time(event.timestamp()?)))
    }

    /// The stack with this ARN. By its ARN a stack is found even after it was deleted.
    pub(crate) async fn stack(&self, arn: &str) -> Result<StackState, AwsError> {
        state(self.described(arn).await?)
    }

    /// The stack of this name, with what is known of its drift; `None` if there is none.
    ///
    /// # Errors
    /// If `CloudFormation` refuses or does not answer.
    pub async fn find(&self, name: &str) -> Result<Option<StackSeen>, AwsError> {
        let stack = match self.described(name).await {
            Err(error) if error.code == NO_SUCH_STACK => return Ok(None),
            other => other?,
        };
        let id = stack.stack_id.clone().ok_or_else(|| AwsError::incomplete(OPERATION, "an ARN"))?;
        let drift = stack.drift_information.as_ref().map(drift).unwrap_or_default();
        Ok(Some(StackSeen { name: name.to_owned(), id, state: state(stack)?, drift }))
    }

    async fn described(&self, stack: &str) -> Result<Stack, AwsError> {
        let answer = self.client.describe_stacks().stack_name(stack).send().await;
        let stacks = answer.map_err(|error| AwsError::new(OPERATION, error))?.stacks.unwrap_or_default();
        stacks.into_iter().next().ok_or_else(|| AwsError::incomplete(OPERATION, "a stack"))
    }
}

fn state(stack: Stack) -> Result<StackState, AwsError> {
    let status = stack.stack_status.ok_or_else(|| AwsError::incomplete(OPERATION, "a status"))?;
    let changed = stack.deletion_time.or(stack.last_updated_time).or(stack.creation_time);
    let outputs = stack.outputs.unwrap_or_default().into_iter();
    Ok(StackState {
        status: status.as_str().to_owned(),
        changed: changed.as_ref().and_then(time),
        outputs: outputs.filter_map(|output| Some((output.output_key?, output.output_value?))).collect(),
    })
}

fn drift(found: &StackDriftInformation) -> Drift {
    let status = found.stack_drift_status().map(StackDriftStatus::as_str).unwrap_or_default();
    Drift { status: status.to_owned(), at: found.last_check_timestamp().and_then(time) }
}

fn time(time: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(time.secs()).ok()
}

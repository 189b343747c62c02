//! Reads the parts of a stack that only this command looks at.

use super::read_deployment::if_there;
use crate::stack_resources::Resource;
use aws_config::SdkConfig;
use aws_sdk_lambda::operation::get_function_configuration::GetFunctionConfigurationOutput;
use aws_sdk_sqs::types::QueueAttributeName;
use futures_util::stream::{self, StreamExt};
use mfa_enforcer_aws::AwsError;
use mfa_enforcer_core::checkup::{Executions, FunctionSeen, LinkSeen, Part, QueueSeen, Read, RuleSeen};
use mfa_enforcer_core::operation::Operation;
use std::collections::BTreeMap;

/// Parts that are read at once.
pub(super) const AT_ONCE: usize = 8;

/// The clients with which parts are read.
#[derive(Debug)]
pub(super) struct Parts {
    events: aws_sdk_eventbridge::Client,
    lambda: aws_sdk_lambda::Client,
    schedules: aws_sdk_scheduler::Client,
    queues: aws_sdk_sqs::Client,
}

impl Parts {
    /// Clients with this configuration.
    pub(super) fn of(config: &SdkConfig) -> Self {
        Self {
            events: aws_sdk_eventbridge::Client::new(config),
            lambda: aws_sdk_lambda::Client::new(config),
            schedules: aws_sdk_scheduler::Client::new(config),
            queues: aws_sdk_sqs::Client::new(config),
        }
    }

    /// Looks up the listed resources of a kind, some at once.
    async fn of_kind<T>(
        listed: &[Resource],
        kind: &str,
        look_up: impl AsyncFn(String) -> Read<Option<T>>,
    ) -> Vec<Part<T>> {
        let look_up = &look_up;
        let parts =
            listed.iter().filter(|resource| resource.kind == kind).cloned().map(|resource| async move {
                let found = look_up(resource.name.clone()).await;
                Part { logical: resource.logical, name: resource.name, found }
            });
        stream::iter(parts).buffered(AT_ONCE).collect().await
    }

    /// The functions.
    pub(super) async fn functions(&self, listed: &[Resource]) -> Vec<Part<FunctionSeen>> {
        const OPERATION: Operation = Operation::GetFunctionConfiguration;
        Self::of_kind(listed, "AWS::Lambda::Function", async |name| {
            let call = self.lambda.get_function_configuration().function_name(&name).send().await;
            let Some(found) = if_there(call.map_err(|error| AwsError::new(OPERATION, error)))? else {
                return Ok(None);
            };
            let version = match &found.function_arn {
                Some(arn) => self.version(arn).await,
                None => Err(AwsError::incomplete(OPERATION, "an ARN").to_string()),
            };
            Ok(Some(function(found, self.concurrency(&name).await, version, self.policy(&name).await)))
        })
        .await
    }

    async fn concurrency(&self, name: &str) -> Read<Option<u32>> {
        let answer = self.lambda.get_function_concurrency().function_name(name).send().await;
        let answer =
            answer.map_err(|error| AwsError::new(Operation::GetFunctionConcurrency, error).to_string())?;
        Ok(answer.reserved_concurrent_executions.and_then(|count| u32::try_from(count).ok()))
    }

    /// How many executions the account allows at the same time.
    pub(super) async fn executions(&self) -> Read<Executions> {
        const OPERATION: Operation = Operation::GetAccountSettings;
        let answer = self.lambda.get_account_settings().send().await;
        let answer = answer.map_err(|error| AwsError::new(OPERATION, error).to_string())?;
        let limits = answer.account_limit.as_ref();
        let count = |count: Option<i32>| count.and_then(|count| u32::try_from(count).ok());
        let limit = count(limits.map(|limits| limits.concurrent_executions));
        let unreserved = count(limits.and_then(|limits| limits.unreserved_concurrent_executions));
        let both = limit.zip(unreserved).map(|(limit, unreserved)| Executions { limit, unreserved });
        both.ok_or_else(|| AwsError::incomplete(OPERATION, "the limit of executions").to_string())
    }

    async fn policy(&self, name: &str) -> Read<Option<String>> {
        let answer = self.lambda.get_policy().function_name(name).send().await;
        let found = answer.map_err(|error| AwsError::new(Operation::GetFunctionPolicy, error));
        Ok(if_there(found)?.and_then(|found| found.policy))
    }

    async fn version(&self, arn: &str) -> Read<Option<String>> {
        let answer = self.lambda.list_tags().resource(arn).send().await;
        let answer = answer.map_err(|error| AwsError::new(Operation::ListFunctionTags, error).to_string())?;
        Ok(answer.tags.unwrap_or_default().remove("version"))
    }

    /// The rules.
    pub(super) async fn rules(&self, listed: &[Resource]) -> Vec<Part<RuleSeen>> {
        Self::of_kind(listed, "AWS::Events::Rule", async |name| self.rule(&name).await).await
    }

    /// The rules of these names, each with what the template calls it.
    pub(super) async fn rules_named(&self, named: &[(&str, String)]) -> Vec<Part<RuleSeen>> {
        let mut parts = Vec::new();
        for (logical, name) in named {
            let found = self.rule(name).await;
            parts.push(Part { logical: (*logical).to_owned(), name: name.clone(), found });
        }
        parts
    }

    async fn rule(&self, name: &str) -> Read<Option<RuleSeen>> {
        let answer = self.events.describe_rule().name(name).send().await;
        let found = answer.map_err(|error| AwsError::new(Operation::DescribeRule, error));
        let Some(found) = if_there(found)? else { return Ok(None) };
        let state = found.state.map(|state| state.as_str().to_owned()).unwrap_or_default();
        let arn = found.arn.unwrap_or_default();
        Ok(Some(RuleSeen { arn, state, targets: self.targets(name).await }))
    }

    /// A rule has five targets at most, so they are on one page.
    async fn targets(&self, rule: &str) -> Read<Vec<String>> {
        let answer = self.events.list_targets_by_rule().rule(rule).send().await;
        let answer =
            answer.map_err(|error| AwsError::new(Operation::ListTargetsByRule, error).to_string())?;
        Ok(answer.targets.unwrap_or_default().into_iter().map(|target| target.arn).collect())
    }

    /// The schedules.
    pub(super) async fn schedules(&self, listed: &[Resource]) -> Vec<Part<LinkSeen>> {
        Self::of_kind(listed, "AWS::Scheduler::Schedule", async |name| {
            let answer = self.schedules.get_schedule().name(&name).send().await;
            let found = answer.map_err(|error| AwsError::new(Operation::GetSchedule, error));
            Ok(if_there(found)?.map(|found| LinkSeen {
                state: found.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
                queue: found.target.map(|target| target.arn).unwrap_or_default(),
            }))
        })
        .await
    }

    /// What passes messages of queues on to functions.
    pub(super) async fn mappings(&self, listed: &[Resource]) -> Vec<Part<LinkSeen>> {
        Self::of_kind(listed, "AWS::Lambda::EventSourceMapping", async |id| {
            let answer = self.lambda.get_event_source_mapping().uuid(id).send().await;
            let found = answer.map_err(|error| AwsError::new(Operation::GetEventSourceMapping, error));
            Ok(if_there(found)?.map(|found| LinkSeen {
                state: found.state.unwrap_or_default(),
                queue: found.event_source_arn.unwrap_or_default(),
            }))
        })
        .await
    }

    /// The queues, which are listed by their addresses.
    pub(super) async fn queues(&self, listed: &[Resource]) -> Vec<Part<QueueSeen>> {
        Self::of_kind(listed, "AWS::SQS::Queue", async |url| self.queue(url).await).await
    }

    /// The queue with this address.
    pub(super) async fn queue(&self, url: String) -> Read<Option<QueueSeen>> {
        const MESSAGES: QueueAttributeName = QueueAttributeName::ApproximateNumberOfMessages;
        const OPERATION: Operation = Operation::GetQueueAttributes;
        let call = self.queues.get_queue_attributes().queue_url(url);
        let call = call.attribute_names(MESSAGES).attribute_names(QueueAttributeName::QueueArn);
        let found = if_there(call.send().await.map_err(|error| AwsError::new(OPERATION, error)))?;
        let Some(attributes) = found.map(|found| found.attributes.unwrap_or_default()) else {
            return Ok(None);
        };
        let messages = attributes.get(&MESSAGES).and_then(|count| count.parse().ok());
        let messages =
            messages.ok_or_else(|| AwsError::incomplete(OPERATION, "a number of messages").to_string())?;
        let arn = attributes.get(&QueueAttributeName::QueueArn).cloned().unwrap_or_default();
        Ok(Some(QueueSeen { arn, messages }))
    }
}

fn function(
    found: GetFunctionConfigurationOutput,
    concurrency: Read<Option<u32>>,
    version: Read<Option<String>>,
    policy: Read<Option<String>>,
) -> FunctionSeen {
    let variables = match found.environment {
        Some(environment) => match environment.error {
            Some(error) => Err(format!("Lambda cannot read them ({})", error.error_code.unwrap_or_default())),
            None => Ok(environment.variables.unwrap_or_default().into_iter().collect()),
        },
        None => Ok(BTreeMap::new()),
    };
    FunctionSeen {
        state: found.state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        last_update: found.last_update_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        variables,
        concurrency,
        version,
        policy,
    }
}

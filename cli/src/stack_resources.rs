//! What a stack consists of.

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::StackResourceSummary;
use mfa_enforcer_aws::AwsError;
use mfa_enforcer_core::operation::Operation;

/// A resource that a stack lists.
#[derive(Debug, Clone)]
pub(crate) struct Resource {
    /// Such as `AWS::SQS::Queue`.
    pub(crate) kind: String,
    /// How the template calls it.
    pub(crate) logical: String,
    /// How AWS calls it: a name, an ARN or an address.
    pub(crate) name: String,
}

/// Everything that the stack lists.
pub(crate) async fn list(config: &SdkConfig, stack: &str) -> Result<Vec<Resource>, AwsError> {
    let pages = Client::new(config).list_stack_resources().stack_name(stack).into_paginator().items().send();
    let listed: Vec<StackResourceSummary> = pages
        .collect::<Result<_, _>>()
        .await
        .map_err(|error| AwsError::new(Operation::ListStackResources, error))?;
    let plain = |listed: StackResourceSummary| Resource {
        kind: listed.resource_type.unwrap_or_default(),
        logical: listed.logical_resource_id.unwrap_or_default(),
        name: listed.physical_resource_id.unwrap_or_default(),
    };
    Ok(listed.into_iter().map(plain).collect())
}

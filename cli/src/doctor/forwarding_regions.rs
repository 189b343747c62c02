//! Reads what forwards sign-ins from each other region of the account.

use super::read_deployment::if_there;
use super::stack_parts::{AT_ONCE, Parts};
use aws_config::{Region, SdkConfig};
use aws_sdk_account::types::{Region as Listed, RegionOptStatus};
use futures_util::stream::{self, StreamExt};
use mfa_enforcer_aws::AwsError;
use mfa_enforcer_core::checkup::{ForwardSeen, Part, Read};
use mfa_enforcer_core::operation::Operation;

/// What forward.yaml makes, by the end of its names.
const RULES: [(&str, &str); 2] = [("SignIns", "-forward"), ("Watch", "-forward-watch")];
const QUEUE: (&str, &str) = ("DeadLetters", "-forward-dead-letters");

/// What there is in each region that the account has enabled, but for that of the stack.
pub(super) async fn read(config: &SdkConfig, stack: &str, home: &str) -> Read<Vec<ForwardSeen>> {
    let enabled = enabled(config).await.map_err(|error| error.to_string())?;
    let others = enabled.into_iter().filter(|region| region != home);
    Ok(stream::iter(others.map(|region| of_region(config, stack, region))).buffered(AT_ONCE).collect().await)
}

/// The regions that the account has enabled.
pub(super) async fn enabled(config: &SdkConfig) -> Result<Vec<String>, AwsError> {
    let call = aws_sdk_account::Client::new(config)
        .list_regions()
        .region_opt_status_contains(RegionOptStatus::Enabled)
        .region_opt_status_contains(RegionOptStatus::EnabledByDefault);
    let listed: Result<Vec<Listed>, _> = call.into_paginator().items().send().collect().await;
    let listed = listed.map_err(|error| AwsError::new(Operation::ListRegions, error))?;
    Ok(listed.into_iter().filter_map(|region| region.region_name).collect())
}

async fn of_region(config: &SdkConfig, stack: &str, region: String) -> ForwardSeen {
    let config = config.to_builder().region(Region::new(region.clone())).build();
    let parts = Parts::of(&config);
    let named = RULES.map(|(logical, ending)| (logical, format!("{stack}{ending}")));
    let (logical, ending) = QUEUE;
    let name = format!("{stack}{ending}");
    let url = aws_sdk_sqs::Client::new(&config).get_queue_url().queue_name(&name).send().await;
    let found = match if_there(url.map_err(|error| AwsError::new(Operation::GetQueueUrl, error))) {
        Ok(Some(answer)) => parts.queue(answer.queue_url.unwrap_or_default()).await,
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    let queue = Part { logical: logical.to_owned(), name, found };
    ForwardSeen { rules: parts.rules_named(&named).await, queue, region }
}

//! Reads what sends the events of an account to the hub, from each of its regions.

use crate::doctor::forwarding_regions::enabled;
use crate::doctor::read_deployment::if_there;
use crate::doctor::stack_parts::Parts;
use aws_config::{Region, SdkConfig};
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::Rule;
use futures_util::stream::{self, StreamExt};
use mfa_enforcer_aws::{AwsError, ErrorKind};
use mfa_enforcer_core::checkup::{
    HubSeen, ListedRule, Part, QueueSeen, Read, RegionSeen, RulesSeen, dead_letters_of, members_with_rules,
};
use mfa_enforcer_core::operation::Operation;

/// Regions of an account read at once.
const AT_ONCE: usize = 4;

/// What there is in each region that the account has enabled, but for that of the hub.
pub(super) async fn other_regions(config: &SdkConfig, hub: &HubSeen) -> Read<Vec<RegionSeen>> {
    let enabled = enabled(config).await.map_err(|error| error.to_string())?;
    let others = enabled.into_iter().filter(|region| *region != hub.region);
    Ok(stream::iter(others.map(|region| of_region(config, hub, region))).buffered(AT_ONCE).collect().await)
}

/// What there is in a region.
pub(super) async fn of_region(config: &SdkConfig, hub: &HubSeen, region: String) -> RegionSeen {
    let config = config.to_builder().region(Region::new(region.clone())).build();
    let client = Client::new(&config);
    let listed = match rules(&client, &hub.settings.members, &hub.bus()).await {
        Ok(listed) => listed,
        Err(error) => {
            let denied = error.kind == ErrorKind::Denied;
            let rules = if denied { RulesSeen::Denied } else { RulesSeen::Unknown }(error.to_string());
            return RegionSeen { region, rules, queues: Vec::new() };
        }
    };
    let mut queues = Vec::new();
    for member in members_with_rules(&listed, &hub.settings.members) {
        queues.push((member.to_owned(), queue(&config, member).await));
    }
    RegionSeen { region, rules: RulesSeen::Listed(listed), queues }
}

/// The rules of these members, each with the bus if that is a target.
async fn rules(client: &Client, members: &[String], bus: &str) -> Result<Vec<ListedRule>, AwsError> {
    let mut listed = Vec::new();
    for member in members {
        listed.extend(named(client, &format!("{member}-")).await?);
    }
    let sending = if listed.is_empty() { Ok(Vec::new()) } else { sending(client, bus).await };
    let sending = sending.map_err(|error| error.to_string());
    let rule = |rule: Rule| {
        let name = rule.name.unwrap_or_default();
        let targets = sending.clone().map(|sending| {
            sending.iter().filter(|sending| **sending == name).map(|_| bus.to_owned()).collect()
        });
        let state = rule.state.map(|state| state.as_str().to_owned()).unwrap_or_default();
        ListedRule { arn: rule.arn.unwrap_or_default(), name, state, targets }
    };
    Ok(listed.into_iter().map(rule).collect())
}

/// The rules whose names begin like this.
async fn named(client: &Client, prefix: &str) -> Result<Vec<Rule>, AwsError> {
    let (mut rules, mut next) = (Vec::new(), None);
    loop {
        let answer = client.list_rules().name_prefix(prefix).set_next_token(next).send().await;
        let answer = answer.map_err(|error| AwsError::new(Operation::ListRules, error))?;
        rules.extend(answer.rules.unwrap_or_default());
        next = answer.next_token;
        if next.is_none() {
            return Ok(rules);
        }
    }
}

/// The names of the rules that have this target.
async fn sending(client: &Client, target: &str) -> Result<Vec<String>, AwsError> {
    let (mut names, mut next) = (Vec::new(), None);
    loop {
        let answer = client.list_rule_names_by_target().target_arn(target).set_next_token(next).send().await;
        let answer = answer.map_err(|error| AwsError::new(Operation::ListRuleNamesByTarget, error))?;
        names.extend(answer.rule_names.unwrap_or_default());
        next = answer.next_token;
        if next.is_none() {
            return Ok(names);
        }
    }
}

/// The queue of what a stack of members could not send.
async fn queue(config: &SdkConfig, member: &str) -> Part<QueueSeen> {
    let name = dead_letters_of(member);
    let answer = aws_sdk_sqs::Client::new(config).get_queue_url().queue_name(&name).send().await;
    let found = match if_there(answer.map_err(|error| AwsError::new(Operation::GetQueueUrl, error))) {
        Ok(Some(answer)) => Parts::of(config).queue(answer.queue_url.unwrap_or_default()).await,
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    Part { logical: "DeadLetters".to_owned(), name, found }
}

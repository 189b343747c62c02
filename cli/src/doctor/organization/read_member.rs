//! Reads what an account has of the stacks of members.

use super::member_iam;
use super::regions::{of_region, other_regions};
use crate::access::Connection;
use mfa_enforcer_aws::{CloudFormation, Pace};
use mfa_enforcer_core::checkup::{HubSeen, MemberSeen};

/// Reads an account. What cannot be read is unknown, with the error. `own_stack` names a stack of its own to ask for, too.
pub(super) async fn read(connection: &Connection, hub: &HubSeen, own_stack: Option<&str>) -> MemberSeen {
    let config = &Pace::Sweep.applied_to(&connection.config);
    let own_stack = async {
        let name = own_stack?;
        let stacks = CloudFormation::new(aws_sdk_cloudformation::Client::new(config));
        Some(stacks.find(name).await.map_err(|error| error.to_string()))
    };
    let (iam, home, others, own_stack) = tokio::join!(
        member_iam::read(config),
        of_region(config, hub, hub.region.clone()),
        other_regions(config, hub),
        own_stack,
    );
    MemberSeen { iam: iam.map_err(|error| error.to_string()), home, others, own_stack }
}

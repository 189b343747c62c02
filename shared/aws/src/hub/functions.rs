//! The functions of a hub, from their settings and clients to their answers.

use super::sweep::Planner;
use super::{Hub, Sessions, SweepContext};
use crate::answer::Report;
use crate::clients::{Clients, Elsewhere, Pace};
use crate::error::Failure;
use crate::events::Bus;
use crate::iam::IamDirectory;
use crate::organizations::Organizations;
use crate::s3::Bucket;
use crate::sns::SnsMessenger;
use crate::stack::CloudFormation;
use aws_config::SdkConfig;
use jiff::Timestamp;
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::organization::HubSettings;
use serde_json::Value;

/// What one process of a function for events holds: what it found in accounts is kept between events.
pub struct HubEvents {
    hub: Hub,
    function: Function,
}

impl HubEvents {
    /// The function with these settings, which calls AWS as this configuration says.
    #[must_use]
    pub fn new(function: Function, settings: HubSettings, config: &SdkConfig) -> Self {
        let clients = Clients::new(config, Pace::Event, Elsewhere::of(&settings.base));
        let sqs = clients.sqs.clone();
        Self { hub: Hub::with_clients(settings, config, Pace::Event, clients).with_lists(sqs), function }
    }

    /// Handles one event of any account.
    ///
    /// # Errors
    /// [`Failure`], after which Lambda delivers the same event again.
    pub async fn answer(&self, payload: &str, now: Timestamp, request_id: &str) -> Result<Report, Failure> {
        // Boxed, because the SDK's nested futures are large.
        Box::pin(self.hub.handle(payload, self.function, now, request_id)).await
    }
}

/// What one process of the sweep's function holds: what it read of the organization is kept between invocations.
pub struct HubSweep {
    hub: Hub,
    planner: Planner,
}

impl HubSweep {
    /// The function with these settings, which calls AWS as this configuration says.
    #[must_use]
    pub fn new(settings: HubSettings, config: &SdkConfig) -> Self {
        let clients = Clients::new(config, Pace::Sweep, Elsewhere::of(&settings.base));
        let queue = settings.queue.clone().unwrap_or_default();
        let planner = Planner { organizations: Organizations::new(config), sqs: clients.sqs.clone(), queue };
        Self { hub: Hub::with_clients(settings, config, Pace::Sweep, clients), planner }
    }

    /// Answers one invocation: plans a run, or sweeps the accounts of the messages.
    ///
    /// # Errors
    /// [`Failure`], after which Lambda tries the same payload again. What failed of messages is in the answer.
    pub async fn answer(&self, payload: &str, context: SweepContext<'_>) -> Result<Value, Failure> {
        // For the same reason.
        Box::pin(self.hub.sweep(payload, &self.planner, context)).await
    }
}

impl Hub {
    /// A function of a hub with these clients.
    pub(crate) fn with_clients(
        settings: HubSettings,
        config: &SdkConfig,
        pace: Pace,
        clients: Clients,
    ) -> Self {
        let bucket = Bucket::new(clients.s3, &settings.bucket, &settings.account);
        let sessions = Sessions::new(config, pace, settings.base.partition_name(), &settings.members);
        let bus = settings.base.output_bus.as_ref();
        let messenger = SnsMessenger::new(clients.sns, &settings.base.alerts_topic_arn)
            .with_mail(clients.ses)
            .with_evidence(Some(bucket.clone()))
            .with_bus(clients.events.zip(bus).map(|(client, arn)| Bus::new(client, arn)));
        let own = IamDirectory::new(clients.iam).with_stacks(CloudFormation::new(clients.cloudformation));
        Self::new(settings, sessions, bucket, own, messenger)
    }
}

//! Reads a deployment: the stack, what it lists, and what the settings of its functions name.

use super::forwarding_regions;
use super::stack_parts::Parts;
use crate::access::Connection;
use crate::output::note;
use crate::policy::Policy;
use crate::stack_resources::{self, Resource};
use anyhow::{anyhow, bail};
use jiff::Timestamp;
use mfa_enforcer_aws::{
    AccountDirectory, AwsError, Bucket, Clients, CloudFormation, CloudTrail, Elsewhere, ErrorKind,
    IamDirectory, Messenger, Pace, SnsMessenger, TopicKeeper, is_suppressed, look_at_evidence,
    look_at_quarantine,
};
use mfa_enforcer_core::checkup::{Deployed, Read, RoomSeen, Seen, settings_of};
use mfa_enforcer_core::settings::Settings;

/// Reads the deployment. Without its stack there is nothing to check.
pub(super) async fn read(connection: &Connection, stack: &str) -> anyhow::Result<Seen> {
    let Connection { config, account, caller } = connection;
    let region = config.region().map(ToString::to_string).unwrap_or_default();
    note(&format!("Reading the stack {stack} of account {account} in {region} as {caller}..."));
    let clients = Clients::new(config, Pace::Event, Elsewhere::default());
    let stacks = CloudFormation::new(clients.cloudformation.clone());
    let Some(found) = stacks.find(stack).await.map_err(|error| explain(&error))? else {
        bail!("there is no stack {stack} in account {account} and {region}: name it with --stack");
    };
    let parts = Parts::of(config);
    let listed = stack_resources::list(config, stack).await.map_err(|error| explain(&error))?;
    let at = Timestamp::now();
    let functions = parts.functions(&listed).await;
    let history = CloudTrail::new(clients.cloudtrail.clone(), Pace::Event);
    let directory = IamDirectory::new(clients.iam.clone()).with_history(history).with_stacks(stacks);
    let mut room = room(&directory, &listed).await;
    let deployed = match settings_of(&functions) {
        Some(settings) => {
            if room.needs_report(&settings, at) {
                let report = directory.credential_report().await;
                room.report = Some(report.map(|report| report.csv).map_err(|error| error.to_string()));
            }
            Some(deployed(settings, &directory, connection, at).await)
        }
        None => None,
    };
    Ok(Seen {
        at,
        caller: caller.clone(),
        account: account.clone(),
        stack: found,
        executions: parts.executions().await,
        rules: parts.rules(&listed).await,
        forwarding: forwarding_regions::read(config, stack, &region).await,
        schedules: parts.schedules(&listed).await,
        mappings: parts.mappings(&listed).await,
        queues: parts.queues(&listed).await,
        trails: directory.trails().await.map_err(|error| error.to_string()),
        functions,
        room,
        deployed,
        live: None,
        region,
    })
}

/// What there is room for, as far as no settings are needed.
async fn room(directory: &IamDirectory, listed: &[Resource]) -> RoomSeen {
    let own = |kind: &str| listed.iter().filter(|resource| resource.kind == kind).count();
    RoomSeen {
        quotas: directory.quotas().await.map_err(|error| error.to_string()),
        users: directory.listed_users().await.map_err(|error| error.to_string()),
        report: None,
        own_policies: own("AWS::IAM::ManagedPolicy"),
        own_groups: own("AWS::IAM::Group"),
    }
}

/// What the settings name.
async fn deployed(
    settings: Settings,
    directory: &IamDirectory,
    connection: &Connection,
    at: Timestamp,
) -> Deployed {
    let clients = Clients::new(&connection.config, Pace::Event, Elsewhere::of(&settings));
    let digest_to = settings.sender.as_ref().and_then(|sender| sender.digest_to.as_deref());
    let suppressed = match clients.ses.as_ref().zip(digest_to) {
        Some((ses, address)) => Some(is_suppressed(ses, address).await.map_err(|error| error.to_string())),
        None => None,
    };
    let messenger = SnsMessenger::new(clients.sns, &settings.alerts_topic_arn).with_mail(clients.ses);
    let tags = if_there(messenger.alerts_tags().await);
    let sender = match &settings.sender {
        Some(sender) => Some(messenger.sender(sender).await.map_err(|error| error.to_string())),
        None => None,
    };
    let evidence = match (&settings.evidence_bucket, &tags) {
        (None, _) => None,
        // Whether the last record is the right one, only the tags tell.
        (Some(_), Err(error)) => Some(Err(error.clone())),
        (Some(name), Ok(tags)) => {
            let bucket = Bucket::new(clients.s3, name, settings.evidence_owner());
            Some(if_there(look_at_evidence(&settings, tags.as_ref(), at, &bucket).await))
        }
    };
    Deployed {
        quarantine: look_at_quarantine(&settings, at, directory).await,
        subscriptions: if_there(messenger.alerts_subscriptions().await),
        tags,
        sender,
        suppressed,
        evidence,
        settings,
    }
}

/// The answer, or `None` if what was asked about is gone.
pub(super) fn if_there<T>(answer: Result<T, AwsError>) -> Read<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

fn explain(error: &AwsError) -> anyhow::Error {
    anyhow!(Policy::Doctor.advice(error))
}

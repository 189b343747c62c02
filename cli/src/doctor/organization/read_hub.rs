//! Reads the hub: its stack, its settings, and what its bucket says of the accounts.

use super::Sessions;
use crate::access::Connection;
use crate::doctor::stack_parts::Parts;
use crate::output::note;
use crate::policy::Policy;
use crate::stack_resources::{self, Resource};
use anyhow::{Context, anyhow, bail};
use aws_config::SdkConfig;
use futures_util::future::join_all;
use jiff::Timestamp;
use mfa_enforcer_aws::{AwsError, Bucket, Clients, CloudFormation, Elsewhere, Pace, books};
use mfa_enforcer_core::checkup::{CheckSession, HubSeen, Read, ResultSeen, TESTED_LOGS};
use mfa_enforcer_core::event::{Function, SweepKind};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{AccountResult, HubSettings, SweepPlan, SweepRun};
use std::collections::HashMap;

/// The hub, and where it keeps what accounts reported.
pub(super) struct Hub {
    pub(super) seen: HubSeen,
    /// The log group that the lines of test events are in; `None` if the stack lists none.
    pub(super) logs: Option<String>,
    bucket: Bucket,
    /// The last daily run.
    run: Option<SweepRun>,
}

/// A function, as far as it matters here.
struct Configured {
    function: Function,
    role: Option<String>,
    variables: HashMap<String, String>,
}

/// Reads the hub. Without its stack and its settings, nothing can be said of the accounts.
pub(super) async fn read(sessions: Sessions<'_>, account: &str, stack: &str) -> anyhow::Result<Hub> {
    let open = async |what| sessions.open(account, what).await.context("the hub cannot be read");
    let Connection { config, caller, .. } = &open(CheckSession::Stack(stack)).await?;
    let region = config.region().map(ToString::to_string).unwrap_or_default();
    note(&format!("Reading the hub's stack {stack} of account {account} in {region} as {caller}..."));
    let config = &Pace::Sweep.applied_to(config);
    let explain = |error: AwsError| anyhow!(Policy::DoctorOrganization.advice(&error));
    let found = CloudFormation::new(aws_sdk_cloudformation::Client::new(config))
        .find(stack)
        .await
        .map_err(explain)?;
    let Some(found) = found else {
        bail!(
            "there is no stack {stack} in account {account} and {region}: name the account of the hub with --hub, and its \
             stack with --stack"
        );
    };
    let listed = stack_resources::list(config, stack).await.map_err(explain)?;
    if !listed.iter().any(|resource| resource.logical == Function::Sweep.logical()) {
        bail!("the stack {stack} has no function {}", Function::Sweep.name());
    }
    let parts = listed.iter().map(|resource| (resource.kind.as_str(), resource.name.as_str())).collect();
    let config = &Pace::Sweep.applied_to(&open(CheckSession::Parts(parts)).await?.config);
    let functions = functions(config, &listed).await.map_err(explain)?;
    let sweep = functions.iter().find(|configured| configured.function == Function::Sweep);
    let variable = |name: &str| sweep.and_then(|sweep| sweep.variables.get(name).cloned());
    let settings = HubSettings::read(variable)
        .map_err(|problems| anyhow!("the settings of the hub cannot be used: {problems}"))?;
    let Some(settings) = settings else {
        bail!("the stack {stack} in account {account} is no hub: it enforces MFA in its own account alone");
    };
    let of_bucket = open(CheckSession::Bucket(&settings.bucket)).await?;
    let s3 = Clients::new(&of_bucket.config, Pace::Sweep, Elsewhere::default()).s3;
    let bucket = Bucket::new(s3, &settings.bucket, account);
    let now = Timestamp::now();
    let parts = Parts::of(config);
    let logs = listed.iter().find(|resource| resource.logical == TESTED_LOGS).map(|found| found.name.clone());
    let (books, hourly, daily, queues) = tokio::join!(
        books(&bucket, &settings.organization),
        plan(&bucket, SweepKind::Hourly, now),
        plan(&bucket, SweepKind::Daily, now),
        parts.queues(&listed),
    );
    let roles = functions.into_iter().filter_map(|each| Some((each.function, each.role?)));
    let run = daily.as_ref().ok().and_then(|plan| SweepRun::parse(&plan.as_ref()?.run).ok());
    let seen = HubSeen {
        account: account.to_owned(),
        region,
        stack: found,
        roles: roles.collect(),
        settings,
        books: books.map_err(|error| error.to_string()),
        queues,
        hourly,
        daily,
    };
    Ok(Hub { seen, logs, bucket, run })
}

async fn functions(config: &SdkConfig, listed: &[Resource]) -> Result<Vec<Configured>, AwsError> {
    let client = &aws_sdk_lambda::Client::new(config);
    let functions = Function::all().filter_map(|function| {
        let listed = listed.iter().find(|resource| resource.logical == function.logical())?;
        Some((function, listed.name.as_str()))
    });
    let reads = functions.map(|(function, name)| async move {
        let answer = client.get_function_configuration().function_name(name).send().await;
        let found = answer.map_err(|error| AwsError::new(Operation::GetFunctionConfiguration, error))?;
        let variables = found.environment.and_then(|environment| environment.variables).unwrap_or_default();
        Ok(Configured { function, role: found.role, variables })
    });
    join_all(reads).await.into_iter().collect()
}

/// The newest plan of this kind.
async fn plan(bucket: &Bucket, kind: SweepKind, now: Timestamp) -> Read<Option<SweepPlan>> {
    for run in SweepRun::latest(kind, now) {
        let found = bucket.read_if_there(&run.plan_key()).await.map_err(|error| error.to_string())?;
        if let Some(bytes) = found {
            return SweepPlan::read(&bytes, &run).map(Some);
        }
    }
    Ok(None)
}

impl Hub {
    /// What the last daily sweep reported of an account, or left after an attempt.
    pub(super) async fn result(&self, account: &str) -> Read<Option<ResultSeen>> {
        let Some(run) = &self.run else { return Ok(None) };
        for (key, is_final) in [(run.result_key(account), true), (run.attempt_key(account), false)] {
            let found = self.bucket.read_if_there(&key).await.map_err(|error| error.to_string())?;
            if let Some(bytes) = found {
                let result = AccountResult::read(&bytes, run, account)?;
                return Ok(Some(ResultSeen { result, is_final }));
            }
        }
        Ok(None)
    }
}

//! The sweep of an organization: one message an account, so that none costs another anything.

use super::Hub;
use super::ledger::Ledger;
use super::member::MemberDirectory;
use crate::error::{AwsError, Failure};
use crate::organizations::{Listing, Organizations};
use crate::sweep::{SweepInvocation, sweep};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::Timestamp;
use mfa_enforcer_core::event::{Function, SweepRequest};
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::{
    AccountOrder, AccountResult, HubRequest, Message, SweepPlan, SweepRun, TAG_PREFIX, TREE_KEY,
    TaggedAccount, Tree, failed_messages, read_hub_request,
};
use serde_json::{Value, json};
use std::time::Duration;

/// Calls made at once. The limits of Organizations are low; those of SQS are far above this.
const AT_ONCE: usize = 8;

/// What the sweep of a hub needs besides.
pub(crate) struct Planner {
    pub(crate) organizations: Organizations,
    pub(crate) sqs: aws_sdk_sqs::Client,
    /// URL of the queue of accounts.
    pub(crate) queue: String,
}

/// The context of one invocation.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) clock: &'a (dyn Fn() -> Timestamp + Send + Sync),
    pub(crate) request_id: &'a str,
    pub(crate) time_left: &'a (dyn Fn() -> Duration + Send + Sync),
}

impl Hub {
    /// Plans a run, or sweeps the accounts of these messages.
    pub(crate) async fn sweep(
        &self,
        payload: &str,
        planner: &Planner,
        context: Context<'_>,
    ) -> Result<Value, Failure> {
        match read_hub_request(payload, (context.clock)())? {
            HubRequest::Plan(request) => self.plan(&request, planner, context).await,
            HubRequest::Accounts(messages) => {
                let mut failed = Vec::new();
                for Message { id, order } in messages {
                    let swept = match order {
                        Ok(order) => self.sweep_and_report(&order, context).await,
                        Err(malformed) => Err(malformed.into()),
                    };
                    if let Err(failure) = swept {
                        tracing::warn!(message = id, %failure, "account not swept");
                        failed.push(id);
                    }
                }
                Ok(failed_messages(&failed))
            }
            HubRequest::Ignored(reason) => Ok(json!({"ignored": reason.code()})),
        }
    }

    /// Lists the organization, and orders a sweep of each account in use.
    async fn plan(
        &self,
        request: &SweepRequest,
        planner: &Planner,
        context: Context<'_>,
    ) -> Result<Value, Failure> {
        let now = (context.clock)();
        let listing = planner.organizations.list().await?;
        let tree = tree_of(listing, &planner.organizations, now).await?;
        self.bucket.put(TREE_KEY, tree.json()).await?;
        let run = SweepRun::of(request.kind, request.time);
        let all = tree.accounts.iter().map(|tagged| tagged.account.clone()).collect();
        let plan = SweepPlan::of(&run, &tree.organization, request.time, now, all);
        self.bucket.put(&run.plan_key(), plan.json()).await?;
        let in_use = tree.accounts.iter().filter(|tagged| tagged.account.is_in_use());
        let orders: Vec<AccountOrder> = in_use
            .map(|tagged| AccountOrder { account: tagged.account.id.clone(), request: request.clone() })
            .collect();
        let sent = orders.iter().map(|order| planner.order(order));
        stream::iter(sent).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        let (run, accounts, ordered) = (run.to_string(), tree.accounts.len(), orders.len());
        tracing::info!(run, accounts, ordered, "run planned");
        // Whatever the accounts of an earlier run did not report is told when its time is up.
        for run in SweepRun::unfinished(now) {
            self.collect(&run, context.request_id, now).await?;
        }
        Ok(json!({"run": run, "accounts": accounts, "ordered": ordered}))
    }

    /// Sweeps an account, and tells the organization if it was the last one.
    async fn sweep_and_report(&self, order: &AccountOrder, context: Context<'_>) -> Result<(), Failure> {
        let AccountOrder { account, request } = order;
        let run = SweepRun::of(request.kind, request.time);
        let swept = self.sweep_account(order, &run, context).await;
        if request.is_hourly() {
            return swept;
        }
        let now = (context.clock)();
        if let Err(failure) = &swept {
            let result = AccountResult::not_covered(&run, account, &failure.to_string(), now);
            // What a sweep found before it failed says more.
            self.bucket.replace(&run.attempt_key(account), result.json(), None).await?;
        }
        self.collect(&run, context.request_id, now).await?;
        swept
    }

    async fn sweep_account(
        &self,
        order: &AccountOrder,
        run: &SweepRun,
        context: Context<'_>,
    ) -> Result<(), Failure> {
        let account = order.account.as_str();
        let name = run.to_string();
        let directory = MemberDirectory::new(&self.sessions, account, Function::Sweep, None, &name);
        let messenger = self.messenger.clone().with_ledger(Ledger::new(self.bucket.clone(), account));
        // Boxed, because the SDK's nested futures are large.
        let settings = Box::pin(self.in_account(account, &directory, (context.clock)())).await?;
        let invocation = SweepInvocation {
            settings: &settings,
            clock: context.clock,
            request_id: context.request_id,
            time_left: context.time_left,
            run: Some(run),
        };
        let swept = Box::pin(sweep(&order.body(), invocation, &directory, &messenger)).await;
        swept.map(drop)
    }
}

impl Planner {
    async fn order(&self, order: &AccountOrder) -> Result<(), AwsError> {
        let call = self.sqs.send_message().queue_url(&self.queue).message_body(order.body());
        call.send().await.map(drop).map_err(|error| AwsError::new(Operation::SendMessage, error))
    }
}

/// The organization with the tags of the enforcer.
async fn tree_of(listing: Listing, organizations: &Organizations, now: Timestamp) -> Result<Tree, AwsError> {
    let Listing { id, units, accounts } = listing;
    let tagged = accounts.into_iter().map(|account| async move {
        let mut tags = organizations.tags(&account.id).await?;
        tags.retain(|key, _| key.starts_with(TAG_PREFIX));
        Ok::<_, AwsError>(TaggedAccount { account, tags })
    });
    let accounts = stream::iter(tagged).buffered(AT_ONCE).try_collect().await?;
    Ok(Tree::new(id, now, units, accounts))
}

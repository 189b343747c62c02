//! The sweep of an organization: one message an account, so that none costs another anything.

use super::Hub;
use super::ledger::Ledger;
use super::member::Cause;
use crate::error::Failure;
use crate::lazy::Lazy;
use crate::organizations::{Listing, Organizations};
use crate::sweep::{SweepInvocation, sweep};
use crate::sweep_queue::order_accounts;
use futures_util::stream::{self, StreamExt};
use jiff::Timestamp;
use mfa_enforcer_core::event::{Function, SweepRequest};
use mfa_enforcer_core::organization::{
    Account, AccountOrder, AccountResult, AfterFailure, HubRequest, Message, SweepPlan, SweepRun, TAG_PREFIX,
    TREE_KEY, TaggedAccount, Tree, failed_messages, read_hub_request,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Calls made at once. The limits of Organizations are low.
const AT_ONCE: usize = 8;

/// What the sweep of a hub needs besides.
pub(crate) struct Planner {
    pub(crate) organizations: Organizations,
    pub(crate) sqs: Lazy<aws_sdk_sqs::Client>,
    /// URL of the queue of accounts.
    pub(crate) queue: String,
}

/// The context of one invocation.
#[derive(Clone, Copy)]
pub struct SweepContext<'a> {
    /// Tells the current time.
    pub clock: &'a (dyn Fn() -> Timestamp + Send + Sync),
    /// Lambda's request id, for the log.
    pub request_id: &'a str,
    /// Tells how much of the function's time is left.
    pub time_left: &'a (dyn Fn() -> Duration + Send + Sync),
}

impl Hub {
    /// Plans a run, or sweeps the accounts of these messages.
    pub(crate) async fn sweep(
        &self,
        payload: &str,
        planner: &Planner,
        context: SweepContext<'_>,
    ) -> Result<Value, Failure> {
        match read_hub_request(payload, (context.clock)())? {
            HubRequest::Plan(request) => self.plan(&request, planner, context).await,
            HubRequest::List => {
                let Listing { id, accounts, .. } = self.list(planner, (context.clock)()).await?;
                tracing::info!(organization = id, accounts = accounts.len(), "organization listed");
                Ok(json!({"accounts": accounts.len()}))
            }
            HubRequest::Accounts(messages) => {
                let mut failed = Vec::new();
                for Message { id, order } in messages {
                    let swept = match order {
                        Ok(order) if order.is_outdated((context.clock)()) => {
                            let (account, due) = (order.account, order.request.time.to_string());
                            tracing::warn!(account, due, "sweep left to a later order");
                            Ok(())
                        }
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

    /// Lists the organization, and keeps the list for every function.
    async fn list(&self, planner: &Planner, now: Timestamp) -> Result<Listing, Failure> {
        let listing = planner.organizations.list().await?;
        let tagged = planner.tagged(&listing.accounts, self.store.asks_tags().await).await;
        let tree = Tree::new(listing.id.clone(), now, listing.units.clone(), tagged);
        self.bucket.put(TREE_KEY, tree.json()).await?;
        Ok(listing)
    }

    /// Lists the organization, and orders a sweep of each account in use.
    async fn plan(
        &self,
        request: &SweepRequest,
        planner: &Planner,
        context: SweepContext<'_>,
    ) -> Result<Value, Failure> {
        let now = (context.clock)();
        let Listing { id, management, accounts, .. } = self.list(planner, now).await?;
        let run = SweepRun::of(request.kind, request.time);
        let plan = SweepPlan::of(&run, &id, request.time, now, accounts, management.as_deref());
        self.bucket.put(&run.plan_key(), plan.json()).await?;
        let orders: Vec<AccountOrder> = plan
            .asked_accounts()
            .map(|asked| AccountOrder { account: asked.id.clone(), request: request.clone() })
            .collect();
        order_accounts(&planner.sqs, &planner.queue, &orders).await?;
        let (run, accounts, ordered) = (run.to_string(), plan.accounts.len(), orders.len());
        tracing::info!(run, accounts, ordered, "run planned");
        // Whatever the accounts of an earlier run did not report is told when its time is up.
        for run in SweepRun::unfinished(now) {
            self.collect_or_warn(&run, context.request_id, now).await;
        }
        Ok(json!({"run": run, "accounts": accounts, "ordered": ordered}))
    }

    /// Sweeps an account, and tells the organization if it was the last one.
    async fn sweep_and_report(&self, order: &AccountOrder, context: SweepContext<'_>) -> Result<(), Failure> {
        let run = SweepRun::of(order.request.kind, order.request.time);
        let swept = self.sweep_account(order, &run, context).await;
        let now = (context.clock)();
        let answer = match swept {
            Ok(()) => Ok(()),
            Err(failure) => self.failed(&run, order, failure, now).await,
        };
        if !order.request.is_hourly() {
            self.collect_or_warn(&run, context.request_id, now).await;
        }
        answer
    }

    /// Keeps that an account was not swept, as far as the run reports it; an error if the account is to be tried again.
    async fn failed(
        &self,
        run: &SweepRun,
        order: &AccountOrder,
        failure: Failure,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let AccountOrder { account, request } = order;
        let result = AccountResult::not_covered(run, account, &failure.to_string(), now);
        // What a sweep found before it failed says more, so it is not replaced.
        match AfterFailure::of(request.kind, failure.can_be_swept_soon()) {
            AfterFailure::Report => {
                self.bucket.replace(&run.result_key(account), result.json(), None).await?;
                Ok(())
            }
            AfterFailure::LeaveAttempt => {
                self.bucket.replace(&run.attempt_key(account), result.json(), None).await?;
                Err(failure)
            }
            AfterFailure::TryAgain => Err(failure),
            AfterFailure::LeaveToNext => {
                tracing::error!(account, run = run.to_string(), %failure, "account left to the next sweep");
                Ok(())
            }
        }
    }

    async fn sweep_account(
        &self,
        order: &AccountOrder,
        run: &SweepRun,
        context: SweepContext<'_>,
    ) -> Result<(), Failure> {
        let account = order.account.as_str();
        let cause = Cause { function: Function::Sweep, user: None, task: None, name: run.to_string() };
        let messenger = self.messenger.clone().with_ledger(Ledger::new(self.bucket.clone(), account));
        // Boxed, because the SDK's nested futures are large.
        let (directory, settings) = Box::pin(self.enter(account, cause, (context.clock)())).await?;
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
    /// The accounts with the tags of the enforcer, if they are asked for. Of one whose tags cannot be read, nobody knows what
    /// holds: it is left out, and nothing is done there.
    async fn tagged(&self, accounts: &[Account], asks_tags: bool) -> Vec<TaggedAccount> {
        let tagged = accounts.iter().map(|account| async move {
            let mut tags = BTreeMap::new();
            if asks_tags {
                match self.organizations.tags(&account.id).await {
                    Ok(read) => tags = read,
                    Err(error) => {
                        tracing::error!(account = account.id, %error, "tags of an account cannot be read");
                        return None;
                    }
                }
            }
            tags.retain(|key, _| key.starts_with(TAG_PREFIX));
            Some(TaggedAccount { account: account.clone(), tags })
        });
        stream::iter(tagged).buffered(AT_ONCE).filter_map(std::future::ready).collect().await
    }
}

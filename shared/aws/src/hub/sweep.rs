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
    AccountOrder, HubRequest, Message, TAG_PREFIX, TREE_KEY, TaggedAccount, Tree, failed_messages,
    read_hub_request, run_name,
};
use serde_json::{Value, json};
use std::sync::Mutex;
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
                        Ok(order) => self.sweep_account(&order, context).await,
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
        let in_use = tree.accounts.iter().filter(|tagged| tagged.account.is_in_use());
        let orders: Vec<AccountOrder> = in_use
            .map(|tagged| AccountOrder { account: tagged.account.id.clone(), request: request.clone() })
            .collect();
        let sent = orders.iter().map(|order| planner.order(order));
        stream::iter(sent).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
        let run = run_name(request);
        tracing::info!(run, accounts = tree.accounts.len(), ordered = orders.len(), "run planned");
        Ok(json!({"run": run, "accounts": tree.accounts.len(), "ordered": orders.len()}))
    }

    async fn sweep_account(&self, order: &AccountOrder, context: Context<'_>) -> Result<(), Failure> {
        let account = order.account.as_str();
        let run = run_name(&order.request);
        let directory = MemberDirectory::new(&self.sessions, account, Function::Sweep, None, &run);
        let messenger = self.messenger.clone().with_ledger(Ledger::new(self.bucket.clone(), account));
        // Boxed, because the SDK's nested futures are large.
        let settings = Box::pin(self.in_account(account, &directory, (context.clock)())).await?;
        let collected = Mutex::new(None);
        let invocation = SweepInvocation {
            settings: &settings,
            clock: context.clock,
            request_id: context.request_id,
            time_left: context.time_left,
            collected: Some(&collected),
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

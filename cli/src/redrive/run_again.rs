//! Runs dead letters again, one after the other, and removes what was handled.

use super::advice;
use super::dead_letter_queues::{Held, Queues};
use crate::output::audit;
use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::InvocationType;
use jiff::Timestamp;
use mfa_enforcer_aws::{AwsError, ErrorKind};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::operation::Operation;
use mfa_enforcer_core::organization::AccountOrder;
use mfa_enforcer_core::redrive::{
    DeadLetter, Fate, FateState, Redriven, Route, Row, judge, order_for_all, orders_of_accounts,
};
use serde_json::json;
use std::io;

/// A message that was taken out, and what was read of it.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) held: Held,
    pub(super) letter: DeadLetter,
}

impl Taken {
    /// The same for a run that nobody watches.
    pub(super) fn unwatched(self) -> Self {
        Self { letter: self.letter.unwatched(), ..self }
    }
}

/// Whoever runs them again.
#[derive(Debug)]
pub(super) struct Worker<'a> {
    lambda: Client,
    queues: &'a Queues,
    account: String,
    caller: String,
    label: Option<&'a str>,
}

/// What became of one, and whether the others would fare the same.
struct Attempt {
    fate: Fate,
    is_hopeless: bool,
}

impl<'a> Worker<'a> {
    /// For a stack in this account, by this caller.
    pub(super) fn of(
        config: &SdkConfig,
        queues: &'a Queues,
        redriven: &Redriven,
        label: Option<&'a str>,
    ) -> Self {
        let Redriven { account, caller, .. } = redriven;
        let lambda = Client::new(config);
        Self { lambda, queues, account: account.clone(), caller: caller.clone(), label }
    }

    /// Runs all of them: events in this order, then new orders for those of sweeps. Each row is told as soon as it is known.
    pub(super) async fn run(
        &self,
        taken: Vec<Taken>,
        mut tell: impl FnMut(&Row) -> io::Result<()>,
    ) -> io::Result<Vec<Row>> {
        let mut rows = Vec::new();
        let mut is_hopeless = false;
        let (mut sweeps, mut accounts) = (Vec::new(), Vec::new());
        for taken in taken {
            let attempt = match &taken.letter.route {
                Ok(Route::Sweep(_) | Route::List) => {
                    sweeps.push(taken);
                    continue;
                }
                Ok(Route::Account(_)) => {
                    accounts.push(taken);
                    continue;
                }
                Ok(Route::Outdated(order)) => self.dropped(&taken.held, order).await,
                Ok(Route::Function { .. }) if is_hopeless => Attempt { fate: Fate::not_tried(), is_hopeless },
                Ok(Route::Function { name, payload, .. }) => self.event(&taken.held, name, payload).await,
                Err(_) => Attempt { fate: Fate::before(&taken.letter), is_hopeless },
            };
            is_hopeless |= attempt.is_hopeless;
            rows.push(self.settled(&taken, attempt.fate, &mut tell).await?);
        }
        let mut ordered = self.sweeps(sweeps).await;
        ordered.extend(self.accounts(accounts).await);
        for (taken, fate) in ordered {
            rows.push(self.settled(&taken, fate, &mut tell).await?);
        }
        rows.sort_by(|a, b| (a.sent, &a.message_id).cmp(&(b.sent, &b.message_id)));
        Ok(rows)
    }

    async fn event(&self, held: &Held, name: &str, payload: &str) -> Attempt {
        let failed = |error: &AwsError| Attempt {
            fate: Fate::failed(advice(error)),
            is_hopeless: error.kind == ErrorKind::Denied,
        };
        // Whoever was asked may have taken their time.
        if let Err(error) = self.queues.hold(held).await {
            return failed(&error);
        }
        match self.invoke(name, payload).await {
            Err(error) => failed(&error),
            Ok(Err(why)) => Attempt { fate: Fate::failed(why), is_hopeless: false },
            Ok(Ok(says)) => Attempt { fate: self.removed(held, &says).await, is_hopeless: false },
        }
    }

    /// Removes an order that came too late.
    async fn dropped(&self, held: &Held, order: &AccountOrder) -> Attempt {
        let fate = match self.queues.hold(held).await {
            Ok(()) => self.removed(held, &order.says_outdated()).await,
            Err(error) => Fate::failed(advice(&error)),
        };
        Attempt { fate, is_hopeless: false }
    }

    async fn removed(&self, held: &Held, says: &str) -> Fate {
        let removed = self.queues.remove(held).await;
        Fate::handled(says, removed.map_err(|error| advice(&error)))
    }

    /// Waits for the function.
    async fn invoke(&self, name: &str, payload: &str) -> Result<Result<String, String>, AwsError> {
        let call = self.lambda.invoke().function_name(name).invocation_type(InvocationType::RequestResponse);
        let answer = call.payload(Blob::new(payload)).send().await;
        let answer = answer.map_err(|error| AwsError::new(Operation::Invoke, error))?;
        let said = answer.payload.map(Blob::into_inner).unwrap_or_default();
        Ok(judge(answer.function_error.as_deref(), &String::from_utf8_lossy(&said)))
    }

    /// One order for all of them.
    async fn sweeps(&self, taken: Vec<Taken>) -> Vec<(Taken, Fate)> {
        let (ours, mut fates) = self.held(taken).await;
        let letters: Vec<DeadLetter> = ours.iter().map(|taken| taken.letter.clone()).collect();
        let Some(order) = order_for_all(&letters, Timestamp::now()) else { return fates };
        let ordered = self.queues.order(&order).await.map_err(|error| advice(&error));
        for taken in ours {
            let fate = match &ordered {
                Ok(()) => self.removed(&taken.held, &order.says_of(&taken.letter.id)).await,
                Err(error) => Fate::failed(error),
            };
            fates.push((taken, fate));
        }
        fates
    }

    /// One order for each account.
    async fn accounts(&self, taken: Vec<Taken>) -> Vec<(Taken, Fate)> {
        let (mut ours, mut fates) = self.held(taken).await;
        let letters: Vec<DeadLetter> = ours.iter().map(|taken| taken.letter.clone()).collect();
        for (order, message) in orders_of_accounts(&letters) {
            let ordered = self.queues.order_account(&order).await.map_err(|error| advice(&error));
            let is_of_account = |taken: &mut Taken| matches!(&taken.letter.route, Ok(Route::Account(other)) if other.account == order.account);
            for taken in ours.extract_if(.., is_of_account) {
                let fate = match &ordered {
                    Ok(()) => self.removed(&taken.held, &order.says_of(taken.letter.id == message)).await,
                    Err(error) => Fate::failed(error),
                };
                fates.push((taken, fate));
            }
        }
        fates
    }

    /// Those that could be held once more, and what became of the others.
    async fn held(&self, taken: Vec<Taken>) -> (Vec<Taken>, Vec<(Taken, Fate)>) {
        let (mut ours, mut fates) = (Vec::new(), Vec::new());
        for taken in taken {
            match self.queues.hold(&taken.held).await {
                Ok(()) => ours.push(taken),
                Err(error) => fates.push((taken, Fate::failed(advice(&error)))),
            }
        }
        (ours, fates)
    }

    /// Gives back what was not removed, and tells what became of it.
    async fn settled(
        &self,
        taken: &Taken,
        fate: Fate,
        tell: &mut impl FnMut(&Row) -> io::Result<()>,
    ) -> io::Result<Row> {
        let row = Row::of(&taken.letter, fate);
        match row.fate.state {
            FateState::Done => self.audit(&row),
            FateState::Failed => {
                self.audit(&row);
                self.queues.release([&taken.held].into_iter()).await;
            }
            FateState::Waiting | FateState::Left => self.queues.release([&taken.held].into_iter()).await,
        }
        tell(&row)?;
        Ok(row)
    }

    /// Who ran what. Whom it is about, CloudTrail has under the event's id.
    fn audit(&self, row: &Row) {
        audit(&json!({
            "at": Timestamp::now(),
            "account": self.account,
            "caller": self.caller,
            "by": self.label,
            "command": "redrive",
            "messageId": row.message_id,
            "eventId": row.event.id,
            "event": row.event.name,
            "function": row.function.map(Function::name),
            "state": row.fate.state.code(),
        }));
    }
}

//! The account's alias, which names the account in messages. It is asked for once in the life of a function's process.

use crate::error::AwsError;
use aws_sdk_iam::Client;
use mfa_enforcer_core::operation::Operation;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// How long to wait for it: less than a message does, so that no other message waits as well.
const PATIENCE: Duration = Duration::from_secs(2);

/// The alias, once it was asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Alias(Arc<OnceCell<Option<String>>>);

impl Alias {
    /// The alias; `None` if the account has none, and if it could not be read. Then no message of this process has one: a
    /// role that may not read it would be refused each time.
    pub(super) async fn of_account(&self, client: &Client) -> Option<String> {
        self.0.get_or_init(|| ask(client)).await.clone()
    }
}

async fn ask(client: &Client) -> Option<String> {
    let answer = match timeout(PATIENCE, client.list_account_aliases().send()).await {
        Ok(answer) => answer.map_err(|error| AwsError::new(Operation::ListAccountAliases, error)),
        Err(_) => Err(AwsError::out_of_time(Operation::ListAccountAliases)),
    };
    match answer {
        // An account has one alias at most.
        Ok(answer) => answer.account_aliases.into_iter().next(),
        Err(error) => {
            tracing::warn!(%error, "messages give the account's number, for its alias is not known");
            None
        }
    }
}

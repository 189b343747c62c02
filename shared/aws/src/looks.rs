//! What the messages of a plan need to know, looked up while the plan is carried out.

use crate::directory::Directory;
use crate::messenger::{Messenger, Prepared};
use futures_util::future::{BoxFuture, Either, FutureExt, Shared, join3, select};
use mfa_enforcer_core::access_keys::KeysSeen;
use mfa_enforcer_core::event::UserName;
use mfa_enforcer_core::notice::Channel;
use mfa_enforcer_core::progress::LookAhead;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How long a message waits for the access keys or the alias that it names.
const PATIENCE: Duration = Duration::from_secs(3);

/// A look that is made once, whoever needs its answer first.
type Look<'a, T> = Shared<BoxFuture<'a, T>>;

/// Looks whose answers nobody waits for before they are needed.
pub(crate) struct Looks<'a> {
    alias: Look<'a, Option<String>>,
    names_account: bool,
    keys: Option<Look<'a, KeysSeen>>,
    mailbox: Option<Look<'a, Option<Prepared>>>,
    is_topic_wanted: Arc<Notify>,
}

impl<'a> Looks<'a> {
    /// These looks, none of which is made yet. A plan is about one user.
    pub(crate) fn of<D, M>(ahead: &'a [LookAhead], directory: &'a D, messenger: &'a M) -> Self
    where
        D: Directory + Sync,
        M: Messenger + Sync,
    {
        let user = ahead.iter().find_map(|look| match look {
            LookAhead::Keys(user) => Some(user),
            LookAhead::Alias | LookAhead::Mailbox(_) => None,
        });
        let topic = ahead.iter().find_map(|look| match look {
            LookAhead::Mailbox(channel @ Channel::Topic { .. }) => Some(channel),
            LookAhead::Alias | LookAhead::Keys(_) | LookAhead::Mailbox(_) => None,
        });
        let is_topic_wanted = Arc::new(Notify::new());
        // A message looks once more, and an error is its own then.
        let prepared = |topic| {
            let wanted = Arc::clone(&is_topic_wanted);
            let wanted = async move { wanted.notified().await };
            messenger.prepare(topic, wanted).map(Result::ok).boxed().shared()
        };
        Self {
            alias: alias_seen(directory).boxed().shared(),
            names_account: ahead.contains(&LookAhead::Alias),
            keys: user.map(|user| keys_seen(user, directory).boxed().shared()),
            mailbox: topic.map(prepared),
            is_topic_wanted,
        }
    }

    /// Lets the user's topic be made from now on, if there is none.
    pub(crate) fn want_topic(&self) {
        self.is_topic_wanted.notify_one();
    }

    /// Makes the looks while `work` is done, and gives those up that nobody needed by its end.
    pub(crate) async fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        let ahead = async {
            let alias = async { if self.names_account { self.alias().await } else { None } };
            join3(alias, self.keys(), self.mailbox()).await;
            pending().await
        };
        match select(pin!(work), pin!(ahead)).await {
            Either::Left((done, _)) | Either::Right((done, _)) => done,
        }
    }

    /// The account's alias.
    pub(crate) async fn alias(&self) -> Option<String> {
        self.alias.clone().await
    }

    /// The active access keys of the user. They are for a message only, so no failure counts, and nothing waits long.
    pub(crate) async fn keys(&self) -> KeysSeen {
        match self.keys.clone() {
            Some(keys) => keys.await,
            None => KeysSeen::Unreadable,
        }
    }

    /// The user's topic; `None` if they have none, and if it has to be found when the message is sent.
    pub(crate) async fn mailbox(&self) -> Option<Prepared> {
        self.mailbox.clone()?.await
    }
}

async fn keys_seen<D: Directory + Sync>(user: &UserName, directory: &D) -> KeysSeen {
    match tokio::time::timeout(PATIENCE, directory.active_keys(user)).await {
        Ok(Ok(keys)) => KeysSeen::Active(keys),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the access keys of a user are not known");
            KeysSeen::Unreadable
        }
        Err(_) => KeysSeen::Unreadable,
    }
}

/// The account's alias, for a message.
pub(crate) async fn alias_seen<D: Directory + Sync>(directory: &D) -> Option<String> {
    tokio::time::timeout(PATIENCE, directory.account_alias()).await.unwrap_or_default()
}

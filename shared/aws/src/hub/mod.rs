//! A hub: the same functions for all accounts of an organization.

mod collect;
mod functions;
mod ledger;
mod member;
mod session;
mod slots;
mod store;
mod sweep;

pub use functions::{HubEvents, HubSweep};
pub(crate) use ledger::Ledger;
use session::Sessions;
pub use store::{Unread, books};
pub use sweep::SweepContext;

use crate::answer::Report;
use crate::error::Failure;
use crate::handle::{handle, not_handled};
use crate::iam::IamDirectory;
use crate::invocation::Invocation;
use crate::lazy::Lazy;
use crate::s3::Bucket;
use crate::sns::SnsMessenger;
use crate::sweep_queue::order_list;
use collect::Awaited;
use jiff::Timestamp;
use member::{Cause, MemberDirectory};
use mfa_enforcer_core::event::Function;
use mfa_enforcer_core::organization::{Books, HubSettings, Parts, Sighting, SweepPlan, sender, sighting};
use mfa_enforcer_core::settings::Settings;
use slots::Slots;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a function goes by what it found in an account. Stacks change seldom, and a failure ends it.
const FRESH: Duration = Duration::from_mins(5);

/// A function of a hub.
struct Hub {
    settings: HubSettings,
    sessions: Sessions,
    store: Store,
    slots: Slots,
    bucket: Bucket,
    /// Of the hub's own account, in which its functions may do nothing.
    own: IamDirectory,
    messenger: SnsMessenger,
    /// Takes orders of lists. The sweep itself, which makes them, sends none.
    lists: Option<(Lazy<aws_sdk_sqs::Client>, String)>,
    parts: Mutex<BTreeMap<String, (Instant, Parts)>>,
    /// The plan that a collector read last.
    planned: Mutex<Option<Arc<SweepPlan>>>,
    /// The account for which a collector waits.
    awaited: Mutex<Option<Awaited>>,
}

impl Hub {
    fn new(
        settings: HubSettings,
        sessions: Sessions,
        bucket: Bucket,
        own: IamDirectory,
        messenger: SnsMessenger,
    ) -> Self {
        let store = Store::new(bucket.clone(), &settings.organization);
        let (slots, parts) = (Slots::new(bucket.clone()), Mutex::new(BTreeMap::new()));
        let (lists, planned, awaited) = (None, Mutex::default(), Mutex::default());
        Self { settings, sessions, store, slots, bucket, own, messenger, lists, parts, planned, awaited }
    }

    /// The same, which orders a list of the organization where an account is not in it.
    fn with_lists(self, client: Lazy<aws_sdk_sqs::Client>) -> Self {
        let lists = self.settings.sweeps.clone().map(|queue| (client, queue));
        Self { lists, ..self }
    }

    /// Handles one event of any account.
    async fn handle(
        &self,
        payload: &str,
        function: Function,
        now: Timestamp,
        request_id: &str,
    ) -> Result<Report, Failure> {
        let account = sender(payload).unwrap_or_else(|| self.settings.account.clone());
        let bare = self.settings.bare(&account);
        let invocation = Invocation { function, settings: &bare, now, request_id };
        let messenger = self.messenger.clone().with_ledger(Ledger::new(self.bucket.clone(), &account));
        let (cause, is_told_anyway) = match sighting(payload, function, &bare) {
            // Whatever it is, it can be answered without a look into the account.
            Sighting::Nothing => return handle(payload, invocation, &self.own, &messenger).await,
            Sighting::Enforcer => return self.tell(payload, &account, invocation, &messenger).await,
            Sighting::Account { user, task, event, is_told_anyway } => {
                (Cause { function, user, task: Some(task), name: event }, is_told_anyway)
            }
        };
        // Boxed, because the SDK's nested futures are large.
        let result = match Box::pin(self.enter(&account, cause, now)).await {
            Ok((directory, settings)) => {
                let quarantine = settings.quarantine.with_spares();
                let settings = Settings { quarantine, ..settings };
                handle(payload, Invocation { settings: &settings, ..invocation }, &directory, &messenger)
                    .await
            }
            Err(failure) if is_told_anyway && failure.is_of_the_account() => {
                self.tell(payload, &account, invocation, &messenger).await
            }
            Err(failure) => not_handled(payload, invocation, failure),
        };
        if result.is_err() {
            self.parts.lock().await.remove(&account);
        }
        result
    }

    /// Tells of what was done to the enforcer's own parts in an account. The name of the account is no reason to wait.
    async fn tell(
        &self,
        payload: &str,
        account: &str,
        invocation: Invocation<'_>,
        messenger: &SnsMessenger,
    ) -> Result<Report, Failure> {
        let books = self.store.books().await.ok();
        let settings = self.settings.named(account, books.as_deref());
        handle(payload, Invocation { settings: &settings, ..invocation }, &self.own, messenger).await
    }

    /// An account, and the settings under which to act there.
    async fn enter(
        &self,
        account: &str,
        cause: Cause,
        now: Timestamp,
    ) -> Result<(MemberDirectory<'_>, Settings), Failure> {
        let books = self.store.books().await?;
        // Nothing is asked of an account that may not be one of the organization.
        let set = match books.place(account, &self.settings.base.in_force, now) {
            Ok(set) => set,
            Err(unplaced) => {
                self.order_list(&books, now).await;
                return Err(unplaced.into());
            }
        };
        let mode = self.settings.mode(&set);
        let directory = MemberDirectory::new((&self.sessions, &self.slots), account, cause, mode);
        let parts = self.parts_of(account, &directory).await?;
        let settings = self.settings.of_account(account, &set, &parts)?;
        let settings = Settings { document: Some(books.version.clone()), doubts: set.faults, ..settings };
        Ok((directory, settings))
    }

    /// Has the organization listed anew, before the event is tried again. If that fails, the next sweep does it.
    async fn order_list(&self, books: &Books, now: Timestamp) {
        let Some((client, queue)) = self.lists.as_ref().filter(|_| books.tree.is_to_be_renewed(now)) else {
            return;
        };
        if let Err(error) = order_list(client, queue).await {
            tracing::error!(%error, "list of the organization not ordered");
        }
    }

    async fn parts_of(&self, account: &str, directory: &MemberDirectory<'_>) -> Result<Parts, Failure> {
        let known =
            self.parts.lock().await.get(account).filter(|(since, _)| since.elapsed() < FRESH).cloned();
        if let Some((_, parts)) = known {
            return Ok(parts);
        }
        let parts = directory.parts().await?;
        self.parts.lock().await.insert(account.to_owned(), (Instant::now(), parts.clone()));
        Ok(parts)
    }
}

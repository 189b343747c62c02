//! Finds out what a decision needs.

use crate::directory::Directory;
use crate::error::AwsError;
use crate::messenger::Messenger;
use mfa_enforcer_core::decide::{Needs, needs};
use mfa_enforcer_core::event::Event;
use mfa_enforcer_core::facts::{Facts, RootFacts, RootLedger};
use mfa_enforcer_core::tags;

/// The facts about an event's subject.
///
/// # Errors
/// Where the user could not be read in full. That the ledger of root events could not be read is a fact,
/// not an error: the alert must go out.
pub async fn observe<D, M>(event: &Event, directory: &D, messenger: &M) -> Result<Facts, AwsError>
where
    D: Directory + Sync,
    M: Messenger + Sync,
{
    match needs(event) {
        Needs::Nothing => Ok(Facts::NotNeeded),
        Needs::User(name) => {
            let user = directory.user(name).await?;
            Ok(user.map_or(Facts::NoSuchUser, |user| Facts::User(Box::new(user))))
        }
        Needs::RootLedger => {
            let ledger = messenger.alerts_tags().await.map_or(RootLedger::Unreadable, |tags| {
                let value = tags.get(tags::ROOT_NOTIFIED_KEY);
                RootLedger::Told(value.map(|value| tags::parse_root_events(value)).unwrap_or_default())
            });
            Ok(Facts::Root(RootFacts { mfa: None, ledger }))
        }
    }
}

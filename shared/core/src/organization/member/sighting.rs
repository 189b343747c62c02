//! What an event of an account asks for, before anything is looked up there.

use crate::event::{Deployment, Event, Function, Ignored, Reading, Subject, UserName, read};
use serde_json::Value;

/// What an event asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// Nothing has to be looked up in the account to answer it.
    Nothing,
    /// A look into the account.
    Account {
        /// The one user that it is about; `None` if it is about root or the quarantine.
        user: Option<UserName>,
        /// The event's id, after which the session is called. Empty if it has none yet.
        event: String,
    },
}

/// The account that sent a payload: EventBridge says so, and whoever sent it cannot.
#[must_use]
pub fn sender(payload: &str) -> Option<String> {
    let value: Value = serde_json::from_str(payload).ok()?;
    let account = value.get("account")?.as_str()?;
    crate::organization::account_number(account).ok()
}

/// What a payload asks for, as far as can be told with what is known of the account by itself.
#[must_use]
pub fn sighting(payload: &str, function: Function, bare: &Deployment) -> Sighting {
    match read(payload, function, bare) {
        Ok(Reading::Event(event)) => of_event(&event),
        // Which policies and groups are the quarantine, only the account tells.
        Ok(Reading::Ignored(Ignored::NotOfTheQuarantine)) => {
            let event = crate::event::label(payload).id;
            let event = event.map(|id| id.as_str().to_owned()).unwrap_or_default();
            Sighting::Account { user: None, event }
        }
        Ok(Reading::Ignored(_)) | Err(_) => Sighting::Nothing,
    }
}

fn of_event(event: &Event) -> Sighting {
    let user = match &event.subject {
        Subject::User(name) => Some(name.clone()),
        Subject::Root | Subject::Quarantine => None,
        // Nothing of the enforcer's own is in the account.
        Subject::Enforcer => return Sighting::Nothing,
    };
    Sighting::Account { user, event: event.source.id.as_str().to_owned() }
}

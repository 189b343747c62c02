//! Whether `CloudTrail` knows the event of a dead letter: whoever may write to a queue can invent one.

use super::dead_letter::{DeadLetter, Route, Stays};
use crate::event::{Envelope, EventId};
use crate::history::LAG;
use crate::mail_event::is_of_ses;
use crate::organization::account_number;
use crate::partition::Partition;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use strum::IntoStaticStr;

/// What functions decide by, or tell.
const DECISIVE: [&str; 12] = [
    "eventName",
    "eventSource",
    "eventType",
    "eventTime",
    "recipientAccountId",
    "sourceIPAddress",
    "userAgent",
    "userIdentity",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "errorCode",
];

/// What the event history says of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum InHistory {
    /// It has the same.
    Found,
    /// It has another event with this id.
    Differs,
    /// It does not have it.
    NotFound,
    /// It does not have it, and may have it later.
    TooRecent,
    /// It could not be read.
    NotRead,
    /// Nothing of this kind is in it.
    NotRecorded,
}

/// An event to look up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToLookUp {
    /// Its id.
    pub id: EventId,
    /// The region that recorded it.
    pub region: String,
    /// The account that recorded it; `None` for that of the stack.
    pub account: Option<String>,
}

impl InHistory {
    /// Judges what was found under the id of this dead letter: the record as JSON, `None` if there is none.
    #[must_use]
    pub fn of(letter: &DeadLetter, found: Option<&str>, now: Timestamp) -> Self {
        let Ok(Route::Function { payload, .. }) = &letter.route else { return Self::NotFound };
        match found {
            Some(record) if is_same(payload, record) => Self::Found,
            Some(_) => Self::Differs,
            // The time in the event is as invented as the event. The queue's is not.
            None if letter.sent.is_none_or(|sent| now.duration_since(sent) < LAG) => Self::TooRecent,
            None => Self::NotFound,
        }
    }

    /// What is to be said of it; `None` if all is well.
    #[must_use]
    pub fn warning(self) -> Option<&'static str> {
        match self {
            Self::Found => None,
            Self::Differs => Some("CloudTrail has another event with this id: somebody changed it"),
            Self::NotFound => Some("not found in CloudTrail's history: somebody may have invented it"),
            Self::TooRecent => Some("not yet in CloudTrail's history, which is some minutes late"),
            Self::NotRead => Some("CloudTrail's history could not be read, so it may be invented"),
            Self::NotRecorded => {
                Some("CloudTrail does not record such an event: somebody may have invented it")
            }
        }
    }
}

impl DeadLetter {
    /// What is to be looked up before it is run, or what is known without. `None` if it does not go into a function. `hub` is
    /// the account of a hub, whose functions handle the events of every account: each is in the history of its own.
    #[must_use]
    pub fn to_look_up(&self, home: &str, hub: Option<&str>) -> Option<Result<ToLookUp, InHistory>> {
        let Ok(Route::Function { payload, .. }) = &self.route else { return None };
        // As the functions read it. What they could not read, nobody can prove.
        let Ok(envelope) = Envelope::read(payload) else { return Some(Err(InHistory::NotFound)) };
        if is_of_ses(&envelope) || !envelope.is_record() {
            return Some(Err(InHistory::NotRecorded));
        }
        let text = |name: &str| envelope.detail.get(name).and_then(Value::as_str);
        let region = text("awsRegion").filter(|region| is_region(region, home)).unwrap_or(home).to_owned();
        let id = text("eventID").and_then(EventId::new);
        // The account by which the functions of a hub go. That of the record is compared with what the history has.
        let account = hub.and_then(|hub| {
            let account = account_number(envelope.account()?).ok()?;
            (account != hub).then_some(account)
        });
        Some(id.map(|id| ToLookUp { id, region, account }).ok_or(InHistory::NotFound))
    }

    /// The same for a run that nobody watches: what the history does not have is left.
    #[must_use]
    pub fn unwatched(self) -> Self {
        match (self.function(), self.history.and_then(InHistory::warning)) {
            (Some(function), Some(warning)) => {
                Self { route: Err(Stays::NotInHistory(function, warning)), ..self }
            }
            (_, None) | (None, Some(_)) => self,
        }
    }
}

/// Whether a text has the form of a region, of the same partition as `home`. It becomes a part of an address.
fn is_region(text: &str, home: &str) -> bool {
    let mut parts: Vec<&str> = text.split('-').collect();
    let number = parts.pop().unwrap_or_default();
    let is_word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    Partition::name_of_region(text) == Partition::name_of_region(home)
        && text.len() <= 32
        && parts.len() >= 2
        && parts.iter().all(is_word)
        && number.len() == 1
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a function would decide by the payload what it would decide by the record.
fn is_same(payload: &str, record: &str) -> bool {
    let (Ok(event), Ok(record)) = (Envelope::read(payload), serde_json::from_str::<Value>(record)) else {
        return false;
    };
    // A field that is null, and one that is missing, are the same.
    let field = |of: &Value, name: &str| of.get(name).cloned().unwrap_or_default();
    DECISIVE.iter().all(|name| field(&event.detail, name) == field(&record, name))
}

//! What a record is read as, for programs.

use super::read_event::{Deployment, Reading, label, read_any};
use super::record::Subject;
use super::{Malformed, enveloped};
use jiff::Timestamp;
use serde::Serialize;

/// What a record is read as. As JSON it is a line that programs in other languages can compare theirs with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Id of the record; `None` if it has none that is one.
    pub id: Option<String>,
    /// `eventName`; `None` if it has none that is one.
    pub name: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub reading: ToldReading,
}

/// A reading, for programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reading", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum ToldReading {
    /// A function decides on it.
    Event {
        /// The function.
        function: &'static str,
        /// Account in which it happened.
        account: String,
        /// When.
        at: Timestamp,
        /// Whom it is about: a user's name, `root`, `quarantine` or `enforcer`.
        subject: String,
        /// Who made the call, in words.
        actor: String,
    },
    /// It is ignored.
    Ignored {
        /// Why, as a code.
        reason: &'static str,
    },
    /// It cannot be read.
    Malformed {
        /// Path of the field.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl Told {
    /// Reads a record in any form that an archive has, for any function.
    #[must_use]
    pub fn of(record: &str, deployment: &Deployment) -> Self {
        let payload = match enveloped(record) {
            Ok(payload) => payload,
            Err(malformed) => return Self { id: None, name: None, reading: malformed.into() },
        };
        let label = label(&payload);
        let reading = match read_any(&payload, deployment) {
            Ok(Reading::Ignored(reason)) => ToldReading::Ignored { reason: reason.code() },
            Ok(Reading::Event(event)) => ToldReading::Event {
                function: event.trigger.spec().function.name(),
                account: event.source.account.clone(),
                at: event.source.time,
                subject: match &event.subject {
                    Subject::User(name) => name.to_string(),
                    Subject::Root => "root".to_owned(),
                    Subject::Quarantine => "quarantine".to_owned(),
                    Subject::Enforcer => "enforcer".to_owned(),
                },
                actor: event.actor.to_string(),
            },
            Err(malformed) => malformed.into(),
        };
        Self { id: label.id.map(|id| id.to_string()), name: label.name, reading }
    }
}

impl From<Malformed> for ToldReading {
    fn from(Malformed { path, problem }: Malformed) -> Self {
        Self::Malformed { field: path, problem }
    }
}

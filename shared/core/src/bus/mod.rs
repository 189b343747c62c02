//! What is put on the event bus, for machines: every act, and every finding of a daily sweep.
//!
//! One form, [`Body`], with few fields that mean the same for everything, so that a rule can match them and an input
//! transformer can quote them. `docs/event.schema.json` describes it. Its ids are made from what happened: the same thing
//! put twice has the same `uid`, and a finding keeps its `findingUid` until it is resolved.

mod account_findings;
mod act_events;
mod batches;
mod body;
mod open_findings;
mod operator_events;
mod sweep_findings;
mod user_findings;

pub use act_events::{event_of_alert, events_of};
pub use batches::{BATCH_BYTES, BATCH_ENTRIES, Batch, Lost, batches, size};
pub use body::{Body, Event, Level, Place, State, User};
pub use open_findings::{FINDINGS_KEY, OpenFindings};
pub use operator_events::{OperatorAct, event_of_operator, event_of_test};
pub use sweep_findings::{Swept, findings_of};

use jiff::Timestamp;
use strum::{EnumIter, IntoStaticStr};

/// Source of everything that is put. The roles may put nothing else, and no rule of the stack matches it.
pub const SOURCE: &str = "mfa-enforcer";
/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// The kind of an entry, by which rules choose: the class of OCSF that fits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
pub enum DetailType {
    /// What was done to a user's access, or noted about it.
    #[strum(serialize = "Account Change")]
    AccountChange,
    /// What is wrong, or is no longer.
    #[strum(serialize = "Detection Finding")]
    DetectionFinding,
}

impl DetailType {
    /// The detail type of the entry, and the name of the class in OCSF.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Number of the class in OCSF.
    #[must_use]
    pub fn class(self) -> u16 {
        match self {
            Self::AccountChange => 3001,
            Self::DetectionFinding => 2004,
        }
    }
}

/// An entry to put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusEvent {
    /// Its kind.
    pub detail_type: DetailType,
    /// When it was so.
    pub time: Timestamp,
    /// ARN of what it is about.
    pub resource: String,
    /// The body, as JSON.
    pub detail: String,
}

//! A live test of a deployment: what is set off, and how its line in the log is known.

use super::seen::Read;
use crate::event::{EventId, Ignored, TriggerKind};
use crate::outcome::Outcome;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// How the template calls the function that handles what a live test sets off.
pub const TESTED_FUNCTION: &str = "UserLifecycleFunction";
/// How the template calls its log group.
pub const TESTED_LOGS: &str = "UserLifecycleLogs";
/// The path of the users that a live test makes. `policies/doctor-live.json` names it.
pub const TEST_USER_PATH: &str = "/mfa-enforcer-doctor/";
/// How their names begin.
const TEST_USER_PREFIX: &str = "mfa-enforcer-doctor-";

/// What a live test sets off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveTest {
    /// An event on the event bus, by the id that EventBridge gave it.
    Event(EventId),
    /// The creation of a user of this name, without a password.
    User(String),
}

/// How a live test went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSeen {
    /// What was set off; or why nothing was, with the refused call.
    pub test: Read<LiveTest>,
    /// Where the line had to appear.
    pub log_group: String,
    /// How long it took to appear; `None` if it did not.
    pub logged: Read<Option<SignedDuration>>,
    /// How long it was waited for.
    pub waited: SignedDuration,
    /// Why the user could not be deleted again; if it is not known whether there is one, with the name.
    pub left: Option<String>,
}

impl LiveTest {
    /// The name of a new user to create. Nobody else's begins like it.
    #[must_use]
    pub fn user_name(at: Timestamp, process: u32) -> String {
        format!("{TEST_USER_PREFIX}{}-{process}", at.strftime("%Y%m%dT%H%M%SZ"))
    }

    /// What the log is searched for.
    #[must_use]
    pub fn mark(&self) -> &str {
        match self {
            Self::Event(id) => id.as_str(),
            Self::User(name) => name,
        }
    }

    /// How long to wait for the line if nothing else is said. An event of CloudTrail can take minutes.
    #[must_use]
    pub fn patience(is_of_iam: bool) -> SignedDuration {
        if is_of_iam { SignedDuration::from_mins(15) } else { SignedDuration::from_mins(2) }
    }

    /// Whether a line of the log says that a function handled what was set off.
    #[must_use]
    pub fn is_told_by(&self, line: &str) -> bool {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        let is = |field: &str, value: &str| line.get(field).and_then(Value::as_str) == Some(value);
        match self {
            Self::Event(id) => {
                is("event_id", id.as_str())
                    && is("outcome", Outcome::Ignored.code())
                    && is("reason", Ignored::Test.code())
            }
            Self::User(name) => {
                is("trigger", TriggerKind::UserCreated.spec().event_name) && is("subject", name)
            }
        }
    }
}

//! One thing that was checked, and what came of it.

use crate::digest::AccountFinding;
use serde::{Serialize, Serializer};
use strum::{EnumIter, IntoStaticStr};

/// What is done about whatever could not be read.
const ALLOW_IT: &str = "grant what it names to whoever runs this (policies/doctor.json has it all, and for --org \
                        policies/doctor-organization.json), or run it again";

/// How things stand, from good to bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It works, and something should be done.
    Warning,
    /// Nobody knows: it could not be read.
    Unknown,
    /// It does not work.
    Broken,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Item {
    /// Whose the credentials are, and in which region the stack is.
    Access,
    /// The stack and its version.
    Stack,
    /// Whether resources differ from the stack.
    Drift,
    /// The functions.
    Functions,
    /// Their settings.
    Settings,
    /// The roles of a member of an organization.
    Roles,
    /// Whether anything logs the events.
    Trail,
    /// The rules that pass the events on.
    Rules,
    /// What forwards sign-ins from other regions.
    Forwarding,
    /// What orders sweeps, and passes the orders on.
    Schedules,
    /// The last sweep.
    LastSweep,
    /// What could not be handled.
    DeadLetters,
    /// Policies and groups of the quarantine.
    Quarantine,
    /// Whether IAM has room for it.
    Room,
    /// Who gets the alerts.
    Alerts,
    /// Whether SES sends mail to users.
    Mail,
    /// Users who hear nothing, or whom nothing holds.
    Users,
    /// Exemptions that end.
    Exemptions,
    /// The records in the evidence bucket.
    Evidence,
    /// What was set off for a test.
    Live,
}

/// What came of a check of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    #[serde(serialize_with = "item_code")]
    pub item: Item,
    /// How it is.
    #[serde(serialize_with = "state_code")]
    pub state: State,
    /// What is so, in a sentence.
    pub says: String,
    /// What to do; `None` if nothing.
    pub advice: Option<String>,
    /// Whether people are told although it is ok.
    #[serde(skip)]
    pub is_named: bool,
}

impl State {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl Item {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl Check {
    pub(super) fn ok(item: Item, says: impl Into<String>) -> Self {
        Self { item, state: State::Ok, says: says.into(), advice: None, is_named: false }
    }

    /// What is no fault, and is named all the same.
    pub(super) fn named(item: Item, says: impl Into<String>) -> Self {
        Self { is_named: true, ..Self::ok(item, says) }
    }

    pub(super) fn warning(item: Item, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { item, state: State::Warning, says: says.into(), advice: Some(advice.into()), is_named: false }
    }

    pub(super) fn broken(item: Item, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { item, state: State::Broken, says: says.into(), advice: Some(advice.into()), is_named: false }
    }

    /// What could not be read, with the error, which names the call.
    pub(super) fn unknown(item: Item, what: &str, error: &str) -> Self {
        let says = format!("{what} could not be read: {error}");
        Self { item, state: State::Unknown, says, advice: Some(ALLOW_IT.to_owned()), is_named: false }
    }

    /// What nobody knows yet.
    pub(super) fn not_known(item: Item, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { item, state: State::Unknown, says: says.into(), advice: Some(advice.into()), is_named: false }
    }

    /// What a sweep would find as well.
    pub(super) fn of_finding(item: Item, finding: &AccountFinding) -> Self {
        let (state, advice) = judged(finding);
        Self { item, state, says: finding.to_string(), advice: Some(advice.to_owned()), is_named: false }
    }
}

/// These checks or, if there are none, that all is well.
pub(super) fn or_ok(checks: Vec<Check>, item: Item, says: impl FnOnce() -> String) -> Vec<Check> {
    if checks.is_empty() { vec![Check::ok(item, says())] } else { checks }
}

/// How bad a finding is here, and what to do. Findings that a check cannot have are as bad as the digest takes them.
fn judged(finding: &AccountFinding) -> (State, &'static str) {
    match finding {
        AccountFinding::NoTrail => (
            State::Broken,
            "start the trail (aws cloudtrail start-logging --name TRAIL), or create one of all regions that logs \
             management events; docs/RUNBOOK.md, No trail logs management events",
        ),
        AccountFinding::TrailInOneRegion => {
            (State::Warning, "aws cloudtrail update-trail --name TRAIL --is-multi-region-trail")
        }
        AccountFinding::SpareInForce(_)
        | AccountFinding::QuarantineStopsNothing(_)
        | AccountFinding::GroupGone(_)
        | AccountFinding::GroupWithoutPolicy(_) => {
            (State::Broken, "put it back: docs/RUNBOOK.md, Somebody changed the quarantine itself")
        }
        AccountFinding::StackInProgress(_) => (State::Warning, "run it again when the stack is ready"),
        AccountFinding::TrailsUnknown(_)
        | AccountFinding::StackUnknown(_)
        | AccountFinding::PolicyUnknown { .. }
        | AccountFinding::GroupUnknown { .. }
        | AccountFinding::ReportUnreadable(_)
        | AccountFinding::HistoryUnreadable(_)
        | AccountFinding::SenderUnknown(_) => (State::Unknown, ALLOW_IT),
        AccountFinding::SenderNotVerified { .. } | AccountFinding::SenderPaused(_) => {
            (State::Broken, "docs/MAIL.md, To set it up")
        }
        AccountFinding::SenderInSandbox(_) => (State::Warning, "docs/MAIL.md, To set it up"),
        AccountFinding::EvidenceChanged => (State::Broken, "docs/RUNBOOK.md, Somebody changed the evidence"),
        AccountFinding::SettingsInDoubt(_) => (State::Broken, "docs/RUNBOOK.md, Findings about the account"),
        AccountFinding::HistoryCutOff
        | AccountFinding::ExemptsNobody { .. }
        | AccountFinding::DigestNotMailed(_)
        | AccountFinding::EvidenceUnwritten(_)
        | AccountFinding::EventsLost(_)
        | AccountFinding::ReviewOpen(_) => (State::Warning, "docs/RUNBOOK.md, Findings about the account"),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn item_code<S: Serializer>(item: &Item, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(item.code())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn state_code<S: Serializer>(state: &State, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(state.code())
}

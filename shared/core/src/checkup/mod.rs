//! A check of a deployment: what is as it should be, what is not, and what to do about it.
//!
//! The shell reads a deployment into [`Seen`], and [`Checkup::of`] judges it. Where a sweep judges the same thing, it is
//! the same function. What could not be read is said as such, and never as in order.

mod check;
mod invoking;
mod live_test;
mod of_evidence;
mod of_forwarding;
mod of_functions;
mod of_live;
mod of_room;
mod of_rules;
mod of_settings;
mod of_stack;
mod of_sweeps;
mod of_users;
mod organization;
mod seen;

pub use check::{Check, Item, State};
pub use live_test::{LiveSeen, LiveTest, TEST_USER_PATH, TESTED_FUNCTION, TESTED_LOGS};
pub use organization::{
    AccountCheckup, AccountKind, AccountSeen, CheckSession, HubCheckup, HubSeen, ListedRule, ManagedSeen,
    MemberGroupSeen, MemberIam, MemberSeen, OrganizationCheckup, OrganizationSeen, RegionSeen, ResultSeen,
    RoleSeen, RulesSeen, TestEvents, accounts_to_test, dead_letters_of, members_with_rules,
};
pub use seen::{
    Deployed, Drift, Executions, ForwardSeen, FunctionSeen, LinkSeen, Part, QueueSeen, Read, RoomSeen,
    RuleSeen, Seen, StackSeen, settings_of,
};

use crate::evidence::Product;
use check::state_code;
use jiff::Timestamp;
use serde::Serialize;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// What came of a check. `docs/doctor.schema.json` describes it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checkup {
    /// Version of the form.
    pub schema_version: &'static str,
    /// What made it.
    pub product: Product,
    /// When the deployment was read.
    pub at: Timestamp,
    /// ARN of whoever asked.
    pub caller: String,
    /// Number of the account.
    pub account: String,
    /// The region of the stack.
    pub region: String,
    /// Name of the stack.
    pub stack: String,
    /// How the worst of it is.
    #[serde(serialize_with = "state_code")]
    pub state: State,
    /// What was checked, in order. Each item is there at least once, but for a live test that nobody asked for.
    pub checks: Vec<Check>,
}

impl Checkup {
    /// Judges what was read.
    #[must_use]
    pub fn of(seen: &Seen) -> Self {
        let checks = [
            of_stack::access(seen),
            of_stack::stack(seen),
            of_stack::drift(seen),
            of_functions::functions(seen),
            of_functions::settings(seen),
            of_rules::trail(seen),
            of_rules::rules(seen),
            of_forwarding::forwarding(seen),
            of_sweeps::schedules(seen),
            of_sweeps::last_sweep(seen),
            of_sweeps::dead_letters(seen),
            of_settings::quarantine(seen),
            of_room::room(seen),
            of_settings::alerts(seen),
            of_settings::mail(seen),
            of_users::users(seen),
            of_users::exemptions(seen),
            of_evidence::evidence(seen),
            of_live::live(seen),
        ];
        let checks = checks.concat();
        Self {
            schema_version: SCHEMA_VERSION,
            product: Product::own(),
            at: seen.at,
            caller: seen.caller.clone(),
            account: seen.account.clone(),
            region: seen.region.clone(),
            stack: seen.stack.name.clone(),
            state: checks.iter().map(|check| check.state).max().unwrap_or(State::Unknown),
            checks,
        }
    }

    /// How many checks came to this.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        self.checks.iter().filter(|check| check.state == state).count()
    }

    /// The checkup as JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> String {
        // INVARIANT: all keys are strings, so this does not fail.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        format!("{text}\n")
    }
}

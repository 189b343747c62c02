//! What was read of an organization with a hub, as plain data. Nothing here judges it.

use crate::checkup::seen::{Part, QueueSeen, Read, StackSeen};
use crate::event::{EventId, Function};
use crate::organization::{Account, AccountResult, Books, HubSettings, SweepPlan};
use crate::quarantine_look::PolicyVersion;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// An organization with a hub.
#[derive(Debug, Clone, PartialEq)]
pub struct OrganizationSeen {
    /// When.
    pub at: Timestamp,
    /// ARN of whoever asked.
    pub caller: String,
    /// Id of the organization of whoever asked.
    pub organization: String,
    /// Number of the management account.
    pub management: String,
    /// The hub.
    pub hub: HubSeen,
    /// Every account.
    pub accounts: Vec<AccountSeen>,
    /// What came of test events; `None` if nobody asked for them.
    pub tests: Option<TestEvents>,
}

/// Test events on the buses of accounts, and which of them arrived at the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestEvents {
    /// The log group of the hub in which their lines had to appear.
    pub log_group: String,
    /// What was put on the bus of each account that can be tried, by its number; or why nothing was.
    pub events: BTreeMap<String, Read<EventId>>,
    /// How long it took until the line of each was there, by its id.
    pub logged: Read<BTreeMap<String, SignedDuration>>,
    /// How long they were waited for.
    pub waited: SignedDuration,
}

/// The hub: its stack, and what its bucket says of the accounts.
#[derive(Debug, Clone, PartialEq)]
pub struct HubSeen {
    /// Number of its account.
    pub account: String,
    /// The region of its stack.
    pub region: String,
    /// The stack.
    pub stack: StackSeen,
    /// The settings of the sweep.
    pub settings: HubSettings,
    /// The functions that were found, each with the ARN of its role.
    pub roles: Vec<(Function, String)>,
    /// The settings of the organization, and where accounts are.
    pub books: Read<Books>,
    /// The queues of the stack.
    pub queues: Vec<Part<QueueSeen>>,
    /// The newest plan of an hourly sweep; `None` if there was none lately.
    pub hourly: Read<Option<SweepPlan>>,
    /// The newest plan of a daily sweep; `None` if there was none lately.
    pub daily: Read<Option<SweepPlan>>,
}

impl HubSeen {
    /// The ARN of its bus.
    #[must_use]
    pub fn bus(&self) -> String {
        let partition = self.settings.base.partition_name();
        format!("arn:{partition}:events:{}:{}:event-bus/{}", self.region, self.account, self.stack.name)
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountSeen {
    /// As the organization lists it.
    pub account: Account,
    /// What is in it, or why that could not be read; `None` if the account is not in use.
    pub member: Option<Read<MemberSeen>>,
    /// What the last daily sweep left of it; `None` if it left nothing.
    pub result: Read<Option<ResultSeen>>,
}

/// What the daily sweep of an account came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultSeen {
    /// What was found and done.
    pub result: AccountResult,
    /// Whether the sweep has reported it. Else an attempt left it, after which the account is tried again.
    pub is_final: bool,
}

/// What is in an account.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberSeen {
    /// Roles, policies and groups.
    pub iam: Read<MemberIam>,
    /// The region in which the events of IAM arrive.
    pub home: RegionSeen,
    /// Each other region that the account has enabled.
    pub others: Read<Vec<RegionSeen>>,
    /// The stack of the hub's name in this account, which only the management account was asked for.
    pub own_stack: Option<Read<Option<StackSeen>>>,
}

/// What is below the path of the enforcer in IAM of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberIam {
    /// The roles.
    pub roles: Vec<RoleSeen>,
    /// The managed policies.
    pub policies: Vec<ManagedSeen>,
    /// The groups.
    pub groups: Vec<MemberGroupSeen>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSeen {
    /// Its name.
    pub name: String,
    /// Who may assume it: JSON, with percent signs as IAM writes it.
    pub trust: String,
    /// The policies in it, in the same form.
    pub inline: Vec<String>,
    /// ARNs of the managed policies that are attached to it.
    pub managed: Vec<String>,
    /// Its tag `version`; `None` if it has none.
    pub version: Option<String>,
}

/// A managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedSeen {
    /// Its ARN.
    pub arn: String,
    /// Its path.
    pub path: String,
    /// When it was made.
    pub made: Timestamp,
    /// The id of the version in force.
    pub in_force: String,
    /// All versions.
    pub versions: Vec<PolicyVersion>,
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberGroupSeen {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// When it was made.
    pub made: Timestamp,
    /// ARNs of its managed policies.
    pub policies: Vec<String>,
}

/// What sends events to the hub from a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionSeen {
    /// The region.
    pub region: String,
    /// The rules whose names are those of a member's.
    pub rules: RulesSeen,
    /// The queues of what could not be sent, by the name of each stack that has rules there.
    pub queues: Vec<(String, Part<QueueSeen>)>,
}

/// An answer to which rules there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesSeen {
    /// They were listed.
    Listed(Vec<ListedRule>),
    /// Access is denied, with this error.
    Denied(String),
    /// They could not be listed, with this error.
    Unknown(String),
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRule {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Such as `ENABLED`.
    pub state: String,
    /// The bus of the hub, if it is a target of the rule. No other target is asked for.
    pub targets: Read<Vec<String>>,
}

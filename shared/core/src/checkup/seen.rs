//! What was read of a deployment, as plain data. Nothing here judges it.

use super::live_test::LiveSeen;
use crate::evidence::{Before, Listing};
use crate::quarantine_look::QuarantineSeen;
use crate::quotas::AccountQuotas;
use crate::sender::SenderSeen;
use crate::settings::Settings;
use crate::snapshot::UserDetail;
use crate::stack::StackState;
use crate::subscription::Subscription;
use crate::trail::Trail;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// An answer, or the error in words, which names the call.
pub type Read<T> = Result<T, String>;

/// A part of a deployment that was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part<T> {
    /// How the template calls it, such as `SweepFunction`.
    pub logical: String,
    /// How AWS calls it: a name, an ARN or an address.
    pub name: String,
    /// What it is like; `None` if it is gone.
    pub found: Read<Option<T>>,
}

/// The stack, and who asked about it.
#[derive(Debug, Clone, PartialEq)]
pub struct StackSeen {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub id: String,
    /// Its status and outputs.
    pub state: StackState,
    /// What `CloudFormation` last found of its drift.
    pub drift: Drift,
}

/// What `CloudFormation` last found of a stack's drift.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drift {
    /// Such as `IN_SYNC`; empty if nobody ever asked for it.
    pub status: String,
    /// When.
    pub at: Option<Timestamp>,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionSeen {
    /// Such as `Active`.
    pub state: String,
    /// How the last change of it went, such as `Successful`.
    pub last_update: String,
    /// Its environment variables, or why Lambda cannot give them to it.
    pub variables: Read<BTreeMap<String, String>>,
    /// Its reserved concurrency; `None` if none is reserved.
    pub concurrency: Read<Option<u32>>,
    /// Its tag with the version; `None` if it has none.
    pub version: Read<Option<String>>,
    /// Who may invoke it: its own policy as JSON; `None` if it has none.
    pub policy: Read<Option<String>>,
}

/// How many executions of functions an account allows at the same time in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Executions {
    /// In all.
    pub limit: u32,
    /// Of all functions without a reservation.
    pub unreserved: u32,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSeen {
    /// Its ARN.
    pub arn: String,
    /// Such as `ENABLED`.
    pub state: String,
    /// ARNs of its targets.
    pub targets: Read<Vec<String>>,
}

impl RuleSeen {
    /// Whether it passes anything on.
    pub(super) fn is_enabled(&self) -> bool {
        // One that also matches reads has a longer word for it.
        self.state.starts_with("ENABLED")
    }
}

/// A schedule, or the mapping of a queue to a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkSeen {
    /// Such as `ENABLED`.
    pub state: String,
    /// ARN of the queue that it fills or empties.
    pub queue: String,
}

/// What forwards sign-ins from a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardSeen {
    /// The region.
    pub region: String,
    /// The rules there.
    pub rules: Vec<Part<RuleSeen>>,
    /// The queue there of what could not be forwarded.
    pub queue: Part<QueueSeen>,
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSeen {
    /// Its ARN.
    pub arn: String,
    /// How many messages wait in it, as far as SQS knows.
    pub messages: u64,
}

/// What IAM has, and how much it may have.
#[derive(Debug, Clone, PartialEq)]
pub struct RoomSeen {
    /// The account's quotas.
    pub quotas: Read<AccountQuotas>,
    /// All users.
    pub users: Read<Vec<UserDetail>>,
    /// The credential report, which says who has a password; `None` if it was not asked for.
    pub report: Option<Read<Vec<u8>>>,
    /// How many customer-managed policies the stack has.
    pub own_policies: usize,
    /// How many groups the stack has.
    pub own_groups: usize,
}

/// What was found where the settings say that it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployed {
    /// The settings of the sweep, or of another function.
    pub settings: Settings,
    /// Policies and groups.
    pub quarantine: QuarantineSeen,
    /// Subscriptions of the alerts topic; `None` if there is no such topic.
    pub subscriptions: Read<Option<Vec<Subscription>>>,
    /// Tags of the alerts topic; `None` if there is no such topic.
    pub tags: Read<Option<BTreeMap<String, String>>>,
    /// What SES says about the sender; `None` if SNS sends the mail.
    pub sender: Option<Read<SenderSeen>>,
    /// Whether SES sends nothing to the address of the digest; `None` if it mails no digest.
    pub suppressed: Option<Read<bool>>,
    /// What the evidence bucket has, and `None` within if there is no such bucket; `None` if no evidence is kept.
    pub evidence: Option<Read<Option<(Before, Listing)>>>,
}

/// A deployment, as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// When.
    pub at: Timestamp,
    /// ARN of whoever asked.
    pub caller: String,
    /// Number of the account.
    pub account: String,
    /// The region of the stack.
    pub region: String,
    /// The stack.
    pub stack: StackSeen,
    /// Its functions.
    pub functions: Vec<Part<FunctionSeen>>,
    /// How many executions the account allows.
    pub executions: Read<Executions>,
    /// Its rules.
    pub rules: Vec<Part<RuleSeen>>,
    /// What forwards sign-ins from each other region that the account has enabled.
    pub forwarding: Read<Vec<ForwardSeen>>,
    /// Its schedules, which order sweeps.
    pub schedules: Vec<Part<LinkSeen>>,
    /// What passes these orders on to the function.
    pub mappings: Vec<Part<LinkSeen>>,
    /// Its queues.
    pub queues: Vec<Part<QueueSeen>>,
    /// The trails that the region knows.
    pub trails: Read<Vec<Trail>>,
    /// What there is room for.
    pub room: RoomSeen,
    /// What the settings name; `None` if no function has any that can be used.
    pub deployed: Option<Deployed>,
    /// How a live test went; `None` if nobody asked for one.
    pub live: Option<LiveSeen>,
}

/// The settings that a deployment goes by: those of the sweep or, if these cannot be used, of another function.
#[must_use]
pub fn settings_of(functions: &[Part<FunctionSeen>]) -> Option<Settings> {
    let usable = |part: &Part<FunctionSeen>| {
        let function = part.found.as_ref().ok()?.as_ref()?;
        let variables = function.variables.as_ref().ok()?;
        Settings::read(|name| variables.get(name).cloned()).ok()
    };
    let is_sweep = |part: &&Part<FunctionSeen>| part.logical.starts_with("Sweep");
    let sweep = functions.iter().filter(is_sweep).find_map(usable);
    sweep.or_else(|| functions.iter().find_map(usable))
}

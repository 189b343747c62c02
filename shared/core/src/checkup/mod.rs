//! A check of a deployment: what was read of it.

mod seen;

pub use seen::{
    Deployed, Drift, FunctionSeen, LinkSeen, Part, QueueSeen, Read, RuleSeen, Seen, StackSeen, settings_of,
};

//! Repairs of the quarantine itself: its policies and groups. No repair writes a text.

use crate::operation::Operation;
use std::fmt;

/// One repair. Repeating a repair does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// Put a version of a policy in force that it has.
    SetDefaultVersion {
        /// ARN of the policy.
        policy: String,
        /// Id of the version.
        version: String,
    },
    /// Attach a policy to a group.
    AttachToGroup {
        /// Name of the group.
        group: String,
        /// ARN of the policy.
        policy: String,
    },
}

impl Repair {
    /// The AWS call that makes the repair.
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::SetDefaultVersion { .. } => Operation::SetDefaultPolicyVersion,
            Self::AttachToGroup { .. } => Operation::AttachGroupPolicy,
        }
    }
}

impl fmt::Display for Repair {
    /// For logs: what is repaired, without ARNs and names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SetDefaultVersion { .. } => "set-default-version",
            Self::AttachToGroup { .. } => "attach-to-group",
        })
    }
}

//! Alerts about the quarantine itself: its policies and groups.

use super::Severity;

/// How the right text of a policy is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// Another text is in force, and no version of the policy has the right one.
    Changed,
    /// Another text is in force. This version has the right one, and could not be put in force.
    NotPutBack(String),
    /// The policy does not exist any more.
    Gone,
}

impl Lost {
    /// Names it in a record.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::NotPutBack(_) => "kept",
            Self::Gone => "gone",
        }
    }
}

/// What contains users if the text of a policy is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Its spare.
    Spare,
    /// The policy itself: only its spare is lost.
    Policy,
    /// Nothing.
    Nothing,
}

/// What happened to a policy or a group of the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuarantineAlert {
    /// Somebody changed the text of this policy, and it is right again.
    PolicyRestored {
        /// ARN of the policy.
        policy: String,
    },
    /// The text of this policy is lost.
    PolicyLost {
        /// ARN of the policy.
        policy: String,
        /// The document that it should have, as it is called at the end of the file's name.
        document: &'static str,
        /// How it is lost.
        how: Lost,
        /// What contains users meanwhile.
        rest: Rest,
    },
    /// This group was without its policy, and has it again.
    GroupRestored {
        /// Name of the group.
        group: String,
    },
    /// This group does not have its policy.
    GroupLost {
        /// Name of the group.
        group: String,
    },
    /// There is no group of this name any more.
    GroupGone {
        /// Name of the group.
        group: String,
        /// The name that it was given.
        renamed: Option<String>,
    },
}

impl QuarantineAlert {
    pub(super) fn severity(&self) -> Severity {
        match self {
            Self::PolicyLost { rest: Rest::Policy, .. } => Severity::Warning,
            Self::PolicyRestored { .. }
            | Self::PolicyLost { .. }
            | Self::GroupRestored { .. }
            | Self::GroupLost { .. }
            | Self::GroupGone { .. } => Severity::Critical,
        }
    }

    pub(super) fn reason(&self) -> &'static str {
        match self {
            Self::PolicyRestored { .. } => "policy-restored",
            Self::PolicyLost { how: Lost::Gone, .. } => "policy-gone",
            Self::PolicyLost { .. } => "policy-changed",
            Self::GroupRestored { .. } => "group-restored",
            Self::GroupLost { .. } => "group-without-policy",
            Self::GroupGone { renamed: None, .. } => "group-gone",
            Self::GroupGone { renamed: Some(_), .. } => "group-renamed",
        }
    }

    pub(super) fn headline(&self) -> String {
        match self {
            Self::PolicyRestored { policy } => {
                format!(
                    "somebody put another text in the quarantine policy {}; it is right again",
                    name(policy)
                )
            }
            Self::PolicyLost { policy, how, rest, .. } => {
                let what = match how {
                    Lost::Changed | Lost::NotPutBack(_) => "does not have its text any more",
                    Lost::Gone => "is gone",
                };
                let then = match rest {
                    Rest::Spare => "sweeps put quarantined users under its spare",
                    Rest::Policy => "the policy that it stands in for is sound, so nobody is free",
                    Rest::Nothing => "its spare is no better, so quarantines of this kind stop NOTHING",
                };
                format!("the quarantine policy {} {what}; {then}", name(policy))
            }
            Self::GroupRestored { group } => {
                format!("somebody took the policy from the quarantine group {group}; it has it again")
            }
            Self::GroupLost { group } => {
                format!(
                    "the quarantine group {group} does not have its policy; sweeps contain its members by the policy itself"
                )
            }
            Self::GroupGone { group, renamed: None } => {
                format!(
                    "the quarantine group {group} is gone; sweeps contain its members by the policy itself"
                )
            }
            Self::GroupGone { group, renamed: Some(new) } => format!(
                "the quarantine group {group} is called {new} now; its members stay stopped, and nobody would release them"
            ),
        }
    }

    /// What the administrators should do. The commands are those of the runbook.
    pub(super) fn advice(&self) -> String {
        const WHO: &str = "Find out who did this: whoever may change the quarantine's policies and groups can free \
                           anybody. The runbook, Somebody changed the quarantine itself, says what to look at.";
        let file = |document| format!("--policy-document file://policies/quarantine-{document}.json");
        match self {
            Self::PolicyRestored { .. } | Self::GroupRestored { .. } => WHO.to_owned(),
            Self::PolicyLost { policy, how: Lost::NotPutBack(version), .. } => format!(
                "Put the version with the right text in force: aws iam set-default-policy-version --policy-arn {policy} \
                 --version-id {version} . This enforcer was refused that, and its log says why. {WHO}"
            ),
            Self::PolicyLost { policy, document, how: Lost::Changed, .. } => format!(
                "Put the text of the version that you deployed back. If the policy has five versions, delete one first: \
                 aws iam list-policy-versions --policy-arn {policy} . Then: aws iam create-policy-version --policy-arn \
                 {policy} --set-as-default {} . {WHO}",
                file(document)
            ),
            Self::PolicyLost { policy, document, how: Lost::Gone, .. } => format!(
                "Create the policy again, by the same name, with the text of the version that you deployed: aws iam \
                 create-policy --policy-name {} --path {} {} . {WHO}",
                name(policy),
                path(policy),
                file(document)
            ),
            Self::GroupLost { group } => format!(
                "This enforcer was refused to attach the policy, and its log says why. Attach it: aws iam \
                 attach-group-policy --group-name {group} --policy-arn ARN . {WHO}"
            ),
            Self::GroupGone { group, renamed: None } => format!(
                "Create the group again: aws iam create-group --group-name {group} . The next sweep attaches the policy. \
                 {WHO}"
            ),
            Self::GroupGone { group, renamed: Some(new) } => format!(
                "Give the group its name back: aws iam update-group --group-name {new} --new-group-name {group} . \
                 {WHO}"
            ),
        }
    }
}

/// The name in the ARN of a policy.
fn name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The path in the ARN of a policy, as a command takes it.
fn path(arn: &str) -> &str {
    let resource = arn.split_once(":policy").map_or("/", |(_, resource)| resource);
    resource.rsplit_once('/').map_or("/", |(before, _)| resource.get(..=before.len()).unwrap_or("/"))
}

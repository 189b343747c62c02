//! What a look at the quarantine itself shows: the stack, the texts of the policies, and the groups.

use crate::former_texts::FormerTexts;
use crate::policy_text::{Document, Texts};
use crate::quarantine::Restriction;
use crate::settings::{Release, Settings};
use crate::stack::StackState;
use jiff::Timestamp;

/// A version of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Its id, such as `v3`.
    pub id: String,
    /// Its document: JSON, with percent signs as IAM writes it.
    pub document: String,
}

/// What a look at a policy showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySeen {
    /// The version in force, and all versions, where they were read.
    There {
        /// The version in force.
        in_force: PolicyVersion,
        /// All versions; empty if there was no reason to read them.
        versions: Vec<PolicyVersion>,
    },
    /// There is no such policy.
    Gone,
    /// The look failed, with this error.
    Unknown(String),
}

/// What a look at a group showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupSeen {
    /// ARNs of the managed policies of the group.
    Policies(Vec<String>),
    /// There is no such group.
    Gone,
    /// The look failed, with this error. The group counts as whole.
    Unknown(String),
}

/// What a look at the quarantine showed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QuarantineSeen {
    /// The stack; `None` if there is none, or it could not be read.
    pub stack: Option<StackState>,
    /// Why the stack could not be read.
    pub stack_error: Option<String>,
    /// Policies by ARN.
    pub policies: Vec<(String, PolicySeen)>,
    /// Groups by name.
    pub groups: Vec<(String, GroupSeen)>,
    /// The texts of earlier versions, which count where there is no stack to say what it deployed: in an account of an
    /// organization, which is updated after its hub.
    pub former: FormerTexts,
}

/// How good a text is. One is better than those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grade {
    /// It is that of an earlier version. The later, the better.
    Former(usize),
    /// It is the right one.
    Right,
}

/// What is known of the text of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// It is right, or that of an earlier version and there is no better one.
    Intact,
    /// It is another one.
    Changed {
        /// The newest of the versions with the best text; `None` if none has a good one, or they were not read.
        right: Option<String>,
    },
    /// The policy is gone.
    Gone,
    /// Nobody knows: it could not be read, or the stack is being changed.
    Unknown,
}

impl Text {
    /// Whether the policy does not do what it should, and that is certain.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self, Self::Changed { .. } | Self::Gone)
    }
}

/// What the settings put users under. The strict one only if it is asked for.
pub(crate) fn in_force(settings: &Settings) -> Vec<&Restriction> {
    let quarantine = &settings.quarantine;
    let strict = quarantine.strict.iter().filter(|_| settings.release == Release::Approval);
    [&quarantine.full].into_iter().chain(&quarantine.fallback).chain(strict).collect()
}

/// The policies that these consist of, spares included.
pub(crate) fn policies_of(restrictions: &[&Restriction]) -> Vec<String> {
    let policies = restrictions.iter().flat_map(|own| [&own.policy].into_iter().chain(&own.spare));
    policies.cloned().collect()
}

/// The groups that these consist of.
pub(crate) fn groups_of(restrictions: &[&Restriction]) -> Vec<String> {
    restrictions.iter().filter_map(|own| own.group.clone()).collect()
}

/// All policies and all groups to look at.
#[must_use]
pub fn whole(settings: &Settings) -> (Vec<String>, Vec<String>) {
    let own = in_force(settings);
    (policies_of(&own), groups_of(&own))
}

impl QuarantineSeen {
    /// The text of the policy with this ARN. While the stack is being changed, only a text that the last deployment had
    /// is known to be right: the new one may be on its way.
    #[must_use]
    pub fn text(&self, arn: &str, settings: &Settings, now: Timestamp) -> Text {
        let is_settled = !self.stack.as_ref().is_some_and(|stack| stack.is_in_progress(now));
        let Some(document) = Document::of(arn, settings) else { return Text::Unknown };
        match self.policies.iter().find(|(known, _)| known == arn) {
            Some((_, PolicySeen::There { in_force, versions })) => {
                match self.best(document, in_force, versions) {
                    Some(best) if best.id == in_force.id => Text::Intact,
                    Some(_) | None if !is_settled => Text::Unknown,
                    best => Text::Changed { right: best.map(|version| version.id.clone()) },
                }
            }
            Some((_, PolicySeen::Gone)) if is_settled => Text::Gone,
            Some((_, PolicySeen::Gone | PolicySeen::Unknown(_))) | None => Text::Unknown,
        }
    }

    /// The version with the best text: the one in force if no other is better, or else the newest.
    fn best<'a>(
        &self,
        document: Document,
        in_force: &'a PolicyVersion,
        versions: &'a [PolicyVersion],
    ) -> Option<&'a PolicyVersion> {
        let rank = |version: &'a PolicyVersion| {
            let grade = self.grade(document, &version.document)?;
            Some((grade, version.id == in_force.id, number(&version.id), version))
        };
        let others = versions.iter().filter(|version| version.id != in_force.id);
        let ranked = others.chain([in_force]).filter_map(rank);
        ranked
            .max_by_key(|(grade, is_in_force, number, _)| (*grade, *is_in_force, *number))
            .map(|found| found.3)
    }

    /// How good a text is; `None` if it is somebody else's, or newer than this version.
    pub(crate) fn grade(&self, document: Document, text: &str) -> Option<Grade> {
        if Texts::of(self.stack.as_ref()).is(document, text) {
            return Some(Grade::Right);
        }
        let has_no_stack = self.stack.is_none() && self.stack_error.is_none();
        self.former.position(document, text).filter(|_| has_no_stack).map(Grade::Former)
    }

    /// How good the text in force of the policy with this ARN is, as far as it is known.
    pub(crate) fn grade_in_force(&self, arn: &str, settings: &Settings) -> Option<Grade> {
        self.grade(Document::of(arn, settings)?, &self.version_in_force(arn)?.document)
    }

    /// Whether the stack is being changed, and with it perhaps this policy.
    #[must_use]
    pub fn is_unsettled(&self, arn: &str, now: Timestamp) -> bool {
        let was_seen =
            |(known, seen): &(String, PolicySeen)| known == arn && !matches!(seen, PolicySeen::Unknown(_));
        self.stack.as_ref().is_some_and(|stack| stack.is_in_progress(now))
            && self.policies.iter().any(was_seen)
    }

    /// The policies whose other versions have to be read, because the text in force is not the right one.
    #[must_use]
    pub fn wants_versions(&self, settings: &Settings, now: Timestamp) -> Vec<String> {
        let wants = |arn: &&String| match self.text(arn, settings, now) {
            Text::Changed { right } => right.is_none(),
            Text::Intact => self.has_former(arn, settings),
            Text::Gone | Text::Unknown => false,
        };
        self.policies.iter().map(|(arn, _)| arn).filter(wants).cloned().collect()
    }

    /// Whether the text in force of the policy with this ARN is that of an earlier version.
    pub(crate) fn has_former(&self, arn: &str, settings: &Settings) -> bool {
        matches!(self.grade_in_force(arn, settings), Some(Grade::Former(_)))
    }

    /// Notes that a look at a policy failed, with this error.
    pub fn set_unknown(&mut self, arn: &str, error: &str) {
        for (_, seen) in self.policies.iter_mut().filter(|(known, _)| known == arn) {
            *seen = PolicySeen::Unknown(error.to_owned());
        }
    }

    /// Adds the versions of a policy.
    pub fn add_versions(&mut self, arn: &str, read: &[PolicyVersion]) {
        for (known, seen) in &mut self.policies {
            if let PolicySeen::There { versions, .. } = seen
                && known == arn
            {
                *versions = read.to_vec();
            }
        }
    }

    /// The id of the version of a policy that is in force, as far as it is known.
    #[must_use]
    pub fn in_force(&self, arn: &str) -> Option<&str> {
        self.version_in_force(arn).map(|version| version.id.as_str())
    }

    fn version_in_force(&self, arn: &str) -> Option<&PolicyVersion> {
        self.policies.iter().find_map(|(known, seen)| match seen {
            PolicySeen::There { in_force, .. } if known == arn => Some(in_force),
            PolicySeen::There { .. } | PolicySeen::Gone | PolicySeen::Unknown(_) => None,
        })
    }

    /// The group of this name. IAM keeps group names unique regardless of case.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&GroupSeen> {
        self.groups.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, seen)| seen)
    }

    /// Whether a policy is attached to a group; `None` if that is not known.
    #[must_use]
    pub fn group_has(&self, group: &str, policy: &str) -> Option<bool> {
        match self.group(group)? {
            GroupSeen::Policies(policies) => Some(policies.iter().any(|arn| arn == policy)),
            GroupSeen::Gone => Some(false),
            GroupSeen::Unknown(_) => None,
        }
    }
}

/// The number in the id of a version.
fn number(id: &str) -> u32 {
    id.trim_start_matches('v').parse().unwrap_or_default()
}

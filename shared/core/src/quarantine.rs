//! What contains a user in this deployment.

use crate::change::Change;
use crate::facts::UserFacts;
use crate::policy_text::Document;

/// The managed policies and the groups that contain users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantine {
    /// What a user is put under.
    pub full: Restriction,
    /// What remains after the enrolment of MFA, if that is less.
    pub fallback: Option<Restriction>,
    /// What also stops sessions with MFA, for users whose release has to be approved.
    pub strict: Option<Restriction>,
    /// Whether [`Quarantine::full`] stops access keys too.
    pub stops_keys: bool,
    /// ARNs of earlier quarantine policies, for example of another scope. They still count as a quarantine, and a
    /// release detaches them.
    pub former: Vec<String>,
    /// Names of earlier quarantine groups.
    pub former_groups: Vec<String>,
    /// Names of those of them that are strict, where a name does not tell.
    pub former_strict_groups: Vec<String>,
}

/// A policy, and the group that has it, for users who cannot have another policy attached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// ARN of the policy.
    pub policy: String,
    /// Name of the group with that policy.
    pub group: Option<String>,
    /// ARN of a policy with the same text, for when the text of [`Restriction::policy`] is lost.
    pub spare: Option<String>,
}

impl Quarantine {
    /// Whether the user is contained, by any quarantine policy or group.
    #[must_use]
    pub fn holds(&self, user: &UserFacts) -> bool {
        self.policies_of(user).next().is_some() || !self.groups_of(user).is_empty()
    }

    /// What a user with MFA stays under until the release.
    #[must_use]
    pub fn remainder(&self) -> &Restriction {
        self.fallback.as_ref().unwrap_or(&self.full)
    }

    /// Whether the user is under the strict one, or under that of another scope, which its name tells.
    #[must_use]
    pub fn holds_strictly(&self, user: &UserFacts) -> bool {
        let is_strict = |name: &String| {
            Document::named(name).is_some_and(Document::is_strict) || self.former_strict_groups.contains(name)
        };
        self.strict.as_ref().is_some_and(|strict| strict.holds(user))
            || self.policies_of(user).any(is_strict)
            || self.groups_of(user).into_iter().any(is_strict)
    }

    /// ARNs of the quarantine policies attached to the user, including former ones.
    pub fn policies_of<'u>(&self, user: &'u UserFacts) -> impl Iterator<Item = &'u String> {
        user.attached_policies.iter().filter(|arn| {
            self.restrictions().any(|restriction| restriction.has_policy(arn)) || self.former.contains(arn)
        })
    }

    /// The quarantine groups that the user is in, including former ones.
    #[must_use]
    pub fn groups_of(&self, user: &UserFacts) -> Vec<&String> {
        let current = self.restrictions().filter_map(|restriction| restriction.group.as_ref());
        let mut groups: Vec<&String> = Vec::new();
        for group in current.chain(&self.former_groups) {
            if user.is_in(group) && !groups.iter().any(|known| known.eq_ignore_ascii_case(group)) {
                groups.push(group);
            }
        }
        groups
    }

    /// Whether the user is under a policy that may stop access keys too. Of a former one that is not known.
    #[must_use]
    pub fn may_stop_keys_of(&self, user: &UserFacts) -> bool {
        let console = if self.stops_keys { self.fallback.as_ref() } else { Some(&self.full) };
        // The strict one is of the scope in force.
        let strict = self.strict.as_ref().filter(|_| !self.stops_keys);
        let spares_keys: Vec<&Restriction> = console.into_iter().chain(strict).collect();
        let stops_keys = |arn: &String| !spares_keys.iter().any(|one| one.has_policy(arn));
        let is_group = |group: &String| spares_keys.iter().any(|one| one.group.as_ref() == Some(group));
        self.policies_of(user).any(stops_keys)
            || self.groups_of(user).into_iter().any(|group| !is_group(group))
    }

    /// Whether the user is under something that may be wider than what this scope asks for.
    #[must_use]
    pub fn may_stop_more(&self, user: &UserFacts) -> bool {
        !self.stops_keys && self.may_stop_keys_of(user)
    }

    /// The spare of the policy with this ARN, if it has one.
    pub(crate) fn spare_of(&self, arn: &str) -> Option<&String> {
        self.restrictions().find(|restriction| restriction.policy == arn)?.spare.as_ref()
    }

    /// The policies and groups that the user is under besides `kept`.
    pub(crate) fn others(&self, kept: &Restriction, user: &UserFacts) -> Vec<Change> {
        let policies = self.policies_of(user).filter(|arn| !kept.has_policy(arn)).cloned();
        let groups = self.groups_of(user).into_iter().filter(|group| kept.group.as_ref() != Some(*group));
        policies.map(Change::DetachPolicy).chain(groups.cloned().map(Change::LeaveGroup)).collect()
    }

    fn restrictions(&self) -> impl Iterator<Item = &Restriction> {
        [&self.full].into_iter().chain(&self.fallback).chain(&self.strict)
    }
}

impl Restriction {
    /// Whether this is the policy or its spare.
    #[must_use]
    pub fn has_policy(&self, arn: &str) -> bool {
        self.policy == arn || self.spare.as_deref() == Some(arn)
    }

    /// Whether the user is under it, by the policy or by the group.
    #[must_use]
    pub fn holds(&self, user: &UserFacts) -> bool {
        user.attached_policies.iter().any(|arn| self.has_policy(arn))
            || self.group.as_ref().is_some_and(|group| user.is_in(group))
    }
}

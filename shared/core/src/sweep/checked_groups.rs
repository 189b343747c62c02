//! Whether the quarantine groups still have their policies. A group without its policy contains nobody.

use crate::digest::AccountFinding;
use crate::settings::Settings;

/// What a look at one group showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupSeen {
    /// ARNs of the managed policies of the group; none if the group does not exist.
    Policies(Vec<String>),
    /// The look failed, with this error. The group counts as whole.
    Unknown(String),
}

/// The quarantine groups that a sweep looks at. A former group does not count as what the settings ask for anyway.
#[must_use]
pub fn groups_to_check(settings: &Settings) -> Vec<String> {
    let current = [&settings.quarantine.full].into_iter().chain(&settings.quarantine.fallback);
    current.filter_map(|restriction| restriction.group.clone()).collect()
}

/// The settings without the groups that do not have their policy, and what an administrator should fix. Members of such
/// a group do not count as contained.
#[must_use]
pub fn without_empty_groups(
    settings: &Settings,
    seen: &[(String, GroupSeen)],
) -> (Settings, Vec<AccountFinding>) {
    let mut settings = settings.clone();
    let mut findings = Vec::new();
    let quarantine = &mut settings.quarantine;
    let lacks = |group: &str, policy: &String| {
        seen.iter().any(|(name, seen)| {
            name.eq_ignore_ascii_case(group)
                && matches!(seen, GroupSeen::Policies(policies) if !policies.contains(policy))
        })
    };
    for restriction in [&mut quarantine.full].into_iter().chain(&mut quarantine.fallback) {
        if let Some(group) = restriction.group.take_if(|group| lacks(group, &restriction.policy)) {
            findings.push(AccountFinding::GroupWithoutPolicy(group));
        }
    }
    for (name, seen) in seen {
        if let GroupSeen::Unknown(error) = seen {
            findings.push(AccountFinding::GroupUnknown { group: name.clone(), error: error.clone() });
        }
    }
    (settings, findings)
}

//! What a sweep goes by where a policy or a group of the quarantine does not do what it should.

use crate::digest::AccountFinding;
use crate::quarantine::{Quarantine, Restriction};
use crate::quarantine_look::{GroupSeen, PolicySeen, QuarantineSeen, Text, in_force};
use crate::settings::Settings;
use jiff::Timestamp;

/// The settings that hold as things stand, and what an administrator should fix.
///
/// A policy whose text is lost gives way to its spare, and counts as a former one: users who have it are put under the
/// spare, and it is detached. Once its text is right again, the spare is the former one. So the ordinary rules for each
/// user move them both ways. A group that does not have the policy in force contains nobody, and is left out: its members
/// do not count as contained.
#[must_use]
pub fn effective(
    settings: &Settings,
    seen: &QuarantineSeen,
    now: Timestamp,
) -> (Settings, Vec<AccountFinding>) {
    let mut effective = settings.clone();
    let mut findings = Vec::new();
    let checked: Vec<String> = in_force(settings).into_iter().map(|known| known.policy.clone()).collect();
    let Quarantine { full, fallback, strict, former, .. } = &mut effective.quarantine;
    let all = [full].into_iter().chain(fallback).chain(strict);
    for restriction in all.filter(|restriction| checked.contains(&restriction.policy)) {
        let text = seen.text(&restriction.policy, settings, now);
        let spare = restriction.spare.as_ref().map(|spare| seen.text(spare, settings, now));
        match (&text, spare) {
            (Text::Intact, _) => former.extend(restriction.spare.take()),
            (lost, Some(Text::Intact)) if lost.is_lost() => {
                findings.push(AccountFinding::SpareInForce(restriction.policy.clone()));
                if let Some(spare) = restriction.spare.take() {
                    former.push(std::mem::replace(&mut restriction.policy, spare));
                }
            }
            (lost, _) if lost.is_lost() => {
                findings.push(AccountFinding::QuarantineStopsNothing(restriction.policy.clone()));
            }
            (Text::Unknown, _) if seen.is_unsettled(&restriction.policy, now) => {
                findings.push(AccountFinding::StackInProgress(restriction.policy.clone()));
            }
            (Text::Changed { .. } | Text::Gone | Text::Unknown, _) => {}
        }
        findings.extend(drop_group(restriction, seen));
    }
    findings.extend(unknowns(seen));
    (effective, findings)
}

/// Leaves out the group if it does not have the policy.
fn drop_group(restriction: &mut Restriction, seen: &QuarantineSeen) -> Option<AccountFinding> {
    let policy = restriction.policy.clone();
    let group = restriction.group.take_if(|group| seen.group_has(group, &policy) == Some(false))?;
    Some(match seen.group(&group) {
        Some(GroupSeen::Gone) => AccountFinding::GroupGone(group),
        Some(GroupSeen::Policies(_) | GroupSeen::Unknown(_)) | None => {
            AccountFinding::GroupWithoutPolicy(group)
        }
    })
}

/// What could not be looked at.
fn unknowns(seen: &QuarantineSeen) -> Vec<AccountFinding> {
    let stack = seen.stack_error.clone().map(AccountFinding::StackUnknown);
    let mut findings: Vec<AccountFinding> = stack.into_iter().collect();
    for (policy, seen) in &seen.policies {
        if let PolicySeen::Unknown(error) = seen {
            findings.push(AccountFinding::PolicyUnknown { policy: policy.clone(), error: error.clone() });
        }
    }
    for (group, seen) in &seen.groups {
        if let GroupSeen::Unknown(error) = seen {
            findings.push(AccountFinding::GroupUnknown { group: group.clone(), error: error.clone() });
        }
    }
    findings
}

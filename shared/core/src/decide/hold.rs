//! Whose quarantine a user is under: the enforcer lifts only its own.

use super::approval;
use crate::facts::{AccessKeys, AttachedBy, UserFacts};
use crate::history::LAG;
use crate::operation::Operation;
use crate::posture::{Finding, Posture, posture};
use crate::settings::Settings;
use crate::tags::NoticeKind;
use jiff::Timestamp;

/// Whose quarantine a user is under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// None.
    Free,
    /// The enforcer's.
    Ours,
    /// Somebody else's. It is reported and never lifted.
    ByHand,
    /// Nobody knows yet, or the event history could not be read. Treated with the same care.
    Unknown,
}

/// A further lookup that a decision needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// Who attached the quarantine: [`UserFacts::attached_by`].
    AttachedBy,
    /// Whether the user has active access keys: [`UserFacts::keys`].
    AccessKeys,
    /// Who approved the release: [`UserFacts::approval`].
    Approval,
    /// What the event history tells of the user's quarantine: [`UserFacts::traces`].
    Traces,
    /// The text of the permissions boundary with this ARN: [`UserFacts::boundary`].
    Boundary(String),
}

impl Lookup {
    /// The AWS calls that look it up.
    #[must_use]
    pub fn operations(&self) -> &'static [Operation] {
        match self {
            Self::AttachedBy | Self::Approval | Self::Traces => &[Operation::LookupEvents],
            Self::AccessKeys => &[Operation::ListAccessKeys],
            Self::Boundary(_) => &[Operation::GetPolicy, Operation::GetPolicyVersion],
        }
    }
}

/// What else has to be looked up about this user before the decision; empty for nearly all.
///
/// `may_contain` says whether it matters whose a quarantine is even if the user has no MFA: to a sweep, which repairs
/// it, and to the removal of a device, which makes it complete. Other events leave it as it is.
#[must_use]
pub fn lookups(user: &UserFacts, may_contain: bool, settings: &Settings, now: Timestamp) -> Vec<Lookup> {
    let quarantine = &settings.quarantine;
    let posture = posture(user, settings, now);
    let has_mfa = matches!(posture, Posture::Compliant { .. });
    let approval = (has_mfa && approval::is_to_be_looked_up(user, settings)).then_some(Lookup::Approval);
    if !quarantine.holds(user) {
        return approval.into_iter().collect();
    }
    let needs_mfa = matches!(posture, Posture::InGrace { .. } | Posture::Overdue { .. });
    // Beside what the user should be under, a sweep takes away what is wider, if all of it is ours.
    let is_beside =
        || approval::restriction(user, settings, None).holds(user) && quarantine.may_stop_more(user);
    let is_in_question =
        if is_recorded(user) { may_contain && needs_mfa && is_beside() } else { may_contain || !needs_mfa };
    let is_unknown = user.attached_by == AttachedBy::Unknown;
    let history = (is_unknown && is_in_question).then_some(Lookup::AttachedBy);
    let keys = posture == Posture::NotApplicable
        && quarantine.may_stop_keys_of(user)
        && user.keys == AccessKeys::NotLooked;
    history.into_iter().chain(keys.then_some(Lookup::AccessKeys)).chain(approval).collect()
}

/// Whether a tag says that the enforcer contained the user.
pub(super) fn is_recorded(user: &UserFacts) -> bool {
    let said = user.last_notice().map(|notice| notice.kind);
    user.quarantine_record().is_some() || said.is_some_and(NoticeKind::tells_of_quarantine)
}

impl Hold {
    /// The quarantine of this user. `since` is when an event may have led to one: the enforcer's own call may be too
    /// recent to be in the history.
    pub(super) fn of(
        user: &UserFacts,
        since: Option<Timestamp>,
        settings: &Settings,
        now: Timestamp,
    ) -> Self {
        let is_recent = since.is_some_and(|since| now.duration_since(since) < LAG);
        match user.attached_by {
            _ if !settings.quarantine.holds(user) => Self::Free,
            _ if is_recorded(user) => Self::Ours,
            AttachedBy::Us(_) | AttachedBy::CutOff(_) => Self::Ours,
            // So may that for a user on whom it cannot be recorded.
            AttachedBy::NotFound if is_recent || user.tags.is_full() => Self::Unknown,
            AttachedBy::NotFound | AttachedBy::SomebodyElse => Self::ByHand,
            AttachedBy::Unknown => Self::Unknown,
        }
    }

    /// What an administrator should know about it.
    pub(super) fn finding(self) -> Option<Finding> {
        match self {
            Self::ByHand => Some(Finding::QuarantinedByHand),
            Self::Unknown => Some(Finding::QuarantineOfUnknownOrigin),
            Self::Free | Self::Ours => None,
        }
    }
}

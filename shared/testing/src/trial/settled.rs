//! The state in which a trial leaves a user, as far as it has to be the same with a fault and without one.

use mfa_enforcer_core::facts::UserFacts;
use mfa_enforcer_core::tags::{self, Cause, NoticeKind};
use std::collections::{BTreeMap, BTreeSet};

/// The state of a user without the times in it, since a run that is repeated is a minute later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub(super) policies: BTreeSet<String>,
    pub(super) groups: BTreeSet<String>,
    /// Whether there is a record, and whether it has an end.
    pub(super) record: Option<bool>,
    /// The cause in the record.
    pub(super) cause: Option<Cause>,
    pub(super) notice: Option<(NoticeKind, bool)>,
    pub(super) others: BTreeMap<String, String>,
    pub(super) rest: (String, String, usize, bool),
}

impl Settled {
    /// The state of this user.
    pub fn of(user: &UserFacts) -> Self {
        let own = |key: &str| key.to_lowercase().starts_with(tags::PREFIX);
        let record = user.quarantine_record();
        let tags = user.tags.iter().filter(|(key, _)| !own(key));
        Self {
            policies: user.attached_policies.iter().cloned().collect(),
            groups: user.groups.iter().cloned().collect(),
            record: record.as_ref().map(|record| record.release.is_some()),
            cause: record.and_then(|record| record.cause),
            notice: user.last_notice().map(|notice| (about(notice.kind), notice.reached)),
            others: tags.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            rest: (
                user.name.to_string(),
                user.path.clone(),
                user.devices.len(),
                user.login_profile_created.is_some(),
            ),
        }
    }
}

impl Settled {
    /// The same, without what was said last.
    pub(super) fn silenced(self) -> Self {
        Self { notice: None, ..self }
    }

    /// The same, without the cause of the quarantine.
    pub(super) fn without_cause(self) -> Self {
        Self { cause: None, ..self }
    }
}

/// What a notice is about. A reminder comes sooner or later, depending on when the first one was said.
fn about(kind: NoticeKind) -> NoticeKind {
    if kind == NoticeKind::QuarantineReminder { NoticeKind::Quarantined } else { kind }
}

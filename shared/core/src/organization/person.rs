//! A person in the result of an account: only those whom the organization's digest may name.

use crate::digest::{ChangeKind, Digest, ERROR_LIMIT, FINDING_LIMIT, NAME_LIMIT, UserStatus, plain};
use crate::posture::{Finding, Posture};
use crate::rights::Rights;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// IAM's unique ids, and ids of episodes, are shorter.
const ID_LIMIT: usize = 128;

/// A user about whom the organization's digest has something to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// IAM user name.
    pub name: String,
    /// Unique id (`AIDA...`).
    pub id: String,
    /// Posture, `unknown`, or `deleted` for a user who is no longer there.
    pub posture: String,
    /// Whether the user has a console password and MFA.
    #[serde(default, skip_serializing_if = "is_false")]
    pub mfa: bool,
    /// Whether the user is in quarantine.
    #[serde(default, skip_serializing_if = "is_false")]
    pub contained: bool,
    /// Whether somebody else has to approve the release.
    #[serde(default, skip_serializing_if = "is_false")]
    pub awaits_approval: bool,
    /// What rights the user has, if they are more than ordinary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<String>,
    /// When the grace period ends or ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// Id of the episode under way, or of the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<String>,
    /// What exempts the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption: Option<PersonExemption>,
    /// What was done, and what failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub did: Vec<PersonChange>,
}

/// What exempts a user, and whose decision it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonExemption {
    /// `name`, `path`, `break-glass` or `tag`.
    pub by: String,
    /// The last day (UTC); `None` if it has no end.
    pub until: Option<Date>,
    /// Whether it ends within a week.
    pub ends_soon: bool,
    /// Who decided it, in words.
    pub set_by: String,
    /// The reason that was given.
    pub why: Option<String>,
}

/// What a sweep did to a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonChange {
    /// What.
    pub what: ChangeKind,
    /// Error text of a failure.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub error: String,
}

impl Person {
    /// Those whom the digest may name, the most urgent first.
    pub(super) fn of(digest: &Digest) -> Vec<Self> {
        let mut did: BTreeMap<&str, Vec<PersonChange>> = BTreeMap::new();
        let told = digest.result.users.iter().filter(|change| is_worth_naming(change.what));
        for change in told.clone() {
            let did = did.entry(change.id.as_str()).or_default();
            if did.iter().all(|known| known.what != change.what) {
                did.push(PersonChange { what: change.what, error: plain(&change.error, ERROR_LIMIT) });
            }
        }
        let mut people = Vec::new();
        for status in &digest.statuses {
            let did = did.get(status.id.as_str()).cloned().unwrap_or_default();
            people.extend(Self::of_status(status, did, digest));
        }
        let known: BTreeSet<&str> = digest.statuses.iter().map(|status| status.id.as_str()).collect();
        let mut gone = BTreeSet::new();
        for change in told.filter(|change| !known.contains(change.id.as_str())) {
            if gone.insert(change.id.as_str()) {
                let did = did.get(change.id.as_str()).cloned().unwrap_or_default();
                let episode = change.episode.as_ref().map(ToString::to_string);
                people.push(Self::gone(&change.name, &change.id, episode, did));
            }
        }
        people.sort_by_cached_key(|person| (person.rank(), person.name.clone(), person.id.clone()));
        people
    }

    /// `None` for a user about whom there is nothing to say.
    fn of_status(status: &UserStatus, did: Vec<PersonChange>, digest: &Digest) -> Option<Self> {
        let is_overdue = matches!(status.posture, Some(Posture::Overdue { .. }));
        let exemption = exemption(status, digest);
        let awaits_approval = status.findings.contains(&Finding::AwaitsApproval);
        let is_named =
            !did.is_empty() || status.contained || is_overdue || exemption.is_some() || awaits_approval;
        let episode = status.episode.as_ref().or(status.last_episode.as_ref());
        is_named.then(|| Self {
            name: plain(&status.name, NAME_LIMIT),
            id: plain(&status.id, ID_LIMIT),
            posture: status.posture.map_or("unknown", |posture| posture.code()).to_owned(),
            mfa: status.has_mfa(),
            contained: status.contained,
            awaits_approval,
            rights: status.rights.and_then(Rights::mark).map(str::to_owned),
            deadline: status.deadline(),
            episode: episode.map(ToString::to_string),
            exemption,
            did,
        })
    }

    fn gone(name: &str, id: &str, episode: Option<String>, did: Vec<PersonChange>) -> Self {
        Self {
            name: plain(name, NAME_LIMIT),
            id: plain(id, ID_LIMIT),
            posture: "deleted".to_owned(),
            mfa: false,
            contained: false,
            awaits_approval: false,
            rights: None,
            deadline: None,
            episode,
            exemption: None,
            did,
        }
    }

    /// Whether the deadline has passed and the user is not contained.
    #[must_use]
    pub fn is_overdue_and_free(&self) -> bool {
        self.is_overdue() && !self.contained
    }

    /// Whether the deadline has passed.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.posture == "overdue"
    }

    /// Whether the exemption ends within a week.
    #[must_use]
    pub fn is_exemption_ending(&self) -> bool {
        self.exemption.as_ref().is_some_and(|exemption| exemption.ends_soon)
    }

    /// Whether this was done.
    #[must_use]
    pub fn has(&self, what: ChangeKind) -> bool {
        self.did.iter().any(|change| change.what == what)
    }

    /// What failed, if anything did.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        let failed = |what| matches!(what, ChangeKind::Failed | ChangeKind::Refused);
        self.did.iter().find(|change| failed(change.what)).map(|change| change.error.as_str())
    }

    /// Whether a release and an exemption came together. Anyone who can tag users can exempt themselves.
    #[must_use]
    pub fn is_released_by_exemption(&self) -> bool {
        self.has(ChangeKind::Released) && self.exemption.is_some()
    }

    /// What cannot be left out comes first.
    fn rank(&self) -> (u8, bool) {
        let ranks = [
            self.is_overdue_and_free() || self.failure().is_some() || self.has(ChangeKind::Waiting),
            !self.did.is_empty() || self.awaits_approval,
            self.contained || self.is_exemption_ending(),
        ];
        let rank = ranks.iter().position(|is_so| *is_so).and_then(|rank| u8::try_from(rank).ok());
        (rank.unwrap_or(u8::MAX), self.rights.is_none())
    }
}

/// What the organization's digest lists by name. Messages and what `MODE` withheld are in the log of the account.
fn is_worth_naming(what: ChangeKind) -> bool {
    match what {
        ChangeKind::Failed
        | ChangeKind::Refused
        | ChangeKind::Contained
        | ChangeKind::Waiting
        | ChangeKind::Repaired
        | ChangeKind::Released => true,
        ChangeKind::Told | ChangeKind::StaysContained | ChangeKind::Withheld => false,
    }
}

fn exemption(status: &UserStatus, digest: &Digest) -> Option<PersonExemption> {
    let exemption = status.exemption()?;
    let decision = status.exempted.as_ref();
    let set_by =
        decision.map_or_else(|| "unknown".to_owned(), |decision| decision.by.words(&digest.statuses));
    let why = decision.and_then(|decision| decision.why.as_deref()).map(|why| plain(why, FINDING_LIMIT));
    Some(PersonExemption {
        by: exemption.code().to_owned(),
        until: exemption.until(),
        ends_soon: status.is_exemption_ending(digest.at),
        set_by: plain(&set_by, NAME_LIMIT),
        why,
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !*value
}

//! One user in a record: what was known of them, and what was not.
//!
//! A row never guesses. What a source did not say is empty, and named in `unknown`.

use super::devices::{Listed, Mfa, mfa_of};
use crate::digest::{DecidedBy, Decision, UserStatus};
use crate::exemption::in_force;
use crate::facts::UserFacts;
use crate::posture::Posture;
use crate::rights::Rights;
use crate::settings::Settings;
use crate::snapshot::{LastUse, ReportedKey, UserSnapshot};
use crate::tags::second;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A user in a record. `docs/evidence.schema.json` describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// IAM user name.
    pub name: String,
    /// Unique id (`AIDA...`).
    pub id: String,
    /// ARN.
    pub arn: String,
    /// When the user was created.
    pub created: Timestamp,
    /// The console password.
    pub password: Password,
    /// MFA devices.
    pub mfa: Mfa,
    /// When the password was last used: a time, `never`, or `unknown`.
    pub last_sign_in: String,
    /// Access keys; none where `unknown` says so.
    pub access_keys: Vec<Key>,
    /// The user's rights by the texts of policies; `None` where `unknown` says so.
    #[serde(default)]
    pub rights: Option<String>,
    /// Posture, or `unknown`.
    pub posture: String,
    /// When the grace period ends, or ended; `None` for a user who needs nothing.
    pub deadline: Option<Timestamp>,
    /// What exempts the user.
    pub exemption: Option<Exempt>,
    /// The quarantine.
    pub containment: Option<Containment>,
    /// What an administrator should fix, as codes.
    pub findings: Vec<String>,
    /// What this row could not know, as codes.
    pub unknown: Vec<String>,
}

/// The console password of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    /// Whether there is one; `None` if that is not known.
    pub set: Option<bool>,
    /// When it was last set.
    pub changed: Option<Timestamp>,
}

/// An access key, without its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// 1 or 2.
    pub number: u8,
    /// Whether it is active.
    pub active: bool,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its age in days.
    pub age_days: Option<i64>,
    /// When it was last used: a time, `never`, or `unknown`.
    pub last_used: String,
}

/// What exempts a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exempt {
    /// `name`, `path`, `break-glass` or `tag`.
    pub kind: String,
    /// The last day (UTC); `None` if it has no end.
    pub until: Option<Date>,
    /// The reason that was given.
    pub reason: Option<String>,
    /// The id of the principal who decided it, `settings`, or `unknown`.
    pub by: String,
    /// When it was decided.
    pub since: Option<Timestamp>,
}

/// The quarantine of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Containment {
    /// Since when.
    pub since: Option<Timestamp>,
    /// Why.
    pub cause: Option<String>,
    /// Id of the event or sweep that led to it.
    pub event: Option<String>,
    /// When the rest of it ends.
    pub release: Option<Timestamp>,
    /// Id of the episode, from the first notice to the release.
    pub episode: Option<String>,
}

/// What a sweep looked up about one user.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The user as the bulk answers show them.
    pub snapshot: &'a UserSnapshot,
    /// The status after the sweep.
    pub status: &'a UserStatus,
    /// The user as they were looked up; `None` if they were not.
    pub live: Option<&'a UserFacts>,
    /// The devices as they were listed, and when.
    pub listed: Option<&'a Listed>,
    /// The user in the record before.
    pub before: Option<&'a Row>,
}

impl Row {
    /// The row of a user, given when the bulk answers were read.
    #[must_use]
    pub fn of(seen: Seen<'_>, settings: &Settings, read: Timestamp, at: Timestamp) -> Self {
        let (snapshot, status) = (seen.snapshot, seen.status);
        let user = seen.live.unwrap_or(&snapshot.user);
        let is_known = snapshot.reported || seen.live.is_some();
        let password = Password {
            set: is_known.then_some(status.console),
            changed: if status.console { password_changed(user, snapshot) } else { None },
        };
        let mfa = mfa_of(seen, read);
        let exemption = exempt(user, settings, at);
        let containment = status.contained.then(|| containment(user, status));
        let mut row = Self {
            name: status.name.clone(),
            id: status.id.clone(),
            arn: snapshot.arn.clone(),
            created: user.created,
            password,
            mfa,
            last_sign_in: last_use(status.last_sign_in),
            access_keys: snapshot.access_keys.iter().map(|key| Key::of(key, at)).collect(),
            rights: status.rights.map(Rights::code).filter(|code| *code != "unknown").map(str::to_owned),
            posture: status.posture.map_or("unknown", |posture| posture.code()).to_owned(),
            deadline: match status.posture {
                Some(Posture::InGrace { deadline } | Posture::Overdue { deadline }) => Some(deadline),
                Some(Posture::NotApplicable | Posture::Exempt(_) | Posture::Compliant { .. }) | None => None,
            },
            exemption,
            containment,
            findings: status.findings.iter().map(|finding| finding.code().to_owned()).collect(),
            unknown: Vec::new(),
        };
        row.unknown = row.unknowns(snapshot.reported);
        row
    }

    /// Whether the user has a console password.
    #[must_use]
    pub fn is_console(&self) -> bool {
        self.password.set == Some(true)
    }

    /// Whether this is a console user who is known to have no MFA.
    #[must_use]
    pub fn lacks_mfa(&self) -> bool {
        self.is_console() && self.mfa.has == Some(false)
    }

    /// Whether the user is exempt.
    #[must_use]
    pub fn is_exempt(&self) -> bool {
        self.exemption.is_some()
    }

    /// Whether password and MFA of the user are known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.password.set.is_some() && self.mfa.has.is_some()
    }

    fn unknowns(&self, reported: bool) -> Vec<String> {
        let has_mfa = self.mfa.has == Some(true);
        let nobody = |exempt: &Exempt| exempt.by == "unknown";
        let codes = [
            ("password", self.password.set.is_none()),
            ("password-changed", self.is_console() && self.password.changed.is_none()),
            ("mfa", self.mfa.has.is_none()),
            ("devices", has_mfa && self.mfa.listed.is_none()),
            ("enrolment", has_mfa && self.mfa.devices.iter().any(|device| device.enrolled.is_none())),
            ("last-sign-in", self.is_console() && self.last_sign_in == "unknown"),
            ("access-keys", !reported),
            ("rights", self.rights.is_none()),
            ("posture", self.posture == "unknown"),
            ("exempted-by", self.exemption.as_ref().is_some_and(nobody)),
            ("contained-since", self.containment.as_ref().is_some_and(|record| record.since.is_none())),
            ("containment-cause", self.containment.as_ref().is_some_and(|record| record.cause.is_none())),
        ];
        codes.iter().filter(|(_, is_unknown)| *is_unknown).map(|(code, _)| (*code).to_owned()).collect()
    }
}

impl Key {
    fn of(key: &ReportedKey, at: Timestamp) -> Self {
        Self {
            number: key.number,
            active: key.active,
            created: key.rotated,
            age_days: key.rotated.map(|made| at.duration_since(made).as_hours() / 24),
            last_used: last_use(key.used),
        }
    }
}

/// When the password was last set. One that is newer than the report is dated by its creation.
fn password_changed(user: &UserFacts, snapshot: &UserSnapshot) -> Option<Timestamp> {
    let reported = snapshot.password_latest.filter(|set| *set < Timestamp::MAX);
    // Without a list of its own, the creation is only the earliest possible time.
    let live = user.login_profile_created.filter(|made| Some(*made) != snapshot.user.login_profile_created);
    reported.max(live)
}

fn exempt(user: &UserFacts, settings: &Settings, at: Timestamp) -> Option<Exempt> {
    let (exemption, _) = in_force(user, settings, at)?;
    let decision = Decision::of(user, settings, at);
    let reason = decision.as_ref().and_then(|decision| decision.why.clone());
    let (by, since) = match decision.map(|decision| decision.by) {
        Some(DecidedBy::Principal { id, at }) => (id, Some(at)),
        Some(by @ (DecidedBy::Settings | DecidedBy::Unknown)) => (by.code().to_owned(), None),
        None => (DecidedBy::Unknown.code().to_owned(), None),
    };
    Some(Exempt { kind: exemption.code().to_owned(), until: exemption.until(), reason, by, since })
}

fn containment(user: &UserFacts, status: &UserStatus) -> Containment {
    let record = user.quarantine_record();
    let record = record.as_ref();
    Containment {
        since: record.and_then(|record| record.since),
        cause: record.and_then(|record| record.cause).map(|cause| cause.code().to_owned()),
        event: record.and_then(|record| record.event.as_ref()).map(|event| event.as_str().to_owned()),
        release: record.and_then(|record| record.release),
        episode: status.episode.as_ref().map(ToString::to_string),
    }
}

fn last_use(used: LastUse) -> String {
    match used {
        LastUse::At(time) => second(time),
        LastUse::Never => "never".to_owned(),
        LastUse::Unknown => "unknown".to_owned(),
    }
}

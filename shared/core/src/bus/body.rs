//! The body of an entry.

use super::{BusEvent, DetailType, SCHEMA_VERSION};
use crate::VERSION;
use crate::evidence::{DecidedOn, Told, sha256};
use crate::settings::{Settings, is_unseen};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

/// How many hexadecimal digits an id has: 128 bits.
const ID_LENGTH: usize = 32;
/// What fits a title in Slack, in Jira and in Security Hub.
const TITLE_LIMIT: usize = 200;
const TEXT_LIMIT: usize = 900;
/// IAM allows 64 characters.
const NAME_LIMIT: usize = 128;
/// What fits the name of a resource in Security Hub and in chat.
const RESOURCE_LIMIT: usize = 512;
/// A plan has a few steps.
const DONE_LIMIT: usize = 20;
/// The acts that change somebody's access.
const TURNS: [&str; 3] = ["containment", "put-back", "release"];

/// The body of an entry. A field that has no value is `null`, never missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Body {
    /// Version of the form.
    pub schema_version: String,
    /// Id of this entry: the same if the same is put twice.
    pub uid: String,
    /// Id of the finding that this is about, for as long as it is open.
    pub finding_uid: String,
    /// Whether the finding is new, still so, or no longer.
    pub state: State,
    /// `containment`, `put-back`, `release`, `exemption`, `approval`, `repair`, `notice`, `alert` or `finding`.
    pub kind: String,
    /// What it is, in one word: the reason of an act, the kind of a notice, the cause of an alert, or the finding.
    pub code: String,
    /// Number of the class in OCSF.
    pub class_uid: u16,
    /// Its name.
    pub class_name: String,
    /// Number of the activity in that class.
    pub activity_id: u8,
    /// Its name.
    pub activity_name: String,
    /// Number of the severity in OCSF.
    pub severity_id: u8,
    /// Its name.
    pub severity: Level,
    /// When it was so.
    pub time: Timestamp,
    /// Account.
    pub account: String,
    /// What people call the account, or its number.
    pub account_name: String,
    /// Region of the enforcer.
    pub region: String,
    /// Whom or what it is about: a user's name, `root`, or `account`.
    pub subject: String,
    /// Its ARN, as far as it can stand within any text.
    pub resource: String,
    /// The user; `None` for root and the account.
    pub user: Option<User>,
    /// What happened or is so, in one line of plain text.
    pub title: String,
    /// The same with what is known besides, in one line of plain text.
    pub text: String,
    /// Id of the episode, from the first notice to the release.
    pub episode: Option<String>,
    /// Why the user is, or was, in quarantine.
    pub cause: Option<String>,
    /// What led to it.
    pub event: Event,
    /// The changes that were made, in order.
    pub done: Vec<String>,
    /// Whether the changes were seen in force afterwards.
    pub read_back: Option<bool>,
    /// When the rest of a quarantine ends by itself.
    pub rest_until: Option<Timestamp>,
    /// Who decided an exemption, and when.
    pub decision: Option<DecidedOn>,
    /// What was said, and how.
    pub told: Option<Told>,
    /// Version of the enforcer.
    pub version: String,
}

/// Whether a finding is new, still so, or no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumIter, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum State {
    /// Nothing on record says that it was so before.
    New,
    /// It was so before, or it is not known whether it was.
    Updated,
    /// It is no longer so.
    Resolved,
}

impl State {
    /// The activity of a Detection Finding.
    fn activity(self) -> (u8, &'static str) {
        match self {
            Self::New => (1, "Create"),
            Self::Updated => (2, "Update"),
            Self::Resolved => (3, "Close"),
        }
    }
}

/// How severe it is, as OCSF names it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, EnumIter, IntoStaticStr,
)]
pub enum Level {
    /// Nothing to do.
    Informational,
    /// Look at it some time.
    Low,
    /// Look at it today.
    Medium,
    /// Somebody's access was limited, or should be.
    High,
    /// Look at it now.
    Critical,
}

impl Level {
    fn number(self) -> u8 {
        match self {
            Self::Informational => 1,
            Self::Low => 2,
            Self::Medium => 3,
            Self::High => 4,
            Self::Critical => 5,
        }
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// IAM user name.
    pub name: String,
    /// Unique id (`AIDA...`).
    pub id: String,
    /// ARN.
    pub arn: String,
}

/// The event or sweep that led to an entry. Who made the call, and from where, `CloudTrail` has under this id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Id in `CloudTrail`, of the sweep, or of the command.
    pub id: String,
    /// Name in `CloudTrail`, `Sweep`, or `mfa-enforcer` and the name of the command.
    pub name: String,
    /// When it happened, or when the sweep was due.
    pub time: Timestamp,
}

/// What an entry is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A user.
    User(User),
    /// The root user.
    Root,
    /// The account, or the enforcer in it.
    Account,
}

/// An entry in the making: what every one has to say.
pub(super) struct Draft<'a> {
    pub(super) detail_type: DetailType,
    pub(super) kind: &'a str,
    pub(super) code: &'a str,
    /// What the finding is, apart from whom it is about.
    pub(super) finding: String,
    pub(super) state: State,
    pub(super) level: Level,
    pub(super) place: Place,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) event: Event,
    pub(super) time: Timestamp,
}

impl Draft<'_> {
    /// The body. Further fields are up to the caller.
    pub(super) fn body(self, settings: &Settings) -> Body {
        let account = settings.deployment.account.as_str();
        let partition = settings.alerts_topic_arn.split(':').nth(1).unwrap_or_default();
        let region = settings.alerts_topic_arn.split(':').nth(3).unwrap_or_default();
        let root = format!("arn:{partition}:iam::{account}:root");
        let (subject, resource, user) = match self.place {
            Place::User(user) => (plain(&user.name, NAME_LIMIT), quotable(&user), Some(user)),
            Place::Root => ("root".to_owned(), root, None),
            Place::Account => ("account".to_owned(), root, None),
        };
        let whom = user.as_ref().map_or(subject.as_str(), |user| user.id.as_str());
        let finding_uid = id(&[account, whom, &self.finding]);
        let (activity_id, activity_name) = match (self.detail_type, self.kind) {
            (DetailType::DetectionFinding, _) => self.state.activity(),
            (DetailType::AccountChange, "containment" | "put-back") => (9, "Lock"),
            (DetailType::AccountChange, "release") => (12, "Unlock"),
            (DetailType::AccountChange, _) => (99, "Other"),
        };
        Body {
            schema_version: SCHEMA_VERSION.to_owned(),
            uid: String::new(),
            finding_uid,
            state: self.state,
            kind: self.kind.to_owned(),
            code: self.code.to_owned(),
            class_uid: self.detail_type.class(),
            class_name: self.detail_type.name().to_owned(),
            activity_id,
            activity_name: activity_name.to_owned(),
            severity_id: self.level.number(),
            severity: self.level,
            time: self.time,
            account: account.to_owned(),
            account_name: plain(settings.letterhead.account_name.as_deref().unwrap_or(account), TITLE_LIMIT),
            region: region.to_owned(),
            subject,
            resource,
            user,
            title: plain(&self.title, TITLE_LIMIT),
            text: plain(&self.text, TEXT_LIMIT),
            episode: None,
            cause: None,
            event: self.event,
            done: Vec::new(),
            read_back: None,
            rest_until: None,
            decision: None,
            told: None,
            version: VERSION.to_owned(),
        }
    }
}

impl Body {
    /// The entry, with its id: whatever is put again has the same, whenever that is.
    pub(super) fn entry(mut self, detail_type: DetailType) -> BusEvent {
        self.done.truncate(DONE_LIMIT);
        let told = self.told.as_ref().map_or("", |told| told.kind.as_str());
        let state: &str = self.state.into();
        let done = self.done.join("\n");
        let mut parts = vec![self.event.id.as_str(), &self.finding_uid, &self.kind];
        // An event turns a user's access once, whatever its retry finds done.
        if !TURNS.contains(&self.kind.as_str()) {
            parts.extend([self.code.as_str(), told, state, &done]);
        }
        self.uid = id(&parts);
        BusEvent {
            detail_type,
            time: self.time,
            resource: self.resource.clone(),
            // INVARIANT: the form has no map with keys that are not strings, so this does not fail.
            detail: serde_json::to_string(&self).unwrap_or_default(),
        }
    }
}

/// The user's ARN. IAM allows any ASCII character in a path, so one that would end a quotation, or that is too long, is
/// left out: the name alone is unique.
fn quotable(user: &User) -> String {
    if plain(&user.arn, RESOURCE_LIMIT) == user.arn {
        return user.arn.clone();
    }
    let account = user.arn.split_once("user/").map_or(user.arn.as_str(), |(account, _)| account);
    plain(&format!("{account}user/{}", user.name), RESOURCE_LIMIT)
}

/// An id made from these parts.
fn id(parts: &[&str]) -> String {
    let mut text = sha256(parts.join("\0").as_bytes());
    text.truncate(ID_LENGTH);
    text
}

/// One line that means the same wherever it is put: within a text in JSON, within markup, in a subject.
pub(super) fn plain(text: &str, limit: usize) -> String {
    let shown = |c: char| match c {
        '"' | '`' => '\'',
        '<' => '(',
        '>' => ')',
        '\\' | '|' => '/',
        c if c.is_control() || c.is_whitespace() || is_unseen(c) => ' ',
        c => c,
    };
    let text: String = text.chars().map(shown).collect();
    if text.chars().count() <= limit {
        return text;
    }
    text.chars().take(limit.saturating_sub(3)).chain("...".chars()).collect()
}

//! The current state of a subject, as plain data.

use crate::device::{MfaDevice, Serial};
use crate::event::{EventId, Relation, UserName};
use crate::exemption::ExemptedBy;
use crate::plan::Step;
use crate::rights::Rights;
use crate::tags::{self, LastNotice, QuarantineRecord, UserTag};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The state of an IAM user at one moment. All lists are complete: a list that could not be read is an error, never
/// empty.
#[derive(Debug, Clone, PartialEq)]
pub struct UserFacts {
    /// Name as IAM spells it.
    pub name: UserName,
    /// Unique id (`AIDA...`), which no later user with the same name will have.
    pub id: String,
    /// IAM path; `/` if none was given.
    pub path: String,
    /// When the user was created.
    pub created: Timestamp,
    /// Tags of the user.
    pub tags: UserTags,
    /// When the console password was created; `None` if there is none.
    pub login_profile_created: Option<Timestamp>,
    /// When the console password was last used; `None` if never, or if AWS does not say.
    pub password_used: Option<Timestamp>,
    /// MFA devices of any kind.
    pub devices: Vec<MfaDevice>,
    /// ARNs of the attached managed policies.
    pub attached_policies: Vec<String>,
    /// Names of the groups the user is in.
    pub groups: Vec<String>,
    /// Whether messages to the user's own topic arrive.
    pub mailbox: Mailbox,
    /// Who attached the quarantine.
    pub attached_by: AttachedBy,
    /// What the event history tells of the user's quarantine; `None` if it was not asked or could not be read.
    pub traces: Option<Traces>,
    /// The permissions boundary that an event says the user got.
    pub boundary: BoundaryText,
    /// Whether the user has active access keys.
    pub keys: AccessKeys,
    /// Who set the tag that approves the release.
    pub approval: Approval,
    /// Whether IAM has just refused for good to tag the user.
    pub is_unrecordable: bool,
    /// The latest removal of a device that the event history tells of. Only a sweep looks that up.
    pub removal: Option<Removal>,
    /// The user's rights, as the documents of policies tell; `None` if they were not read. Only a daily sweep does.
    pub rights: Option<Rights>,
    /// What the event history tells of the user's exemptions. Only a sweep looks that up.
    pub exempted_by: ExemptedBy,
}

/// The removal of an MFA device, as the event history tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Id of its event.
    pub event: EventId,
    /// When it happened.
    pub time: Timestamp,
    /// Whether it happened before anybody enforced anything. Then it is told, and the deadline decides.
    pub before_deployment: bool,
}

/// Who attached a quarantine, according to `CloudTrail`'s event history. Asked only about a quarantine that has no
/// record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AttachedBy {
    /// Not looked up, or the history could not be read.
    #[default]
    Unknown,
    /// The enforcer, at this time.
    Us(Timestamp),
    /// The enforcer, at this time, in a run that ended before it told anybody.
    CutOff(Timestamp),
    /// Somebody else.
    SomebodyElse,
    /// The history, which covers 90 days, does not say.
    NotFound,
}

/// Who last set the tag that approves a release. Asked only about users who wait for that and have the tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Approval {
    /// Not looked up, or the event history could not be read.
    #[default]
    NotLooked,
    /// The history does not say, or says that it was taken back since.
    NotFound,
    /// This call did.
    Set {
        /// Who made it, seen from the user.
        by: Relation,
        /// When it was made.
        at: Timestamp,
        /// Id of its event.
        event: EventId,
    },
}

impl AttachedBy {
    /// When the enforcer attached the quarantine; `None` if it is not ours, or nobody knows.
    #[must_use]
    pub fn by_us(self) -> Option<Timestamp> {
        match self {
            Self::Us(at) | Self::CutOff(at) => Some(at),
            Self::SomebodyElse | Self::NotFound | Self::Unknown => None,
        }
    }

    /// Who attached a quarantine of two parts. It is ours only if both are.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::CutOff(one), Self::CutOff(other)) => Self::CutOff(one.max(other)),
            (Self::Us(one) | Self::CutOff(one), Self::Us(other) | Self::CutOff(other)) => {
                Self::Us(one.max(other))
            }
            (Self::SomebodyElse, _) | (_, Self::SomebodyElse) => Self::SomebodyElse,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::NotFound, _) | (_, Self::NotFound) => Self::NotFound,
        }
    }
}

impl Traces {
    /// Whether the enforcer recorded a quarantine that it has not ended since.
    #[must_use]
    pub fn is_on_record(&self) -> bool {
        let recorded = self.records.first().map(|(at, _)| *at);
        recorded.is_some_and(|recorded| self.ended.is_none_or(|ended| ended < recorded))
    }

    /// Who attached a policy, or added the user to a group, the last time before `until`.
    #[must_use]
    pub fn attached_by(&self, what: &str, until: Timestamp) -> AttachedBy {
        let is_it = |one: &&Attachment| one.what.eq_ignore_ascii_case(what) && one.at <= until;
        match self.attachments.iter().find(is_it) {
            Some(one) if one.by_us => AttachedBy::Us(one.at),
            Some(_) => AttachedBy::SomebodyElse,
            None if self.is_complete => AttachedBy::NotFound,
            None => AttachedBy::Unknown,
        }
    }
}

/// What the event history tells of a user's quarantine, whether or not anything of it is left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Traces {
    /// The calls that attached a policy to the user or added them to a group, the latest first.
    pub attachments: Vec<Attachment>,
    /// When the enforcer recorded a quarantine, and the values of the record, the latest first.
    pub records: Vec<(Timestamp, String)>,
    /// When the enforcer last removed a record, at the end of a quarantine.
    pub ended: Option<Timestamp>,
    /// When somebody else last approved the release, even if the tag is gone by now; `None` if the last approval is not
    /// somebody else's.
    pub approved: Option<Timestamp>,
    /// Whether these are all calls of the last 90 days.
    pub is_complete: bool,
}

/// A call that attached a policy to a user or added them to a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// When.
    pub at: Timestamp,
    /// The policy's ARN, or the group's name.
    pub what: String,
    /// Whether the enforcer made the call.
    pub by_us: bool,
}

/// The text of a permissions boundary. Asked only after an event that says that the user got one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum BoundaryText {
    /// Not looked up.
    #[default]
    NotLooked,
    /// It could not be read.
    Unreadable,
    /// The document, as IAM writes it.
    Document(String),
}

/// Whether a user has active access keys. Asked only if the password is gone and the quarantine stops keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccessKeys {
    /// Not looked up.
    #[default]
    NotLooked,
    /// At least one is active.
    Active,
    /// None is active.
    NoneActive,
}

/// The tags of an IAM user. Their keys have no case: `Email` and `email` are one tag.
///
/// Source: IAM User Guide, "Tags for IAM resources". Tags of SNS topics do have a case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UserTags(BTreeMap<String, (String, String)>);

impl UserTags {
    /// The value of the tag with this key, in any case.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(&key.to_lowercase()).map(|(_, value)| value.as_str())
    }

    /// Sets a tag. The spelling of the key is kept.
    pub fn insert(&mut self, key: String, value: String) {
        self.0.insert(key.to_lowercase(), (key, value));
    }

    /// Removes the tag with this key, in any case.
    pub fn remove(&mut self, key: &str) {
        self.0.remove(&key.to_lowercase());
    }

    /// Removes all tags.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether no further tag can be set: IAM allows 50.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.len() >= TAGS
    }

    /// All keys and values, with the keys as they were spelled.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.values().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl FromIterator<(String, String)> for UserTags {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(tags: I) -> Self {
        let mut all = Self::default();
        for (key, value) in tags {
            all.insert(key, value);
        }
        all
    }
}

/// IAM allows 50 tags per user. The quota cannot be raised.
const TAGS: usize = 50;

/// Whether messages to the user's e-mail address arrive. Looking that up takes a call, so only a sweep does it, and
/// only if the last message did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mailbox {
    /// Not looked up.
    #[default]
    NotLooked,
    /// The address is not subscribed, perhaps no longer: SNS deletes subscriptions that are not confirmed.
    NotSubscribed,
    /// The owner of the address has not confirmed the subscription.
    Unconfirmed,
    /// The subscription is confirmed, so messages arrive.
    Confirmed,
}

/// The events about root that were reported to the administrators.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum RootLedger {
    /// The record could not be read. Alerts are sent anyway: twice is better than never.
    #[default]
    Unreadable,
    /// Ids of the last reported events, newest last.
    Told(Vec<EventId>),
}

impl UserFacts {
    /// A user at the root path who has nothing, and of whom nothing was looked up besides.
    #[must_use]
    pub fn bare(name: UserName, id: String, created: Timestamp) -> Self {
        Self {
            name,
            id,
            path: "/".to_owned(),
            created,
            tags: UserTags::default(),
            login_profile_created: None,
            password_used: None,
            devices: Vec::new(),
            attached_policies: Vec::new(),
            groups: Vec::new(),
            mailbox: Mailbox::NotLooked,
            attached_by: AttachedBy::Unknown,
            traces: None,
            boundary: BoundaryText::NotLooked,
            keys: AccessKeys::NotLooked,
            approval: Approval::NotLooked,
            is_unrecordable: false,
            removal: None,
            rights: None,
            exempted_by: ExemptedBy::default(),
        }
    }

    /// The value of a tag that the enforcer writes; `None` if it is not set.
    #[must_use]
    pub fn tag(&self, tag: UserTag) -> Option<&str> {
        self.tags.get(tag.key())
    }

    /// The quarantine record, as far as it can be parsed; `None` if the tag is not set.
    #[must_use]
    pub fn quarantine_record(&self) -> Option<QuarantineRecord> {
        self.tag(UserTag::Quarantined).map(QuarantineRecord::parse)
    }

    /// The last notice to the user; `None` if there was none or its record cannot be parsed.
    #[must_use]
    pub fn last_notice(&self) -> Option<LastNotice> {
        self.tag(UserTag::Notified).and_then(LastNotice::parse)
    }

    /// Whether the user is a member of this group. IAM keeps group names unique regardless of case.
    #[must_use]
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|own| own.eq_ignore_ascii_case(group))
    }

    /// The same user without the device that an event says was removed.
    ///
    /// IAM may still list it for some seconds. A device with the same serial number that was enabled at the time of the
    /// event or later is a new one and is kept.
    #[must_use]
    pub fn without_device(&self, removed: &Serial, at: Timestamp) -> Self {
        let mut rest = self.clone();
        rest.devices.retain(|device| device.serial != *removed || device.enabled >= at);
        rest
    }
}

impl RootLedger {
    /// Reads the ledger from the tags of the alerts topic. Pass `None` if they could not be read.
    #[must_use]
    pub fn of(topic: Option<&BTreeMap<String, String>>) -> Self {
        let Some(topic) = topic else { return Self::Unreadable };
        Self::Told(
            topic.get(tags::ROOT_NOTIFIED_KEY).map_or_else(Vec::new, |value| tags::parse_root_events(value)),
        )
    }

    /// Whether this event is known to have been reported.
    #[must_use]
    pub fn has(&self, event: &EventId) -> bool {
        matches!(self, Self::Told(told) if told.contains(event))
    }

    /// The ledger after these steps were carried out.
    #[must_use]
    pub fn after(self, done: &[Step]) -> Self {
        let recorded = done.iter().rev().find_map(|step| match step {
            Step::RecordRootAlert(value) => Some(Self::Told(tags::parse_root_events(value))),
            Step::Change { .. } | Step::Notify(_) | Step::Repair(_) | Step::OrderSweep { .. } => None,
        });
        recorded.unwrap_or(self)
    }
}

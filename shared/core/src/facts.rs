//! What is true of a subject right now, as plain data.

use crate::device::{MfaDevice, Serial};
use crate::event::{EventId, UserName};
use crate::tags::{self, LastNotice, QuarantineRecord, UserTag};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// An IAM user, read in one go. Every list is complete: a list that could not be read is an error, never
/// an empty list.
#[derive(Debug, Clone, PartialEq)]
pub struct UserFacts {
    /// Name as IAM spells it.
    pub name: UserName,
    /// Unique id (`AIDA...`), which no later user of the same name will have.
    pub id: String,
    /// Path, `/` where none was given.
    pub path: String,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When the console password was created; `None` without one.
    pub login_profile_created: Option<Timestamp>,
    /// MFA devices.
    pub devices: Vec<MfaDevice>,
    /// ARNs of the attached managed policies.
    pub attached_policies: Vec<String>,
    /// Names of the groups.
    pub groups: Vec<String>,
    /// The user's own topic, where it was looked up.
    pub mailbox: Mailbox,
}

/// Whether messages to the user's e-mail address arrive. Looking it up takes a call, so only a sweep does, and
/// only where the last message did not arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mailbox {
    /// It was not looked up.
    #[default]
    NotLooked,
    /// The address is not subscribed, or no longer: SNS drops what is not confirmed.
    NotSubscribed,
    /// The owner of the address has not confirmed the subscription.
    Unconfirmed,
    /// Messages arrive.
    Confirmed,
}

/// The events about root that the admins were told of.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum RootLedger {
    /// It could not be read. An alert is given all the same: twice is better than never.
    #[default]
    Unreadable,
    /// These, newest last.
    Told(Vec<EventId>),
}

impl UserFacts {
    /// The value of a tag that functions write.
    #[must_use]
    pub fn tag(&self, tag: UserTag) -> Option<&str> {
        self.tags.get(tag.key()).map(String::as_str)
    }

    /// The record of the quarantine, as far as it can be read.
    #[must_use]
    pub fn quarantine_record(&self) -> Option<QuarantineRecord> {
        self.tag(UserTag::Quarantined).map(QuarantineRecord::parse)
    }

    /// What the user was last told.
    #[must_use]
    pub fn last_notice(&self) -> Option<LastNotice> {
        self.tag(UserTag::Notified).and_then(LastNotice::parse)
    }

    /// The same user without the device that an event says was removed.
    ///
    /// IAM may list it for some seconds more. A device of the same serial number that was enabled after
    /// the event is a new one and stays.
    #[must_use]
    pub fn without_device(&self, removed: &Serial, at: Timestamp) -> Self {
        let mut rest = self.clone();
        rest.devices.retain(|device| device.serial != *removed || device.enabled > at);
        rest
    }
}

impl RootLedger {
    /// Reads it from the tags of the alerts topic; `None` where those could not be read.
    #[must_use]
    pub fn of(topic: Option<&BTreeMap<String, String>>) -> Self {
        let Some(topic) = topic else { return Self::Unreadable };
        Self::Told(
            topic.get(tags::ROOT_NOTIFIED_KEY).map_or_else(Vec::new, |value| tags::parse_root_events(value)),
        )
    }
}

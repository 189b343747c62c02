//! What is true of a subject right now, as plain data.

use crate::device::{MfaDevice, Serial};
use crate::event::{EventId, UserName};
use crate::snapshot::RootMfa;
use crate::tags::{self, Containment, LastNotice};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What was found out about the subject of an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Facts {
    /// The event needs no look.
    NotNeeded,
    /// IAM knows no such user: not yet, or no longer.
    NoSuchUser,
    /// An IAM user.
    User(Box<UserFacts>),
    /// The root user.
    Root(RootFacts),
}

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

/// What is known of the root user.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RootFacts {
    /// Its MFA, where a sweep looked; no event needs it.
    pub mfa: Option<RootMfa>,
    /// Value of the tag [`tags::ROOT_NOTIFIED_KEY`] on the alerts topic.
    pub ledger: RootLedger,
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
    /// The quarantine tag, as far as it can be read.
    #[must_use]
    pub fn containment(&self) -> Option<Containment> {
        self.tags.get(tags::QUARANTINED_KEY).map(|value| Containment::parse(value))
    }

    /// What the user was last told.
    #[must_use]
    pub fn last_notice(&self) -> Option<LastNotice> {
        self.tags.get(tags::NOTIFIED_KEY).and_then(|value| LastNotice::parse(value))
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

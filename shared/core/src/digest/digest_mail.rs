//! What the alerts topic has on record about the mail with the digest: that it was sent, and that it does not arrive.

use super::due::DAILY;
use super::{LAST_SWEEP_KEY, Memory, Note};
use crate::tags::{MailNote, MailState, second};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Tag of the alerts topic that says when the digest was mailed, if the topic did not take it.
pub const DIGEST_MAILED_KEY: &str = "mfa-enforcer:digest-mailed";
/// Tag of the alerts topic that says that the digest's mail does not arrive: a [`MailNote`].
pub const DIGEST_BOUNCED_KEY: &str = "mfa-enforcer:digest-bounced";
/// How far the clocks of two runs may differ.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// What is known of the mail with the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestMail {
    /// Whether this digest was mailed already, and only the alerts topic waits for it.
    pub is_sent: bool,
    bounced: Option<MailNote>,
    now: Timestamp,
}

impl DigestMail {
    /// Reads the tags of the alerts topic.
    #[must_use]
    pub fn of(topic: Option<&BTreeMap<String, String>>, now: Timestamp) -> Self {
        let value = |key: &str| topic.and_then(|tags| tags.get(key)).map(String::as_str);
        let is_owed = value(LAST_SWEEP_KEY).and_then(Memory::parse).is_some_and(|memory| memory.owed);
        let mailed = value(DIGEST_MAILED_KEY).and_then(|time| time.parse::<Timestamp>().ok());
        let age = mailed.map(|mailed| now.duration_since(mailed));
        let is_recent = age.is_some_and(|age| age < DAILY && age >= -CLOCK_TOLERANCE);
        Self {
            is_sent: is_owed && is_recent,
            bounced: value(DIGEST_BOUNCED_KEY).and_then(MailNote::parse),
            now,
        }
    }

    /// Why mail to this address is not sent; `None` if it is.
    #[must_use]
    pub fn undeliverable(&self, email: &str) -> Option<String> {
        let note = self.bounced.as_ref().filter(|note| note.counts(email, self.now))?;
        let at = second(note.at);
        Some(match note.state {
            MailState::Bounced => {
                format!("mail to that address bounced at {at}. Correct it; in 30 days one mail tries again")
            }
            MailState::Complained => format!(
                "somebody who reads that address marked the mail as unwanted at {at}. Name another one, or remove the tag \
                 {DIGEST_BOUNCED_KEY} from the alerts topic (in a hub: from the object of its account below \
                 organization/ledger/)"
            ),
        })
    }

    /// What to note after a digest that was mailed, or not, while the alerts topic took it, or did not.
    #[must_use]
    pub fn note(mailed: bool, is_told: bool, now: Timestamp) -> Option<Note> {
        (mailed && !is_told).then(|| (DIGEST_MAILED_KEY, second(now)))
    }
}

//! The note that mail to a user's address does not arrive.

use super::second;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write as _};
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// How long a bounce counts. Then one mail tries again: mailboxes come back.
const BOUNCE_COUNTS: SignedDuration = SignedDuration::from_hours(30 * 24);
/// So many bytes of the hash: enough to tell the addresses of one user apart.
const HASH_BYTES: usize = 8;

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum MailState {
    /// The server of the address refused it for good.
    Bounced,
    /// Its reader marked it as unwanted.
    Complained,
}

/// Value of [`super::UserTag::Mail`]: `bounced 2026-11-24T09:00:00Z address=HASH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailNote {
    /// What became of the mail.
    pub state: MailState,
    /// When.
    pub at: Timestamp,
    /// Hash of the address. The note is void for any other.
    address: String,
}

impl MailNote {
    /// The note about a mail to this address.
    #[must_use]
    pub fn of(state: MailState, at: Timestamp, email: &str) -> Self {
        Self { state, at, address: hash(email) }
    }

    /// Parses the tag value; `None` if it is invalid.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut words = value.split(' ');
        let (state, at, address) = (words.next()?, words.next()?, words.next()?);
        Some(Self {
            state: MailState::iter().find(|known| <&'static str>::from(*known) == state)?,
            at: at.parse().ok()?,
            address: address.strip_prefix("address=")?.to_owned(),
        })
    }

    /// Whether mail to this address does not arrive, as things stand at `now`.
    #[must_use]
    pub fn counts(&self, email: &str, now: Timestamp) -> bool {
        let is_over = self.state == MailState::Bounced && now.duration_since(self.at) >= BOUNCE_COUNTS;
        self.address == hash(email) && !is_over
    }
}

/// Addresses are the same in any case, as far as anybody distinguishes them.
fn hash(email: &str) -> String {
    let digest = Sha256::digest(email.trim().to_ascii_lowercase().as_bytes());
    digest.iter().take(HASH_BYTES).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl fmt::Display for MailNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} address={}", <&'static str>::from(self.state), second(self.at), self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::{MailNote, MailState};
    use jiff::Timestamp;
    use strum::IntoEnumIterator;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn mail_note_round_trips() {
        for state in MailState::iter() {
            let note = MailNote::of(state, at("2026-11-24T09:00:00Z"), "alice@example.com");
            assert_eq!(MailNote::parse(&note.to_string()), Some(note));
        }
        for value in ["", "bounced", "bounced now address=1", "sent 2026-11-24T09:00:00Z address=1"] {
            assert_eq!(MailNote::parse(value), None, "{value}");
        }
    }

    #[test]
    fn mail_note_is_void_for_another_address() {
        let note = MailNote::of(MailState::Complained, at("2026-11-24T09:00:00Z"), "Alice@Example.com");
        let later = at("2027-11-24T09:00:00Z");
        assert!(note.counts("alice@example.com", later) && !note.counts("alice@example.org", later));
        assert!(!note.to_string().contains("lice"));
    }

    #[test]
    fn bounce_is_tried_again_after_a_month() {
        let note = MailNote::of(MailState::Bounced, at("2026-11-01T09:00:00Z"), "alice@example.com");
        assert!(note.counts("alice@example.com", at("2026-11-30T09:00:00Z")));
        assert!(!note.counts("alice@example.com", at("2026-12-01T09:00:00Z")));
    }
}

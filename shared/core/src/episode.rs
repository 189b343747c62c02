//! Episodes: one id for all that is said and done about a user from the first notice to the release.
//!
//! The id is kept in the user's tags. Whoever may tag the user can write another one, so it is a label and nothing is
//! ever decided by it.

use crate::event::VISIBILITY_LAG;
use crate::facts::UserFacts;
use crate::tags::{LastNotice, NoticeKind, UserTag, second};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt;

/// How many hexadecimal digits an id has.
const LENGTH: usize = 12;
/// Begins the word of a tag that holds the id.
pub(crate) const WORD: &str = "episode=";

/// The id of an episode: twelve hexadecimal digits, short enough to be read out on the telephone.
///
/// These are 48 bits. Every record names the user as well, so only two episodes of one user must not have the same id.
/// Among a million episodes of an account, two have the same id with a probability of 0.2 percent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode(String);

impl Episode {
    /// Parses an id; `None` if it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == LENGTH && text.bytes().all(is_digit)).then(|| Self(text.to_owned()))
    }

    /// The id of the episode of the user with this unique id that began at `start`.
    #[must_use]
    pub fn beginning(user_id: &str, start: Timestamp) -> Self {
        let hash =
            Sha256::new().chain_update(user_id).chain_update([0]).chain_update(second(start)).finalize();
        let bits = hash.iter().take(LENGTH / 2).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        Self(format!("{bits:012x}"))
    }

    /// The episode of a user: the one under way, or else the one that begins with the next notice.
    ///
    /// Where no tag tells its id, it is derived from what does not change before that notice is recorded: the later of
    /// the creation of the password and the end of the last episode. So two deliveries of an event come to the same
    /// id, and so do two events.
    #[must_use]
    pub fn of(user: &UserFacts, now: Timestamp) -> Self {
        let told = believed(user, now);
        let noted = Self::noted(user, told.as_ref());
        // If both tags are gone, the event history may tell. Only the guard has asked it.
        let from_history = || user.traces.iter().flat_map(|traces| &traces.records).map(|(_, value)| value);
        noted.or_else(|| in_value(from_history().next()?)).unwrap_or_else(|| {
            let since = user.login_profile_created.unwrap_or(user.created);
            let ended = told.filter(|notice| !is_open(notice, user)).map(|notice| notice.at);
            Self::beginning(&user.id, ended.map_or(since, |ended| ended.max(since)))
        })
    }

    /// The id that a user's tags tell of the episode under way.
    fn noted(user: &UserFacts, told: Option<&LastNotice>) -> Option<Self> {
        let contained = user.tag(UserTag::Quarantined).and_then(in_value);
        let told = told.filter(|notice| user.tag(UserTag::Quarantined).is_some() || is_open(notice, user));
        contained.or_else(|| told?.episode.clone())
    }

    /// Whether an episode is under way: the record of a quarantine is there, or the last notice asked for something.
    #[must_use]
    pub fn is_under_way(user: &UserFacts, now: Timestamp) -> bool {
        user.tag(UserTag::Quarantined).is_some()
            || believed(user, now).is_some_and(|notice| is_open(&notice, user))
    }

    /// The id in the note of the last notice, even if the episode is over.
    #[must_use]
    pub fn of_last_notice(user: &UserFacts) -> Option<Self> {
        user.last_notice()?.episode
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Episode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id in the value of a tag.
pub(crate) fn in_value(value: &str) -> Option<Episode> {
    value.split(' ').find_map(|word| word.strip_prefix(WORD)).and_then(Episode::parse)
}

/// The last notice. The enforcer never writes a time in the future.
fn believed(user: &UserFacts, now: Timestamp) -> Option<LastNotice> {
    let latest = now.checked_add(VISIBILITY_LAG).unwrap_or(Timestamp::MAX);
    user.last_notice().filter(|notice| notice.at <= latest)
}

/// Whether the episode goes on after this notice. A confirmation ends it, once it is sent, and a new password begins
/// another one.
fn is_open(notice: &LastNotice, user: &UserFacts) -> bool {
    let asks = notice.kind.asks_for_mfa() || notice.kind == NoticeKind::AwaitingApproval;
    (asks || notice.claimed) && user.login_profile_created.is_none_or(|created| notice.at >= created)
}

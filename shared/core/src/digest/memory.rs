//! What one sweep leaves for the next: a tag of the alerts topic.
//!
//! An administrator may write anything into a tag, so a value that cannot be parsed is ignored, and so is a time in
//! the future.

use super::{Coverage, Digest, Figures};
use crate::snapshot::{LastUse, RootMfa, RootStatus};
use crate::tags::second;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt;
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// Tag of the alerts topic that holds the times of the last sweep and digest, and the figures of that digest.
pub const LAST_SWEEP_KEY: &str = "mfa-enforcer:last-sweep";

/// How far the clocks of two runs may differ: 5 minutes, as AWS allows for signed requests.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// Counts have at most four digits, so that all of them fit into the 256 characters of a tag value. IAM allows
/// 5,000 users.
const LARGEST_COUNT: usize = 9_999;
/// Suffix of root's MFA state in the tag if root has access keys.
const KEYS: &str = "+keys";

/// What the next sweep owes: a digest, or the rest of a daily sweep, or both.
const OWED_DIGEST: &str = "yes";
const OWED_SWEEP: &str = "sweep";
const OWED_BOTH: &str = "both";

/// Content of the tag: `2026-11-24T06:00:00Z digest=2026-11-24T06:00:00Z root=virtual+keys users=5000 ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// When the last daily sweep ended. Before the first one, when the first sweep of any kind did.
    pub swept: Timestamp,
    /// Whether that sweep left something to do, so that the next sweep has to do the same.
    pub unfinished: bool,
    /// When the last digest was sent; `None` if none was ever sent.
    pub digest: Option<Timestamp>,
    /// Whether another digest has been due since then but could not be sent.
    pub owed: bool,
    /// State of root in that digest, or in the last one before it that knew.
    pub root: Option<RootNote>,
    /// Figures of that digest.
    pub figures: Remembered,
}

/// State of root, as recorded for the next digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootNote {
    /// Root's MFA; never [`RootMfa::Unknown`].
    mfa: RootMfa,
    /// Whether root has access keys.
    access_keys: bool,
}

/// Figures, as recorded for the next digest. Each may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remembered(BTreeMap<Compared, usize>);

/// A figure that is compared with the last digest.
///
/// Kinds of device are not compared: how many are known depends on how much a sweep looked up, so the figures could
/// change although nobody changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Compared {
    /// All users.
    Users,
    /// Console users.
    Console,
    /// Console users with MFA.
    #[strum(serialize = "mfa")]
    WithMfa,
    /// Users in grace.
    #[strum(serialize = "grace")]
    InGrace,
    /// Overdue users, contained or not.
    Overdue,
    /// Overdue users who are not contained.
    #[strum(serialize = "free")]
    OverdueAndFree,
    /// Contained users.
    Contained,
    /// Exempt users.
    Exempt,
    /// Users whose exemption ends within 7 days.
    #[strum(serialize = "ending")]
    ExemptEnding,
    /// Users whose posture could not be determined.
    Unknown,
    /// Users who have to set up MFA and have no known address.
    Unreachable,
    /// Users who have to set up MFA and did not get the last message.
    Unconfirmed,
    /// Console users without MFA who have not signed in for 90 days.
    Dormant,
}

impl Memory {
    /// What to record after a sweep whose digest was sent.
    ///
    /// If root could not be looked up, its state from `before` is kept, so that no change is missed.
    #[must_use]
    pub fn after_digest(digest: &Digest, before: Option<&Self>) -> Self {
        let before = before.and_then(|before| before.believed(digest.at));
        Self {
            swept: digest.at,
            unfinished: false,
            digest: Some(digest.at),
            owed: false,
            root: RootNote::of(digest.root).or(before.and_then(|before| before.root)),
            figures: Remembered::of(&Figures::of(&digest.statuses, digest.at)),
        }
    }

    /// What to record after a sweep whose digest was not due.
    #[must_use]
    pub fn after_sweep(at: Timestamp, before: Option<&Self>) -> Self {
        let nothing = Self {
            swept: at,
            unfinished: false,
            digest: None,
            owed: false,
            root: None,
            figures: Remembered::default(),
        };
        before.map_or(nothing, |before| Self { swept: at, unfinished: false, ..before.clone() })
    }

    /// What to record after a sweep whose digest was due but could not be sent: the next sweep sends one, compared
    /// with the last that was sent.
    #[must_use]
    pub fn digest_owed(at: Timestamp, before: Option<&Self>) -> Self {
        Self { owed: true, ..Self::after_sweep(at, before) }
    }

    /// The same, of a sweep that left something to do.
    #[must_use]
    pub fn unfinished(self, unfinished: bool) -> Self {
        Self { unfinished, ..self }
    }

    /// Parses the tag value; `None` if it does not begin with the time of a sweep.
    ///
    /// Unknown words are skipped: a newer version may have written more.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let mut memory = Self::after_sweep(words.next()?.parse().ok()?, None);
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            if key == "digest" {
                memory.digest = value.parse().ok();
            } else if key == "owed" {
                memory.owed = [OWED_DIGEST, OWED_BOTH].contains(&value);
                memory.unfinished = [OWED_SWEEP, OWED_BOTH].contains(&value);
            } else if key == "root" {
                memory.root = RootNote::parse(value);
            } else if let Some(compared) = Compared::iter().find(|known| known.code() == key)
                && let Ok(count) = value.parse::<usize>()
            {
                memory.figures.0.insert(compared, count.min(LARGEST_COUNT));
            }
        }
        Some(memory)
    }

    /// The part that is plausible at `now`, that is, not in the future; `None` if not even the sweep is.
    #[must_use]
    pub fn believed(&self, now: Timestamp) -> Option<Self> {
        let possible = |time: Timestamp| time.duration_since(now) <= CLOCK_TOLERANCE;
        if !possible(self.swept) {
            return None;
        }
        // Everything recorded with a digest stands or falls with its time.
        let believed = self.digest.is_some_and(possible);
        let without_digest = Self::after_sweep(self.swept, None).unfinished(self.unfinished);
        Some(if believed { self.clone() } else { without_digest })
    }
}

impl fmt::Display for Memory {
    /// Writes the tag value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&second(self.swept))?;
        if let Some(digest) = self.digest {
            write!(f, " digest={}", second(digest))?;
        }
        let owed = match (self.owed, self.unfinished) {
            (true, true) => Some(OWED_BOTH),
            (true, false) => Some(OWED_DIGEST),
            (false, true) => Some(OWED_SWEEP),
            (false, false) => None,
        };
        if let Some(owed) = owed {
            write!(f, " owed={owed}")?;
        }
        if let Some(root) = self.root {
            write!(f, " root={root}")?;
        }
        for (compared, count) in &self.figures.0 {
            write!(f, " {}={count}", compared.code())?;
        }
        Ok(())
    }
}

impl RootNote {
    /// What to record about root; `None` if its MFA is unknown.
    #[must_use]
    pub fn of(root: RootStatus) -> Option<Self> {
        (root.mfa != RootMfa::Unknown).then_some(Self { mfa: root.mfa, access_keys: root.access_keys })
    }

    fn parse(text: &str) -> Option<Self> {
        let (code, access_keys) = text.strip_suffix(KEYS).map_or((text, false), |code| (code, true));
        let mfa = RootMfa::iter().find(|mfa| mfa.code() == code)?;
        Self::of(RootStatus { mfa, access_keys, last_used: LastUse::Unknown, devices: None })
    }
}

impl fmt::Display for RootNote {
    /// Writes the part of the tag value, such as `virtual` or `virtual+keys`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.mfa.code(), if self.access_keys { KEYS } else { "" })
    }
}

impl Remembered {
    /// What to record of `figures`.
    #[must_use]
    pub fn of(figures: &Figures) -> Self {
        let count = |compared: Compared| (compared, compared.of(figures).min(LARGEST_COUNT));
        Self(Compared::iter().map(count).collect())
    }

    /// All of `figures`, for a place with room for any number.
    #[must_use]
    pub fn exactly(figures: &Figures) -> Self {
        Self(Compared::iter().map(|compared| (compared, compared.of(figures))).collect())
    }

    /// One figure; `None` if it was not recorded.
    #[must_use]
    pub fn get(&self, compared: Compared) -> Option<usize> {
        self.0.get(&compared).copied()
    }

    /// The share of console users who had MFA; `None` if one of the two counts was not recorded.
    #[must_use]
    pub fn coverage(&self) -> Option<Coverage> {
        Coverage::of(self.get(Compared::WithMfa)?, self.get(Compared::Console)?)
    }
}

impl Compared {
    /// Stable key in the tag.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// The value of this figure in `figures`.
    #[must_use]
    pub fn of(self, figures: &Figures) -> usize {
        match self {
            Self::Users => figures.users,
            Self::Console => figures.console,
            Self::WithMfa => figures.with_mfa,
            Self::InGrace => figures.in_grace,
            Self::Overdue => figures.overdue,
            Self::OverdueAndFree => figures.overdue_and_free,
            Self::Contained => figures.contained,
            Self::Exempt => figures.exempt,
            Self::ExemptEnding => figures.exempt_ending,
            Self::Unknown => figures.unknown,
            Self::Unreachable => figures.unreachable,
            Self::Unconfirmed => figures.unconfirmed,
            Self::Dormant => figures.dormant,
        }
    }
}

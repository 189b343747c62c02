//! What lasts from one sweep to the next: one tag of the alerts topic.
//!
//! An administrator may write anything into a tag, so what cannot be read says nothing, and a time in
//! the future is not ours.

use super::{Coverage, Digest, Figures};
use crate::snapshot::{LastUse, RootMfa, RootStatus};
use crate::tags::second;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt;
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// Tag of the alerts topic: when the last sweep was, when the last digest, and the figures in it.
pub const LAST_SWEEP_KEY: &str = "mfa-enforcer:last-sweep";

/// Clocks of two runs may differ by this much: 5 minutes, as AWS allows for signed requests.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// A count has at most four digits, so that all of them fit into the 256 characters of a tag's value. IAM
/// allows 5,000 users.
const LARGEST_COUNT: usize = 9_999;
/// Behind root's MFA in the tag: it has access keys.
const KEYS: &str = "+keys";

/// The tag's value: `2026-11-24T06:00:00Z digest=2026-11-24T06:00:00Z root=virtual+keys users=5000 ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// When the last sweep looked.
    pub swept: Timestamp,
    /// When the last digest was sent; `None` if none ever was.
    pub digest: Option<Timestamp>,
    /// One was due since and could not be sent.
    pub owed: bool,
    /// Root in that digest, or in the last before it in which root was known.
    pub root: Option<RootNote>,
    /// The figures of that digest.
    pub figures: Remembered,
}

/// Root, as one digest leaves it to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootNote {
    /// Its MFA; never [`RootMfa::Unknown`].
    mfa: RootMfa,
    /// It has access keys.
    access_keys: bool,
}

/// The figures that one digest leaves to the next. Each may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remembered(BTreeMap<Compared, usize>);

/// A figure that is compared with the last one.
///
/// Kinds of device are not among them: how many are known depends on how far a sweep had to look, so they
/// would seem to change though nobody did anything.
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
    /// In grace.
    #[strum(serialize = "grace")]
    InGrace,
    /// Overdue.
    Overdue,
    /// Overdue and not contained.
    #[strum(serialize = "free")]
    OverdueAndFree,
    /// Contained.
    Contained,
    /// Exempt.
    Exempt,
    /// Exempt, and that ends within 7 days.
    #[strum(serialize = "ending")]
    ExemptEnding,
    /// Not known.
    Unknown,
    /// Asked for MFA, and no address is known.
    Unreachable,
    /// Asked for MFA, and the last message did not arrive.
    Unconfirmed,
    /// Dormant.
    Dormant,
}

impl Memory {
    /// After a sweep whose digest was sent.
    ///
    /// Where root could not be looked up, what was known of it `before` is kept, so that no change is missed.
    #[must_use]
    pub fn after_digest(digest: &Digest, before: Option<&Self>) -> Self {
        let before = before.and_then(|before| before.believed(digest.at));
        Self {
            swept: digest.at,
            digest: Some(digest.at),
            owed: false,
            root: RootNote::of(digest.root).or(before.and_then(|before| before.root)),
            figures: Remembered::of(&Figures::of(&digest.statuses, digest.at)),
        }
    }

    /// After a sweep whose digest was not due.
    #[must_use]
    pub fn after_sweep(at: Timestamp, before: Option<&Self>) -> Self {
        let nothing =
            Self { swept: at, digest: None, owed: false, root: None, figures: Remembered::default() };
        before.map_or(nothing, |before| Self { swept: at, ..before.clone() })
    }

    /// After a sweep whose digest was due and could not be sent: the next one sends it, compared with the last
    /// that was.
    #[must_use]
    pub fn digest_owed(at: Timestamp, before: Option<&Self>) -> Self {
        Self { owed: true, ..Self::after_sweep(at, before) }
    }

    /// Reads the tag's value; `None` where not even the time of the sweep can be read.
    ///
    /// What is not known is skipped, so a newer version may have written more.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let mut memory = Self::after_sweep(words.next()?.parse().ok()?, None);
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            if key == "digest" {
                memory.digest = value.parse().ok();
            } else if key == "owed" {
                memory.owed = value == "yes";
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

    /// The memory as far as it can be believed at `now`: nothing of it is in the future.
    #[must_use]
    pub fn believed(&self, now: Timestamp) -> Option<Self> {
        let possible = |time: Timestamp| time.duration_since(now) <= CLOCK_TOLERANCE;
        if !possible(self.swept) {
            return None;
        }
        // What was remembered with a digest is believed with it.
        let believed = self.digest.is_some_and(possible);
        Some(if believed { self.clone() } else { Self::after_sweep(self.swept, None) })
    }
}

impl fmt::Display for Memory {
    /// The tag's value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&second(self.swept))?;
        if let Some(digest) = self.digest {
            write!(f, " digest={}", second(digest))?;
        }
        if self.owed {
            f.write_str(" owed=yes")?;
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
    /// What is remembered of root; `None` where nothing is known of it.
    #[must_use]
    pub fn of(root: RootStatus) -> Option<Self> {
        (root.mfa != RootMfa::Unknown).then_some(Self { mfa: root.mfa, access_keys: root.access_keys })
    }

    fn parse(text: &str) -> Option<Self> {
        let (code, access_keys) = text.strip_suffix(KEYS).map_or((text, false), |code| (code, true));
        let mfa = RootMfa::iter().find(|mfa| mfa.code() == code)?;
        Self::of(RootStatus { mfa, access_keys, last_used: LastUse::Unknown })
    }
}

impl fmt::Display for RootNote {
    /// `virtual`, `virtual+keys` and the like.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.mfa.code(), if self.access_keys { KEYS } else { "" })
    }
}

impl Remembered {
    /// What is remembered of `figures`.
    #[must_use]
    pub fn of(figures: &Figures) -> Self {
        let count = |compared: Compared| (compared, compared.of(figures).min(LARGEST_COUNT));
        Self(Compared::iter().map(count).collect())
    }

    /// One figure, if it is remembered.
    #[must_use]
    pub fn get(&self, compared: Compared) -> Option<usize> {
        self.0.get(&compared).copied()
    }

    /// The share of console users who had MFA, if both are remembered.
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

    /// This figure of `figures`.
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

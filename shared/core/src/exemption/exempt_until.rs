//! What a person writes on a user to exempt them: a date, and a reason.

use super::is_of_tags;
use crate::settings::is_unseen;
use jiff::civil::Date;

/// A reason can have this many characters.
const REASON_LIMIT: usize = 200;

/// The value of the tag that exempts a user: a date, and after a space a reason or a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExemptUntil {
    /// The last day of the exemption (UTC).
    pub until: Date,
    /// Why the user is exempt.
    pub why: Why,
}

/// Why a user is exempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The reason that was given.
    Given(String),
    /// No reason was given: an older version asked for none.
    Missing,
    /// The reason is too long, or has characters that IAM does not allow in a tag. This is what can be shown of it.
    Unfit(String),
}

impl ExemptUntil {
    /// Parses the tag's value; `None` if it does not begin with a date, so that it exempts nobody.
    ///
    /// Only a date: with a time of day, the time zone would be unclear. The date is the decision, so a reason that does
    /// not fit is reported and ends no exemption.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        let (date, reason) = value.split_once(' ').unwrap_or((value, ""));
        let until = (date.len() == 10).then(|| date.parse::<Date>().ok())??;
        Some(Self { until, why: Why::of(reason.trim()) })
    }
}

impl Why {
    fn of(reason: &str) -> Self {
        if reason.is_empty() {
            return Self::Missing;
        }
        let reason: String = reason.chars().map(|c| if is_space(c) { ' ' } else { c }).collect();
        if reason.chars().count() <= REASON_LIMIT && reason.chars().all(is_of_reasons) {
            return Self::Given(reason);
        }
        let shown = |c: char| if is_of_reasons(c) { c } else { '?' };
        Self::Unfit(reason.chars().take(REASON_LIMIT).map(shown).collect())
    }

    /// The reason, for people.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Given(text) | Self::Unfit(text) => Some(text),
            Self::Missing => None,
        }
    }
}

/// Whether IAM allows this character in a tag, and people can see it: a letter or a digit of any script, and some others.
///
/// Source: IAM User Guide, "Tags for AWS Identity and Access Management resources".
fn is_of_reasons(c: char) -> bool {
    is_of_tags(c) || (c.is_alphanumeric() && !is_unseen(c))
}

/// Whether this is a space of any width. What separates lines is none.
fn is_space(c: char) -> bool {
    c.is_whitespace() && !c.is_control() && !is_unseen(c)
}

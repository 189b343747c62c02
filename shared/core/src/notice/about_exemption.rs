//! What the administrators hear of exemptions.

use crate::exemption::Exemption;

/// What to do about a user who exempted themselves.
pub(super) const SELF_EXEMPTED: &str = "The user is treated as if there were no exemption. Ask them what they wanted. If it is right, set the tag \
     `mfa-enforcer:exempt-until` yourself, with a date and a reason. If it was not them, a thief has their credentials: \
     reset the password, and deactivate the access keys. Then see why the user may tag, rename or move users.";

/// An exemption, as the administrators hear of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exempted {
    /// What exempts the user.
    pub exemption: Exemption,
    /// The reason that was given, if any.
    pub why: Option<String>,
    /// Whether a quarantine ends with it.
    pub released: bool,
}

/// Why a user is not exempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotExempt {
    /// The tag was removed.
    Removed,
    /// The tag's date has passed.
    Past,
    /// The tag does not begin with a date.
    Unreadable,
    /// The user had a name in `EXEMPT_USERS` and has another one.
    Renamed,
}

impl Exempted {
    /// Stable name for programs.
    pub(super) fn reason(&self) -> &'static str {
        match self.exemption {
            Exemption::Name => "exempt-by-name",
            Exemption::Path => "exempt-by-path",
            Exemption::BreakGlass => "exempt-by-break-glass-path",
            Exemption::Until(_) => "exempt-by-tag",
        }
    }

    pub(super) fn headline(&self, who: &str) -> String {
        let released = if self.released { ", and the quarantine ends" } else { "" };
        match self.exemption {
            Exemption::Until(date) => {
                let why = self.why.as_deref().unwrap_or("no reason given");
                format!("{who} is exempt from MFA until {date}{released}: {why}")
            }
            Exemption::Name | Exemption::Path => {
                format!("{who} is exempt from MFA without an end{released}: {}", by_what(self.exemption))
            }
            Exemption::BreakGlass => {
                format!("{who} is a break-glass user now, whom nothing limits: {}", by_what(self.exemption))
            }
        }
    }

    pub(super) fn advice(&self) -> &'static str {
        match self.exemption {
            Exemption::Until(_) => {
                "Nothing to do if you know of this decision. To take it back, remove the tag `mfa-enforcer:exempt-until` \
                 from the user."
            }
            Exemption::Name => {
                "Nothing to do if you know of this decision. To take it back, rename the user, or take the name out of \
                 EXEMPT_USERS. Better exempt people by the tag, which ends by itself."
            }
            Exemption::Path => {
                "Nothing to do if you know of this decision. To take it back, move the user to another path. Better \
                 exempt people by the tag, which ends by itself."
            }
            Exemption::BreakGlass => {
                "Find out now who moved the user, and why. To take it back, move the user to another path \
                 (iam:UpdateUser with NewPath). Until then nothing quarantines this user, whatever they do."
            }
        }
    }
}

/// What exempts a user, in a phrase.
fn by_what(exemption: Exemption) -> String {
    match exemption {
        Exemption::Name => "by a name in EXEMPT_USERS".to_owned(),
        Exemption::Path => "by a path below EXEMPT_PATHS".to_owned(),
        Exemption::BreakGlass => "by a path below BREAK_GLASS_PATH".to_owned(),
        Exemption::Until(date) => format!("until {date}, by the tag"),
    }
}

/// What happened, where users exempted themselves.
pub(super) fn by_themselves(who: &str, exemption: Exemption) -> String {
    format!("{who} granted an exemption to themselves ({}), which does not count", by_what(exemption))
}

impl NotExempt {
    /// Stable name for programs.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Removed => "exemption-removed",
            Self::Past => "exemption-past",
            Self::Unreadable => "exemption-unreadable",
            Self::Renamed => "exempt-name-lost",
        }
    }

    pub(super) fn headline(self, who: &str) -> String {
        match self {
            Self::Removed => format!("{who} is no longer exempt from MFA: the tag was removed"),
            Self::Past => format!("{who} is not exempt from MFA: the date in the tag has passed"),
            Self::Unreadable => {
                format!("{who} is NOT exempt from MFA: the tag does not begin with a date such as 2026-12-31")
            }
            Self::Renamed => {
                format!("{who} is no longer exempt from MFA: the name before was in EXEMPT_USERS")
            }
        }
    }

    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Unreadable => {
                "Set the tag `mfa-enforcer:exempt-until` again: a date such as 2026-12-31, a space, and the reason."
            }
            Self::Removed | Self::Past | Self::Renamed => {
                "Nothing to do if you know of this. Without MFA, the deadline of the user counts again, and it may have \
                 passed. To exempt the user, set the tag `mfa-enforcer:exempt-until`: a date and a reason."
            }
        }
    }
}

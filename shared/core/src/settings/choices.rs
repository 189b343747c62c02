//! Settings with a few values to choose from.

use crate::effect::Effect;
use jiff::civil::Weekday;
use strum::{EnumString, IntoStaticStr};

/// How much of a plan is carried out; a later one is more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Mode {
    /// Only log, and send the digest.
    Observe,
    /// Also send notices, and release users.
    Notify,
    /// Also quarantine users.
    Enforce,
}

/// What a quarantine blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum Scope {
    /// Console sessions without MFA; long-term access keys keep working.
    Console,
    /// Long-term access keys as well.
    Everything,
}

/// What ends a quarantine that began with a possible takeover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum Release {
    /// The enrolment of MFA.
    Automatic,
    /// The enrolment of MFA, and the approval of a person who is not the user.
    Approval,
}

/// Which notices to users the administrators get a copy of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString)]
#[strum(serialize_all = "kebab-case")]
pub enum AdminCopies {
    /// Every one.
    All,
    /// Those that say that access was limited or restored, and those that reached nobody.
    Important,
}

/// When the administrators get a digest, apart from a sweep that contained or released somebody or failed, which
/// always reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestWhen {
    /// On the first sweep of each day (UTC).
    Daily,
    /// On this day of the week (UTC), or on the next sweep if that day was missed.
    Weekly(Weekday),
    /// When a figure, or something about root, differs from the last digest.
    OnChange,
}

impl Mode {
    /// Whether it lets a step for this effect be taken.
    #[must_use]
    pub fn allows(self, effect: Effect) -> bool {
        match self {
            Self::Observe => false,
            Self::Notify => !effect.contains(),
            Self::Enforce => true,
        }
    }

    /// The value of `MODE`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }
}

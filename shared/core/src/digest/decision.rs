//! Whose decision an exemption is, and why, as the digest lists it.

use super::UserStatus;
use super::digest_phrases::day;
use crate::exemption::{Act, By, ExemptUntil, Exemption, Origin, in_force};
use crate::facts::UserFacts;
use crate::settings::Settings;
use crate::tags::EXEMPT_UNTIL_KEY;
use jiff::Timestamp;
use strum::IntoStaticStr;

/// A decision to exempt a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who made it.
    pub by: DecidedBy,
    /// The reason that was given, if any.
    pub why: Option<String>,
}

/// Who decided that a user is exempt.
#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum DecidedBy {
    /// The settings name the user or the path, and nobody is known to have changed either.
    Settings,
    /// The principal with this id.
    Principal {
        /// The id: of a user (`AIDA...`), of a role and its session (`AROA...:NAME`), or another.
        id: String,
        /// When.
        at: Timestamp,
    },
    /// Neither a note nor the event history tells.
    Unknown,
}

impl Decision {
    /// The decision by which the user is exempt; `None` if the user is not.
    #[must_use]
    pub fn of(user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Self> {
        let (exemption, origin) = in_force(user, settings, now)?;
        let by = match (origin, exemption) {
            (Origin::Own(act) | Origin::Other(act), _) => Self::by(&act),
            (Origin::Unknown(_), Exemption::Until(_)) => DecidedBy::Unknown,
            (Origin::Unknown(_), Exemption::Name | Exemption::Path | Exemption::BreakGlass) => {
                DecidedBy::Settings
            }
        };
        let tag = user.tags.get(EXEMPT_UNTIL_KEY).filter(|_| exemption.until().is_some());
        let why = tag.and_then(ExemptUntil::parse).and_then(|tag| tag.why.text().map(str::to_owned));
        Some(Self { by, why })
    }

    fn by(act: &Act) -> DecidedBy {
        match act.by {
            By::Principal(_) => DecidedBy::Principal { id: act.by.shown(), at: act.at },
            By::Seen | By::Unknown => DecidedBy::Unknown,
        }
    }
}

impl DecidedBy {
    /// Stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }

    /// Who, in words. A user of this account is called by their name.
    pub(crate) fn words(&self, statuses: &[UserStatus]) -> String {
        let (id, at) = match self {
            Self::Settings => return "the settings".to_owned(),
            Self::Unknown => return "unknown".to_owned(),
            Self::Principal { id, at } => (id, at),
        };
        let is_root = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
        let who = match (statuses.iter().find(|status| status.id == *id), id.split_once(':')) {
            (Some(user), _) => user.name.clone(),
            (None, Some((role, session))) if role.starts_with("AROA") => format!("session {session}"),
            (None, _) if is_root => "root".to_owned(),
            (None, _) => id.clone(),
        };
        format!("{who}, {}", day(*at))
    }
}

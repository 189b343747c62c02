//! The posture of a user: where the user stands, from live facts alone.

use crate::device::DeviceKind;
use crate::facts::UserFacts;
use crate::settings::Settings;
use crate::tags;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use strum::{IntoStaticStr, VariantNames};

/// An exemption that lasts longer is reported: 366 days.
const LONG_EXEMPTION: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Where a user stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Posture {
    /// No console password, so nothing to protect here.
    NotApplicable,
    /// A person decided so.
    Exempt(Exemption),
    /// At least one MFA device.
    Compliant {
        /// None of the devices resists phishing.
        weak: bool,
    },
    /// No device, and the deadline is still to come.
    InGrace {
        /// When grace ends.
        deadline: Timestamp,
    },
    /// No device, at or after the deadline.
    Overdue {
        /// When grace ended.
        deadline: Timestamp,
    },
}

/// What exempts a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Exemption {
    /// Named in `EXEMPT_USERS`.
    Name,
    /// Below one of `EXEMPT_PATHS`.
    Path,
    /// The tag, up to and including this day (UTC).
    #[strum(serialize = "tag")]
    Until(Date),
}

/// Something about a user that an administrator should mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Finding {
    /// The exemption's tag holds no date, so it exempts nobody.
    UnreadableExemption,
    /// The exemption has ended.
    ExpiredExemption(Date),
    /// The exemption ends more than a year from now, which is hardly an exception.
    LongExemption(Date),
    /// The contact's tag holds no e-mail address.
    UnusableEmail,
    /// The phone's tag holds no number in international form.
    UnusablePhone,
    /// The list of root events that were reported could not be read; this may be a repetition.
    LedgerUnreadable,
}

/// The posture of `user` at `now`.
#[must_use]
pub fn posture(user: &UserFacts, settings: &Settings, now: Timestamp) -> Posture {
    let Some(created) = user.login_profile_created else {
        return Posture::NotApplicable;
    };
    if let Some(exemption) = exemption(user, settings, now) {
        return Posture::Exempt(exemption);
    }
    if !user.devices.is_empty() {
        let strong = |kind: DeviceKind| kind.is_phishing_resistant();
        let weak = !user.devices.iter().any(|device| strong(device.serial.kind()));
        return Posture::Compliant { weak };
    }
    let deadline = deadline(created, settings);
    if now < deadline { Posture::InGrace { deadline } } else { Posture::Overdue { deadline } }
}

/// The later of (creation of the password + grace) and `ENFORCE_FROM`.
///
/// Derived, so nobody can tamper with it. Beyond the end of time there is no deadline before that end.
#[must_use]
pub fn deadline(created: Timestamp, settings: &Settings) -> Timestamp {
    let own = created.checked_add(settings.grace).unwrap_or(Timestamp::MAX);
    settings.enforce_from.map_or(own, |from| own.max(from))
}

fn exemption(user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Exemption> {
    if settings.exempt_users.contains(&user.name) {
        return Some(Exemption::Name);
    }
    if settings.exempt_paths.iter().any(|path| user.path.starts_with(path.as_str())) {
        return Some(Exemption::Path);
    }
    let until = exempt_until(user)?.ok()?;
    (today(now) <= until).then_some(Exemption::Until(until))
}

/// The exemption's tag: absent, unreadable, or a date.
fn exempt_until(user: &UserFacts) -> Option<Result<Date, Finding>> {
    let value = user.tags.get(tags::EXEMPT_UNTIL_KEY)?;
    // Exactly a date: a time of day would leave it open which clock is meant.
    let date = (value.trim().len() == 10).then(|| value.trim().parse::<Date>().ok());
    Some(date.flatten().ok_or(Finding::UnreadableExemption))
}

/// What is wrong with a user's exemption.
#[must_use]
pub fn exemption_finding(user: &UserFacts, now: Timestamp) -> Option<Finding> {
    match exempt_until(user)? {
        Err(finding) => Some(finding),
        Ok(until) if today(now) > until => Some(Finding::ExpiredExemption(until)),
        Ok(until) if until.duration_since(today(now)) > LONG_EXEMPTION => Some(Finding::LongExemption(until)),
        Ok(_) => None,
    }
}

fn today(now: Timestamp) -> Date {
    now.to_zoned_datetime(TimeZone::UTC).date()
}

impl Posture {
    /// Stable name for logs and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

impl Exemption {
    /// Stable name for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl Finding {
    /// Stable name for machines.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnreadableExemption => write!(
                f,
                "the tag {} holds no date such as 2026-12-31, so it exempts nobody",
                tags::EXEMPT_UNTIL_KEY
            ),
            Self::ExpiredExemption(date) => write!(f, "the exemption ended on {date}"),
            Self::LongExemption(date) => write!(f, "the exemption ends only on {date}"),
            Self::UnusableEmail => f.write_str("the contact tag holds no e-mail address"),
            Self::UnusablePhone => write!(
                f,
                "the tag {} holds no number in international form such as +15550100123",
                tags::PHONE_KEY
            ),
            Self::LedgerUnreadable => {
                f.write_str("earlier alerts could not be looked up, so this one may be a repetition")
            }
        }
    }
}

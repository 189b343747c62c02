//! Exemptions: what a person writes on a user, what the enforcer notes about it, and whose decision it was.
//!
//! Owns the two tag values. A tag says nothing about who set it, and whoever may tag a user may write both tags. So a
//! note counts for one value only, and never against what the event history tells.

mod exempt_by;
mod exempt_until;

pub use exempt_by::{Act, By, ExemptBy, Mark};
pub use exempt_until::{ExemptUntil, Why};

use crate::event::VISIBILITY_LAG;
use crate::facts::UserFacts;
use crate::settings::Settings;
use crate::tags::{self, UserTag};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use strum::IntoStaticStr;

/// How long before the end of an exemption people hear of it: 7 days.
pub(crate) const SOON: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What exempts a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Exemption {
    /// The user is listed in `EXEMPT_USERS`.
    Name,
    /// The user's path is below one of `EXEMPT_PATHS`.
    Path,
    /// The user's path is below `BREAK_GLASS_PATH`.
    BreakGlass,
    /// The user's tag exempts them up to and including this day (UTC).
    #[strum(serialize = "tag")]
    Until(Date),
}

/// What the event history tells of a user's exemptions. Only a sweep asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExemptedBy {
    /// When the history was asked who exempted the user; `None` if it was not.
    pub read: Option<Timestamp>,
    /// Whether it told everything that it keeps.
    pub is_complete: bool,
    /// The last act about each thing that exempts the user now, and the last one that gave the user another tag, name or
    /// path meanwhile.
    pub acts: Vec<Act>,
    /// The note, if the history shows that the enforcer wrote it so.
    pub our_note: Option<String>,
    /// The note, if the history shows that the user wrote it so.
    pub forged_note: Option<String>,
}

/// Whose decision an exemption is, as far as anybody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The user's own, so it does not count.
    Own(Act),
    /// Somebody else's.
    Other(Act),
    /// Nobody knows. If a sweep noted that, this is the note.
    Unknown(Option<Act>),
}

impl Exemption {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// The last day, if there is one.
    #[must_use]
    pub fn until(self) -> Option<Date> {
        match self {
            Self::Until(date) => Some(date),
            Self::Name | Self::Path | Self::BreakGlass => None,
        }
    }

    /// Whether the exemption ends within 7 days.
    #[must_use]
    pub fn ends_soon(self, now: Timestamp) -> bool {
        self.until().is_some_and(|date| date.duration_since(day(now)) <= SOON)
    }
}

/// What exempts the user at `now` by the settings and the tag, whoever decided it, in order of precedence.
#[must_use]
pub fn grants(user: &UserFacts, settings: &Settings, now: Timestamp) -> Vec<(Exemption, Mark)> {
    let by_path = |path: &String| user.path.starts_with(path.as_str());
    let path = || Mark::of_path(&user.path);
    let value = user.tags.get(tags::EXEMPT_UNTIL_KEY);
    let until = value.and_then(ExemptUntil::parse).map(|tag| tag.until).filter(|until| day(now) <= *until);
    let break_glass = settings.break_glass_path.as_ref().is_some_and(by_path);
    let name = settings.exempt_users.contains(&user.name);
    let exempt_path = settings.exempt_paths.iter().any(by_path);
    let by_tag = until.zip(value).map(|(until, value)| (Exemption::Until(until), Mark::of_tag(value)));
    let grants = [
        break_glass.then(|| (Exemption::BreakGlass, path())),
        name.then(|| (Exemption::Name, Mark::of_name(user.name.as_str()))),
        exempt_path.then(|| (Exemption::Path, path())),
        by_tag,
    ];
    grants.into_iter().flatten().collect()
}

/// Whose decision it is that `mark` exempts the user: that of the last act, by the note and by the event history.
#[must_use]
pub fn origin(user: &UserFacts, mark: &Mark, now: Timestamp) -> Origin {
    let history = &user.exempted_by;
    let is_forged =
        history.forged_note.is_some() && history.forged_note.as_deref() == user.tag(UserTag::ExemptBy);
    let note = if is_forged { ExemptBy::default() } else { ExemptBy::of(user) };
    let told = history.acts.iter().filter(|act| act.of == *mark).cloned();
    // The enforcer never writes a time in the future.
    let latest = now.checked_add(VISIBILITY_LAG).unwrap_or(Timestamp::MAX);
    // Once the user had another tag, name or path, who gave them this one before does not matter any more.
    let others = history.acts.iter().filter(|act| act.of.excludes(mark)).map(|act| act.at);
    let replaced = others.max().max(note.replaced(mark, latest));
    let is_over = |act: &Act| replaced.is_some_and(|replaced| act.at < replaced);
    let acts = note.acts(mark, &user.id).chain(told).filter(|act| act.at <= latest && !is_over(act));
    match acts.max_by_key(|act| act.rank(&user.id)) {
        Some(act) if act.is_own(&user.id) => Origin::Own(act),
        Some(act @ Act { by: By::Principal(_), .. }) => Origin::Other(act),
        noted @ (Some(_) | None) => Origin::Unknown(noted),
    }
}

/// What exempts the user at `now`, and whose decision that was; `None` if nothing does that counts.
///
/// Nobody exempts themselves: what is the user's own act does not count. The exception is the path of break-glass users,
/// below which no role of the enforcer may attach anything.
#[must_use]
pub fn in_force(user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<(Exemption, Origin)> {
    let grants = grants(user, settings, now).into_iter();
    grants
        .map(|(exemption, mark)| (exemption, origin(user, &mark, now)))
        .find(|(exemption, origin)| *exemption == Exemption::BreakGlass || !matches!(origin, Origin::Own(_)))
}

/// What would exempt the user if they had not granted it to themselves; `None` if the user is exempt, or nothing would.
#[must_use]
pub fn self_granted(user: &UserFacts, settings: &Settings, now: Timestamp) -> Option<Exemption> {
    if in_force(user, settings, now).is_some() {
        return None;
    }
    grants(user, settings, now).first().map(|(exemption, _)| *exemption)
}

/// The day (UTC) of this moment.
#[must_use]
pub fn day(now: Timestamp) -> Date {
    now.to_zoned_datetime(TimeZone::UTC).date()
}

/// The moment at which this day (UTC) begins.
pub(crate) fn beginning(day: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

/// The moment at which this day (UTC) is over.
pub(crate) fn end(day: Date) -> Timestamp {
    day.tomorrow().map_or(Timestamp::MAX, beginning)
}

/// Whether IAM allows this character in the value of a tag, apart from letters and digits of other scripts.
fn is_of_tags(c: char) -> bool {
    c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c)
}

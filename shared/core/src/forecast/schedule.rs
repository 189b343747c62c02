//! When sweeps are due, as the template schedules them.

use crate::event::{SweepKind, SweepRequest};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The minute of each hour at which the hourly sweep is due.
const MINUTE: i64 = 7;
/// Minutes of an hour.
const HOUR: i64 = 60;

/// When the daily sweep is due. The others are due each hour.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    at: Time,
    zone: TimeZone,
}

impl Schedule {
    /// A daily sweep at this time of day, such as `06:00`, in this time zone.
    ///
    /// `None` unless the time is one, and the zone is in the IANA database.
    #[must_use]
    pub fn new(at: &str, zone: &str) -> Option<Self> {
        Self::at(at, TimeZone::get(zone).ok()?)
    }

    /// The same, in a time zone that is known already. `None` unless the time is one.
    #[must_use]
    pub fn at(time: &str, zone: TimeZone) -> Option<Self> {
        Some(Self { at: Time::strptime("%H:%M", time).ok()?, zone })
    }

    /// The sweeps of this many days, in order. The first one is a daily sweep at once, as somebody sends it after a
    /// deployment.
    #[must_use]
    pub fn sweeps(&self, from: Timestamp, days: u16) -> Vec<SweepRequest> {
        let until =
            from.checked_add(SignedDuration::from_hours(24 * i64::from(days))).unwrap_or(Timestamp::MAX);
        SweepRequest::due(SweepKind::Daily, from).into_iter().chain(self.due(from, until)).collect()
    }

    /// The sweeps that are due after a time and up to another one, in order.
    #[must_use]
    pub fn due(&self, after: Timestamp, until: Timestamp) -> Vec<SweepRequest> {
        let is_due = |at: &Timestamp| *at > after;
        let minute = after.as_second().div_euclid(60);
        let first = minute - minute.rem_euclid(HOUR) + MINUTE;
        let hourly = (0..)
            .map_while(|hour| Timestamp::from_second((first + hour * HOUR) * 60).ok())
            .take_while(|at| *at <= until);
        let hourly = hourly.filter(is_due).map(|at| (at, SweepKind::Hourly));
        let today = after.to_zoned_datetime(self.zone.clone()).date();
        let daily = today
            .series(jiff::Span::new().days(1))
            .map_while(|day| self.zone.to_timestamp(day.to_datetime(self.at)).ok())
            .take_while(|at| *at <= until);
        let daily = daily.filter(is_due).map(|at| (at, SweepKind::Daily));
        let mut sweeps: Vec<(Timestamp, SweepKind)> = hourly.chain(daily).collect();
        sweeps.sort_by_key(|(at, _)| *at);
        sweeps.into_iter().filter_map(|(at, kind)| SweepRequest::due(kind, at)).collect()
    }
}

//! Which of the quarantines that sweeps would begin a hub holds, and when they follow.
//!
//! Nobody knows whose account is swept first. So how many users wait is known, and not who they are.

use crate::digest::ChangeKind;
use crate::forecast::{Person, Prospect};
use crate::settings::HourlyLimits;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

/// Seconds of an hour.
const HOUR: i64 = 3600;
/// Hours of the limit by which the plan of an account goes.
const DAY: i64 = 24;

/// An hour by the clock (UTC) with more quarantines than a hub lets begin in all accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HeldHour {
    /// When it begins.
    pub hour: Timestamp,
    /// How many users would be quarantined, with those who wait since an earlier hour.
    pub users: usize,
    /// How many may be.
    pub limit: usize,
    /// How many wait for later sweeps.
    pub held: usize,
    /// The hour in which the last of them is quarantined; `None` if that is after the days of the plan.
    pub last: Option<Timestamp>,
}

/// A quarantine that is due, and the hour in which it begins, once that is known.
#[derive(Debug, Clone, Copy)]
struct Due<'a> {
    account: usize,
    plan: &'a Prospect,
    person: &'a Person,
    hour: i64,
    begins: Option<i64>,
}

/// All quarantines of these plans, with the hours in which some are held. `everywhere` is `MAX_QUARANTINES` where no unit
/// and no account says anything else.
#[derive(Debug, Default)]
pub(super) struct Queue<'a> {
    dues: Vec<Due<'a>>,
    pub(super) held: Vec<HeldHour>,
}

impl<'a> Queue<'a> {
    pub(super) fn of(plans: impl Iterator<Item = &'a Prospect>, everywhere: Option<usize>) -> Self {
        let Some(limit) = HourlyLimits::of(None, everywhere).organization.map(NonZeroUsize::get) else {
            return Self::default();
        };
        let mut dues: Vec<Due<'_>> =
            plans.enumerate().flat_map(|(account, plan)| Due::all(account, plan)).collect();
        dues.sort_by_key(|due| (due.hour, due.account));
        let mut queue = Self { dues, held: Vec::new() };
        let mut next = queue.dues.first().map(|due| due.hour);
        while let Some(hour) = next {
            queue.pass(hour, limit);
            let waits = |due: &Due<'_>| due.begins.is_none() && due.hour <= hour && hour < due.last_hour();
            next = if queue.dues.iter().any(waits) {
                Some(hour.saturating_add(1))
            } else {
                queue.dues.iter().map(|due| due.hour).find(|due| *due > hour)
            };
        }
        for held in &mut queue.held {
            let hour = hour_of(held.hour);
            let wait = queue.dues.iter().filter(|due| due.waits_after(hour));
            let begins: Option<Vec<i64>> = wait.map(|due| due.begins).collect();
            held.last = begins.and_then(|begins| begins.into_iter().max()).and_then(start_of);
        }
        queue
    }

    /// An hour: whoever is due begins, as far as the limits go.
    fn pass(&mut self, hour: i64, limit: usize) {
        let mut in_a_day: BTreeMap<usize, usize> = BTreeMap::new();
        for due in self.dues.iter().filter(|due| due.begins.is_some_and(|began| hour - began < DAY)) {
            *in_a_day.entry(due.account).or_default() += 1;
        }
        let (mut users, mut taken) = (0, 0);
        for due in self.dues.iter_mut().filter(|due| due.hour <= hour && due.begins.is_none()) {
            // A hub's limit of an hour in one account is that of a day as well.
            let of_account = in_a_day.entry(due.account).or_default();
            if hour > due.last_hour() || due.most_in_a_day().is_some_and(|most| *of_account >= most.get()) {
                continue;
            }
            *of_account += 1;
            users += 1;
            if taken < limit {
                taken += 1;
                due.begins = Some(hour);
            }
        }
        if let Some(start) = start_of(hour).filter(|_| users > taken) {
            self.held.push(HeldHour { hour: start, users, limit, held: users - taken, last: None });
        }
    }

    /// Moves what is held to the days on which it follows.
    pub(super) fn move_in(&self, days: &mut BTreeMap<Date, BTreeMap<&'static str, usize>>) {
        for due in self.dues.iter().filter(|due| due.begins != Some(due.hour)) {
            let day =
                |hour: i64| start_of(hour).map(|start| start.to_zoned_datetime(due.plan.zone.clone()).date());
            let (Some(from), to) = (day(due.hour), due.begins.and_then(day)) else { continue };
            let (contained, waits) = (ChangeKind::Contained.code(), ChangeKind::Waiting.code());
            let waited = |person: &Person| {
                person.expected.iter().any(|foreseen| {
                    foreseen.what == ChangeKind::Waiting && day(hour_of(foreseen.at)) == Some(from)
                })
            };
            if let Some(users) = days.get_mut(&from).and_then(|of_day| of_day.get_mut(contained)) {
                *users = users.saturating_sub(1);
            }
            if !waited(due.person) {
                *days.entry(from).or_default().entry(waits).or_default() += 1;
            }
            if let Some(to) = to {
                *days.entry(to).or_default().entry(contained).or_default() += 1;
            }
        }
        for users in days.values_mut() {
            users.retain(|_, users| *users > 0);
        }
    }
}

impl<'a> Due<'a> {
    fn all(account: usize, plan: &'a Prospect) -> impl Iterator<Item = Self> {
        plan.users.iter().filter_map(move |person| {
            let hour = hour_of(person.contained_at()?);
            Some(Self { account, plan, person, hour, begins: None })
        })
    }

    /// The last hour of the plan.
    fn last_hour(&self) -> i64 {
        hour_of(self.plan.until)
    }

    fn most_in_a_day(&self) -> Option<NonZeroUsize> {
        self.plan.settings.get("MAX_QUARANTINES")?.parse().ok()
    }

    /// Whether the user waits when this hour is over.
    fn waits_after(&self, hour: i64) -> bool {
        self.hour <= hour && self.begins.is_none_or(|begins| begins > hour)
    }
}

fn hour_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(HOUR)
}

fn start_of(hour: i64) -> Option<Timestamp> {
    Timestamp::from_second(hour.checked_mul(HOUR)?).ok()
}

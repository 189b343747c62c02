//! What a deployment would do in an account: everybody as they are, and what is expected of the sweeps to come.

use super::{Expected, Outlook, Schedule, forecast, messages};
use crate::decide::sweep_root;
use crate::digest::{ChangeKind, UserStatus};
use crate::event::SweepRequest;
use crate::evidence::{Account, Asked, Counts, Product, Row, Seen};
use crate::facts::RootLedger;
use crate::notice::MessageKind;
use crate::settings::Settings;
use crate::snapshot::{AccountSnapshot, UserSnapshot};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// Settings that the template makes of the stack's name.
const OF_THE_STACK: [&str; 4] = ["ENFORCER_ROLES", "QUARANTINE_GROUP_NAME", "SPARE_POLICY_ARN", "STACK_ID"];

/// What a prospect is about.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Who asks, and under which settings.
    pub asked: Asked<'a>,
    /// How many days from then.
    pub days: u16,
    /// When sweeps are due.
    pub schedule: &'a Schedule,
}

/// What a deployment would do. `docs/plan.schema.json` describes it as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prospect {
    /// Version of the form.
    pub schema_version: &'static str,
    /// What made it.
    pub product: Product,
    /// The account.
    pub account: Account,
    /// ARN of whoever asked.
    pub caller: String,
    /// When the account was read.
    pub from: Timestamp,
    /// How far it looks ahead.
    pub until: Timestamp,
    /// The time zone of the settings, to which days belong.
    #[serde(serialize_with = "zone_name")]
    pub zone: TimeZone,
    /// Every setting, by name. Those that were not set have their default.
    pub settings: BTreeMap<String, String>,
    /// Everybody counted.
    pub figures: Counts,
    /// Root.
    pub root: RootProspect,
    /// How much is expected on each day on which anything is.
    pub days: Vec<Day>,
    /// Every user.
    pub users: Vec<Person>,
    /// What is not known, and why, in words.
    pub unknown: Vec<String>,
}

/// What is known and expected of root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RootProspect {
    /// What is known of its MFA.
    pub mfa: &'static str,
    /// Whether it has access keys.
    pub access_keys: bool,
    /// What the administrators are told of it each day; empty if nothing.
    #[serde(serialize_with = "codes")]
    pub messages: Vec<MessageKind>,
}

/// A user, and what is expected.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The user as they are, in the form of a record's rows.
    #[serde(rename = "user")]
    pub row: Row,
    /// Whether messages would reach them: `yes`, `by-text`, `not-yet` or `no-address`.
    pub reachable: &'static str,
    /// What an administrator should fix, in words. The row has it as codes.
    pub findings: Vec<String>,
    /// What is expected, in order.
    pub expected: Vec<Foreseen>,
}

/// What a sweep is expected to do about a user.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Foreseen {
    /// When the sweep is due.
    pub at: Timestamp,
    /// What is done, or withheld.
    #[serde(serialize_with = "change_code")]
    pub what: ChangeKind,
    /// What the user or the administrators are told.
    #[serde(serialize_with = "codes")]
    pub messages: Vec<MessageKind>,
    /// Why, as a code.
    pub reason: &'static str,
    /// Why, in words.
    pub why: String,
}

/// How many users something is expected for on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day, in the time zone of the settings.
    pub date: Date,
    /// Users by what is done.
    pub users: BTreeMap<&'static str, usize>,
}

/// The same thing, expected at the same time for the same reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<'a> {
    /// What it is.
    pub foreseen: &'a Foreseen,
    /// Names of the users.
    pub users: Vec<&'a str>,
}

impl Prospect {
    /// What sweeps will do in this account if nobody does anything, given the status of each user. `unknown` says what could
    /// not be read.
    #[must_use]
    pub fn of(
        account: &AccountSnapshot,
        statuses: &[UserStatus],
        unknown: Vec<String>,
        question: Question<'_>,
    ) -> Self {
        let Asked { caller, alias, at, settings } = question.asked;
        let sweeps = question.schedule.sweeps(at, question.days);
        let zone = settings.letterhead.zone.clone();
        let outlooks = forecast(&account.users, &sweeps, settings);
        let users: Vec<Person> = account
            .users
            .iter()
            .zip(statuses)
            .zip(outlooks)
            .map(|((user, status), outlook)| person(user, status, outlook, question.asked))
            .collect();
        let rows: Vec<Row> = users.iter().map(|person| person.row.clone()).collect();
        Self {
            schema_version: SCHEMA_VERSION,
            product: Product::own(),
            account: Account::of(settings, alias),
            caller: caller.to_owned(),
            from: at,
            until: at
                .checked_add(jiff::SignedDuration::from_hours(24 * i64::from(question.days)))
                .unwrap_or(at),
            days: days(&users, &zone),
            zone,
            settings: settings.in_force.clone(),
            figures: Counts::of(&rows),
            root: RootProspect {
                mfa: account.root.mfa.code(),
                access_keys: account.root.access_keys,
                messages: sweeps
                    .first()
                    .map(|sweep| about_root(account, sweep, settings))
                    .unwrap_or_default(),
            },
            users,
            unknown,
        }
    }

    /// What is expected in the order of time, with those for whom it is the same.
    #[must_use]
    pub fn groups(&self) -> Vec<Group<'_>> {
        let all = self
            .users
            .iter()
            .flat_map(|person| person.expected.iter().map(|foreseen| (foreseen, person.row.name.as_str())));
        let mut by_what: BTreeMap<_, Group<'_>> = BTreeMap::new();
        for (foreseen, name) in all {
            let messages: Vec<&str> = foreseen.messages.iter().map(|kind| kind.code()).collect();
            let key = (foreseen.at, foreseen.what, foreseen.reason, messages);
            by_what.entry(key).or_insert(Group { foreseen, users: Vec::new() }).users.push(name);
        }
        by_what.into_values().collect()
    }

    /// What an administrator should fix, in words, with the names of those about whom it is.
    #[must_use]
    pub fn to_fix(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for person in &self.users {
            for finding in &person.findings {
                found.entry(finding).or_default().push(&person.row.name);
            }
        }
        found
    }

    /// Settings that are not at their default, and the mode, by name. What names the stack's own resources is not chosen.
    #[must_use]
    pub fn chosen(&self) -> Vec<(&str, &str)> {
        let defaults: BTreeMap<&str, &str> = Settings::descriptions()
            .into_iter()
            .filter_map(|setting| Some((setting.name, setting.default?)))
            .collect();
        let is_chosen = |name: &str, value: &str| {
            let is_other = defaults.get(name).is_some_and(|default| *default != value);
            (is_other && !OF_THE_STACK.contains(&name)) || name == "MODE"
        };
        let settings = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        settings.filter(|(name, value)| is_chosen(name, value)).collect()
    }
}

impl Prospect {
    /// A moment in the time zone of the settings, to the minute: `2026-11-24 09:00`.
    #[must_use]
    pub fn minute(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// The name of that time zone.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}

impl Person {
    /// When the user is expected to be quarantined; `None` if they are not.
    #[must_use]
    pub fn contained_at(&self) -> Option<Timestamp> {
        self.first(|foreseen| foreseen.what == ChangeKind::Contained)
    }

    /// When the first message is expected; `None` if there is none.
    #[must_use]
    pub fn told_at(&self) -> Option<Timestamp> {
        self.first(|foreseen| is_done(foreseen.what) && !foreseen.messages.is_empty())
    }

    /// How many messages are expected.
    #[must_use]
    pub fn messages(&self) -> usize {
        self.expected
            .iter()
            .filter(|foreseen| is_done(foreseen.what))
            .map(|foreseen| foreseen.messages.len())
            .sum()
    }

    fn first(&self, is: impl Fn(&Foreseen) -> bool) -> Option<Timestamp> {
        self.expected.iter().find(|foreseen| is(foreseen)).map(|foreseen| foreseen.at)
    }
}

impl Foreseen {
    /// What is done, in words.
    #[must_use]
    pub fn deed(&self) -> &'static str {
        match self.what {
            ChangeKind::Contained => "quarantine",
            ChangeKind::Waiting => "wait, because of MAX_QUARANTINES",
            ChangeKind::Repaired => "repair the quarantine",
            ChangeKind::Released => "release",
            ChangeKind::Told => "tell",
            ChangeKind::StaysContained | ChangeKind::Withheld => "withheld by MODE",
            // Nothing fails in a forecast.
            ChangeKind::Failed | ChangeKind::Refused => "fail",
        }
    }

    /// What is said, as codes with commas; empty if nothing.
    #[must_use]
    pub fn said(&self) -> String {
        self.messages.iter().map(|kind| kind.code()).collect::<Vec<_>>().join(", ")
    }
}

impl From<Expected> for Foreseen {
    fn from(expected: Expected) -> Self {
        let Expected { at, what, messages, reason } = expected;
        Self { at, what, messages, reason: reason.code(), why: reason.to_string() }
    }
}

fn person(snapshot: &UserSnapshot, status: &UserStatus, outlook: Outlook, asked: Asked<'_>) -> Person {
    let Asked { settings, at, .. } = asked;
    let seen = Seen { snapshot, status, live: None, listed: None, before: None };
    Person {
        findings: status.findings.iter().map(ToString::to_string).collect(),
        row: Row::of(seen, settings, at, at),
        reachable: status.reachable.code(),
        expected: outlook.expected.into_iter().map(Foreseen::from).collect(),
    }
}

/// What the administrators are told of root.
fn about_root(account: &AccountSnapshot, sweep: &SweepRequest, settings: &Settings) -> Vec<MessageKind> {
    let plan = sweep_root(sweep, account.root.mfa, &RootLedger::default(), settings);
    messages(&plan.steps)
}

fn days(users: &[Person], zone: &TimeZone) -> Vec<Day> {
    let mut days: BTreeMap<Date, BTreeMap<&'static str, usize>> = BTreeMap::new();
    for foreseen in users.iter().flat_map(|person| &person.expected) {
        let date = foreseen.at.to_zoned_datetime(zone.clone()).date();
        *days.entry(date).or_default().entry(foreseen.what.code()).or_default() += 1;
    }
    days.into_iter().map(|(date, users)| Day { date, users }).collect()
}

fn is_done(what: ChangeKind) -> bool {
    !matches!(what, ChangeKind::Withheld | ChangeKind::StaysContained)
}

fn codes<S: Serializer>(kinds: &[MessageKind], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(kinds.iter().map(|kind| kind.code()))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn change_code<S: Serializer>(what: &ChangeKind, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(what.code())
}

fn zone_name<S: Serializer>(zone: &TimeZone, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(zone.iana_name().unwrap_or("UTC"))
}

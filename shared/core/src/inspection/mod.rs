//! One user, for an operator: how they stand, what happened, and what sweeps are expected to do.

mod happened;
mod tag_words;

pub use happened::{Happening, Source};
pub use tag_words::TagInWords;

use crate::code_words::words;
use crate::digest::UserStatus;
use crate::event::PastCall;
use crate::evidence::{Account, Act, Listed, LookedUp, Product, Row, Seen};
use crate::forecast::{Foreseen, Prospect, Question};
use crate::posture::{Posture, posture};
use crate::reason::Reason;
use crate::settings::Settings;
use crate::snapshot::{AccountSnapshot, UserSnapshot};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

/// Version of the form. The major part changes when a field is removed or its meaning changes.
const SCHEMA_VERSION: &str = "1.0";

/// One user. `docs/user.schema.json` describes it as JSON.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Inspection {
    /// Version of the form.
    pub schema_version: &'static str,
    /// What made it.
    pub product: Product,
    /// The account.
    pub account: Account,
    /// ARN of whoever asked.
    pub caller: String,
    /// When the account was read.
    pub at: Timestamp,
    /// How far it looks ahead.
    pub until: Timestamp,
    /// The time zone of times in words.
    pub zone: String,
    /// The user as they are, in the form of a record's rows.
    pub user: Row,
    /// How they stand, in words that may change.
    pub stands: String,
    /// Whether messages would reach them: `yes`, `by-text`, `not-yet` or `no-address`.
    pub reachable: &'static str,
    /// What an administrator should fix, in words. The row has it as codes.
    pub findings: Vec<String>,
    /// The tags that count, in words.
    pub tags: Vec<TagInWords>,
    /// What happened, the oldest first.
    pub happened: Vec<Happening>,
    /// What is expected, in order.
    pub expected: Vec<Foreseen>,
    /// What is not known, and why, in words.
    pub unknown: Vec<String>,
}

/// What was read of an account and of one of its users.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// The account.
    pub account: &'a AccountSnapshot,
    /// The status of each user, in the same order.
    pub statuses: &'a [UserStatus],
    /// Devices that were listed.
    pub looked_up: &'a LookedUp,
    /// The calls about the user.
    pub calls: &'a [PastCall],
    /// All acts of the account that are at hand.
    pub acts: &'a [Act],
    /// What could not be read.
    pub unknown: &'a [String],
}

/// How moments are written, and what time it is.
pub(crate) struct Clock<'a> {
    zone: &'a TimeZone,
    now: Timestamp,
}

impl Clock<'_> {
    fn minute(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

/// The user of this name among these. Names have no case.
#[must_use]
pub fn named<'a>(users: &'a [UserSnapshot], name: &str) -> Option<&'a UserSnapshot> {
    users.iter().find(|each| each.user.name.as_str().eq_ignore_ascii_case(name))
}

impl Inspection {
    /// The user with this id; `None` if there is none.
    #[must_use]
    pub fn of(found: Findings<'_>, id: &str, question: Question<'_>) -> Option<Self> {
        let settings = question.asked.settings;
        let at = question.asked.at;
        let index = found.account.users.iter().position(|each| each.user.id == id)?;
        let (snapshot, status) = (found.account.users.get(index)?, found.statuses.get(index)?);
        let prospect = Prospect::of(found.account, found.statuses, found.unknown.to_vec(), question);
        let person = prospect.users.into_iter().nth(index)?;
        let listed = found.looked_up.devices(id);
        let clock = Clock { zone: &prospect.zone, now: at };
        // The bulk answers do not say what kind of device somebody has, unless it is an authenticator app.
        let factors = listed.map_or(status.factors, Listed::factors);
        let is_weak = UserStatus { factors, ..status.clone() }.is_weak();
        let acts: Vec<Act> = found
            .acts
            .iter()
            .filter(|act| act.user.as_ref().is_some_and(|user| user.id == id))
            .cloned()
            .collect();
        Some(Self {
            schema_version: SCHEMA_VERSION,
            product: prospect.product,
            account: prospect.account,
            caller: prospect.caller,
            at,
            until: prospect.until,
            user: Row::of(Seen { snapshot, status, live: None, listed, before: None }, settings, at, at),
            stands: stands(snapshot, is_weak, settings, &clock),
            reachable: person.reachable,
            findings: person.findings,
            tags: tag_words::tags_in_words(&snapshot.user, settings, &clock),
            happened: happened::happened(found.calls, &acts, settings, &clock),
            expected: person.expected,
            unknown: prospect.unknown,
            zone: prospect.zone.iana_name().unwrap_or("UTC").to_owned(),
        })
    }

    /// As JSON, with a line break at the end.
    #[must_use]
    pub fn json(&self) -> String {
        // INVARIANT: all keys are strings, so this does not fail.
        format!("{}\n", serde_json::to_string_pretty(self).unwrap_or_default())
    }

    /// A moment in the time zone of the settings, to the minute: `2026-11-24 09:00`.
    #[must_use]
    pub fn minute(&self, at: Timestamp) -> String {
        let zone = TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC);
        Clock { zone: &zone, now: self.at }.minute(at)
    }
}

/// How a user stands, in one sentence.
fn stands(snapshot: &UserSnapshot, is_weak: bool, settings: &Settings, clock: &Clock<'_>) -> String {
    let user = &snapshot.user;
    let posture = match posture(user, settings, clock.now) {
        Posture::NotApplicable => "no console password, so MFA is not asked for".to_owned(),
        Posture::Exempt(exemption) => match exemption.until() {
            Some(until) => format!("exempt until the end of {until} (UTC)"),
            None => format!("exempt by {}", words(exemption.code())),
        },
        Posture::Compliant { .. } if is_weak => {
            "has MFA, and none of the devices resists phishing".to_owned()
        }
        Posture::Compliant { .. } => "has MFA".to_owned(),
        Posture::InGrace { deadline } => format!("without MFA, which is due {}", clock.minute(deadline)),
        Posture::Overdue { deadline } => format!("without MFA, which was due {}", clock.minute(deadline)),
    };
    if !settings.quarantine.holds(user) {
        return posture;
    }
    let record = user.quarantine_record();
    let cause = record.as_ref().and_then(|record| record.cause);
    let cause = cause.map(|cause| format!(": {}", Reason::Contain(cause))).unwrap_or_default();
    let since = record.and_then(|record| record.since).map(|since| format!(" since {}", clock.minute(since)));
    format!("{posture}; in quarantine{}{cause}", since.unwrap_or_default())
}

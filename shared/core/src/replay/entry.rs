//! What would have happened, as an entry in a list.

use super::member::{Gaps, PasswordGap};
use crate::device::{MfaDevice, Serial};
use crate::digest::ChangeKind;
use crate::event::{Event, Ignored, SweepRequest};
use crate::facts::UserFacts;
use crate::forecast::{Expected, messages};
use crate::notice::MessageKind;
use crate::plan::{Plan, Step};
use crate::snapshot::UNLISTED_SERIAL;
use crate::tags::EXEMPT_UNTIL_KEY;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use strum::IntoStaticStr;

/// Something that would have been done, said, or withheld. As JSON it is a line of the output.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The event's name, or `Sweep`.
    pub trigger: &'static str,
    /// Id of the event; `None` for a sweep.
    pub event: Option<String>,
    /// When the call was made; `None` for a sweep.
    pub happened: Option<Timestamp>,
    /// The user's name, `root`, or `mfa-enforcer`.
    pub subject: String,
    /// What would have been done to the user; `None` if nothing.
    #[serde(serialize_with = "change_code")]
    pub what: Option<ChangeKind>,
    /// What the user or the administrators would have been told.
    #[serde(serialize_with = "codes")]
    pub messages: Vec<MessageKind>,
    /// Why, as a code.
    pub reason: &'static str,
    /// Why, in words.
    pub why: String,
    /// What has to be true for it, of which the archive does not tell.
    pub provided: Vec<Provided>,
}

/// What has to be true of a user, of which an archive does not tell because it happened before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Provided {
    /// They have a console password.
    HasPassword,
    /// The password is older than the grace period.
    PasswordIsOld,
    /// They have no MFA device, or no other.
    NoOtherDevice,
    /// Neither a tag nor their path exempts them.
    NotExempt,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is ignored, for this reason. Its call may have changed a user.
    Ignored(Ignored),
    /// It is decided once it arrives.
    Event,
    /// Its event does not arrive.
    Lost,
}

/// Figures of a replay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events after which nothing was to be done, by reason.
    pub nothing: BTreeMap<&'static str, u64>,
    /// Changes of the policies and groups of the quarantine, whose texts are in no archive.
    pub of_quarantine: u64,
    /// Holes in the archive, after which sweeps began anew.
    pub holes: u64,
    /// Users that the archive or the beginning tells of.
    pub users: usize,
    /// Those of whom it does not tell enough for a sweep.
    pub users_in_doubt: usize,
}

impl Tally {
    pub(super) fn decided(&mut self, plan: &Plan) {
        if deeds(plan).is_empty() {
            *self.nothing.entry(plan.reason.code()).or_default() += 1;
        }
    }
}

/// What a plan does or withholds, without the texts.
pub(super) fn deeds(plan: &Plan) -> Vec<String> {
    plan.steps.iter().chain(&plan.withheld).map(ToString::to_string).collect()
}

impl Entry {
    /// What would have been done because of an event; `None` if nothing.
    pub(super) fn of_event(
        event: &Event,
        at: Timestamp,
        subject: String,
        (what, plan, done): (Option<ChangeKind>, &Plan, &[Step]),
        provided: Vec<Provided>,
    ) -> Option<Self> {
        let steps = if done.is_empty() { &plan.withheld } else { done };
        let messages = messages(steps);
        (what.is_some() || !messages.is_empty()).then(|| Self {
            at,
            trigger: event.trigger.event_name(),
            event: Some(event.source.id.to_string()),
            happened: Some(event.source.time),
            subject,
            what,
            messages,
            reason: plan.reason.code(),
            why: plan.reason.to_string(),
            provided,
        })
    }

    pub(super) fn of_sweep(subject: String, expected: &Expected) -> Self {
        Self {
            at: expected.at,
            trigger: SweepRequest::NAME,
            event: None,
            happened: None,
            subject,
            what: Some(expected.what),
            messages: expected.messages.clone(),
            reason: expected.reason.code(),
            why: expected.reason.to_string(),
            provided: Vec::new(),
        }
    }
}

impl Provided {
    /// Stable name for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.into()
    }

    /// The condition, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::HasPassword => "there is a password",
            Self::PasswordIsOld => "the grace period is over",
            Self::NoOtherDevice => "there is no other device",
            Self::NotExempt => "nothing exempts the user",
        }
    }

    /// The user as they may be as well, for each thing that is not known.
    pub(super) fn others(user: &UserFacts, gaps: Gaps, happened: Timestamp) -> Vec<(Self, UserFacts)> {
        let mut others = Vec::new();
        if gaps.password == PasswordGap::All {
            let other = UserFacts { login_profile_created: None, ..user.clone() };
            others.push((Self::HasPassword, other));
        }
        if gaps.password != PasswordGap::None {
            let other = UserFacts { login_profile_created: Some(happened), ..user.clone() };
            others.push((Self::PasswordIsOld, other));
        }
        if gaps.devices {
            let mut other = user.clone();
            other
                .devices
                .push(MfaDevice { serial: Serial::listed(UNLISTED_SERIAL), enabled: Timestamp::MIN });
            others.push((Self::NoOtherDevice, other));
        }
        if gaps.rest {
            let mut other = user.clone();
            let thirty_days = SignedDuration::from_hours(720);
            let until = happened.checked_add(thirty_days).unwrap_or(happened);
            other.tags.insert(EXEMPT_UNTIL_KEY.to_owned(), until.strftime("%Y-%m-%d").to_string());
            others.push((Self::NotExempt, other));
        }
        others
    }
}

fn codes<S: Serializer>(kinds: &[MessageKind], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(kinds.iter().map(|kind| kind.code()))
}

#[expect(clippy::trivially_copy_pass_by_ref, clippy::ref_option, reason = "serde passes references")]
fn change_code<S: Serializer>(what: &Option<ChangeKind>, to: S) -> Result<S::Ok, S::Error> {
    what.map(ChangeKind::code).serialize(to)
}

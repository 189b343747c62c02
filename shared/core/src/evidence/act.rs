//! What one run did, an object for each act: who, when, why, told how, released by what.

use super::place::{Run, sha256};
use super::turn::{changes, turn};
use super::{Object, SCHEMA_VERSION};
use crate::VERSION;
use crate::change::Change;
use crate::effect::Effect;
use crate::episode::Episode;
use crate::event::Occasion;
use crate::exemption::ExemptBy;
use crate::facts::UserFacts;
use crate::notice::{AdminCopy, Alert, Channel, Notice, UserNotice};
use crate::plan::Step;
use crate::reason::Reason;
use crate::tags::{Cause, QuarantineRecord, UserTag, second};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a run did. `docs/evidence.schema.json` describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Act {
    /// Version of the form.
    pub schema_version: String,
    /// `containment`, `put-back`, `release`, `exemption`, `repair`, `notice` or `alert`.
    pub act: String,
    /// Version of the enforcer.
    pub version: String,
    /// Account.
    pub account: String,
    /// When it was done.
    pub at: Timestamp,
    /// The user it is about; `None` for root and the account.
    pub user: Option<Who>,
    /// Id of the episode, from the first notice to the release.
    pub episode: Option<String>,
    /// Why the user is, or was, in quarantine.
    pub cause: Option<String>,
    /// Code of the reason of what was done.
    pub reason: String,
    /// The reason in words.
    pub why: String,
    /// What led to it.
    pub event: Trigger,
    /// The changes that were made, in order.
    pub done: Vec<String>,
    /// Whether the changes were seen in force afterwards; `None` where nothing was changed that can be looked at.
    pub read_back: Option<bool>,
    /// When the rest of the quarantine ends by itself, if a release leaves some of it.
    pub rest_until: Option<Timestamp>,
    /// Who decided an exemption, and when.
    pub decision: Option<DecidedOn>,
    /// What was said, and how.
    pub told: Option<Told>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// IAM user name.
    pub name: String,
    /// Unique id (`AIDA...`).
    pub id: String,
}

/// The event or sweep that led to an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Id in `CloudTrail`, or of the sweep.
    pub id: String,
    /// Name in `CloudTrail`, or `Sweep`.
    pub name: String,
    /// When it happened, or when the sweep was due.
    pub time: Timestamp,
    /// Who made the call, in words.
    pub actor: String,
    /// From where, in words.
    pub address: String,
    /// By which program, in words.
    pub client: String,
}

/// Who decided an exemption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedOn {
    /// Id of the principal, or `unknown`.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What was said, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// Kind of the message.
    pub kind: String,
    /// `user` or `admins`.
    pub audience: String,
    /// How it was sent: `email`, `sms`, or `topic` for the administrators. No addresses.
    pub channels: Vec<String>,
    /// Whether the user was reached, as far as the services tell; `None` for administrators.
    pub reached: Option<bool>,
    /// Whether the administrators got a copy.
    pub copied: bool,
}

/// What was carried out in one go.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// What prompted it.
    pub occasion: &'a Occasion,
    /// The user as they were before; `None` for root and the account.
    pub before: Option<&'a UserFacts>,
    /// The user as they are now.
    pub after: Option<&'a UserFacts>,
    /// The episode that it belongs to.
    pub episode: Option<&'a Episode>,
    /// Why.
    pub reason: Reason,
    /// The steps that were to be carried out.
    pub planned: &'a [Step],
    /// The steps that were carried out. Those that limit or restore access are among them only once they were seen.
    pub done: &'a [Step],
}

/// The objects to write for what was done. Number them on from `first`, if the run has written some.
#[must_use]
pub fn acts(run: &Run, deed: Deed<'_>, first: usize) -> Vec<Object> {
    let acts = acts_of(run, deed);
    acts.iter().enumerate().map(|(index, act)| act.object(run, first + index)).collect()
}

/// The acts of what was done: the change of access first, then what was noted, then what was said.
#[must_use]
pub fn acts_of(run: &Run, deed: Deed<'_>) -> Vec<Act> {
    let of_quarantine = quarantine(run, deed);
    let noted = deed.done.iter().filter_map(|step| exemption(run, deed, step));
    let others = deed.done.iter().filter_map(|step| match step {
        Step::Repair(repair) => Some(Act { done: vec![repair.to_string()], ..Act::new("repair", run, deed) }),
        Step::Notify(notice) => Some(match notice.as_ref() {
            Notice::User(notice) => notice_act(run, deed, notice),
            Notice::Alert(alert) => alert_act(run, deed, alert),
        }),
        Step::Change { .. } | Step::RecordRootAlert(_) | Step::OrderSweep { .. } => None,
    });
    of_quarantine.into_iter().chain(noted).chain(others).collect()
}

/// The change of the user's access; `None` if there was none.
fn quarantine(run: &Run, deed: Deed<'_>) -> Option<Act> {
    let turn = turn(deed)?;
    let changes: Vec<&Change> = changes(deed.done).filter(|change| is_of_quarantine(change)).collect();
    let changes_access = changes.iter().any(|change| change.effect().changes_access());
    let rest = changes.iter().find_map(|change| {
        if let Change::ScheduleRelease(value) = change {
            QuarantineRecord::parse(value).release
        } else {
            None
        }
    });
    Some(Act {
        done: changes.iter().map(|change| described(change)).collect(),
        read_back: (changes_access || turn.is_found()).then_some(true),
        rest_until: rest,
        ..Act::new(turn.code(), run, deed)
    })
}

fn is_of_quarantine(change: &Change) -> bool {
    change.effect().is_about_quarantine() || change.effect() == Effect::CountPutBack
}

/// A change, with the policy or the group, but without the values of tags.
fn described(change: &Change) -> String {
    match change {
        Change::AttachPolicy(what)
        | Change::DetachPolicy(what)
        | Change::NarrowToPolicy(what)
        | Change::JoinGroup(what)
        | Change::LeaveGroup(what)
        | Change::NarrowToGroup(what) => format!("{change} {what}"),
        Change::ScheduleRelease(_)
        | Change::RestoreRecord(_)
        | Change::ClaimNotice(_)
        | Change::CountPutBack(_)
        | Change::RecordReport(..)
        | Change::SetTag(..)
        | Change::Exempt(_)
        | Change::Approve(_)
        | Change::RemoveQuarantineTag
        | Change::RemoveApproval => change.to_string(),
    }
}

fn exemption(run: &Run, deed: Deed<'_>, step: &Step) -> Option<Act> {
    let Step::Change { change: Change::SetTag(UserTag::ExemptBy, value), .. } = step else { return None };
    let last = ExemptBy::parse(value).last;
    let decision = last.map(|act| DecidedOn { by: act.by.shown(), at: act.at });
    Some(Act { decision, done: vec![step.to_string()], ..Act::new("exemption", run, deed) })
}

fn notice_act(run: &Run, deed: Deed<'_>, notice: &UserNotice) -> Act {
    let reached = deed.after.and_then(UserFacts::last_notice).map(|last| last.reached);
    let reached = reached.map(|reached| reached && !notice.channels.is_empty());
    let told = Told {
        kind: notice.message.kind().code().to_owned(),
        audience: "user".to_owned(),
        channels: notice.channels.iter().map(|channel| code(channel).to_owned()).collect(),
        reached,
        copied: match notice.copy {
            AdminCopy::Never => false,
            AdminCopy::IfMissed => reached == Some(false),
            AdminCopy::Always => true,
        },
    };
    let who = Who { name: notice.person.name.clone(), id: notice.person.id.clone() };
    let act = Act::new("notice", run, deed);
    Act { told: Some(told), user: act.user.clone().or(Some(who)), ..act }
}

fn alert_act(run: &Run, deed: Deed<'_>, alert: &Alert) -> Act {
    let told = Told {
        kind: alert.subject.kind().code().to_owned(),
        audience: "admins".to_owned(),
        channels: vec!["topic".to_owned()],
        reached: None,
        copied: false,
    };
    let person = alert.subject.person();
    let who = person.map(|person| Who { name: person.name.clone(), id: person.id.clone() });
    let act = Act::new("alert", run, deed);
    Act { told: Some(told), user: act.user.clone().or(who), ..act }
}

/// How a message goes out.
fn code(channel: &Channel) -> &'static str {
    match channel {
        Channel::Topic { .. } | Channel::Mail { .. } => "email",
        Channel::Sms { .. } => "sms",
    }
}

impl Act {
    fn new(act: &str, run: &Run, deed: Deed<'_>) -> Self {
        let Deed { occasion, before, after, episode, reason, done, .. } = deed;
        let user = after.or(before);
        let record = recorded(done).or_else(|| on_record(after, before));
        let cause = record.as_deref().and_then(|value| QuarantineRecord::parse(value).cause);
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            act: act.to_owned(),
            version: VERSION.to_owned(),
            account: run.account().to_owned(),
            at: run.at(),
            user: user.map(|user| Who { name: user.name.to_string(), id: user.id.clone() }),
            episode: episode.map(ToString::to_string),
            cause: cause.or(cause_of(reason)).map(|cause| cause.code().to_owned()),
            reason: reason.code().to_owned(),
            why: reason.to_string(),
            event: Trigger {
                id: occasion.id().to_string(),
                name: occasion.name().to_owned(),
                time: occasion.time(),
                actor: occasion.actor(),
                address: occasion.address().to_owned(),
                client: occasion.client().to_owned(),
            },
            done: Vec::new(),
            read_back: None,
            rest_until: None,
            decision: None,
            told: None,
        }
    }

    /// The act as an object. Its key has its hash.
    fn object(&self, run: &Run, number: usize) -> Object {
        let bytes = super::json(self);
        let key = run.act(number, &sha256(&bytes));
        Object::of(&key, bytes)
    }

    /// When it was done, for people.
    #[must_use]
    pub fn second(&self) -> String {
        second(self.at)
    }
}

/// The record of a quarantine that was written.
fn recorded(done: &[Step]) -> Option<String> {
    done.iter().find_map(|step| {
        if let Step::Change {
            change:
                Change::SetTag(UserTag::Quarantined, value)
                | Change::RestoreRecord(value)
                | Change::ScheduleRelease(value),
            ..
        } = step
        {
            Some(value.clone())
        } else {
            None
        }
    })
}

/// The record of a quarantine on the user now, or else before: a release removes it.
fn on_record(after: Option<&UserFacts>, before: Option<&UserFacts>) -> Option<String> {
    let value = |user: Option<&UserFacts>| user?.tag(UserTag::Quarantined).map(str::to_owned);
    value(after).or_else(|| value(before))
}

fn cause_of(reason: Reason) -> Option<Cause> {
    if let Reason::Contain(cause) | Reason::FinishContainment(cause) | Reason::WarnOnly(cause) = reason {
        Some(cause)
    } else {
        None
    }
}

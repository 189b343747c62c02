//! The content that all forms of a message have in common.

use super::phrases::from_where;
use super::{
    Alert, AlertSubject, Background, Done, MessageKind, Person, Reach, Severity, UserNotice, key_lines,
    phrases,
};
use crate::access_keys::KeysSeen;
use crate::device::MfaDevice;
use jiff::Timestamp;
use strum::IntoStaticStr;

/// The content from which the texts for administrators, chat and programs are made.
pub(super) struct Shown<'a> {
    pub(super) kind: MessageKind,
    pub(super) severity: Severity,
    pub(super) audience: Audience,
    pub(super) subject: String,
    /// Whom the message is about, in words.
    pub(super) who: &'a str,
    /// `None` for root and the account.
    pub(super) person: Option<&'a Person>,
    pub(super) is_about_root: bool,
    /// Users who wait for their quarantine.
    pub(super) waiting: &'a [String],
    pub(super) headline: String,
    /// What else happened, in one line each.
    pub(super) also: Vec<String>,
    pub(super) reason: &'static str,
    pub(super) deadline: Option<Timestamp>,
    /// When the rest of a quarantine ends, if something is left of it.
    pub(super) rest_until: Option<Timestamp>,
    pub(super) done: &'a [Done],
    /// The devices that have to be approved, newest first.
    pub(super) devices: &'a [MfaDevice],
    /// What was done about what an alert tells.
    pub(super) answer: Option<&'static str>,
    /// `None` for an alert, which is not meant for a user.
    pub(super) reach: Option<Reach>,
    /// The user's access keys, where the message names them.
    pub(super) keys: Option<&'a KeysSeen>,
    pub(super) next_steps: Vec<String>,
    pub(super) background: &'a Background,
}

/// Who reads the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum Audience {
    User,
    Admins,
}

impl<'a> Shown<'a> {
    /// Content of a notice to a user, for the user or for the administrators' copy.
    pub(super) fn of_notice(
        notice: &'a UserNotice,
        audience: Audience,
        reach: Reach,
        kind: MessageKind,
        severity: Severity,
    ) -> Self {
        let background = &notice.background;
        Self {
            kind,
            severity,
            audience,
            subject: String::new(),
            who: &notice.person.name,
            person: Some(&notice.person),
            is_about_root: false,
            waiting: &[],
            headline: phrases::headline(notice),
            also: Vec::new(),
            reason: notice.message.reason(background.occasion.is_sweep()),
            deadline: notice.message.deadline(),
            rest_until: notice.message.rest_until(),
            done: &notice.done,
            devices: &notice.devices,
            answer: None,
            reach: Some(reach),
            keys: None,
            next_steps: Vec::new(),
            background,
        }
    }

    /// Content of an alert.
    pub(super) fn of_alert(alert: &'a Alert) -> Self {
        Self {
            kind: alert.subject.kind(),
            severity: alert.subject.severity(),
            audience: Audience::Admins,
            subject: String::new(),
            who: alert.subject.who(),
            person: alert.subject.person(),
            is_about_root: matches!(alert.subject, AlertSubject::Root(_)),
            waiting: alert.subject.waiting(),
            headline: alert.subject.headline(),
            also: alert.subject.headlines(&alert.also),
            reason: alert.subject.reason(),
            deadline: None,
            rest_until: None,
            done: &[],
            devices: &[],
            answer: alert.subject.answer(),
            reach: None,
            keys: None,
            next_steps: next_steps(alert),
            background: &alert.background,
        }
    }

    /// The user's page in the console and the active access keys, in lines; none if the message does not name them.
    pub(super) fn key_lines(&self) -> Vec<String> {
        match (self.person, self.keys) {
            (Some(person), Some(keys)) => key_lines::lines(person, keys, self.background),
            (_, None) | (None, _) => Vec::new(),
        }
    }

    /// What groups the messages about one subject in a chat.
    pub(super) fn thread(&self) -> &str {
        match self.person {
            Some(person) => &person.id,
            None if self.is_about_root => "root",
            None => "account",
        }
    }

    /// What was done, and whether the user was told.
    pub(super) fn done(&self) -> String {
        let done = self.done.iter().map(|done| phrases::done(*done));
        let words: Vec<&str> = done.chain(self.reach.map(phrases::reach)).collect();
        // Most alerts go out before anything is done.
        let alert = self.answer.unwrap_or("only this alert");
        if words.is_empty() { alert.to_owned() } else { words.join(", ") }
    }

    /// When the event happened, in words.
    pub(super) fn when(&self) -> String {
        self.background.letterhead.moment(self.background.occasion.time())
    }

    /// Where the call came from, in words.
    pub(super) fn origin(&self) -> String {
        from_where(&self.background.occasion)
    }
}

/// What the administrators should do: about each thing that happened, and nothing twice.
fn next_steps(alert: &Alert) -> Vec<String> {
    let root = alert.background.partition.traits().root;
    let mut steps = vec![alert.subject.advice(root).into_owned()];
    for other in alert.also.iter().map(|also| also.advice().to_owned()) {
        if !steps.contains(&other) {
            steps.push(other);
        }
    }
    steps
}

impl Audience {
    pub(super) fn code(self) -> &'static str {
        self.into()
    }
}

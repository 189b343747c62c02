//! What a message shows, whatever it is about and whoever reads it.

use super::phrases::{from_where, moment};
use super::{Alert, Background, Done, MessageKind, Person, Reach, Severity, UserNotice, phrases};
use jiff::Timestamp;
use strum::IntoStaticStr;

/// Everything that the forms for chat and for machines are made of.
pub(super) struct Shown<'a> {
    pub(super) kind: MessageKind,
    pub(super) severity: Severity,
    pub(super) audience: Audience,
    pub(super) subject: String,
    /// `None` for root.
    pub(super) person: Option<&'a Person>,
    pub(super) headline: String,
    pub(super) reason: &'static str,
    pub(super) deadline: Option<Timestamp>,
    pub(super) done: &'a [Done],
    /// `None` for what was not meant for a user.
    pub(super) reach: Option<Reach>,
    pub(super) next_steps: Vec<String>,
    pub(super) background: &'a Background,
}

/// Who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(super) enum Audience {
    User,
    Admins,
}

impl<'a> Shown<'a> {
    /// A notice to a user, which either the user reads or the administrators.
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
            person: Some(&notice.person),
            headline: phrases::headline(notice),
            reason: notice.message.reason(background.occasion.is_sweep()),
            deadline: notice.message.deadline(),
            done: &notice.done,
            reach: Some(reach),
            next_steps: Vec::new(),
            background,
        }
    }

    /// An alert, which the administrators read.
    pub(super) fn of_alert(alert: &'a Alert) -> Self {
        Self {
            kind: alert.subject.kind(),
            severity: alert.subject.severity(),
            audience: Audience::Admins,
            subject: String::new(),
            person: alert.subject.person(),
            headline: alert.subject.headline(),
            reason: alert.subject.reason(),
            deadline: None,
            done: &[],
            reach: None,
            next_steps: vec![alert.subject.advice().to_owned()],
            background: &alert.background,
        }
    }

    /// The user's name, or root.
    pub(super) fn who(&self) -> &str {
        self.person.map_or("the root user", |person| person.name.as_str())
    }

    /// What was done, and whether the user was told.
    pub(super) fn done(&self) -> String {
        let done = self.done.iter().map(|done| phrases::done(*done));
        let words: Vec<&str> = done.chain(self.reach.map(phrases::reach)).collect();
        // An alert comes before anything is done.
        if words.is_empty() { "nothing but this alert".to_owned() } else { words.join(", ") }
    }

    /// When it happened, in words.
    pub(super) fn when(&self) -> String {
        moment(self.background.occasion.time())
    }

    /// Where it came from, in words.
    pub(super) fn origin(&self) -> String {
        from_where(&self.background.occasion)
    }
}

impl Audience {
    pub(super) fn code(self) -> &'static str {
        self.into()
    }
}

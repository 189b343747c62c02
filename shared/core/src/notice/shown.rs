//! The content that all forms of a message have in common.

use super::phrases::from_where;
use super::{
    Alert, AlertSubject, Background, Done, Known, MessageKind, Nature, Person, Reach, Severity, UserNotice,
    key_lines, phrases, runbook,
};
use crate::access_keys::KeysSeen;
use crate::device::MfaDevice;
use crate::rights::{Power, Rights};
use crate::settings::NoticeLinks;
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
    /// Whether it is told once a day until it is no longer so.
    pub(super) is_repeated: bool,
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
            is_repeated: false,
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
            is_repeated: alert.subject.nature() == Nature::State,
            reach: None,
            keys: None,
            next_steps: next_steps(alert),
            background: &alert.background,
        }
    }

    /// The active access keys, in lines; none if the message does not name them.
    pub(super) fn key_lines(&self) -> Vec<String> {
        self.keys.map(|keys| key_lines::lines(keys, self.background)).unwrap_or_default()
    }

    /// The user's page in the console, for an administrator; `None` where no link is wanted or known.
    pub(super) fn user_page(&self) -> Option<String> {
        let may_link = self.background.letterhead.links == NoticeLinks::All && self.is_for_admins();
        self.background.partition.user_url(&self.person.filter(|_| may_link)?.name)
    }

    /// The address of the runbook's section; `None` where no link is wanted or known, or no section fits.
    pub(super) fn runbook_page(&self) -> Option<String> {
        let letterhead = &self.background.letterhead;
        let page = letterhead.runbook.as_ref().filter(|_| letterhead.links != NoticeLinks::None)?;
        Some(runbook::address(page, self.section()?))
    }

    fn section(&self) -> Option<&'static str> {
        runbook::section(self.kind, self.reach).filter(|_| self.is_for_admins())
    }

    fn is_for_admins(&self) -> bool {
        self.audience == Audience::Admins
    }

    /// What is known of the user, which is not for the user.
    pub(super) fn known(&self) -> Option<&Known> {
        self.background.known.as_ref().filter(|_| self.is_for_admins())
    }

    /// Where the runbook says what to do: a link, or the section's name.
    pub(super) fn runbook(&self) -> Option<String> {
        let section = self.section()?.replace('`', "");
        Some(match (self.runbook_page(), &self.background.letterhead.runbook) {
            (Some(page), _) => page,
            (None, None) => format!("{}, {section}", runbook::IN_REPOSITORY),
            (None, Some(_)) => section,
        })
    }

    /// Whether the user has the rights of an administrator, as far as names tell.
    pub(super) fn rights(&self) -> Option<String> {
        let known = self.known()?;
        Some(known.rights.map_or_else(|| by_names(known), by_texts))
    }

    /// Whether there is reason to take the user for an administrator.
    pub(super) fn is_administrator(&self) -> bool {
        self.known().is_some_and(|known| match known.rights {
            Some(rights) => rights.is_administrator(),
            None => !known.administrator.is_empty() || !known.groups.is_empty(),
        })
    }

    /// What the user was told before, when, and by which channel.
    pub(super) fn told_before(&self) -> Option<String> {
        let letterhead = &self.background.letterhead;
        let Some(before) = &self.known()?.before else {
            return Some("nothing before".to_owned());
        };
        let how = match (before.reached, before.by_text) {
            (true, false) => "by mail",
            (true, true) => "by text message",
            (false, true) => "by text message; the mail did not arrive",
            (false, false) => "which did not arrive",
        };
        let first = before.first.filter(|first| *first != before.at);
        let first = first.map(|first| format!("; first notice {}", letterhead.moment(first)));
        let (kind, when) = (before.kind.code(), letterhead.moment(before.at));
        Some(format!("{kind}, {when}, {how}{}", first.unwrap_or_default()))
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

/// The rights of a user as the texts of policies tell.
fn by_texts(rights: Rights) -> String {
    let what = match rights.power {
        Power::Everything => "administrator",
        Power::CanBecome => "can become administrator",
        Power::NearlyEverything => "nearly administrator (all but IAM)",
        Power::Ordinary if rights.is_partly_unread => {
            return "not known: a policy could not be read".to_owned();
        }
        Power::Ordinary => return "not an administrator, going by the texts of policies".to_owned(),
    };
    let limit = if rights.has_boundary { "; a permissions boundary may limit that" } else { "" };
    format!("{what}, by the texts of policies{limit}")
}

/// The same as far as names tell: texts would take calls of their own.
fn by_names(known: &Known) -> String {
    let (policies, groups) = (known.administrator.join(" and "), named(&known.groups));
    match (policies.is_empty(), groups.is_empty()) {
        (true, true) => {
            "not an administrator, going by the names of policies and groups (their texts were not read)"
                .to_owned()
        }
        (false, true) => format!("administrator, by name: {policies} is attached"),
        (true, false) => format!("perhaps administrator, by name: in the group {groups}"),
        (false, false) => format!("administrator, by name: {policies} is attached; in the group {groups}"),
    }
}

/// The first of these groups. A name has up to 128 characters.
fn named(groups: &[String]) -> String {
    let first = groups.iter().take(2).cloned().collect::<Vec<_>>().join(" and ");
    if groups.len() > 2 { format!("{first} and {} more", groups.len() - 2) } else { first }
}

/// What the administrators should do: about each thing that happened, and nothing twice.
fn next_steps(alert: &Alert) -> Vec<String> {
    let root = alert.background.partition.traits().root;
    let mut steps = vec![alert.subject.advice(root).into_owned()];
    if let Some((Person { name, .. }, policy)) =
        alert.subject.person().zip(alert.background.to_attach.as_ref())
    {
        steps
            .push(format!("By hand: `aws iam attach-user-policy --user-name {name} --policy-arn {policy}`."));
    }
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
